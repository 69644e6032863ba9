"""Find the nearest blocks, or vectors of one modality, with faiss: shadows of the store that grow back when deleted.

It only proposes; scores are computed from the stored blocks. Any query with any faders is one inner product with the
stored blocks, the hub term being one more number, so that one index serves all faders.

Up to 5,000 tracks they are kept as they are, float16. Above that every two numbers are one 4-bit code (Jégou et al.,
"Product quantization for nearest neighbor search", 2011), scanned from registers (André et al., "Cache locality is not
enough", 2015): 193 bytes a track instead of 1,538, all of 100,000 in .9 ms. Figures: docs/search.md.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from indexer.storing.nearest_file import FILE, Kept, file_of, read_kept, write_kept
from indexer.storing.nearest_rows import BlockRows, OwnRows

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from numpy.typing import NDArray

    from models.modality import Modality

FLAT_UP_TO = 5_000
"""Tracks that are searched as they are: 8 MB, under a millisecond."""
_TRAINED_ON = 20_000
"""Tracks that the codes are fitted to; 16 points in a plane need no more."""
_CHANGED_AT_MOST, _GROWN_AT_MOST = 0.1, 2.0
"""Beyond a tenth of changed rows, or twice the tracks that the codes were fitted for, the index is built anew."""
_ALL_UP_TO = 2_000
"""So few are scored exactly in less time than the codes of a large library are scanned."""
_HUB_TOLERANCE = 0.01
"""A hub term that moved by less stays as it is coded: the code itself is no finer."""


class Nearest:
    """The blocks of all present tracks, searchable."""

    def __init__(self, kept: Kept, missing: "NDArray[np.int64]") -> None:
        """Take what is kept; rows of the tracks `missing` are not found."""
        self._index = kept.index
        self._coded = kept.trained > 0
        self._rows = np.where(np.isin(kept.ids, missing), -1, kept.ids) if len(missing) else kept.ids
        live = self._rows[self._rows >= 0]
        self.ids = live if (live[1:] > live[:-1]).all() else np.sort(live)
        """Track ids [n], rising."""

    def search(
        self, query: "NDArray[np.float64]", *, count: int, hub: bool = True, among: "NDArray[np.int64] | None" = None
    ) -> "NDArray[np.int64]":
        """Return up to `count` track ids, best first, for one query [768]; `among` limits them to some ids."""
        return self.search_many(query[None], count=count, hub=hub, among=among)[0]

    def search_many(
        self,
        queries: "NDArray[np.float64]",
        *,
        count: int,
        hub: bool = True,
        among: "NDArray[np.int64] | None" = None,
    ) -> "list[NDArray[np.int64]]":
        """Return up to `count` track ids, best first, for each of the queries [q, 768].

        Where `among` allows few tracks, all of them are proposed, in order of their ids, whatever the `count`.
        """
        rows = self._rows if among is None else np.where(_are_among(self._rows, among), self._rows, -1)
        allowed = int((rows >= 0).sum())
        if among is not None and self._coded and allowed <= _ALL_UP_TO:
            return [np.sort(rows[rows >= 0])] * len(queries)
        if not allowed:
            return [np.zeros(0, np.int64) for _ in queries]
        asked = np.zeros((len(queries), self._index.d), np.float32)
        asked[:, : queries.shape[1]] = queries
        asked[:, queries.shape[1]] = hub
        wanted = min(count, allowed)
        # An index of codes cannot be asked for some rows alone: so many are asked for that enough remain.
        many = wanted if allowed == len(rows) else min(len(rows), 2 * wanted * len(rows) // allowed)
        while True:
            _, found = self._index.search(asked, many)
            ids = [near[near >= 0][:wanted] for near in np.where(found >= 0, rows[found], -1)]
            if many == len(rows) or all(len(near) == wanted for near in ids):
                return ids
            many = min(len(rows), 4 * many)


def _are_among(rows: "NDArray[np.int64]", among: "NDArray[np.int64]") -> "NDArray[np.bool_]":
    """Tell for each id, -1 for none, whether it is one of `among`; ten times faster than numpy's isin."""
    table = np.zeros(int(rows.max(initial=0)) + 2, np.bool_)
    table[among[(among >= 0) & (among < len(table) - 1)]] = True
    return table[rows]


def open_nearest(connection: "sqlite3.Connection", library: "Path", *, version: int) -> Nearest:
    """Load the index that fits the stored blocks, or bring it up to date, or build it, and try to keep it.

    `version` is the store's count of changes. A few tracks that changed are exchanged; a truncated or foreign file, or
    one of other blocks altogether, is built anew.
    """
    return _opened(BlockRows(connection), library, FILE, blocks_mark(connection, version))


