"""Write a joint space to a file and read it back: safetensors with JSON beside the numbers, never pickle."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError
from models.joint.additive import Head, Space
from models.joint.whitening import BLOCK
from models.modality import MODALITIES, Modality
from models.model_file import write_in_one_step

FORMAT = "fairouz-tui space"
VERSION = 1
KEY = "space"
"""The entry of the safetensors header that holds our JSON."""

_OTHER_KINDS = ("binding", "neighbourhood")
"""Headers of models that `train` makes too, and that are no space."""

BYTES_AT_MOST = 256 << 20
"""Six heads on encoders of 16,384 numbers take 50 MB; a file beyond this is not a space."""


def save_space(space: Space, path: Path) -> None:
    """Write `space` to `path` in one step: a reader sees the old file or the whole new one, also after a crash.

    Raises ModelError when the folder cannot be written.
    """
    from safetensors.numpy import save

    write_in_one_step(save(tensors(space), metadata={KEY: json.dumps(description(space))}), path, what="space")


def load_space(path: Path) -> Space:
    """Read the space in `path`.

    Raises ModelError, one line, for a file that is missing, truncated, of another kind or a newer version, or whose
    numbers have the wrong shape or type or are not finite.
    """
    from safetensors import SafetensorError, safe_open

    try:
        if not path.exists():
            raise ModelError(f"{path} is not there: check the name")
        if not path.is_file() or path.stat().st_size > BYTES_AT_MOST:
            raise ModelError(f"{path} is not a space: choose another one or refit")
        with safe_open(path, framework="numpy") as file:
            kinds = file.metadata() or {}
            if KEY not in kinds:
                made = next((kind for kind in _OTHER_KINDS if kind in kinds), None)
                what = f"a {made} model, which is no sum over modalities" if made else "something else"
                raise ModelError(f"{path} holds no joint space but {what}: it cannot be used to explore")
            text = kinds[KEY]
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (a file is not iterable)
        return rebuilt(json.loads(text), arrays)
    except ModelError:
        raise
    except (OSError, SafetensorError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ModelError(f"{path} is not a readable space ({reason}): choose another file, or refit") from error


def description(space: Space) -> dict[str, Any]:
    """Describe everything of a space but its arrays, ready for JSON."""
    heads = {str(m): {"encoder": head.encoder, "weight": float(head.weight)} for m, head in space.heads.items()}
    return {"format": FORMAT, "version": VERSION, "name": space.name, "alpha": float(space.alpha), "heads": heads}


def tensors(space: Space) -> dict[str, NDArray[np.float32]]:
    """Name the arrays of a space, "audio.mean" and so on, float32."""
    named: dict[str, NDArray[np.float32]] = {}
    for m, head in space.heads.items():
        parts = {"mean": head.mean, "private": head.private, "shared": head.shared}
        named |= {
            f"{m}.{part}": np.ascontiguousarray(x, dtype=np.float32) for part, x in parts.items() if x is not None
        }
    return named


def rebuilt(description: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> Space:
    """Make the space of a description and its arrays; raises ValueError for whatever does not fit."""
    if not isinstance(description, dict) or description.get("format") != FORMAT:
        raise ValueError("it is of another kind")
    if description.get("version") != VERSION:
        raise ValueError(f"version {description.get('version')!r}, this app reads {VERSION}")
    heads = description["heads"]
    expected = {f"{m}.{part}" for m in heads for part in ("mean", "private", "shared")}
    if not set(arrays) <= expected:
        raise ValueError(f"unknown array {min(set(arrays) - expected)!r}")
    unordered = {Modality(m): head(entry, arrays, m) for m, entry in heads.items()}
    ordered = {m: unordered[m] for m in MODALITIES if m in unordered}
    return Space(ordered, alpha=number(description, "alpha", most=1.0), name=word(description, "name"))


def head(entry: dict[str, Any], arrays: dict[str, NDArray[Any]], modality: str) -> Head:
    """Make one head; raises ValueError or KeyError for whatever does not fit."""
    mean, private, shared = (arrays.get(f"{modality}.{part}") for part in ("mean", "private", "shared"))
    if mean is None or mean.ndim != 1 or len(mean) == 0:
        raise ValueError(f"{modality}.mean is missing or no vector")
    for part, array in (("private", private), ("shared", shared)):
        if (array is None and part == "private") or (array is not None and array.shape != (len(mean), BLOCK)):
            raise ValueError(f"{modality}.{part} is not [{len(mean)}, {BLOCK}]")
    for array in (mean, private, shared):
        if array is not None and (array.dtype != np.float32 or not np.isfinite(array).all()):
            raise ValueError(f"{modality} has numbers that are not finite float32")
    weight = number(entry, "weight", most=float(np.finfo(np.float32).max))
    if weight == 0 or private is None:
        raise ValueError(f"{modality} has no weight")
    return Head(word(entry, "encoder"), mean, shared, private, weight)


def number(entry: dict[str, Any], key: str, *, most: float) -> float:
    """Return a number between 0 and `most`; raises ValueError for anything else."""
    value = entry[key]
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise ValueError(f"{key} is {str(value)[:40]!r}")
    return float(value)


def word(entry: dict[str, Any], key: str) -> str:
    """Return a text; raises ValueError for anything else."""
    value = entry[key]
    if not isinstance(value, str):
        raise ValueError(f"{key} is no text")
    return value
