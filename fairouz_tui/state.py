"""Keep what the explorer remembers between runs, in one JSON file that is replaced whole or not at all."""

import json
import math
import os
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fairouz_tui.errors import AppError

FORMAT = 1
"""Raised when the meaning of a field changes; a file of another format is not read."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the trail: `kind` is the verb ("search", "similar", "mix"), `text` what it was asked with."""

    kind: str
    text: str
    track_id: int | None = None
    cursor: int = 0
    """The line under the cursor when the step was left."""
    order: str = ""
    """What the answer was sorted by; "" for its rank."""
    tracks: tuple[int, ...] = ()
    """What a mix adds up, or the stops of a path."""
    less: tuple[int, ...] = ()
    """What a mix takes away."""
    whole: bool = False
    """Whether the caps on artists and albums were lifted."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was playing: a track, how far it was, and what it was played from (see fairouz_tui.played_from)."""

    track_id: int
    position_seconds: float = 0.0
    tracks: tuple[int, ...] = ()
    order: str = ""
    index: int = 0
    follows: bool = False
    """Whether something is played after it: False for a track that another screen played."""


@dataclass(frozen=True, slots=True)
class State:
    """Where the user was: all ids are of the library the state lies in."""

    query: str = ""
    trail: tuple[Step, ...] = ()
    library_cursor: int = 0
    """The line under the cursor in the library, where every trail starts."""
    playlist: tuple[int, ...] = ()
    playlist_name: str = ""
    playlist_cursor: int = 0
    marks: tuple[int, ...] = ()
    """The marked tracks, the oldest mark first."""
    heard: Heard | None = None
    faders: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    """Modality -> weight in [0, inf)."""
    sort: str = ""
    track_id: int | None = None
    """The track under the cursor."""
    memories: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: MappingProxyType({}))
    """What the other screens keep, by their names."""
    asked: tuple[str, ...] = ()
    """The queries that were asked, the newest last."""
    screen: str = ""
    """Name of the screen that was open over Explore; "" for none."""
    screen_track: int | None = None
    """The track it was opened on."""


def load_state(path: Path) -> State:
    """Read the state at `path`; none, a damaged one or one of another format gives the empty state, never an error.

    A damaged file is kept beside as `state.json.damaged`, since the next save replaces it.
    """
    try:
        if path.is_fifo():
            raise ValueError("reading a pipe would wait for a writer")
        return _from_json(json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return State()
    except (OSError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
        with suppress(OSError):
            path.replace(damaged_path(path))
        return State()


def damaged_path(path: Path) -> Path:
    """Return where a state that cannot be read is kept."""
    return path.with_name(path.name + ".damaged")


def save_state(path: Path, *, state: State) -> None:
    """Write `state` to `path`, making its folder; a crash leaves the old file whole. Raises AppError when it cannot."""
    table = {"format": FORMAT, **asdict(replace(state, faders=dict(state.faders), memories=_plain(state.memories)))}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                json.dump(table, file, indent=1)  # ASCII: undecodable bytes of a name survive as escapes
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        raise AppError(f"{path} cannot be written: {error.strerror}; free space or check the permissions") from error


def _from_json(table: dict[str, Any]) -> State:
    if table["format"] != FORMAT:
        raise ValueError(f"format {table['format']}")
    return State(
        query=str(table["query"]),
        trail=tuple(_step(step) for step in table["trail"]),
        library_cursor=int(table.get("library_cursor", 0)),
        playlist=_ids(table["playlist"]),
        playlist_name=str(table["playlist_name"]),
        playlist_cursor=int(table.get("playlist_cursor", 0)),
        marks=_ids(table.get("marks", ())),
        heard=_heard(table.get("heard")),
        faders=MappingProxyType({str(name): float(weight) for name, weight in table["faders"].items()}),
        sort=str(table["sort"]),
        track_id=_optional_id(table["track_id"]),
        memories=MappingProxyType({str(name): dict(own) for name, own in table.get("memories", {}).items()}),
        asked=tuple(str(text) for text in table.get("asked", ())),
        screen=str(table.get("screen", "")),
        screen_track=_optional_id(table.get("screen_track")),
    )


def _step(step: Mapping[str, Any]) -> Step:
    """Read a step; what an older version did not write has its default."""
    return Step(
        str(step["kind"]),
        str(step["text"]),
        _optional_id(step["track_id"]),
        int(step.get("cursor", 0)),
        str(step.get("order", "")),
        _ids(step.get("tracks", ())),
        _ids(step.get("less", ())),
        bool(step.get("whole", False)),
    )


def _heard(heard: Mapping[str, Any] | None) -> Heard | None:
    if heard is None:
        return None
    position = float(heard["position_seconds"])
    return Heard(
        _id(heard["track_id"]),
        position if 0.0 <= position < math.inf else 0.0,
        _ids(heard["tracks"]),
        str(heard["order"]),
        int(heard["index"]),
        bool(heard["follows"]),
    )


def _plain(memories: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    return {name: dict(own) for name, own in memories.items()}


def _optional_id(value: Any) -> int | None:
    return None if value is None else _id(value)


def _ids(values: Iterable[Any]) -> tuple[int, ...]:
    return tuple(_id(value) for value in values)


def _id(value: Any) -> int:
    """Return an id. Raises ValueError for what the database cannot hold."""
    if not 0 <= int(value) < 1 << 63:
        raise ValueError(f"{value} is no id")
    return int(value)
