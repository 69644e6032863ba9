"""Place every track in the joint space: choose the space, refit it where that helps, store blocks and hub terms."""

import json
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from indexer.errors import IndexerError
from indexer.progress import Pace, Progress
from indexer.report import Measured, measure
from indexer.spaces import SHIPPED, activate, activate_shipped, open_space
from indexer.storing.vectors import encoder_of, load_vectors, put_blocks
from models.errors import ModelError
from models.joint.additive import Space
from models.joint.closed_form import fit_private_space, fit_shared_space
from models.modality import MODALITIES, Modality

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from indexer.storing.store import Store

REFIT_TRACKS = 60
"""Fewer tracks do not tell what goes with what (measured on the Fairouz data)."""
_GROWTH = 1.2
"""A refit is tried again when the library grew by a fifth."""
_FITTED_TRACKS, _MEASURED_TRACKS = 50_000, 10_000
"""Tracks that a refit and its report look at: more would change neither, and memory must not grow with the library."""
_HUB_NEIGHBOURS = 10
_HUB_SAMPLE = 20_000
"""Tracks that stand for the library when neighbours are averaged; all of them up to this size."""
_ROWS_AT_ONCE = 512
_CONTENT = {Modality.GRAPH: 0.0, Modality.PLAYLISTS: 0.0}
"""Faders under which hubs are measured. In the graph all tracks of an artist are near each other: with it the
correction would punish artists for having many tracks, which is no hubness (same-artist P@1 .68 instead of .76)."""


class Inputs:
    """The encoder vectors of all present tracks, aligned: x[m] is [n, d] with zeros where `present` [n, 6] is False."""

    def __init__(self, store: "Store") -> None:
        self.encoders: dict[Modality, str] = {}
        loaded: dict[Modality, tuple[NDArray[np.int64], NDArray[np.float32]]] = {}
        for m in MODALITIES:
            encoder = encoder_of(store.connection, m)
            if encoder is not None:
                loaded[m] = load_vectors(store.connection, m, encoder)
                self.encoders[m] = encoder
        ids = [ids for ids, _ in loaded.values() if len(ids)]
        self.ids = np.unique(np.concatenate(ids)) if ids else np.zeros(0, np.int64)
        self.present = np.zeros((len(self.ids), len(MODALITIES)), np.bool_)
        self.x: dict[Modality, NDArray[np.float32]] = {}
        for m, (own, vectors) in loaded.items():
            if len(own):
                rows = np.searchsorted(self.ids, own)
                self.x[m] = np.zeros((len(self.ids), vectors.shape[1]), np.float32)
                self.x[m][rows] = vectors
                self.present[rows, MODALITIES.index(m)] = True


def place(store: "Store") -> "Iterator[Progress]":
    """Bring blocks, hub terms and the space itself up to date with the stored vectors."""
    pace = Pace("joint space", 2)
    inputs = Inputs(store)
    yield pace.advance()
    # One transaction: a space over the blocks of another would give scores that mean nothing.
    with store.writing() as connection:
        space, space_id = _choose(store, inputs)
        connection.execute("DELETE FROM blocks WHERE space_id != ?", (space_id,))
        _put_blocks(store, inputs, space, space_id)
        _put_hubs(store, space)
        store.set_fact("blocks_version", (store.fact("blocks_version") or 0) + 1)
    yield pace.advance()


def _choose(store: "Store", inputs: Inputs) -> tuple[Space, int]:
    """Return the space to use: the active one, or a new one where the library asks for it."""
    row = store.connection.execute("SELECT id, name, file FROM spaces WHERE active ORDER BY id DESC LIMIT 1").fetchone()
    space = _active(store, row, inputs) if row else None
    if space is None or row is None:
        space, space_id = _start(store, inputs)
        # Whatever made the old space unfit also makes an old verdict on refits void.
        store.set_fact("refit_tried", 0)
    else:
        space_id = int(row["id"])
    if not _due(store, inputs):
        return space, space_id
    chosen = _refit(store, inputs, space, space_id)
    store.set_fact("refit_tried", len(inputs.ids))
    return chosen


def _active(store: "Store", row: "sqlite3.Row", inputs: Inputs) -> Space | None:
    """Load the active space; None when it fits the library's encoders no more, or its file is lost or damaged."""
    try:
        return _fitting(open_space(row["name"], row["file"], store.library), inputs)
    except IndexerError:
        return None


def _fitting(space: Space, inputs: Inputs) -> Space | None:
    """Return the space unless an encoder was exchanged, or a modality has appeared that it does not know."""
    for m in inputs.x:
        head = space.heads.get(m)
        if head is None or head.encoder != inputs.encoders[m]:
            return None
    return space


def _start(store: "Store", inputs: Inputs) -> tuple[Space, int]:
    """Activate the shipped space; modalities that it has no head for get one fitted here."""
    shipped = open_space(SHIPPED, None, store.library)
    strange = {m for m in inputs.x if m not in shipped.heads or shipped.heads[m].encoder != inputs.encoders[m]}
    if not strange:
        report = {"note": "the shipped space; too few tracks for a refit"} if len(inputs.ids) < REFIT_TRACKS else {}
        return shipped, activate_shipped(store, report)
    local = fit_private_space({m: inputs.x[m] for m in strange}, inputs.present, encoders=inputs.encoders)
    heads = {m: h for m, h in shipped.heads.items() if m not in strange} | dict(local.heads)
    space = Space({m: heads[m] for m in MODALITIES if m in heads}, alpha=shipped.alpha, name=f"{SHIPPED}+local")
    names = ", ".join(sorted(m.value for m in strange))
    return space, activate(store, space, name=f"{SHIPPED}-local", report={"note": f"{names} fitted to this library"})


