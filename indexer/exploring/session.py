"""Hold what a query needs in memory: the space in use, the nearest-neighbour index and the scale of scores."""

import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from indexer.catalogue import Catalogue
from indexer.errors import IndexerError
from indexer.spaces.shelf import open_space
from indexer.storing.nearest import Nearest, blocks_mark, open_nearest, open_nearest_own
from indexer.storing.vectors import encoder_read_by, load_blocks
from models.errors import ModelError
from models.modality import MODALITIES, Modality

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from indexer.exploring.sounding import Sounds
    from models.joint.additive import Space

Contributions = dict[str, float]

_NAMES = tuple(m.value for m in MODALITIES)
_SPARE, _SPARE_MOVED = 300, 1_000
"""Proposals beyond those asked for: codes confuse neighbours, exact scores put them right. Faders that leave few
modalities leave few codes to tell by: with tags alone, 300 hold 92 % of the 20 nearest of a million tracks."""

READ_UP_TO = 20_000
"""Tracks whose vectors of one modality are read for each question, a tenth of a second; of more, codes are kept."""


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """A query's place in the space: blocks float16 [768] and mask bool [6] of a track, a file or a text."""

    blocks: "NDArray[np.float16]"
    mask: "NDArray[np.bool_]"
    is_text: bool = False


@dataclass(slots=True, eq=False)
class Session:
    """One version of a library, opened for questions."""

    catalogue: Catalogue
    space: "Space"
    nearest: Nearest
    version: int
    space_id: int
    mark: str
    """Names the state of the blocks; see storing/nearest.py."""
    scales: dict[tuple[object, ...], "NDArray[np.float64]"] = field(default_factory=dict)
    """Reference scores per kind of query and faders; see exploring/scale.py."""
    own: dict[Modality, Nearest] = field(default_factory=dict)
    """The indexes of single modalities' own vectors, once asked for; see exploring/similar.py."""
    heard: "Sounds | None" = None
    """Where the tracks lie on the scales of sound, once asked for; see exploring/sounding.py."""
    nonsense: "dict[str, NDArray[np.float32]]" = field(default_factory=dict)
    """Script -> the vectors of made-up words, once asked for; see exploring/nonsense.py."""

    @property
    def connection(self) -> sqlite3.Connection:
        """Return this thread's connection."""
        return self.catalogue.connection

    def blocks(self, ids: "Sequence[int]") -> "tuple[NDArray[np.float16], NDArray[np.bool_], NDArray[np.float64]]":
        """Return blocks, masks and hub terms of tracks in this session's space; see `load_blocks`.

        Raises
        ------
        IndexerError
            When another space has been put to use since the session was opened.

        """
        found = load_blocks(self.connection, ids, space_id=self.space_id)
        if not found[1].any(axis=1).all() and _active(self.connection)["id"] != self.space_id:
            raise IndexerError("another space has just been put to use: ask again")
        return found

    def point(self, track_id: int) -> Point:
        """Return a track's place.

        Raises
        ------
        IndexerError
            When the track has not been embedded (yet).

        """
        blocks, mask, _ = self.blocks([track_id])
        if not mask.any():
            raise IndexerError(f"track {track_id} is not in the space yet: run `fairouz-tui index` to embed it")
        return Point(blocks[0], mask[0])

    def propose(
        self,
        point: Point,
        *,
        count: int,
        faders: "dict[Modality, float] | None",
        hub: bool,
        among: "NDArray[np.int64] | None" = None,
    ) -> list[int]:
        """Return the ids of tracks among which the `count` nearest are, nearly always; exact scores tell which."""
        query = self.query(point, faders)
        spare = _SPARE_MOVED if faders else _SPARE
        found: list[int] = self.nearest.search(query, count=count + spare, hub=hub, among=among).tolist()
        return found

    def nearest_own(self, modality: Modality) -> Nearest | None:
        """Return the index of one modality's own vectors; None in a library that is small enough to read them all."""
        if len(self.nearest.ids) <= READ_UP_TO:
            return None
        if modality not in self.own:
            head = self.space.heads[modality]
            encoder = encoder_read_by(self.connection, modality, head)
            library = self.catalogue.library
            self.own[modality] = open_nearest_own(
                self.connection, library, modality, encoder, head.mean, mark=self.mark
            )
        return self.own[modality]

    def rough_scores(
        self,
        point: Point,
        blocks: "NDArray[np.float16]",
        hubs: "NDArray[np.float64] | None" = None,
        *,
        faders: "dict[Modality, float] | None",
    ) -> "NDArray[np.float32]":
        """Return the scores of rows of blocks [n, 768] to some six digits, hub terms [n] added: float32 [n].

        A tenth of the time of exact ones; see `rank.leading`. Raises IndexerError as `contributions` does.
        """
        if not blocks.size:
            return np.zeros(len(blocks), np.float32)
        scores: NDArray[np.float32] = blocks.astype(np.float32) @ self.query(point, faders).astype(np.float32)
        return scores if hubs is None else (scores + hubs).astype(np.float32)

    def contributions(
        self, point: Point, ids: "Sequence[int]", *, faders: "dict[Modality, float] | None", hub: bool
    ) -> list[Contributions]:
        """Compute, in float64 from the stored blocks, what each modality gives to the score of each track.

        Raises
        ------
        IndexerError
            When the faders leave the point nothing to compare by.

        """
        blocks, masks, hubs = self.blocks(ids)
        return self.contributions_to(point, blocks, masks, hubs if hub and not point.is_text else None, faders=faders)

    def contributions_to(
        self,
        point: Point,
        blocks: "NDArray[np.float16]",
        masks: "NDArray[np.bool_]",
        hubs: "NDArray[np.float64] | None" = None,
        *,
        faders: "dict[Modality, float] | None",
    ) -> list[Contributions]:
        """Compute what each modality gives to the score of each row of blocks [n, 768], whose masks are [n, 6].

        `hubs` [n] are added as what "hub" gives. Raises IndexerError as `contributions` does.
        """
        if not blocks.size:
            return [{} for _ in blocks]
        self.query(point, faders)  # refuses what has nothing to compare by
        shares = self.space.contributions_many(
            point.blocks, point.mask, blocks, faders=faders, text_query=point.is_text
        )
        named = (shares != 0.0) | (masks & point.mask & np.array([_is_up(m, faders) for m in MODALITIES]))
        contributions = [
            {name: share for name, share, shown in zip(_NAMES, row, which, strict=True) if shown}
            for row, which in zip(shares.tolist(), named.tolist(), strict=True)
        ]
        for row, hub in zip(contributions, [] if hubs is None else hubs.tolist(), strict=hubs is not None):
            row["hub"] = hub
        return contributions

    def query(self, point: Point, faders: "dict[Modality, float] | None") -> "NDArray[np.float64]":
        """Return the query vector [768] of a point; raises IndexerError when the faders leave nothing to compare by."""
        try:
            return self.space.query(point.blocks, point.mask, faders=faders)
        except ModelError as error:
            raise IndexerError(str(error)) from error


