"""Keep maps beside the library: places, what new tracks are placed by, and the names that the clusters had last."""

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from indexer.storing.replacing import replacing

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_FORMAT = "1"
_TENSORS = ("ids", "places", "marks", "mean", "components", "centres")


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """A map as it is stored, with what new tracks are placed by."""

    about: str
    """What made the vectors, see `identity`."""
    ids: "NDArray[np.int64]"
    places: "NDArray[np.float32]"
    marks: "NDArray[np.uint32]"
    """Checksum of each track's vector: one that changed is placed anew."""
    mean: "NDArray[np.float32]"
    components: "NDArray[np.float32]"
    centres: "NDArray[np.float32]"
    labels: "NDArray[np.int64] | None" = None
    """[n], of the clusters; None where they are not known, in a file of an earlier version."""
    names: tuple[str, ...] = ()
    """Of the clusters."""
    state: str = ""
    """Names the library that labels and names are of: while it is as it was, the map is too."""


def map_file(library: "Path", source: str, how: str) -> "Path":
    """Return where the map of a source is kept."""
    name = "".join(letter if letter.isalnum() or letter in "-." else "_" for letter in source)
    return library / "maps" / f"{name}.{how}.safetensors"


def read(file: "Path") -> Kept | None:
    """Read a map; None where there is none, or none that can be read: it is made anew."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="numpy") as opened:
            about = opened.metadata() or {}
            if about.get("format") != _FORMAT:
                return None
            ids, places, marks, mean, components, centres = (opened.get_tensor(name) for name in _TENSORS)
            labels = opened.get_tensor("labels") if "labels" in opened.keys() else None  # noqa: SIM118
        names = tuple(str(name) for name in json.loads(about.get("names", "[]")))
    except (OSError, SafetensorError, KeyError, ValueError, TypeError, RecursionError):
        return None
    fits = len(ids) == len(marks) and places.shape == (len(ids), 2) and components.shape[:1] == mean.shape
    fits = (
        fits
        and len(ids) > 0
        and bool(np.isfinite(places).all())
        and centres.ndim == 2
        and centres.shape[1] == components.shape[1]
    )
    if not fits:
        return None
    named = labels is not None and labels.shape == ids.shape and len(names) > int(labels.max()) and labels.min() >= 0
    state = about.get("state", "") if named else ""
    return Kept(about.get("about", ""), ids, places, marks, mean, components, centres, labels, names, state)


def write(file: "Path", kept: Kept) -> None:
    """Keep a map; a disk that is full or read-only costs only the next one who asks some time."""
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    tensors = {name: getattr(kept, name) for name in _TENSORS}
    if kept.labels is not None:
        tensors["labels"] = kept.labels
    about = {"format": _FORMAT, "about": kept.about, "names": json.dumps(kept.names), "state": kept.state}
    with suppress(OSError, SafetensorError):
        file.parent.mkdir(exist_ok=True)
        with replacing(file) as target:
            save_file({name: np.ascontiguousarray(one) for name, one in tensors.items()}, target, metadata=about)
