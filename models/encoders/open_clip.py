"""Turn covers into vectors with an OpenCLIP vision transformer that lies in a local folder."""

import re
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.encoders.offline import go_offline
from models.encoders.torchvision_operators import declare_torchvision_operators
from models.errors import ModelError

CONFIG = "open_clip_config.json"
WEIGHTS = "open_clip_model.safetensors"
PICKLES = (".bin", ".pt", ".pth", ".ckpt")
"""Endings of weights that run code when they are loaded."""

UNFIT = (OSError, RuntimeError, ValueError, TypeError, KeyError, AttributeError, ImportError)
"""What open_clip raises for a configuration that it cannot build or weights that do not fit it."""

IMAGES_AT_ONCE = 32


class OpenClipEncoder:
    """The image half of an OpenCLIP model in memory."""

    encoder: str
    """open-clip:<folder name>@<first 12 hex digits of the weights' SHA-256>."""
    dimension: int

    def __init__(self, directory: Path) -> None:
        """Load the model that lies in `directory` as open_clip_config.json and open_clip_model.safetensors.

        Raises ModelError when one is missing, the weights are a pickle, or they do not fit the configuration.
        """
        weights = found_weights(directory)
        go_offline()
        declare_torchvision_operators()
        import open_clip
        from safetensors import SafetensorError

        try:
            model, preprocess = open_clip.create_model_from_pretrained(
                f"local-dir:{directory}", device="cpu", return_transform=True
            )
        except (SafetensorError, *UNFIT) as error:
            reason = re.sub(r"\s+", " ", str(error))[:200]
            raise ModelError(f"{directory} is not an OpenCLIP model ({reason}): fetch it again") from error
        self._tower: Any = model.visual.eval()
        self._preprocess: Any = preprocess
        self.dimension = int(self.encode([np.zeros((2, 2, 3), dtype=np.uint8)]).shape[1])
        self.encoder = f"open-clip:{directory.resolve().name}@{digest(weights)[:12]}"

    def encode(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Encode RGB images, uint8 [h, w, 3] of any sizes, to float32 [n, d], unit rows; none give [0, d].

        Raises ModelError for an array of another shape or type, or without pixels.
        """
        import torch

        batches = []
        for start in range(0, len(images), IMAGES_AT_ONCE):
            batch = torch.stack([self._prepared(image) for image in images[start : start + IMAGES_AT_ONCE]])
            with torch.inference_mode():
                batches.append(torch.nn.functional.normalize(self._tower(batch), dim=-1).numpy())
        if not batches:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return np.concatenate(batches).astype(np.float32)

    def _prepared(self, image: NDArray[np.uint8]) -> Any:
        from PIL import Image

        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3 or 0 in image.shape:
            raise ModelError(f"a cover must be uint8 [h, w, 3], not {image.dtype} {image.shape}")
        return self._preprocess(Image.fromarray(image))


def found_weights(directory: Path) -> Path:
    """Return the path of the weights in `directory`.

    Raises ModelError when they or the configuration are missing, or when there is only a pickle.
    """
    if not directory.is_dir():
        raise ModelError(f"no folder {directory}: fetch the OpenCLIP model first")
    weights = directory / WEIGHTS
    if not weights.is_file():
        pickles = sorted(path.name for path in directory.iterdir() if path.suffix in PICKLES)
        if pickles:
            raise ModelError(f"{directory / pickles[0]} is a pickle, which can run code: convert it to {WEIGHTS}")
        raise ModelError(f"{weights} is missing: fetch the model again")
    if not (directory / CONFIG).is_file():
        raise ModelError(f"{directory / CONFIG} is missing: fetch the model again")
    return weights


def digest(path: Path) -> str:
    """Compute the SHA-256 of a file, hex."""
    total = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            total.update(block)
    return total.hexdigest()
