"""Keep the joint spaces of a library: those that come with the program, those fitted or brought to it.

A space that comes with the program has no file of its own here; the others lie in the library's folder of spaces.
"""

import json
import time
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.errors import IndexerError
from indexer.storing.staging import clear_staged
from models.checkpoint import FORMAT, KEY, load_space, save_space
from models.errors import ModelError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence

    from indexer.storing.store import Store
    from models.joint.additive import Space

SHIPPED = "embedded"
"""The space that a library starts from unless another one that comes with the program fits it better."""
KEPT = 5
"""Spaces out of use that are kept to go back to; older ones are deleted unless the user chose them."""
_FOLDER = "spaces"
_SUFFIX = ".safetensors"
_COLUMNS = "id, name, file, created, active, report, recipe, pinned, activated"


@dataclass(frozen=True, slots=True)
class SpaceRow:
    """What the library knows of a space."""

    id: int
    name: str
    file: str | None
    """In the library's folder of spaces; None for one that comes with the program."""
    created: float
    """Seconds since 1970, as `activated`."""
    active: bool
    report: dict[str, Any]
    recipe: str
    """How it was made: "shipped", "shipped+local", "refit", "blend", or "imported"."""
    pinned: bool
    """The user chose it: nothing replaces it by itself."""
    activated: float | None
    """When it was last put to use."""


def space_rows(connection: "sqlite3.Connection") -> list[SpaceRow]:
    """Return the library's spaces, oldest first."""
    query = f"SELECT {_COLUMNS} FROM spaces WHERE activated IS NOT NULL ORDER BY id"
    return [_row(row) for row in connection.execute(query)]


def active_row(connection: "sqlite3.Connection") -> SpaceRow | None:
    """Return the space in use, None before anything has been placed."""
    return next((row for row in reversed(space_rows(connection)) if row.active), None)


def row_before(connection: "sqlite3.Connection") -> SpaceRow | None:
    """Return the space that was in use before the one that is; None where there was none."""
    return max(
        (row for row in space_rows(connection) if not row.active), key=lambda row: row.activated or 0.0, default=None
    )


def _row(row: "Mapping[str, Any]") -> SpaceRow:
    fields = {name: row[name] for name in _COLUMNS.split(", ")}
    return SpaceRow(
        **fields | {"report": json.loads(row["report"]), "active": bool(row["active"]), "pinned": bool(row["pinned"])}
    )


def shipped_spaces() -> dict[str, Path]:
    """Return name -> file of the spaces that come with the program, the default first.

    What a checkpoint is stands in its header; files of other kinds are left out.
    """
    import models

    files = sorted((Path(models.__file__).parent / "checkpoints").glob(f"*{_SUFFIX}"))
    found = {file.stem: file for file in files if is_space(file)}
    return dict(sorted(found.items(), key=lambda item: (item[0] != SHIPPED, item[0])))


