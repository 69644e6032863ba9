"""Make the blocks and hub terms of a library's tracks, and put a space to use with them."""

from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from indexer.spaces.inputs import spread
from indexer.spaces.shelf import delete_old_spaces
from indexer.storing.staging import (
    ROWS_AT_ONCE,
    clear_staged,
    put_hubs,
    raise_blocks_version,
    stage_blocks,
    swap_staged,
)
from indexer.storing.vectors import put_blocks, unpack_masks
from models.joint.additive import parts
from models.joint.whitening import BLOCK
from models.modality import MODALITIES, Modality

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from indexer.spaces.inputs import Inputs
    from indexer.storing.staging import StagedRow
    from indexer.storing.store import Store
    from models.joint.additive import Space

_HUB_NEIGHBOURS = 10
_HUB_SAMPLE = 20_000
"""Tracks that stand for the library when neighbours are averaged; all of them up to this size."""
_CONTENT = {Modality.GRAPH: 0.0, Modality.PLAYLISTS: 0.0}
"""Faders under which hubs are measured. In the graph all tracks of an artist are near each other: with it the
correction would punish artists for having many tracks, which is no hubness (same-artist P@1 .68 instead of .76)."""


def put_to_use(
    store: "Store", inputs: "Inputs", space: "Space", space_id: int, *, pinned: bool, report: str | None = None
) -> None:
    """Place every track in another space and make it the active one.

    All is computed and written beside the blocks in use; only the exchange holds the library, and a process killed
    before it leaves the old space as it was. Raises ModelError when the space does not fit the vectors.
    """
    clear_staged(store)
    stage_blocks(store, space_id, _staged(inputs, space, _sources(store, space_id)))
    swap_staged(store, space_id, pinned=pinned, report=report)
    clear_staged(store)
    delete_old_spaces(store)


def _staged(inputs: "Inputs", space: "Space", sources: dict[int, str]) -> "Iterator[StagedRow]":
    blocks = np.zeros((len(inputs.ids), 0), np.float16)
    masks = np.zeros((len(inputs.ids), len(MODALITIES)), np.bool_)
    for rows, part, mask in _projected(inputs, space, np.arange(len(inputs.ids))):
        if not blocks.shape[1]:
            blocks = np.zeros((len(inputs.ids), part.shape[1]), np.float16)
        blocks[rows], masks[rows] = part, mask
    hubs = hub_terms(space, blocks, masks)
    for row, track_id in enumerate(inputs.ids.tolist()):
        yield track_id, sources[track_id], packed(masks[row]), blocks[row].tobytes(), float(hubs[row])


def _projected(
    inputs: "Inputs", space: "Space", rows: "NDArray[np.int64]"
) -> "Iterator[tuple[NDArray[np.int64], NDArray[np.float16], NDArray[np.bool_]]]":
    """Project some rows of the inputs, a batch at a time: rows [b], blocks [b, 768], masks [b, 6]."""
    for start in range(0, len(rows), ROWS_AT_ONCE):
        part = rows[start : start + ROWS_AT_ONCE]
        yield part, *space.blocks({m: x[part] for m, x in inputs.x.items()}, inputs.present[part])


def update(store: "Store", inputs: "Inputs", space: "Space", space_id: int) -> None:
    """Bring the blocks of the space in use up to date: those of tracks whose vectors changed, and all hub terms.

    Tracks without vectors lose their blocks. Written in batches; what a killed run left undone the next one does.
    """
    sources = _sources(store, space_id)
    have = dict(store.connection.execute("SELECT track_id, source_hash FROM blocks WHERE space_id = ?", (space_id,)))
    changed = np.array([have.get(i) != sources.get(i) for i in inputs.ids.tolist()], np.bool_)
    for rows, blocks, masks in _projected(inputs, space, np.flatnonzero(changed)):
        ids = inputs.ids[rows].tolist()
        with store.db.atomic():
            put_blocks(
                store.connection,
                space_id,
                [(i, sources[i], packed(mask), block) for i, mask, block in zip(ids, masks, blocks, strict=True)],
            )
    _drop_stale(store, set(inputs.ids.tolist()))
    _refresh_hubs(store, space)
    with store.writing() as connection:
        raise_blocks_version(connection)


