"""Turn sound into vectors with OpenL3's audio network, from a folder that scripts/convert_openl3.py made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from models.encoders import openl3_features
from models.encoders.device import Placement
from models.encoders.frame_mean import mean_of_frames
from models.encoders.model_folder import WEIGHTS, encoder_id, found_files, read_header, read_tensors, see_dimension
from models.encoders.openl3_network import OpenL3, OpenL3Shape, shape_of
from models.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from models.encoders.known import KnownEncoder
    from models.encoders.mel import Array

PICTURES_AT_ONCE = 4
"""The first block holds 13 MB of numbers a picture, twice."""
INPUT = "mel256"
"""The front end of the weights that are read; others have layers of the same shapes, so the header must say it."""


class OpenL3Encoder:
    """OpenL3 in memory: 4.7 million weights, 19 MB."""

    encoder: str
    dimension: int
    sample_rate = openl3_features.SAMPLE_RATE

    def __init__(self, directory: Path, known: KnownEncoder, *, device: str = "cpu") -> None:
        """Load the model that lies in `directory`, as 512 or 6,144 numbers a track, whichever is known of it.

        Raises ModelError where it is missing or another one.
        """
        found_files(directory, known.name)
        path = directory / WEIGHTS
        shape = _shape(path)
        cells = 12 if known.dimension == 12 * shape.channels[-1] else 1
        see_dimension(cells * shape.channels[-1], known.dimension, known.name, directory)
        network = OpenL3(shape, cells=cells)
        network.load_state_dict(read_tensors(path, shape.weights()), assign=True, strict=False)
        self.dimension = known.dimension
        self.encoder = encoder_id(known.name, path)
        self._placement = Placement(network, device=device, name=known.name)
        self.notes = self._placement.notes

    def encode(self, features: Sequence[Array]) -> Array:
        """Encode the pictures of each track (`openl3_features.features`) to float32 [n, 512], unit rows.

        The mean over a track's seconds. Raises ModelError for pictures of another shape.
        """
        shape = (openl3_features.BANDS, openl3_features.FRAMES)
        return mean_of_frames(features, self._run, shape=shape, dimension=self.dimension, at_once=PICTURES_AT_ONCE)

    def _run(self, pictures: Array) -> Array:
        with torch.inference_mode():
            return self._placement.run(lambda model, device: model(torch.from_numpy(pictures).to(device)).cpu().numpy())


def _shape(path: Path) -> OpenL3Shape:
    about, tensors = read_header(path)
    if about.get("input") != INPUT:
        raise ModelError(f"{path} is not marked as {INPUT}: convert OpenL3's {INPUT} weights (docs/converting.md)")
    try:
        return shape_of(tensors)
    except (KeyError, IndexError) as error:
        raise ModelError(
            f"{path} lacks {error}: these are not OpenL3's weights as scripts/convert_openl3.py makes them"
        ) from error
