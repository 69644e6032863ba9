"""Read the folder that a published model lies in, in the hub's on-disk format: its files, its weights, its revision.

Weights are safetensors alone: pickles run code when they are loaded, and are refused by name.
"""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from models.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from torch import Tensor

WEIGHTS = "model.safetensors"
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
"""Endings of weights that may run code when they are loaded."""
REVISION_DIGITS = 12
ABOUT = "model"
"""The key in the header of converted weights; one, since several would be written in any order."""


def found_files(directory: Path, name: str, files: Iterable[str] = (WEIGHTS,)) -> None:
    """See that the files of the model `name` lie in `directory`.

    Raises ModelError when one is missing, or when there is a pickle in place of the weights.
    """
    if not directory.is_dir():
        raise ModelError(f"no folder {directory}: fetch {name} first")
    for file in files:
        if (directory / file).is_file():
            continue
        pickles = sorted(path.name for path in directory.iterdir() if path.suffix in PICKLES)
        if file.endswith(".safetensors") and pickles:
            raise ModelError(f"{directory / pickles[0]} is a pickle, which can run code: convert it to {file}")
        raise ModelError(f"{directory / file} is missing: fetch {name} again")


def digest(path: Path) -> str:
    """Compute the SHA-256 of a file, hex; raises ModelError when it cannot be read."""
    total = sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                total.update(block)
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error.strerror}): fetch the model again") from error
    return total.hexdigest()


def encoder_id(name: str, weights: Path) -> str:
    """Name an encoder with the revision that is stored with its vectors: name@first digits of its weights' SHA-256."""
    return f"{name}@{digest(weights)[:REVISION_DIGITS]}"


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object; raises ModelError when there is none."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise unfit(path, error) from error
    if not isinstance(content, dict):
        raise ModelError(f"{path} holds no JSON object: fetch the model again")
    return content


def read_header(path: Path) -> tuple[dict[str, str], dict[str, tuple[int, ...]]]:
    """Read what a converter wrote of a safetensors file ({} for others) and the shape of each tensor; loads no weights.

    Raises ModelError when it is no such file, or cut short.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            about = json.loads((file.metadata() or {}).get(ABOUT, "{}"))
            return about, {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError, ValueError) as error:
        raise unfit(path, error) from error


def read_tensors(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Tensor]:
    """Read the tensors named in `shapes` as float32; others in the file are left there.

    Raises ModelError when one is missing or has another shape.
    """
    import torch
    from safetensors import SafetensorError, safe_open

    found = read_header(path)[1]
    for name, shape in shapes.items():
        if found.get(name) != shape:
            have = f"of shape {list(found[name])}" if name in found else "missing"
            raise ModelError(f"{name} in {path} is {have}, not {list(shape)}: these are the weights of another model")
    try:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name).to(torch.float32) for name in shapes}
    except (SafetensorError, OSError, ValueError) as error:
        raise unfit(path, error) from error


def see_dimension(found: int, dimension: int, name: str, directory: Path) -> None:
    """Raise ModelError when a model gives vectors of another dimension than is known of it."""
    if found != dimension:
        raise ModelError(
            f"{directory} gives vectors of dimension {found}, but {name} has {dimension}: this is another model"
        )


def unfit(path: Path, error: BaseException) -> ModelError:
    """Make the one-line error for what a library said of a file or folder that it could not read."""
    reason = re.sub(r"\s+", " ", str(error)).strip()[:200] or type(error).__name__
    return ModelError(f"{path} cannot be loaded ({reason}): fetch the model again")
