"""Try files again that could not be read, and nothing else: what a user asks for who has mended some."""

import os
from typing import TYPE_CHECKING

from indexer.errors import IndexerError
from indexer.forecast import Forecast
from indexer.job import job
from indexer.pipeline import WORKERS, Crew, foretold, is_embedded, note_embedded, prepare_answers, unit_costs
from indexer.progress import Counts, Progress
from indexer.reading.presence import is_gone
from indexer.stages.playlists import take_playlists, tie_entries
from indexer.stages.scan import Plan, scan
from indexer.storing.problems import failures_among, forget_failures_of
from indexer.storing.store import Store
from indexer.workload import steps_of_retry

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from pathlib import Path

    from indexer.storing.problems import Place

JOB = "retry"


def retry(
    library: "Path", files: "Sequence[Path]", *, counts: Counts | None = None, workers: int = WORKERS
) -> "Generator[Progress, None, None]":
    """Read and hear files again that failed, by their paths as `Catalogue.problems` gives them; [] means all of them.

    `counts` gets how many were tried as `seen`, how many of them still fail, and the others as `changed`; files that
    did not fail are left alone. No joint space is fitted.

    Raises
    ------
    IndexerError
        A library that another run is indexing, a full disk.

    """
    counts = Counts() if counts is None else counts
    with job(library, JOB, counts) as store:
        forecast = Forecast(unit_costs(store))
        tried = _tried(store, [os.fsencode(file) for file in files], counts, workers, forecast)
        yield from foretold(tried, forecast)


def _tried(store: Store, files: list[bytes], counts: Counts, workers: int, forecast: Forecast) -> "Iterator[Progress]":
    places = failures_among(store.connection, files or None)
    there = [place for place in places if not is_gone(place.file)]
    was_embedded = is_embedded(store)
    yield Progress("scanning", 0, 0)
    with store.writing() as connection:
        forget_failures_of(connection, there)
    with Crew(workers) as crew:
        if there:
            forecast.expect(steps_of_retry(store, len(there)))
            yield from _read(store, there, crew)
            yield from _embed(store, there, crew)
    counts.seen = len(places)
    counts.failed = len(failures_among(store.connection, [place.file for place in there])) if there else 0
    counts.failed += len(places) - len(there)
    counts.changed = counts.seen - counts.failed
    if was_embedded:
        note_embedded(store)


def _read(store: Store, places: "Sequence[Place]", crew: Crew) -> "Iterator[Progress]":
    from indexer.stages.read import read

    wanted = {(place.root_id, place.path) for place in places}
    for folder in sorted({os.path.dirname(place.file) for place in places}):
        plan = _limited(scan(store, _path(folder)), wanted)
        yield from read(store, plan, Counts(), {}, crew(), moves=False)
        take_playlists(store, plan)
    tie_entries(store)


def _limited(plan: Plan, wanted: set[tuple[int, bytes]]) -> Plan:
    """Leave of a plan the wanted files alone; what else was found is the next run's."""
    plan.new = [state for state in plan.new if (plan.root_id, state.path) in wanted]
    plan.changed = [(state, i) for state, i in plan.changed if (plan.root_id, state.path) in wanted]
    plan.doubtful = [(state, i) for state, i in plan.doubtful if (plan.root_id, state.path) in wanted]
    plan.playlists = [found for found in plan.playlists if (plan.root_id, plan.prefix + found.relative) in wanted]
    plan.keeps_gone = True
    return plan


def _embed(store: Store, places: "Sequence[Place]", crew: Crew) -> "Iterator[Progress]":
    query = "SELECT id FROM tracks WHERE root_id = ? AND path = ?"
    rows = [store.connection.execute(query, (place.root_id, place.path)).fetchone() for place in places]
    ids = [row[0] for row in rows if row is not None]
    if ids:
        from indexer.embedding import embed_some

        yield from embed_some(store, crew(), ids)
        yield from prepare_answers(store)


def _path(folder: bytes) -> "Path":
    from pathlib import Path

    if not os.path.isdir(folder):
        raise IndexerError(f"{os.fsdecode(folder)} is not there: see that its disk is mounted, and try again")
    return Path(os.fsdecode(folder))
