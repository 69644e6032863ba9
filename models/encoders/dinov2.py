"""Turn covers into vectors with DINOv2 (Oquab et al. 2024), from a local folder in the hub's format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL.Image import Resampling
from torch.nn.functional import normalize

from models.encoders.device import Placement
from models.encoders.hub_tower import load_tower
from models.encoders.model_folder import WEIGHTS, encoder_id, found_files, read_json, see_dimension, unfit
from models.encoders.picture import picture
from models.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from models.encoders.known import KnownEncoder

IMAGES_AT_ONCE = 16
PREPROCESSING = "preprocessor_config.json"
FILES = ("config.json", PREPROCESSING, WEIGHTS)
BICUBIC = 3
"""The number of the resampling filter, in PIL and in the hub's files."""


class DinoV2Encoder:
    """DINOv2's vision transformer in memory; ViT-B/14 is 87 million weights, 347 MB."""

    encoder: str
    dimension: int

    def __init__(self, directory: Path, known: KnownEncoder, *, device: str = "cpu") -> None:
        """Load the model that lies in `directory`; raises ModelError where it is missing or another one."""
        found_files(directory, known.name, FILES)
        self._preprocessing = read_preprocessing(directory / PREPROCESSING)
        tower = load_tower(directory, "Dinov2Model", "Dinov2Config", model_type="dinov2")
        self.dimension = int(tower.config.hidden_size)
        see_dimension(self.dimension, known.dimension, known.name, directory)
        self.encoder = encoder_id(known.name, directory / WEIGHTS)
        self._placement = Placement(tower, device=device, name=known.name)
        self.notes = self._placement.notes

    def encode(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Encode RGB images, uint8 [h, w, 3] of any sizes, to float32 [n, 768], unit rows; none give [0, 768].

        The class token: it is what the training pulls together for two views of one image, and what the authors
        search with; the mean of the patches tells more of where things are, which matters less for covers. Raises
        ModelError for an array of another shape or type, or without pixels.
        """
        batches = [np.zeros((0, self.dimension), dtype=np.float32)]
        for start in range(0, len(images), IMAGES_AT_ONCE):
            batch = np.stack([self._preprocessing.apply(image) for image in images[start : start + IMAGES_AT_ONCE]])
            batches.append(self._run(batch))
        return np.concatenate(batches)

    def _run(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        def class_tokens(model: Any, device: str) -> NDArray[np.float32]:
            hidden = model(pixel_values=torch.from_numpy(pixels).to(device)).last_hidden_state
            return np.asarray(normalize(hidden[:, 0], dim=-1).cpu().numpy())

        with torch.inference_mode():
            return self._placement.run(class_tokens)


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How a picture is made fit for the model: shortest edge, centre, colours."""

    shortest_edge: int
    crop: int
    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]

    def apply(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Resize (bicubic), crop the centre and normalise the colours: float32 [3, crop, crop].

        Raises ModelError for an array of another shape or type, or without pixels.
        """
        whole = picture(image)
        width, height = (int(self.shortest_edge * edge / min(whole.size)) for edge in whole.size)
        left, top = (width - self.crop) // 2, (height - self.crop) // 2
        centre = whole.resize((width, height), Resampling.BICUBIC).crop((left, top, left + self.crop, top + self.crop))
        colours = np.asarray(centre, dtype=np.float32) / np.float32(255)
        mean, deviation = (np.array(values, dtype=np.float32) for values in (self.mean, self.deviation))
        return np.ascontiguousarray(((colours - mean) / deviation).transpose(2, 0, 1))


def read_preprocessing(path: Path) -> Preprocessing:
    """Read preprocessor_config.json; raises ModelError when it asks for what is not done here."""
    config = read_json(path)
    if config.get("resample", BICUBIC) != BICUBIC:
        raise ModelError(f"{path} asks for another resampling than bicubic: fetch the model again")
    try:
        return _preprocessing(config)
    except (KeyError, TypeError, ValueError) as error:
        raise unfit(path, error) from error


def _preprocessing(config: Mapping[str, Any]) -> Preprocessing:
    height, width = int(config["crop_size"]["height"]), int(config["crop_size"]["width"])
    edge = int(config["size"]["shortest_edge"])
    if not 0 < height == width <= edge:
        raise ValueError(f"crop {height} x {width} of {edge}")
    red, green, blue = (float(value) for value in config["image_mean"])
    reds, greens, blues = (float(value) for value in config["image_std"])
    if min(reds, greens, blues) <= 0:
        raise ValueError("image_std must be above 0")
    return Preprocessing(edge, height, (red, green, blue), (reds, greens, blues))