def open_session(catalogue: Catalogue) -> Session:
    """Load the active space and the index of a library.

    Raises
    ------
    IndexerError
        When the library has not been embedded yet.

    """
    connection = catalogue.connection
    # One moment of the library: the space, the blocks and their version must belong together.
    with _moment(connection):
        version = int(catalogue.fact("blocks_version") or 0)
        row = _active(connection)
        if row is None:
            raise IndexerError(
                "the tracks are not embedded yet, so likeness is unknown: let indexing finish (u, or "
                "`fairouz-tui index`); search by words works meanwhile"
            )
        space = open_space(row["name"], row["file"], catalogue.library)
        nearest = open_nearest(connection, catalogue.library, version=version)
        mark = blocks_mark(connection, version)
    return Session(catalogue, space, nearest, version, row["id"], mark)


def _active(connection: sqlite3.Connection) -> Any:
    return connection.execute("SELECT id, name, file FROM spaces WHERE active ORDER BY id DESC LIMIT 1").fetchone()


@contextmanager
def _moment(connection: sqlite3.Connection) -> "Iterator[None]":
    """Read one state of the library, whatever is written meanwhile."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.rollback()


def parse_faders(faders: "Mapping[str, float] | None") -> "dict[Modality, float] | None":
    """Turn faders by name into faders by modality; None stays None.

    Raises
    ------
    IndexerError
        For a name that is no modality, or a number that is not 0 or more.

    """
    if faders is None:
        return None
    parsed: dict[Modality, float] = {}
    for name, value in faders.items():
        if name not in {m.value for m in Modality}:
            raise IndexerError(f'"{name}" is no modality (known: {", ".join(m.value for m in Modality)})')
        if not (np.isfinite(value) and value >= 0):
            raise IndexerError(f"the weight of {name} must be 0 or more, not {value}")
        parsed[Modality(name)] = float(value)
    return parsed


def _is_up(modality: Modality, faders: "dict[Modality, float] | None") -> bool:
    return faders is None or faders.get(modality, 1.0) > 0
