"""List the other versions of a track's recording in the library: live, remastered, on a compilation."""

from typing import TYPE_CHECKING

from indexer.exploring.versions import core_title, recording, same_recording
from models.joint.additive import span
from models.joint.whitening import BLOCK
from models.modality import MODALITIES, Modality

if TYPE_CHECKING:
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
    return [row for row in alike if same_recording(track, row, sound_cosine(session, track.id, row.id))]


def sound_cosine(session: "Session", a: int, b: int) -> float | None:
    """Return the cosine of the private blocks of sound; None where one of the two has no sound."""
    blocks, masks, _ = session.blocks([a, b])
    if not masks[:, MODALITIES.index(Modality.AUDIO)].all():
        return None
    place = span(Modality.AUDIO)
    sound = blocks[:, place.start + BLOCK : place.stop].astype("float64")
    return float(sound[0] @ sound[1])
