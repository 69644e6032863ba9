"""Turn covers into vectors with an OpenCLIP vision transformer that lies in a local folder."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import numpy as np

from models.encoders.device import Placement
from models.encoders.model_folder import encoder_id, found_files, see_dimension, unfit
from models.encoders.offline import go_offline
from models.encoders.picture import picture
from models.encoders.torchvision_operators import declare_torchvision_operators

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from models.encoders.known import KnownEncoder

CONFIG = "open_clip_config.json"
WEIGHTS = "open_clip_model.safetensors"

UNFIT = (OSError, RuntimeError, ValueError, TypeError, KeyError, AttributeError, ImportError)
"""What open_clip raises for a configuration that it cannot build or weights that do not fit it."""

IMAGES_AT_ONCE = 32


class OpenClipEncoder:
    """The image half of an OpenCLIP model in memory."""

    encoder: str
    dimension: int

    def __init__(self, directory: Path, known: KnownEncoder | None = None, *, device: str = "cpu") -> None:
        """Load the model that lies in `directory` as open_clip_config.json and open_clip_model.safetensors.

        A model that is not among the known ones is named "open-clip:<folder name>". Raises ModelError when a file is
        missing, the weights are a pickle, do not fit the configuration, or are of another dimension than is known.
        """
        name = known.name if known else f"open-clip:{directory.resolve().name}"
        found_files(directory, name, (WEIGHTS, CONFIG))
        tower, self._preprocess = _loaded(directory)
        self._placement = Placement(tower, device=device, name=name)
        self.notes = self._placement.notes
        self.dimension = int(self._run([np.zeros((2, 2, 3), dtype=np.uint8)]).shape[1])
        if known:
            see_dimension(self.dimension, known.dimension, name, directory)
        self.encoder = encoder_id(name, directory / WEIGHTS)

    def encode(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Encode RGB images, uint8 [h, w, 3] of any sizes, to float32 [n, d], unit rows; none give [0, d].

        Raises ModelError for an array of another shape or type, or without pixels.
        """
        batches = [np.zeros((0, self.dimension), dtype=np.float32)]
        batches += [
            self._run(images[start : start + IMAGES_AT_ONCE]) for start in range(0, len(images), IMAGES_AT_ONCE)
        ]
        return np.concatenate(batches)

    def _run(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        import torch

        batch = torch.stack([self._preprocess(picture(image)) for image in images])

        def unit_rows(tower: Any, device: str) -> NDArray[np.float32]:
            vectors = torch.nn.functional.normalize(tower(batch.to(device)), dim=-1)
            return np.asarray(vectors.cpu().numpy(), dtype=np.float32)

        with torch.inference_mode():
            return self._placement.run(unit_rows)


def _loaded(directory: Path) -> tuple[Any, Any]:
    """Load image tower and preprocessing; raises ModelError when configuration and weights do not fit each other.

    The tower is built without numbers and takes those of the file: nothing is drawn at random first, and the text
    tower, two fifths of the weights, stays on disk. Only a tower that keeps computed numbers beside its weights is
    built with them.
    """
    go_offline()
    declare_torchvision_operators()
    from open_clip.transform import PreprocessCfg, image_transform_v2
    from safetensors import SafetensorError

    try:
        weights = _image_weights(directory / WEIGHTS)
        tower = _built(directory, weights, device="meta")
        if any(buffer.is_meta for buffer in tower.buffers()):
            tower = _built(directory, weights, device="cpu")
        return tower, image_transform_v2(PreprocessCfg(**tower.preprocess_cfg), is_train=False)
    except (SafetensorError, *UNFIT) as error:
        raise unfit(directory, error) from error


def _image_weights(path: Path) -> dict[str, Any]:
    import torch
    from safetensors import safe_open

    with safe_open(path, framework="pt") as file:
        names = [name for name in file.keys() if name.startswith("visual.")]  # noqa: SIM118 - not a dict
        return {name.removeprefix("visual."): file.get_tensor(name).to(torch.float32) for name in names}


def _built(directory: Path, weights: dict[str, Any], *, device: str) -> Any:
    """Build the image tower on a device and give it the weights; raises RuntimeError when they do not fit."""
    import open_clip
    import torch

    level = logging.root.manager.disable
    logging.disable(logging.WARNING)  # open_clip warns that it has loaded no weights
    try:
        with torch.device(device):
            tower = open_clip.create_model(f"local-dir:{directory}", load_weights=False, device=device).visual
    finally:
        logging.disable(level)
    tower.load_state_dict(weights, assign=True)
    return tower.eval()
