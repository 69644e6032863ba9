"""Keep a model in one file: safetensors with JSON beside the numbers, never pickle, written in one step."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, TypeVar

from numpy.typing import NDArray

from models.errors import ModelError

Arrays = dict[str, NDArray[Any]]
Made = TypeVar("Made")


def write_in_one_step(data: bytes, path: Path, *, what: str) -> None:
    """Write `data` to `path` so that a reader sees the old file or the whole new one, also after a crash.

    Raises ModelError, which names `what` it is, when the folder cannot be written.
    """
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            temporary = Path(file.name)
            try:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                temporary.replace(path)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
    except OSError as error:
        raise ModelError(
            f"the {what} could not be written to {path} ({error.strerror}): free some space there"
        ) from error


def read_model(path: Path, rebuilt: Callable[[Any, Arrays], Made], *, key: str, what: str, bytes_at_most: int) -> Made:
    """Return what `rebuilt` makes of the JSON under `key` in the header of a file and of its arrays.

    Raises ModelError, one line that names `what` it should be, for a file that is missing, larger than any, truncated,
    of another kind, or of which `rebuilt` can make nothing.
    """
    from safetensors import SafetensorError, safe_open

    if not path.is_file() or path.stat().st_size > bytes_at_most:
        raise ModelError(f"{path} is not a {what}: choose another file or train again")
    broken = (OSError, SafetensorError, ModelError, ValueError, TypeError, KeyError, AttributeError, RecursionError)
    try:
        with safe_open(path, framework="numpy") as file:
            text = (file.metadata() or {}).get(key, "null")
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (a file is not iterable)
        return rebuilt(json.loads(text), arrays)
    except broken as error:
        reason = " ".join(str(error).split())[:200]
        raise ModelError(f"{path} is not a readable {what} ({reason}): train again") from error