def _drop_stale(store: "Store", placed: set[int]) -> None:
    """Delete the blocks of present tracks that have no vectors any more; missing tracks keep theirs."""
    query = "SELECT b.track_id FROM blocks b JOIN tracks t ON t.id = b.track_id WHERE t.missing_since IS NULL"
    stale = [(i,) for (i,) in store.connection.execute(query) if i not in placed]
    if stale:
        with store.db.atomic():
            store.connection.executemany("DELETE FROM blocks WHERE track_id = ?", stale)


def _refresh_hubs(store: "Store", space: "Space") -> None:
    query = (
        "SELECT b.track_id, b.mask, b.block FROM blocks b JOIN tracks t ON t.id = b.track_id "
        "WHERE t.missing_since IS NULL ORDER BY b.track_id"
    )
    rows = store.connection.execute(query).fetchall()
    if rows:
        blocks = np.frombuffer(b"".join(row["block"] for row in rows), np.float16).reshape(len(rows), -1)
        hubs = hub_terms(space, blocks, unpack_masks([row["mask"] for row in rows]))
        put_hubs(store, [row["track_id"] for row in rows], hubs)


def hub_terms(space: "Space", blocks: "NDArray[np.float16]", masks: "NDArray[np.bool_]") -> "NDArray[np.float64]":
    """Return hub(t), [n]: minus half of t's mean score to its ten nearest neighbours, centred over the library.

    blocks, masks : [n, 768] and [n, 6]. Fewer than three tracks have no hubs: zeros.
    Conneau et al., "Word translation without parallel data", 2018 (CSLS): the part of it that depends on t.
    """
    if len(blocks) < 3:
        return np.zeros(len(blocks))
    sample = spread(len(blocks), _HUB_SAMPLE)
    gains = space.gains(_CONTENT)
    queries = _folded(space, blocks[sample], gains)
    shared, private = space.scales(masks[sample], gains)
    queries[:, :BLOCK] *= shared[:, None]
    queries[:, BLOCK:] *= private[:, None] * np.repeat(gains[gains > 0] ** 2, BLOCK)
    means = np.empty(len(blocks))
    nearest = min(_HUB_NEIGHBOURS, len(sample) - 1)
    column = np.full(len(blocks), -1)
    column[sample] = np.arange(len(sample))
    for start in range(0, len(blocks), ROWS_AT_ONCE):
        part = _folded(space, blocks[start : start + ROWS_AT_ONCE], gains)
        scores = part @ queries.T
        own = column[start : start + len(part)]
        scores[np.flatnonzero(own >= 0), own[own >= 0]] = -np.inf
        means[start : start + len(part)] = np.partition(scores, -nearest, axis=1)[:, -nearest:].mean(axis=1)
    hubs: NDArray[np.float64] = -0.5 * (means - means.mean())
    return hubs


def _folded(space: "Space", blocks: "NDArray[np.float16]", gains: "NDArray[np.float64]") -> "NDArray[np.float32]":
    """Fold the shared blocks into their weighted sum, all that a score sees of them: a product of half the width."""
    shared, private = parts(blocks)
    pooled = np.einsum("nmd,m->nd", shared, gains * space.sharing)
    folded: NDArray[np.float32] = np.hstack([pooled, private[:, gains > 0].reshape(len(blocks), -1)]).astype(np.float32)
    return folded


def packed(mask: "NDArray[np.bool_]") -> int:
    """Turn a mask, bool [6], into bits: bit i = modality i present."""
    return int((mask * (1 << np.arange(len(MODALITIES)))).sum())


def _sources(store: "Store", space_id: int) -> dict[int, str]:
    """Digest, for each track, all that its blocks are made from."""
    query = (
        "SELECT track_id, group_concat(modality || '=' || encoder || '=' || input_hash, ';') FROM "
        "(SELECT * FROM vectors ORDER BY track_id, modality) GROUP BY track_id"
    )
    return {
        track_id: blake2b(f"{space_id};{text}".encode(), digest_size=8).hexdigest()
        for track_id, text in store.connection.execute(query)
    }
