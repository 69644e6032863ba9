"""Choose what a map is made of, and read it a part at a time."""

from typing import TYPE_CHECKING

import numpy as np

from indexer.errors import IndexerError
from indexer.maps.choices import JOINT
from indexer.storing.vectors import each_vectors, encoder_of
from models.joint.additive import span
from models.joint.whitening import BLOCK
from models.modality import MODALITIES, Modality

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from indexer.exploring.session import Session

    Parts = Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]

_ALONE = ".encoder"
_ROWS_AT_ONCE = 4_096


def sources(session: "Session") -> list[str]:
    """Return what can be mapped: the joint space, the modalities that tracks have, and each one's encoder alone."""
    here = [m for m in MODALITIES if encoder_of(session.connection, m)]
    return [JOINT, *(m.value for m in here if m in session.space.heads), *(f"{m}{_ALONE}" for m in here)]


def parts(session: "Session", source: str) -> "Parts":
    """Yield (track ids [k], float32 [k, d]) of what a map is made of, in id order.

    "joint" is the vector whose inner product is the score; "audio" the private block of a modality in the space;
    "audio.encoder" the vectors of its encoder as they are stored. None of them depends on other tracks.

    Raises
    ------
    IndexerError
        For a name that is none of `sources`.

    """
    if source not in sources(session):
        raise IndexerError(f'there is no map of "{source}": choose one of {", ".join(sources(session))}')
    if source == JOINT:
        return _joint(session)
    m = Modality(source.removesuffix(_ALONE))
    if source.endswith(_ALONE):
        return each_vectors(session.connection, m, encoder_of(session.connection, m) or "")
    return _private(session, m)


def identity(session: "Session", source: str) -> str:
    """Name what gives the vectors of a source: a map made by another is out of date."""
    if not source.endswith(_ALONE):
        return f"space {session.space_id}"
    return encoder_of(session.connection, Modality(source.removesuffix(_ALONE))) or ""


def _joint(session: "Session") -> "Parts":
    for ids, blocks, masks in _blocks(session):
        has = masks.any(axis=1)
        yield ids[has], session.space.joint(blocks[has])


def _private(session: "Session", m: Modality) -> "Parts":
    column, place = MODALITIES.index(m), span(m)
    for ids, blocks, masks in _blocks(session):
        has = masks[:, column]
        yield ids[has], blocks[has, place.start + BLOCK : place.stop].astype(np.float32)


def _blocks(session: "Session") -> "Iterator[tuple[NDArray[np.int64], NDArray[np.float16], NDArray[np.bool_]]]":
    ids = np.sort(session.nearest.ids)
    for start in range(0, len(ids), _ROWS_AT_ONCE):
        part = ids[start : start + _ROWS_AT_ONCE]
        blocks, masks, _ = session.blocks(part.tolist())
        yield part, blocks, masks
