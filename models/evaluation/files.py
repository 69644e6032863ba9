"""Read folds from a file and write joint vectors to one, so that anyone can check the figures."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.dataset import UNREADABLE, Dataset
from models.errors import ModelError


def read_folds(path: Path, dataset: Dataset) -> NDArray[np.int64]:
    """Read `{track id: fold}` and return the fold of each track, int64 [n].

    Raises ModelError for a file that is no such object, that leaves tracks out, or that has fewer than two folds.
    """
    try:
        listed = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"{path} is not there: check the name") from error
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"{path} is not readable as JSON ({' '.join(str(error).split())[:120]})") from error
    if not isinstance(listed, dict):
        raise ModelError(f'{path} is not an object like {{"track id": 0}}')
    missing = [track_id for track_id in dataset.ids if track_id not in listed]
    if missing:
        raise ModelError(f"{path} names no fold for {len(missing)} of {len(dataset)} tracks, {missing[0]} among them")
    numbers = [_number(path, listed[track_id]) for track_id in dataset.ids]
    if len(set(numbers)) < 2:
        raise ModelError(f"{path} puts all tracks into one fold: two or more are needed")
    return np.array(numbers, np.int64)


def _number(path: Path, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 1_000_000:
        raise ModelError(f"{path} has {str(value)[:40]!r} for a fold: give whole numbers")
    return value


def save_vectors(path: Path, **arrays: NDArray[Any]) -> None:
    """Write arrays to an .npz file in one step; it reads with numpy.load without pickle.

    Raises ModelError where the file cannot be written.
    """
    temporary = path.with_name(f".{path.name}.new")
    try:
        with temporary.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise ModelError(f"{path} could not be written ({error.strerror}): choose another place") from error


def load_published(folder: Path, dataset: Dataset) -> Mapping[str, NDArray[np.floating]]:
    """Return the joint vectors that came with the Fairouz data, by name; none where there are none."""
    named = {"published (contraction 2, expansion 4)": "fairouz_c2e4_np.npy", "published (demo)": "fairouz_np.npy"}
    found = {}
    for name, file in named.items():
        if (folder / file).is_file():
            try:
                vectors = np.load(folder / file, allow_pickle=False)
                fits = vectors.ndim == 2 and len(vectors) == len(dataset) and bool(np.isfinite(vectors).all())
            except UNREADABLE as error:
                raise ModelError(f"{folder / file} is damaged: fetch it again, or take it away") from error
            if fits:
                found[name] = vectors
    return found
