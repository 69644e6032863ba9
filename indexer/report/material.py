"""Bring together what the report looks at: the vectors, the space in use, and spaces that have not seen the answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from indexer.report.labels import Labels, artists_of, read_labels
from indexer.report.ranking import Rows, sample
from indexer.report.words import TagWords, read_tag_words
from indexer.spaces.choice import fitting_of
from indexer.spaces.fits import FITS, Fitting
from indexer.spaces.inputs import Halves, Inputs, Part
from indexer.spaces.shelf import active_row, open_space
from models.dataset import UNKNOWN
from models.evaluation.folds import artist_folds
from models.modality import MODALITIES, Modality

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from models.joint.additive import Space

FITTED_TRACKS = 10_000
"""Tracks that the space of a fold is fitted to at most: GCCA at 64 directions does not change past that."""
TRACKS = 30_000
"""Tracks that the report looks at: of a larger library whole artists, up to so many."""
_TILE = 8192
"""Tracks widened to float32 at a time."""
_SHIPPED = "shipped"
"""How the recipes of spaces begin that have not met the library; see spaces.py."""


class Opened(Protocol):
    """A library opened for reading or writing: a Catalogue or a Store."""

    library: "Path"

    @property
    def connection(self) -> "sqlite3.Connection":
        """Return this thread's connection."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """n tracks with vectors."""

    x: Halves
    """[n, d] by modality."""
    present: NDArray[np.bool_]
    """[n, 6]."""
    everywhere: NDArray[np.bool_]
    """[N, 6], the same of all tracks of the library: more than n where the report looks at a sample."""
    encoders: Mapping[Modality, str]
    labels: Labels
    words: TagWords
    space: "Space"
    space_name: str
    recipe: str
    """How the space was made, as in spaces.py."""
    fitting: Fitting | None
    """Makes the space again from other tracks; None where it was not fitted to this library."""
    tracks: int
    """Tracks of the library, with or without vectors."""

    def __len__(self) -> int:
        """Return the number of tracks with vectors."""
        return len(self.present)

    @property
    def ids(self) -> NDArray[np.int64]:
        """Return the ids of the tracks."""
        return self.labels.ids

    def has(self, *modalities: Modality) -> NDArray[np.bool_]:
        """Tell which tracks have all of these modalities, bool [n]."""
        mask: NDArray[np.bool_] = np.all(self.present[:, [MODALITIES.index(m) for m in modalities]], axis=1)
        return mask

    def has_any(self, modalities: Sequence[Modality]) -> NDArray[np.bool_]:
        """Tell which tracks have at least one of these modalities, bool [n]."""
        mask: NDArray[np.bool_] = np.any(self.present[:, [MODALITIES.index(m) for m in modalities]], axis=1)
        return mask

    @property
    def protocol(self) -> str:
        """Say in one line how far the space has seen what it is asked."""
        drawn = f"{len(self)} of {len(self.everywhere)} tracks, by artists drawn at random; "
        return (drawn if len(self) < len(self.everywhere) else "") + self._met

    @property
    def _met(self) -> str:
        if self.fitting is not None:
            return f"for same artist and cross-modal, the {self.recipe} is made again for each fifth without it"
        if self.recipe.startswith(_SHIPPED):
            return "the space comes with the program and has not met these artists"
        return "the space was brought in, and may have met these artists"

    def unseen(self, rows: Rows) -> "Iterator[tuple[Space, Rows]]":
        """Yield spaces with the queries (of `rows`) whose artists they have not met; all rows are met once.

        That is the space in use where it was not fitted to this library (the graph, which names the artists, takes part
        in a fit), else one fitted in the same way to the other folds.
        """
        if self.fitting is None:
            yield self.space, rows
            return
        folds = artist_folds(self.labels.artists)
        for fold in np.unique(folds[rows]):
            others = np.flatnonzero(folds != fold)
            others = others[sample(len(others), FITTED_TRACKS)]
            part = Part(self.x, self.present).taken(others)
            yield self.fitting.without(self.recipe, part, key=others.tobytes()), rows[folds[rows] == fold]


