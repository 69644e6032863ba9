"""Keep the indexes of what is near in files beside the library, each whole or not at all."""

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from indexer.storing.version import DATABASE

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

FILE = "nearest.safetensors"
_OWN = "nearest.{}.safetensors"
_FORMAT = "2"
_FORMER = ("nearest.faiss", "nearest.faiss.version")
"""What earlier versions kept."""


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """An index with what its rows stand for."""

    index: Any
    """Of faiss; row i is track ids[i]."""
    ids: "NDArray[np.int64]"
    """[rows]; -1 for a row that is superseded."""
    sources: "NDArray[np.uint32]"
    """[rows], a digest of what each block was made from."""
    hubs: "NDArray[np.float32]"
    """[rows], the hub terms as they were coded."""
    mark: str
    """The state of the blocks that this is the shadow of."""
    trained: int
    """How many tracks there were when the codes were fitted; 0 for an index without codes."""


def file_of(modality: str) -> str:
    """Return the name of the file for the vectors of one modality."""
    return _OWN.format(modality)


def read_kept(library: "Path", name: str = FILE) -> Kept | None:
    """Read a file; None where there is none, or none that can be read."""
    import faiss
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(library / name, framework="numpy") as file:
            about = file.metadata() or {}
            if about.get("format") != _FORMAT:
                return None
            index = faiss.deserialize_index(file.get_tensor("index"))
            ids, sources, hubs = (file.get_tensor(name) for name in ("ids", "sources", "hubs"))
            kept = Kept(index, ids, sources, hubs, about["mark"], int(about["trained"]))
    except (OSError, SafetensorError, KeyError, ValueError, RuntimeError):
        return None
    return kept if kept.index.ntotal == len(ids) == len(sources) == len(hubs) else None


def write_kept(library: "Path", kept: Kept, name: str = FILE) -> None:
    """Write a file; a disk that is full or read-only costs only the next start some time."""
    import faiss
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    tensors: dict[str, NDArray[Any]] = {
        "index": np.asarray(faiss.serialize_index(kept.index)),
        "ids": kept.ids,
        "sources": kept.sources,
        "hubs": kept.hubs,
    }
    about = {"format": _FORMAT, "mark": kept.mark, "trained": str(kept.trained)}
    temporary = library / f".{name}.{os.getpid()}"
    try:
        save_file(tensors, temporary, metadata=about)
        # Who may read the library may read its index.
        shutil.copymode(library / DATABASE, temporary)
        os.replace(temporary, library / name)
        for former in _FORMER:
            (library / former).unlink(missing_ok=True)
    except (OSError, SafetensorError):
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
