"""Read a text model's folder in the hub's on-disk format: its weights, whole or in parts, mapped rather than copied."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np

from models.encoders.model_folder import WEIGHTS, digest, found_files, read_header, read_json
from models.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

CONFIG = "config.json"
TOKENIZER = "tokenizer.json"
INDEX = "model.safetensors.index.json"
"""Where weights come in parts: which part holds which tensor."""
PREFIXES = ("", "bert.", "roberta.", "model.")
"""What may stand before the tensors' names, depending on the head that the model was saved with."""
_KINDS = {"F32": np.float32, "F16": np.float16}


def weight_files(directory: Path, name: str) -> list[Path]:
    """Return the files that hold the weights of the model `name`, by name: one, or the parts that the index names.

    Raises ModelError when the folder, config.json, tokenizer.json, weights or parts are missing, or there is only a
    pickle.
    """
    parted = directory.is_dir() and (directory / INDEX).is_file() and not (directory / WEIGHTS).is_file()
    found_files(directory, name, (CONFIG, TOKENIZER, INDEX if parted else WEIGHTS))
    if not parted:
        return [directory / WEIGHTS]
    named = read_json(directory / INDEX).get("weight_map")
    parts = sorted({str(part) for part in named.values()}) if isinstance(named, dict) else []
    if not parts or any("/" in part or "\\" in part for part in parts):
        raise ModelError(f"{directory / INDEX} does not name the parts of the weights: fetch {name} again")
    if any(not part.endswith(".safetensors") for part in parts):
        raise ModelError(f"{directory / INDEX} names parts that are not safetensors: fetch {name} in that format")
    found_files(directory, name, parts)
    return [directory / part for part in parts]


def weights_digest(files: Sequence[Path]) -> str:
    """Compute the SHA-256 of the weights, hex: of the one file, or of the parts' digests one after the other."""
    digests = [digest(path) for path in files]
    return digests[0] if len(digests) == 1 else sha256("".join(digests).encode()).hexdigest()


def mapped(files: Sequence[Path], shapes: Mapping[str, tuple[int, ...]]) -> dict[str, NDArray[np.float32]]:
    """Return the tensors named in `shapes` as float32, mapped from disk where they lie there so; others are left there.

    A page of a mapped tensor is read when it is used, and processes share it. Half-precision tensors are copied, in a
    second a gigabyte: made single at every use they would take longer at every question.
    Raises ModelError when one is missing, has another shape, or the file is cut short.
    """
    found = {name: (path, entry) for path in files for name, entry in _entries(path).items()}
    first = next(iter(shapes))
    prefix = next((prefix for prefix in PREFIXES if prefix + first in found), "")
    for name, shape in shapes.items():
        if prefix + name not in found:
            raise ModelError(f"{name} is missing from the weights in {files[0].parent}: these are of another model")
        have = found[prefix + name][1]["shape"]
        if tuple(have) != shape:
            raise ModelError(
                f"{name} in {files[0].parent} is of shape {have}, not {list(shape)}: these are of another model"
            )
    return {name: _tensor(*found[prefix + name], name) for name in shapes}


def _entries(path: Path) -> dict[str, dict[str, Any]]:
    """Read the header of a safetensors file: kind, shape and place in the file of each tensor."""
    read_header(path)  # refuses what is cut short or is no such file
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        entries = {name: entry for name, entry in json.loads(file.read(length)).items() if name != "__metadata__"}
    for entry in entries.values():
        entry["start"] = 8 + length + entry["data_offsets"][0]
    return entries


def _tensor(path: Path, entry: Mapping[str, Any], name: str) -> NDArray[np.float32]:
    kind = entry["dtype"]
    where, shape = entry["start"], tuple(entry["shape"])
    if kind in _KINDS:
        # Copied on writing: torch wants what it could write to, and never does.
        return np.asarray(np.memmap(path, _KINDS[kind], mode="c", offset=where, shape=shape), np.float32)
    if kind == "BF16":
        halves = np.memmap(path, np.uint16, mode="c", offset=where, shape=shape)
        return (halves.astype(np.uint32) << 16).view(np.float32)
    raise ModelError(f"{name} in {path} is {kind}: only floating-point weights can be read")
