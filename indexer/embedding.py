"""Bring graph, vectors and joint space up to date with what was read: the heavy half of an indexing run.

Where many tracks are new, the order is by what a user can do soonest: tags and graph are placed first, and answer
"similar" within a minute; then come covers and lyrics, then the sound, which takes hours in a large library and is put
to use every now and then on the way.
"""

import time
from typing import TYPE_CHECKING

from indexer.graph import rebuild_graph
from indexer.progress import Progress
from indexer.stages.closer import look_closer
from indexer.stages.embed import embed_covers, embed_text
from indexer.stages.relations import embed_relations
from indexer.stages.sound import analyse_sound, unheard_tracks
from indexer.stages.space import place
from indexer.storing.switching import settle
from indexer.workload import SAMPLE, SMALL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from indexer.reading.workers import Workers
    from indexer.storing.store import Store

REFRESH_SHARE, REFRESH_SECONDS = 0.2, 600.0
"""What was heard is placed after a fifth of the tracks, or ten minutes, whichever is sooner ..."""
REFRESH_COST = 10.0
"""... but not before listening took this many times what placing takes: a tenth of the run at most goes into it."""


def embed(store: "Store", workers: "Workers", *, refit: bool = True) -> "Iterator[Progress]":
    """Run every stage after reading; each does only what has changed. `refit` as in `place`."""
    yield from encode(store, workers)
    if waiting := settle(store):
        yield Progress("joint space", 0, 0, note=waiting)
    yield from place(store, refit=refit)


def embed_some(store: "Store", workers: "Workers", track_ids: "Sequence[int]") -> "Iterator[Progress]":
    """Run every stage after reading; of files, these tracks' alone are opened, and no space is fitted."""
    yield Progress("graph", 0, 0)
    rebuild_graph(store)
    yield from embed_relations(store)
    yield from look_closer(store, workers, only=track_ids)
    yield from analyse_sound(store, workers, only=track_ids)
    yield from embed_covers(store)
    yield from embed_text(store)
    yield from place(store, refit=False)


def encode(store: "Store", workers: "Workers") -> "Iterator[Progress]":
    """Build the graph and bring the vectors of every encoder up to date; the final joint space comes after."""
    yield Progress("graph", 0, 0)
    rebuild_graph(store)
    yield from embed_relations(store)
    unheard = unheard_tracks(store)
    if len(unheard) <= SMALL:
        yield from look_closer(store, workers)
        yield from analyse_sound(store, workers)
        yield from embed_covers(store)
        yield from embed_text(store)
        return
    yield from _first_answers(store, workers, unheard)
    yield from look_closer(store, workers)
    yield from embed_covers(store)
    yield from embed_text(store)
    yield from _listen(store, workers)
    yield from embed_text(store)


def _first_answers(store: "Store", workers: "Workers", unheard: list[int]) -> "Iterator[Progress]":
    """Place all tracks by tags and graph; before, hear a few from all over the library, to know what hearing costs."""
    sample = unheard[:: max(1, len(unheard) // SAMPLE)][:SAMPLE]
    yield from look_closer(store, workers, only=sample)
    yield from analyse_sound(store, workers, only=sample)
    for progress in embed_text(store):
        if progress.stage == "reading lyrics":  # those are long, and have their turn later
            break
        yield progress
    yield from place(store, refit=False)


def _listen(store: "Store", workers: "Workers") -> "Iterator[Progress]":
    """Analyse the sound of all tracks, placing now and then what was heard."""
    placed, at, cost = time.monotonic(), 0, 0.0
    for progress in analyse_sound(store, workers):
        yield progress
        passed = time.monotonic() - placed
        due = progress.done - at >= REFRESH_SHARE * progress.total or passed >= REFRESH_SECONDS
        if due and passed >= REFRESH_COST * cost and progress.done < progress.total:
            began = time.monotonic()
            for _ in place(store, refit=False):
                yield progress  # so that the run can be stopped in between
            placed, at = time.monotonic(), progress.done
            cost = placed - began
