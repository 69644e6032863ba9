"""List the other versions of a track's recording in the library: live, remastered, on a compilation."""

from struct import unpack
from typing import TYPE_CHECKING

from indexer.exploring.versions import core_title, recording, same_recording
from models.modality import MODALITIES, Modality

if TYPE_CHECKING:
    import sqlite3

    from indexer.exploring.answer import TrackRow
    from indexer.exploring.session import Session

_MOST_LOOKED_AT = 200
"""Tracks whose titles begin alike: "Intro" stands on a thousand albums."""
_AFTER = "\U0010fffe"


def other_versions(session: "Session", track: "TrackRow") -> "list[TrackRow]":
    """Return the present tracks that are versions of one's recording, by title; [] where artist or title is unknown.

    Titles propose, with what follows them in brackets left out; artist, length and sound must agree.
    """
    named = recording(track)
    if named is None:
        return []
    core = core_title(track.title)[0]
    query = (
        "SELECT id FROM tracks WHERE missing_since IS NULL AND sort_title >= ? AND sort_title < ? "
        "ORDER BY sort_title, id LIMIT ?"
    )
    found = session.connection.execute(query, (core, core + _AFTER, _MOST_LOOKED_AT))
    rows = session.catalogue.rows([row[0] for row in found if row[0] != track.id])
    alike = [row for row in rows if (other := recording(row)) is not None and other.key == named.key]
    return [row for row in alike if is_version(session.connection, track, row)]


def is_version(connection: "sqlite3.Connection", a: "TrackRow", b: "TrackRow") -> bool:
    """Tell whether two tracks are versions of one recording, by their names, how long they last and how they sound."""
    return same_recording(a, b, sound_cosine(connection, a.id, b.id))


def sound_cosine(connection: "sqlite3.Connection", a: int, b: int) -> float | None:
    """Return the cosine of the private blocks of sound of two tracks; None where one of them has no sound.

    Sixty-four products, without numpy: what is typed is answered without it.
    """
    at = MODALITIES.index(Modality.AUDIO)
    sql = "SELECT mask, block, space_id FROM blocks WHERE track_id = ?"
    rows = [connection.execute(sql, (track_id,)).fetchone() for track_id in (a, b)]
    if any(row is None or not row[0] >> at & 1 for row in rows) or rows[0][2] != rows[1][2]:
        return None
    bytes_each = len(rows[0][1]) // (2 * len(MODALITIES))  # [z | p] for each modality
    private = (slice((2 * at + 1) * bytes_each, (2 * at + 2) * bytes_each) for _ in rows)
    first, second = (unpack(f"<{bytes_each // 2}e", row[1][part]) for row, part in zip(rows, private, strict=True))
    return float(sum(x * y for x, y in zip(first, second, strict=True)))
