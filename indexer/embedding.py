"""Bring graph, vectors and joint space up to date with what was read: the heavy half of an indexing run."""

from typing import TYPE_CHECKING

from indexer.graph import rebuild_graph
from indexer.progress import Progress
from indexer.stages.embed import embed_covers, embed_relations, embed_text
from indexer.stages.sound import analyse_sound
from indexer.stages.space import place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.storing.store import Store


def embed(store: "Store", *, workers: int) -> "Iterator[Progress]":
    """Run every stage after reading; each does only what has changed."""
    yield from encode(store, workers=workers)
    yield from place(store)


def encode(store: "Store", *, workers: int) -> "Iterator[Progress]":
    """Build the graph and bring the vectors of every encoder up to date; the joint space comes after."""
    yield Progress("graph", 0, 0)
    graph = rebuild_graph(store)
    yield from analyse_sound(store, workers=workers)
    yield from embed_covers(store)
    yield from embed_relations(store, graph)
    yield from embed_text(store)