def is_space(file: Path) -> bool:
    """Tell by the header whether a file holds a space; False for any other kind, and for what cannot be read."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="numpy") as opened:
            header = json.loads((opened.metadata() or {}).get(KEY, "null"))
    except (OSError, SafetensorError, ValueError, RecursionError):
        return False
    return isinstance(header, dict) and header.get("format") == FORMAT


def open_space(name: str, file: str | None, library: Path) -> "Space":
    """Load a space; `file` is relative to the library's folder of spaces, None for one that comes with the program.

    Raises
    ------
    IndexerError
        When the file is missing or damaged.

    """
    path = _shipped_file(name) if file is None else library / _FOLDER / Path(file).name
    try:
        return load_space(path)
    except ModelError as error:
        raise IndexerError(f'the space "{name}" cannot be used: {error}') from error


def _shipped_file(name: str) -> Path:
    shipped = shipped_spaces()
    if name not in shipped:
        raise IndexerError(f'the space "{name}" does not come with this version: choose one of {", ".join(shipped)}')
    return shipped[name]


def find_row(connection: "sqlite3.Connection", wanted: str) -> SpaceRow | None:
    """Return the library's space of that id (all digits) or name; None without one.

    Raises
    ------
    IndexerError
        When several have the name.

    """
    rows = space_rows(connection)
    by = [row for row in rows if (str(row.id) == wanted if wanted.isdecimal() else row.name == wanted)]
    if len(by) > 1:
        ids = ", ".join(str(row.id) for row in by)
        raise IndexerError(f'several spaces are called "{wanted}" (ids {ids}): name one by its id')
    return by[0] if by else None


def add_space(
    store: "Store",
    space: "Space | None",
    *,
    name: str,
    recipe: str,
    report: "Mapping[str, Any]",
    activated: float | None = None,
) -> int:
    """Write a space to the library's folder, note it without putting it to use, and return its id.

    `space` None is one that comes with the program. One that was never `activated` is forgotten by the next run.

    Raises
    ------
    IndexerError
        When the file cannot be written.

    """
    file = None if space is None else _free_name(name, store.library / _FOLDER)
    with store.db.atomic():
        row = store.connection.execute(
            "INSERT INTO spaces (name, file, created, active, report, recipe) VALUES (?, ?, ?, 0, ?, ?) RETURNING id",
            (name, file, time.time(), json.dumps(report), recipe),
        ).fetchone()
    # The row comes first: a run that is killed here leaves no file that nobody knows.
    if space is not None and file is not None:
        _write(space, store.library / _FOLDER / file)
    if activated is not None:
        with store.db.atomic():
            store.connection.execute("UPDATE spaces SET activated = ? WHERE id = ?", (activated, row[0]))
    return int(row[0])


def _free_name(name: str, folder: Path) -> str:
    """Return a name that no file has: the one in use is never written over."""
    names = chain([f"{name}{_SUFFIX}"], (f"{name}-{number}{_SUFFIX}" for number in count(2)))
    return next(one for one in names if not (folder / one).is_file())


def _write(space: "Space", path: Path) -> None:
    try:
        path.parent.mkdir(exist_ok=True)
        save_space(space, path)
    except (OSError, ModelError) as error:
        raise IndexerError(str(error)) from error


def set_report(store: "Store", space_id: int, report: "Mapping[str, Any]") -> None:
    """Replace the report of a space."""
    with store.writing() as connection:
        connection.execute("UPDATE spaces SET report = ? WHERE id = ?", (json.dumps(report), space_id))


def next_name(connection: "sqlite3.Connection", recipe: str) -> str:
    """Return a name for a space that is about to be made: recipe and number."""
    last = connection.execute("SELECT max(id) FROM spaces").fetchone()[0]
    return f"{recipe}-{(last or 0) + 1}"


def delete_unfinished_spaces(store: "Store") -> None:
    """Forget what a stopped run had begun: staged blocks, and spaces that were never put to use."""
    query = "SELECT id, file FROM spaces WHERE activated IS NULL"
    _delete(store, store.connection.execute(query).fetchall())
    clear_staged(store)


def delete_old_spaces(store: "Store", *, kept: int = KEPT) -> None:
    """Delete the spaces out of use that nobody chose, but for the last `kept`."""
    idle = [row for row in space_rows(store.connection) if not row.active and not row.pinned]
    idle.sort(key=lambda row: row.activated or 0.0, reverse=True)
    _delete(store, [(row.id, row.file) for row in idle[kept:]])


def _delete(store: "Store", spaces: "Sequence[tuple[int, str | None]]") -> None:
    """Delete rows and files; a file that cannot be deleted is left to lie."""
    with store.db.atomic():
        store.connection.executemany("DELETE FROM spaces WHERE id = ?", [(space_id,) for space_id, _ in spaces])
    for _, file in spaces:
        if file is not None:
            with suppress(OSError):
                (store.library / _FOLDER / Path(file).name).unlink()
