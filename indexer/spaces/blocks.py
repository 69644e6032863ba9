"""Make the blocks and hub terms of a library's tracks, and put a space to use with them."""

import json
from typing import TYPE_CHECKING

import numpy as np

from indexer.spaces.hubs import hub_terms, neighbour_means
from indexer.spaces.shelf import delete_old_spaces
from indexer.storing.staging import (
    ROWS_AT_ONCE,
    clear_staged,
    placed_ids,
    put_hubs,
    raise_blocks_version,
    stage_blocks,
    swap_staged,
)
from indexer.storing.vector_rows import sources
from indexer.storing.vectors import load_blocks, put_blocks
from models.modality import MODALITIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from indexer.spaces.inputs import Inputs
    from indexer.storing.staging import StagedRow
    from indexer.storing.store import Store
    from models.joint.additive import Space

    Blocks = tuple[NDArray[np.float16], NDArray[np.bool_]]
    """Blocks [b, 768] and masks [b, 6]."""

_COMPARED_AT_ONCE = 4096
_ALL_HUBS_UP_TO = 2_000
"""So few tracks get all their hub terms anew with every change: a fifth of a second."""
_HUBS_BEHIND = 0.02
"""The share of a larger library that may change before all hub terms are made anew; until then only those of the
tracks that changed."""
_HUBS = "hubs"
"""The fact that says how the hub terms were made: {"space": id, "centre", "tracks", "behind"}, "behind" being how many
tracks changed since all were made."""


def put_to_use(
    store: "Store", inputs: "Inputs", space: "Space", space_id: int, *, pinned: bool, report: str | None = None
) -> None:
    """Place every track in another space and make it the active one.

    All is computed and written beside the blocks in use; only the exchange holds the library, and a process killed
    before it leaves the old space as it was. Raises ModelError when the space does not fit the vectors.
    """
    clear_staged(store)
    # Vectors are projected twice, for the hub terms and for the rows: cheaper than holding or rewriting the blocks.
    hubs = hub_terms(space, len(inputs.ids), lambda rows: _projected(inputs, space, rows))
    stage_blocks(store, space_id, _staged(store, inputs, space, space_id, hubs.terms))
    swap_staged(store, space_id, pinned=pinned, report=report)
    clear_staged(store)
    _note_hubs(store, space_id, hubs.centre, len(placed_ids(store)), 0)
    delete_old_spaces(store)


def _staged(
    store: "Store", inputs: "Inputs", space: "Space", space_id: int, hubs: "NDArray[np.float64]"
) -> "Iterator[StagedRow]":
    for rows in _batches(len(inputs.ids), ROWS_AT_ONCE):
        blocks, masks = _projected(inputs, space, rows)
        ids = inputs.ids[rows].tolist()
        made_from = sources(store.connection, space_id, first=ids[0], last=ids[-1])
        for track_id, block, mask, hub in zip(ids, blocks, masks, hubs[rows].tolist(), strict=True):
            if mask.any():
                yield track_id, made_from[track_id], packed(mask), block.tobytes(), hub


def _projected(inputs: "Inputs", space: "Space", rows: "NDArray[np.int64]") -> "Blocks":
    part = inputs.read(rows)
    return space.blocks(part.x, part.present)


def _batches(count: int, size: int) -> "Iterator[NDArray[np.int64]]":
    for start in range(0, count, size):
        yield np.arange(start, min(start + size, count))


def update(store: "Store", inputs: "Inputs", space: "Space", space_id: int) -> None:
    """Bring the blocks of the space in use up to date: those of tracks whose vectors changed, and the hub terms.

    Tracks without vectors lose their blocks. Written in batches; what a killed run left undone the next one does.
    """
    made = store.fact(_HUBS)
    changed, lost = [np.zeros(0, np.int64)], [np.setdiff1d(placed_ids(store), inputs.ids)]
    for rows, made_from in _changed(store, inputs, space_id):
        if not changed[1:]:
            store.set_fact(_HUBS, None)  # a run that is killed leaves hub terms of 0: the next makes all of them anew
        has = _put(store, inputs, space, space_id, rows, made_from)
        changed.append(inputs.ids[rows[has]])
        lost.append(inputs.ids[rows[~has]])
    gone = _drop(store, np.concatenate(lost))
    anew = np.concatenate(changed)
    if _refresh_hubs(store, space, space_id, made, anew) or len(anew) or gone:
        with store.writing() as connection:
            raise_blocks_version(connection)


