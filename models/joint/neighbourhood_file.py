"""Write a neighbourhood to a file and read it back: safetensors with JSON beside the numbers, never pickle.

The file holds the vectors of the training tracks: it is for those who have these tracks, not for passing on.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.joint.neighbourhood import SIZE, TRACKS_AT_MOST, Neighbourhood
from models.modality import MODALITIES
from models.model_file import Arrays, read_model, write_in_one_step

FORMAT = "fairouz-tui neighbourhood"
VERSION = 1
KEY = "neighbourhood"
"""The entry of the safetensors header that holds our JSON."""
BYTES_AT_MOST = 1 << 30


def save_neighbourhood(model: Neighbourhood, path: Path) -> None:
    """Write `model` to `path` in one step. Raises ModelError when the folder cannot be written."""
    from safetensors.numpy import save

    described = {"format": FORMAT, "version": VERSION, "near": model.near}
    write_in_one_step(save(_arrays(model), metadata={KEY: json.dumps(described)}), path, what="neighbourhood")


def load_neighbourhood(path: Path) -> Neighbourhood:
    """Read the neighbourhood in `path`.

    Raises ModelError, one line, for a file that is missing, truncated, of another kind or a newer version, or whose
    numbers have the wrong shape or type or are not finite.
    """
    return read_model(path, _rebuilt, key=KEY, what="neighbourhood", bytes_at_most=BYTES_AT_MOST)


def _arrays(model: Neighbourhood) -> Arrays:
    named: Arrays = {"present": model.present, "basis": model.basis}
    named["links"] = model.links.astype(np.uint8)
    for m, vectors in model.x.items():
        named |= {f"{m}.vectors": vectors, f"{m}.radii": model.radii[m]}
    return {name: np.ascontiguousarray(array) for name, array in named.items()}


def _rebuilt(described: Any, read: Arrays) -> Neighbourhood:
    """Make the model; raises ValueError or KeyError for whatever does not fit."""
    if not isinstance(described, dict) or described.get("format") != FORMAT:
        raise ValueError("it is of another kind")
    if described.get("version") != VERSION:
        raise ValueError(f"version {described.get('version')!r}, this app reads {VERSION}")
    near = described["near"]
    if isinstance(near, bool) or not isinstance(near, int) or not 1 <= near <= TRACKS_AT_MOST:
        raise ValueError(f"near is {str(near)[:40]!r}")
    count = len(read["present"])
    if not 3 <= count <= TRACKS_AT_MOST:
        raise ValueError(f"it has {count} tracks")
    _check(read["present"], "present", np.bool_, (count, len(MODALITIES)))
    _check(read["links"], "links", np.uint8, (count, count))
    _check(read["basis"], "basis", np.float32, (count, SIZE))
    x, radii = {}, {}
    for m in (m for m in MODALITIES if f"{m}.vectors" in read):
        x[m], radii[m] = read[f"{m}.vectors"], read[f"{m}.radii"]
        _check(x[m], f"{m}.vectors", np.float32, (count, x[m].shape[-1]))
        _check(radii[m], f"{m}.radii", np.float64, (count,))
    known = {"present", "links", "basis"} | {f"{m}.{part}" for m in x for part in ("vectors", "radii")}
    if not x or set(read) != known:
        raise ValueError("arrays are missing or unknown")
    return Neighbourhood(x, read["present"], radii, read["links"].astype(np.float64), read["basis"], near)


def _check(array: NDArray[Any], name: str, dtype: type, shape: tuple[int, ...]) -> None:
    if array.shape != shape or array.dtype != dtype or not np.isfinite(array).all():
        raise ValueError(f"{name} is {array.dtype} {array.shape}, not {np.dtype(dtype)} {shape}, or not finite")