def open_nearest_own(
    connection: "sqlite3.Connection",
    library: "Path",
    modality: "Modality",
    encoder: str,
    mean: "NDArray[np.float32]",
    *,
    mark: str,
) -> Nearest:
    """Load, or bring up to date, or build the index of one modality's own vectors, less their mean, at length one.

    mark : names the state of the store and of the space whose mean [d] it is.
    """
    return _opened(OwnRows(connection, modality, encoder, mean), library, file_of(modality), f"{mark} {encoder}")


def _opened(rows: BlockRows | OwnRows, library: "Path", file: str, mark: str) -> Nearest:
    import faiss

    # Two threads cost a single query four times more than they give (measured).
    faiss.omp_set_num_threads(1)
    kept = read_kept(library, file)
    if kept is None or kept.mark != mark:
        kept = _grown(rows, kept, mark) or _built(rows, mark)
        write_kept(library, kept, file)
    missing = rows.connection.execute("SELECT id FROM tracks WHERE missing_since IS NOT NULL")
    return Nearest(kept, np.array([row[0] for row in missing], np.int64))


def blocks_mark(connection: "sqlite3.Connection", version: int) -> str:
    """Name one state of the blocks: the count of changes, and which space was put to use when."""
    space = connection.execute("SELECT id, activated FROM spaces WHERE active ORDER BY id DESC LIMIT 1").fetchone()
    return f"{version} {tuple(space) if space else ''}"


def _grown(rows: BlockRows | OwnRows, kept: Kept | None, mark: str) -> Kept | None:
    """Exchange the rows that changed; None where there is nothing to go on from, or too much has changed."""
    if kept is None or not kept.trained:
        return None
    ids, sources, hubs = rows.stamps()
    have = _places(kept, ids)
    same = (kept.ids[have] == ids) & (kept.sources[have] == sources)
    same &= np.abs(kept.hubs[have] - hubs) <= _HUB_TOLERANCE
    changed = int((~same).sum())
    superseded = len(kept.ids) - int(same.sum())
    if (
        max(changed, superseded) > _CHANGED_AT_MOST * len(ids)
        or len(ids) > _GROWN_AT_MOST * kept.trained
        or len(ids) <= FLAT_UP_TO
    ):
        return None
    of_rows = np.full(len(kept.ids), -1, np.int64)
    of_rows[have[same]] = ids[same]
    for part in rows.read(ids[~same]):
        kept.index.add(_padded(part, kept.index.d))
    return Kept(
        kept.index,
        np.concatenate([of_rows, ids[~same]]),
        np.concatenate([kept.sources, sources[~same]]),
        np.concatenate([kept.hubs, hubs[~same]]),
        mark,
        kept.trained,
    )


def _places(kept: Kept, ids: "NDArray[np.int64]") -> "NDArray[np.int64]":
    """Return at which place of an index each track stands; for one that is not in it, some other's place."""
    live = np.flatnonzero(kept.ids >= 0)
    if not len(live):
        return np.zeros(len(ids), np.int64)
    live = live[np.argsort(kept.ids[live])]
    return live[np.minimum(np.searchsorted(kept.ids[live], ids), len(live) - 1)]


def _built(rows: BlockRows | OwnRows, mark: str) -> Kept:
    ids, sources, hubs = rows.stamps()
    coded = len(ids) > FLAT_UP_TO
    index: Any = None
    if coded:
        sample = ids[np.unique(np.linspace(0, len(ids) - 1, _TRAINED_ON).round().astype(np.int64))]
        read = np.vstack(list(rows.read(sample)))
        index = _codes(_padded(read, read.shape[1] + read.shape[1] % 2))
        del read
    for part in rows.read(ids):
        index = _flat(part.shape[1]) if index is None else index
        index.add(_padded(part, index.d))
    return Kept(index or _flat(1), ids, sources, hubs, mark, len(ids) if coded else 0)


def _flat(width: int) -> Any:
    import faiss

    return faiss.IndexScalarQuantizer(width, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)


def _codes(rows: "NDArray[np.float32]") -> Any:
    """Fit 4-bit codes of two numbers each to rows [n, d], d even."""
    import faiss

    index = faiss.IndexPQFastScan(rows.shape[1], rows.shape[1] // 2, 4, faiss.METRIC_INNER_PRODUCT)
    index.train(rows)
    return index


def _padded(rows: "NDArray[np.float32]", width: int) -> "NDArray[np.float32]":
    """Widen rows [n, d] by zeros to `width` columns, which must be even for codes."""
    padded = np.zeros((len(rows), width), np.float32)
    padded[:, : rows.shape[1]] = rows
    return padded
