"""Keep the indexes of what is near in files beside the library, each whole or not at all.

The index goes from memory to file and back in parts. Whole, in the bytes of `faiss.serialize_index`, it was held four
times: 800 MB for a million tracks.
"""

import json
import shutil
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from indexer.storing.replacing import replacing
from indexer.storing.version import DATABASE

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

FILE = "nearest.safetensors"
_OWN = "nearest.{}.safetensors"
_FORMAT = "2"
_ENTRIES_BYTES = 512
"""Enough of the header for the four arrays."""
_PART_BYTES = 1 << 20
_KINDS = {"int64": "I64", "uint32": "U32", "float32": "F32", "uint8": "U8"}
"""Names of numpy's types in safetensors."""
_TRIES = 3
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
    for _ in range(_TRIES):  # it is opened twice, and may be replaced in between
        before = _identity(library / name)
        kept = _read(library, name)
        if _identity(library / name) == before:
            return kept
    return None


def _identity(path: "Path") -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _read(library: "Path", name: str) -> Kept | None:
    import faiss
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(library / name, framework="numpy") as file:
            about = file.metadata() or {}
            if about.get("format") != _FORMAT:
                return None
            ids, sources, hubs = (file.get_tensor(name) for name in ("ids", "sources", "hubs"))
        with (library / name).open("rb") as file:
            _go_to(file, "index")
            index = faiss.read_index(faiss.PyCallbackIOReader(file.read, _PART_BYTES))  # type: ignore[attr-defined]
        kept = Kept(index, ids, sources, hubs, about["mark"], int(about["trained"]))
    except (OSError, SafetensorError, KeyError, ValueError, RuntimeError):
        return None
    return kept if kept.index.ntotal == len(ids) == len(sources) == len(hubs) else None


def write_kept(library: "Path", kept: Kept, name: str = FILE) -> None:
    """Write a file; a disk that is full or read-only costs only the next start some time."""
    with suppress(OSError, RuntimeError):  # faiss makes a RuntimeError of what its writer raises
        with replacing(library / name) as target:
            with target.open("wb") as file:
                _write(file, kept)
            # Who may read the library may read its index.
            shutil.copymode(library / DATABASE, target)
        for former in _FORMER:
            (library / former).unlink(missing_ok=True)


def _write(file: IO[bytes], kept: Kept) -> None:
    """Write a safetensors file, the index last and in parts, and then its header."""
    import faiss

    about = {"format": _FORMAT, "mark": kept.mark, "trained": str(kept.trained)}
    header: dict[str, Any] = {"__metadata__": about}
    room = -(-(len(json.dumps(about)) + _ENTRIES_BYTES) // 8) * 8  # the header is known last
    file.write(bytes(8 + room))
    end = 0
    for name, rows in (("ids", kept.ids), ("sources", kept.sources), ("hubs", kept.hubs)):
        file.write(np.ascontiguousarray(rows).data)
        header[name] = _entry(rows.dtype.name, rows.shape, end)
        end += rows.nbytes
    faiss.write_index(kept.index, faiss.PyCallbackIOWriter(file.write, _PART_BYTES))  # type: ignore[attr-defined]
    header["index"] = _entry("uint8", (file.tell() - 8 - room - end,), end)
    written = json.dumps(header).encode().ljust(room)
    file.seek(0)
    file.write(len(written).to_bytes(8, "little") + written)


def _entry(kind: str, shape: tuple[int, ...], start: int) -> dict[str, Any]:
    size = int(np.dtype(kind).itemsize * np.prod(shape))
    return {"dtype": _KINDS[kind], "shape": list(shape), "data_offsets": [start, start + size]}


def _go_to(file: IO[bytes], name: str) -> None:
    """Go to where an array of a safetensors file begins."""
    length = int.from_bytes(file.read(8), "little")
    start: int = json.loads(file.read(length))[name]["data_offsets"][0]
    file.seek(8 + length + start)
