"""Turn sound into vectors with VGGish, from a folder that scripts/convert_vggish.py made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from models.encoders import vggish_features
from models.encoders.device import Placement
from models.encoders.frame_mean import mean_of_frames
from models.encoders.model_folder import WEIGHTS, encoder_id, found_files, read_header, read_tensors, see_dimension
from models.encoders.vggish_network import Vggish, VggishShape, shape_of
from models.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from models.encoders.known import KnownEncoder
    from models.encoders.mel import Array

PICTURES_AT_ONCE = 32


class VggishEncoder:
    """VGGish in memory: 72 million weights, 290 MB."""

    encoder: str
    dimension: int
    sample_rate = vggish_features.SAMPLE_RATE

    def __init__(self, directory: Path, known: KnownEncoder, *, device: str = "cpu") -> None:
        """Load the model that lies in `directory`; raises ModelError where it is missing or another one."""
        found_files(directory, known.name)
        path = directory / WEIGHTS
        shape = _shape(path)
        see_dimension(shape.dimension, known.dimension, known.name, directory)
        network = Vggish(shape)
        network.load_state_dict(read_tensors(path, shape.weights()), assign=True)
        self.dimension = shape.dimension
        self.encoder = encoder_id(known.name, path)
        self._placement = Placement(network, device=device, name=known.name)
        self.notes = self._placement.notes

    def encode(self, features: Sequence[Array]) -> Array:
        """Encode the pictures of each track (`vggish_features.features`) to float32 [n, 128], unit rows.

        The mean over a track's pictures, without the published PCA, which was made to fit the vectors into bytes. Of
        unit length, because the joint space `seed` was trained on such vectors and centres them by their mean.
        Raises ModelError for pictures of another shape.
        """
        shape = (vggish_features.FRAMES, vggish_features.BANDS)
        return mean_of_frames(features, self._run, shape=shape, dimension=self.dimension, at_once=PICTURES_AT_ONCE)

    def _run(self, pictures: Array) -> Array:
        with torch.inference_mode():
            return self._placement.run(lambda model, device: model(torch.from_numpy(pictures).to(device)).cpu().numpy())


def _shape(path: Path) -> VggishShape:
    try:
        return shape_of(read_header(path)[1])
    except (KeyError, IndexError) as error:
        raise ModelError(
            f"{path} lacks {error}: these are not VGGish's weights as scripts/convert_vggish.py makes them"
        ) from error