def _due(store: "Store", inputs: Inputs) -> bool:
    tried = store.fact("refit_tried") or 0
    return len(inputs.ids) >= REFIT_TRACKS and len(inputs.ids) >= _GROWTH * tried


def _refit(store: "Store", inputs: Inputs, space: Space, space_id: int) -> tuple[Space, int]:
    """Fit a space to the library and adopt it only where the library's own report improves."""
    weights = {m: head.weight for m, head in space.heads.items()}

    def fit(rows: "NDArray[np.int64]") -> Space:
        x = {m: vectors[rows] for m, vectors in inputs.x.items()}
        return fit_shared_space(x, inputs.present[rows], encoders=inputs.encoders, weights=weights, name="refit")

    asked = _spread(len(inputs.ids), _MEASURED_TRACKS)
    ids, present = inputs.ids[asked], inputs.present[asked]
    x = {m: vectors[asked] for m, vectors in inputs.x.items()}
    try:
        before = measure(store.connection, ids, x, present, lambda _: space)
        after = measure(store.connection, ids, x, present, lambda rows: fit(asked[rows]))
        if not after.better_than(before):
            _note(store, space_id, before, after, "kept: a refit does not improve the report")
            return space, space_id
        fitted = fit(_spread(len(inputs.ids), _FITTED_TRACKS))
    except ModelError as error:
        _note(store, space_id, None, None, f"kept: the refit failed ({error})")
        return space, space_id
    report = {"tracks": len(inputs.ids), "before": before.figures(), "after": after.figures(), "note": "refit adopted"}
    number = store.connection.execute("SELECT count(*) FROM spaces").fetchone()[0] + 1
    return fitted, activate(store, fitted, name=f"refit-{number}", report=report)


def _spread(count: int, most: int) -> "NDArray[np.int64]":
    """Return up to `most` of the rows 0..count-1, evenly spread, the same ones every time."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.int64))


def _note(store: "Store", space_id: int, before: Measured | None, after: Measured | None, note: str) -> None:
    report: dict[str, object] = {"note": note}
    if before is not None and after is not None:
        report |= {"before": before.figures(), "refit": after.figures()}
    with store.db.atomic():
        store.connection.execute("UPDATE spaces SET report = ? WHERE id = ?", (json.dumps(report), space_id))


def _put_blocks(store: "Store", inputs: Inputs, space: Space, space_id: int) -> None:
    """Store the blocks of tracks whose vectors or space changed, and drop those of tracks without vectors."""
    sources = _sources(store, space_id)
    have = dict(store.connection.execute("SELECT track_id, source_hash FROM blocks WHERE space_id = ?", (space_id,)))
    changed = np.array([have.get(int(i)) != sources.get(int(i)) for i in inputs.ids], np.bool_)
    known = {int(i) for i in inputs.ids}
    with store.writing() as connection:
        for start in range(0, int(changed.sum()), _ROWS_AT_ONCE):
            rows = np.flatnonzero(changed)[start : start + _ROWS_AT_ONCE]
            blocks, mask = space.blocks({m: x[rows] for m, x in inputs.x.items()}, inputs.present[rows])
            bits = (mask * (1 << np.arange(len(MODALITIES)))).sum(axis=1)
            put_blocks(
                connection,
                space_id,
                [
                    (int(i), sources[int(i)], int(bit), block)
                    for i, bit, block in zip(inputs.ids[rows], bits, blocks, strict=True)
                ],
            )
        stale = [
            (i,)
            for (i,) in connection.execute(
                "SELECT b.track_id FROM blocks b JOIN tracks t ON t.id = b.track_id WHERE t.missing_since IS NULL"
            )
            if i not in known
        ]
        connection.executemany("DELETE FROM blocks WHERE track_id = ?", stale)


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


def _put_hubs(store: "Store", space: Space) -> None:
    """Store hub(t): minus half of t's mean score to its ten nearest neighbours, centred over the library.

    Conneau et al., "Word translation without parallel data", 2018 (CSLS): the part of it that depends on t.
    """
    query = (
        "SELECT b.track_id, b.block, b.mask FROM blocks b JOIN tracks t ON t.id = b.track_id "
        "WHERE t.missing_since IS NULL ORDER BY b.track_id"
    )
    rows = store.connection.execute(query).fetchall()
    if len(rows) < 3:
        with store.writing() as connection:
            connection.execute("UPDATE blocks SET hub = 0")
        return
    blocks = np.frombuffer(b"".join(row["block"] for row in rows), np.float16).reshape(len(rows), -1)
    masks = (np.array([row["mask"] for row in rows])[:, None] >> np.arange(len(MODALITIES))) & 1 == 1
    sample = _spread(len(rows), _HUB_SAMPLE)
    queries = space.queries(blocks[sample], masks[sample], faders=_CONTENT).astype(np.float32)
    means = np.empty(len(rows))
    nearest = min(_HUB_NEIGHBOURS, len(sample) - 1)
    position = {int(row): column for column, row in enumerate(sample)}
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        part = blocks[start : start + _ROWS_AT_ONCE].astype(np.float32)
        scores = part @ queries.T
        for i in range(len(part)):
            if start + i in position:
                scores[i, position[start + i]] = -np.inf
        means[start : start + len(part)] = np.partition(scores, -nearest, axis=1)[:, -nearest:].mean(axis=1)
    hubs = -0.5 * (means - means.mean())
    with store.writing() as connection:
        connection.executemany(
            "UPDATE blocks SET hub = ? WHERE track_id = ?",
            [(float(hub), row["track_id"]) for hub, row in zip(hubs, rows, strict=True)],
        )