def _changed(store: "Store", inputs: "Inputs", space_id: int) -> "Iterator[tuple[NDArray[np.int64], dict[int, str]]]":
    """Yield rows whose blocks are made from other things than they were, a batch at a time, and from what."""
    for rows in _batches(len(inputs.ids), _COMPARED_AT_ONCE):
        made_from = _changed_sources(store, space_id, inputs.ids[rows])
        other = rows[np.isin(inputs.ids[rows], list(made_from))]
        for part in _batches(len(other), ROWS_AT_ONCE):
            yield other[part], made_from


def _changed_sources(store: "Store", space_id: int, ids: "NDArray[np.int64]") -> dict[int, str]:
    """Return what blocks are made from, for those tracks of `ids`, rising, whose own are made from other things."""
    bounds = {"first": int(ids[0]), "last": int(ids[-1])}
    query = "SELECT track_id, source_hash FROM blocks WHERE space_id = ? AND track_id BETWEEN ? AND ?"
    have = dict(store.connection.execute(query, (space_id, *bounds.values())).fetchall())
    made_from = sources(store.connection, space_id, **bounds)
    return {i: made_from[i] for i in ids.tolist() if have.get(i) != made_from[i]}


def _put(
    store: "Store",
    inputs: "Inputs",
    space: "Space",
    space_id: int,
    rows: "NDArray[np.int64]",
    made_from: dict[int, str],
) -> "NDArray[np.bool_]":
    """Write the blocks of some rows; tell which of them have a vector that is sound."""
    blocks, masks = _projected(inputs, space, rows)
    has = np.asarray(masks.any(axis=1))
    kept = zip(inputs.ids[rows[has]].tolist(), masks[has], blocks[has], strict=True)
    with store.db.atomic():
        put_blocks(store.connection, space_id, [(i, made_from[i], packed(mask), block) for i, mask, block in kept])
    return has


def _drop(store: "Store", ids: "NDArray[np.int64]") -> int:
    """Delete the blocks of present tracks that have no vectors any more; missing tracks keep theirs."""
    if not len(ids):
        return 0
    rows = [(i,) for i in ids.tolist()]
    with store.db.atomic():
        return store.connection.executemany("DELETE FROM blocks WHERE track_id = ?", rows).rowcount


def _refresh_hubs(
    store: "Store", space: "Space", space_id: int, fact: str | None, changed: "NDArray[np.int64]"
) -> bool:
    """Bring the hub terms up to date after the blocks of the tracks `changed`, rising; tell whether there was need.

    fact : how the terms were made that are there, see _HUBS.
    """
    ids = placed_ids(store)
    made = json.loads(fact or "{}")
    known = made.get("space") == space_id
    behind = made["behind"] + len(changed) + abs(len(ids) - made["tracks"]) if known else len(ids)
    if known and not behind:
        return False

    def read(rows: "NDArray[np.int64]") -> "Blocks":
        return load_blocks(store.connection, ids[rows].tolist())[:2]

    if known and len(ids) > _ALL_HUBS_UP_TO and behind <= _HUBS_BEHIND * len(ids):
        means = neighbour_means(space, len(ids), read, np.searchsorted(ids, changed))
        put_hubs(store, changed, -0.5 * (means - made["centre"]))
        _note_hubs(store, space_id, made["centre"], len(ids), behind)
        return True
    hubs = hub_terms(space, len(ids), read)
    put_hubs(store, ids, hubs.terms)
    _note_hubs(store, space_id, hubs.centre, len(ids), 0)
    return True


def _note_hubs(store: "Store", space_id: int, centre: float, tracks: int, behind: int) -> None:
    made = {"space": space_id, "centre": centre, "tracks": tracks, "behind": behind}
    store.set_fact(_HUBS, json.dumps(made))


def vectors_left_out(store: "Store", inputs: "Inputs") -> int:
    """Count the vectors of placed tracks that are in no block, since their numbers are not finite."""
    query = "SELECT b.mask FROM blocks b JOIN tracks t ON t.id = b.track_id WHERE t.missing_since IS NULL"
    masks = np.fromiter((row[0] for row in store.connection.execute(query)), np.int64)
    bits = sum(int((masks >> bit & 1).sum()) for bit in range(len(MODALITIES)))
    return int(inputs.stored.sum()) - bits


def packed(mask: "NDArray[np.bool_]") -> int:
    """Turn a mask, bool [6], into bits: bit i = modality i present."""
    return int((mask * (1 << np.arange(len(MODALITIES)))).sum())
