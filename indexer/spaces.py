"""Choose and keep the joint space of a library: the shipped checkpoint, or one refitted to the library itself."""

import json
import time
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.errors import IndexerError
from models.checkpoint import load_space, save_space
from models.errors import ModelError

if TYPE_CHECKING:
    from indexer.storing.store import Store
    from models.joint.additive import Space

SHIPPED = "embedded"
_FOLDER = "spaces"


def shipped_file() -> Path:
    """Return the file of the checkpoint that comes with the program."""
    import models

    return Path(models.__file__).parent / "checkpoints" / f"{SHIPPED}.safetensors"


def open_space(name: str, file: str | None, library: Path) -> "Space":
    """Load a space; `file` is relative to the library's folder of spaces, None for the shipped one.

    Raises
    ------
    IndexerError
        When the file is missing or damaged.

    """
    path = shipped_file() if file is None else library / _FOLDER / Path(file).name
    try:
        return load_space(path)
    except ModelError as error:
        raise IndexerError(f'the space "{name}" cannot be used: {error}') from error


def activate(store: "Store", space: "Space", *, name: str, report: dict[str, Any]) -> int:
    """Save a space of the library's own, make it the active one in a single transaction, and return its id."""
    folder = store.library / _FOLDER
    # A name of its own for every file: the one in use is never written over.
    names = chain([f"{name}.safetensors"], (f"{name}-{number}.safetensors" for number in count(2)))
    file = next(one for one in names if not (folder / one).is_file())
    try:
        folder.mkdir(exist_ok=True)
        save_space(space, folder / file)
    except (OSError, ModelError) as error:
        raise IndexerError(str(error)) from error
    return _insert(store, name, file, report)


def activate_shipped(store: "Store", report: dict[str, Any]) -> int:
    """Make the shipped checkpoint the active space and return its id."""
    return _insert(store, SHIPPED, None, report)


def _insert(store: "Store", name: str, file: str | None, report: dict[str, Any]) -> int:
    with store.writing() as connection:
        connection.execute("UPDATE spaces SET active = 0")
        row = connection.execute(
            "INSERT INTO spaces (name, file, created, active, report) VALUES (?, ?, ?, 1, ?) RETURNING id",
            (name, file, time.time(), json.dumps(report)),
        ).fetchone()
    return int(row[0])
