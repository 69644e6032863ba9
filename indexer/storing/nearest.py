"""Find the nearest blocks with faiss: a shadow of the store that grows back when it is deleted.

It only proposes; scores are computed from the stored blocks. Flat, float16, inner product, with the hub term as one
more number, so that any query with any faders is one exact search.
"""

import os
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from numpy.typing import NDArray

_FILE = "nearest.faiss"
_ROWS_AT_ONCE = 20_000
"""Rows added at a time: 60 MB of float32."""


class Nearest:
    """The blocks of all present tracks, searchable."""

    def __init__(self, index: Any, ids: "NDArray[np.int64]") -> None:
        self._index = index
        self.ids = ids
        """Track ids [n], rising: row i of the index is track ids[i]."""

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
        """Return up to `count` track ids, best first, for each of the queries [q, 768]."""
        import faiss

        if not len(self.ids):
            return [np.zeros(0, np.int64) for _ in queries]
        rows = np.hstack([queries, np.full((len(queries), 1), float(hub))]).astype(np.float32)
        parameters = None
        if among is not None:
            chosen = np.flatnonzero(np.isin(self.ids, among)).astype(np.int64)
            parameters = _limited_to(faiss.IDSelectorBatch(chosen))
        _, found = self._index.search(rows, min(count, len(self.ids)), params=parameters)
        return [self.ids[row[row >= 0]] for row in found]


def open_nearest(connection: "sqlite3.Connection", library: "Path", *, version: int) -> Nearest:
    """Load the index that fits the stored blocks, or build it and try to keep it.

    `version` is the store's count of changes: an index of another version, a truncated or foreign file is built anew.
    """
    import faiss

    # Two threads cost a single query four times more than they give (measured).
    faiss.omp_set_num_threads(1)
    file = library / _FILE
    ids = _ids(connection)
    marker = library / f"{_FILE}.version"
    try:
        if marker.read_text() == _mark(version, ids):
            index = faiss.read_index(str(file))
            if index.ntotal == len(ids):
                return Nearest(index, ids)
    except (OSError, ValueError, RuntimeError):
        pass  # no index, or none that can be read: it grows back below
    index, ids = _build(connection)
    _keep(index, file, marker, _mark(version, ids))
    return Nearest(index, ids)


def _mark(version: int, ids: "NDArray[np.int64]") -> str:
    """Name what an index holds: files vanish and come back without a change of the blocks."""
    return f"{version} {blake2b(ids.tobytes(), digest_size=8).hexdigest()}"


def _ids(connection: "sqlite3.Connection") -> "NDArray[np.int64]":
    query = (
        "SELECT b.track_id FROM blocks b JOIN tracks t ON t.id = b.track_id "
        "WHERE t.missing_since IS NULL ORDER BY b.track_id"
    )
    return np.array([row[0] for row in connection.execute(query)], np.int64)


def _build(connection: "sqlite3.Connection") -> "tuple[Any, NDArray[np.int64]]":
    import faiss

    rows = connection.execute(
        "SELECT b.block, b.hub, b.track_id FROM blocks b JOIN tracks t ON t.id = b.track_id "
        "WHERE t.missing_since IS NULL ORDER BY b.track_id"
    )
    index: Any = None
    ids: list[int] = []
    while batch := rows.fetchmany(_ROWS_AT_ONCE):
        ids += [row[2] for row in batch]
        blocks = np.frombuffer(b"".join(row[0] for row in batch), np.float16).reshape(len(batch), -1)
        hubs = np.array([[row[1]] for row in batch], np.float32)
        if index is None:
            index = faiss.IndexScalarQuantizer(
                blocks.shape[1] + 1, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
            )
        index.add(np.hstack([blocks.astype(np.float32), hubs]))
    if index is None:
        index = faiss.IndexFlatIP(1)
    return index, np.array(ids, np.int64)


def _limited_to(selector: Any) -> Any:
    import faiss

    parameters: Any = faiss.SearchParameters
    return parameters(sel=selector)


def _keep(index: Any, file: "Path", marker: "Path", mark: str) -> None:
    """Write the index beside the library; a disk that is full or read-only costs only the next start some time."""
    import faiss

    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        marker.unlink(missing_ok=True)
        faiss.write_index(index, str(temporary))
        os.replace(temporary, file)
        marker.write_text(mark)
    except (OSError, RuntimeError):
        temporary.unlink(missing_ok=True)
