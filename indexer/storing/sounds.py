"""Keep what is told of a track's sound, one row a track: the estimates with their confidence, and the words."""

from typing import TYPE_CHECKING

from indexer.track import Attribute
from models.encoders.attribute_text import text_of

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

ATTRIBUTES = (
    "attack_share",
    "brightness_hz",
    "flatness_db",
    "highlight_seconds",
    "key",
    "loudness_lufs",
    "loudness_range_lu",
    "onset_rate",
    "pulse_clarity",
    "tempo_bpm",
)
"""Each is a column of `sounds`, empty where the estimate was not made."""
CONFIDENCES = {
    "highlight_seconds": "highlight_confidence",
    "key": "key_confidence",
    "tempo_bpm": "tempo_confidence",
}
"""The columns of the confidence of what is guessed; what is measured has confidence 1."""
_COLUMNS = (*ATTRIBUTES, *CONFIDENCES.values())
_INSERTION = (
    f"INSERT OR REPLACE INTO sounds (track_id, words, {', '.join(_COLUMNS)}) VALUES (?, ?{', ?' * len(_COLUMNS)})"
)
_COPY = f"INSERT OR REPLACE INTO sounds (track_id, words, {', '.join(_COLUMNS)}) SELECT ?, words, {', '.join(_COLUMNS)}"


def put_sound(
    connection: "sqlite3.Connection", track_id: int, attributes: "Iterable[Attribute]", words: "Iterable[str]"
) -> None:
    """Store what was heard in a track, in place of what was known before."""
    known = {attribute.name: attribute for attribute in attributes}
    if strange := known.keys() - set(ATTRIBUTES):
        raise ValueError(f"the table of sounds has no column for {', '.join(sorted(strange))}")
    values = [known[name].value if name in known else None for name in ATTRIBUTES]
    confidences = [known[name].confidence if name in known else None for name in CONFIDENCES]
    connection.execute(_INSERTION, (track_id, " ".join(words), *values, *confidences))


def copy_sound(connection: "sqlite3.Connection", twin: int | None, track_id: int) -> None:
    """Give a track what was heard in another with the same sound."""
    connection.execute(f"{_COPY} FROM sounds WHERE track_id = ?", (track_id, twin))


def drop_sound(connection: "sqlite3.Connection", track_id: int) -> None:
    """Forget what was heard in a track."""
    connection.execute("DELETE FROM sounds WHERE track_id = ?", (track_id,))


def attributes_of(connection: "sqlite3.Connection", track_id: int) -> list[Attribute]:
    """Return the estimates about a track's sound, in the order of their names; [] where none was made."""
    row = connection.execute(f"SELECT {', '.join(_COLUMNS)} FROM sounds WHERE track_id = ?", (track_id,)).fetchone()
    if row is None:
        return []
    held = dict(zip(_COLUMNS, tuple(row), strict=True))
    return [
        Attribute(name, held[name], text_of(name, held[name]), held[CONFIDENCES[name]] if name in CONFIDENCES else 1.0)
        for name in ATTRIBUTES
        if held[name] is not None
    ]


def values_of(connection: "sqlite3.Connection", name: str) -> list[tuple[int, float]]:
    """Return (track id, value) of the present tracks of which an estimate was made, by rising id."""
    if name not in ATTRIBUTES:
        return []
    cursor = connection.cursor()
    cursor.row_factory = None
    return cursor.execute(
        f"SELECT s.track_id, s.{name} FROM sounds s JOIN tracks t ON t.id = s.track_id "
        f"WHERE s.{name} IS NOT NULL AND t.missing_since IS NULL ORDER BY s.track_id"
    ).fetchall()