def read_material(opened: Opened) -> Material | None:
    """Read everything; None for a library without a space or without vectors."""
    row = active_row(opened.connection)
    inputs = Inputs(opened)
    if row is None or not inputs.encoded:
        return None
    space = open_space(row.name, row.file, opened.library)
    known = {m for m, encoder in inputs.encoders.items() if m in space.heads and space.heads[m].reads(encoder)}
    if not known:
        return None
    rows = drawn(artists_of(opened.connection, inputs.ids), TRACKS)
    part, ids = inputs.read(rows), inputs.ids[rows]
    columns = np.array([m in known for m in MODALITIES])
    present = part.present & columns
    whole = len(rows) == len(inputs.ids)
    count = opened.connection.execute("SELECT count(*) FROM tracks WHERE missing_since IS NULL").fetchone()[0]
    return Material(
        x=part.x.only(known),
        present=present,
        everywhere=present if whole else inputs.stored & columns,
        encoders=inputs.encoders,
        labels=read_labels(opened.connection, ids),
        words=read_tag_words(opened.connection, ids),
        space=space,
        space_name=row.name,
        recipe=row.recipe,
        fitting=fitting_of(inputs) if row.recipe in FITS else None,
        tracks=int(count),
    )


def drawn(artists: NDArray[np.int64], most: int) -> Rows:
    """Return rows, rising: all where there are at most `most`, else those of artists drawn at random up to so many.

    artists : [n], UNKNOWN counting as an artist of one track each. Whole artists, so that a track keeps its fellows;
    one who has more tracks than are left is passed over.
    """
    if len(artists) <= most:
        return np.arange(len(artists))
    alone = artists.max() + 1 + np.arange(len(artists))
    _, groups, counts = np.unique(np.where(artists == UNKNOWN, alone, artists), return_inverse=True, return_counts=True)
    taken, left = np.zeros(len(counts), np.bool_), most
    for group in np.random.default_rng(0).permutation(len(counts)).tolist():
        if counts[group] <= left:
            taken[group] = True
            left -= int(counts[group])
    return np.flatnonzero(taken[groups])


class Cosines:
    """Centred cosines of one encoder's own vectors."""

    def __init__(self, x: NDArray[np.float32], present: NDArray[np.bool_]) -> None:
        self._x, self.present = x, present
        self._mean = x[present].mean(axis=0) if present.any() else np.zeros(x.shape[1], np.float32)

    def unit(self, rows: Rows | slice) -> NDArray[np.float32]:
        """Return centred vectors of length one, float32 [q, d]; zeros for tracks without."""
        centred = (self._x[rows] - self._mean) * self.present[rows, None]
        length = np.linalg.norm(centred, axis=1, keepdims=True)
        unit: NDArray[np.float32] = np.divide(centred, length, out=np.zeros_like(centred), where=length > 0)
        return unit

    def scores(self, rows: Rows) -> NDArray[np.float32]:
        """Return the cosines of queries `rows` with all tracks, float32 [q, n]; 0 where either has no vector."""
        return products(self.unit(rows), len(self._x), self.unit)


class _Unit(Protocol):
    def __call__(self, rows: slice, /) -> NDArray[np.float32]: ...


def products(queries: NDArray[np.floating], count: int, tile: _Unit) -> NDArray[np.float32]:
    """Return inner products [q, count] with vectors that `tile` gives by slices, never all at once in float32."""
    scores = np.empty((len(queries), count), np.float32)
    asked = queries.astype(np.float32)
    for start in range(0, count, _TILE):
        part = slice(start, min(start + _TILE, count))
        scores[:, part] = asked @ tile(part).T
    return scores


def block_products(queries: NDArray[np.floating], blocks: NDArray[np.float16]) -> NDArray[np.float32]:
    """Return inner products [q, n] with float16 rows."""
    return products(queries, len(blocks), lambda part: blocks[part].astype(np.float32))
