"""Run the stages of indexing over music folders, yielding progress; every stage resumes where it was stopped."""

import json
import os
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.errors import IndexerError
from indexer.forecast import Forecast
from indexer.job import job
from indexer.progress import Counts, Progress
from indexer.stages.playlists import take_playlists, tie_entries
from indexer.stages.scan import Plan, scan, settle_gone, some_lost
from indexer.storing.problems import forget_failures
from indexer.storing.store import Store
from indexer.underway import Step
from indexer.workload import heard_so_far, steps_ahead
from models.encoders.names import ENCODERS

if TYPE_CHECKING:
    from indexer.reading.workers import Workers

WORKERS = max(1, min(8, os.cpu_count() or 1))
"""One process a core: decoding is what costs; more than eight wait for the disk."""

_EMBEDDED = "embedded_version"
"""The fact that names the state of the library that was last embedded completely."""
_COSTS = "unit_costs"
"""The fact that holds what a unit of each stage cost, in seconds, by which the time left is told."""
_DEAREST = 3600.0
_PAUSE_SECONDS = 1.0
"""Whoever takes longer to ask for the next step has paused the run."""


def index(
    library: Path,
    folders: Sequence[Path] = (),
    *,
    counts: Counts | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    retry: bool = False,
    workers: int = WORKERS,
    cover_model: Path | None = None,
    refit: bool = True,
) -> Generator[Progress, None, None]:
    """Bring a library up to date with music folders (all known ones when none are given).

    `counts` is filled as the run goes. Stopping early, by `cancelled`, by closing the generator or by killing the
    process, loses at most the batch in hand; the next run goes on from there. `refit` False never fits a joint space to
    the library: for runs that follow every change of a folder.

    Raises
    ------
    IndexerError
        A folder that is not there, a library that another run is indexing or a newer version made, a full disk.

    """
    counts = Counts() if counts is None else counts
    with job(library, "index", counts, cancelled=cancelled) as store:
        forecast = Forecast(unit_costs(store), so_far=lambda stage: heard_so_far(store, stage))
        yield from _stages(store, folders, counts, cancelled, retry, workers, cover_model, refit, forecast)
        _remember(store, forecast)


def _stages(
    store: Store,
    folders: Sequence[Path],
    counts: Counts,
    cancelled: Callable[[], bool],
    retry: bool,
    workers: int,
    cover_model: Path | None,
    refit: bool,
    forecast: Forecast,
) -> Iterator[Progress]:
    if cover_model is not None:
        use_cover_model(store, cover_model)
    if retry:
        with store.writing() as connection:
            forget_failures(connection)
    plans: list[Plan] = []
    outcomes: dict[int, str] = {}
    with Crew(workers) as crew:
        reading = _take_files(store, folders, plans, counts, outcomes, crew, forecast)
        for stage in (reading, _embed(store, counts, crew, refit, forecast)):
            for progress in foretold(stage, forecast):
                yield progress
                if cancelled():
                    return
    _settle_counts(store, plans, counts, outcomes)


def foretold(stages: Iterator[Progress], forecast: Forecast) -> Iterator[Progress]:
    """Yield progress with what is known of the whole run; how long it stood still meanwhile is no part of that."""
    for progress in stages:
        told, told_at = forecast.told(progress), time.monotonic()
        yield told
        if (away := time.monotonic() - told_at) > _PAUSE_SECONDS:
            forecast.stood_still(away)


class Crew:
    """The processes of a run, made when the first file is to be opened: a run that finds nothing new needs none."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._workers: Workers | None = None

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, *_: object) -> None:
        if self._workers is not None:
            self._workers.stop()

    def __call__(self) -> "Workers":
        """Return the processes."""
        if self._workers is None:
            # Not at the top: the library behind it takes a tenth of a second.
            from indexer.reading.workers import Workers

            self._workers = Workers(self._count)
        return self._workers


def unit_costs(store: Store) -> dict[str, float]:
    """Return what a unit of each stage cost in the last runs, in seconds; whatever else stands there is nothing."""
    try:
        costs = json.loads(store.fact(_COSTS) or "{}")
        return {str(stage): float(seconds) for stage, seconds in costs.items() if 0 < float(seconds) < _DEAREST}
    except (TypeError, ValueError, AttributeError):
        return {}


def _remember(store: Store, forecast: Forecast) -> None:
    forecast.finish()
    if forecast.measured:
        store.set_fact(_COSTS, json.dumps({**unit_costs(store), **forecast.measured}))


def use_cover_model(store: Store, directory: Path) -> None:
    """Remember the OpenCLIP model for covers, once it has been loaded; "none" goes back to our own encoder."""
    from indexer.encoders import cover_encoder

    if str(directory) == "none":
        store.set_fact("cover_model", None)
        return
    cover_encoder(str(directory.resolve()))
    store.set_fact("cover_model", str(directory.resolve()))


def take_files(
    store: Store,
    folders: Sequence[Path],
    plans: list[Plan],
    counts: Counts,
    outcomes: dict[int, str],
    *,
    workers: int = WORKERS,
) -> Iterator[Progress]:
    """Scan every folder and read its tags; `plans` and `outcomes` (track id -> what became of it) are filled."""
    with Crew(workers) as crew:
        yield from _take_files(store, folders, plans, counts, outcomes, crew, Forecast({}))


def _take_files(
    store: Store,
    folders: Sequence[Path],
    plans: list[Plan],
    counts: Counts,
    outcomes: dict[int, str],
    crew: Crew,
    forecast: Forecast,
) -> Iterator[Progress]:
    for folder in _roots(store, folders):
        yield Progress("scanning", 0, 0, note=str(folder))
        plans.append(scan(store, folder))
    unread = sum(len(plan.new) + len(plan.changed) + len(plan.doubtful) for plan in plans)
    if unread:
        # Not at the top: the readers of tags are not for a run that finds nothing to read.
        from indexer.stages.read import STAGE, read

        forecast.expect([Step(STAGE, unread), *steps_ahead(store, unread=sum(len(plan.new) for plan in plans))])
        moves = any(plan.new for plan in plans) and (any(plan.gone for plan in plans) or some_lost(store, plans))
        for plan in plans:
            yield from read(store, plan, counts, outcomes, crew(), moves=moves)
    for plan in plans:
        settle_gone(store, plan, claimed={i for i, outcome in outcomes.items() if outcome == "moved"})
        take_playlists(store, plan)
        with store.db.atomic():
            # Notes name files, whose bytes need not be text; SQLite takes text alone.
            note = "; ".join(plan.notes[:3]).encode("utf-8", "backslashreplace").decode()
            store.connection.execute("UPDATE roots SET note = ? WHERE id = ?", (note, plan.root_id))
    tie_entries(store)


def _settle_counts(store: Store, plans: Sequence[Plan], counts: Counts, outcomes: dict[int, str]) -> None:
    """Add up what the plans and outcomes say; a file whose sound failed counts as failed and as nothing else."""
    for plan in plans:
        counts.unchanged += plan.unchanged
        counts.skipped += plan.skipped
        counts.failed += plan.failed_before
        counts.notes.extend(plan.notes)
        for track_id, path in _silent(store, plan.root_id):
            if plan.holds(path):
                outcome = outcomes.get(track_id, "unchanged")
                setattr(counts, outcome, getattr(counts, outcome) - 1)
                counts.failed += 1
    for outcome in outcomes.values():
        setattr(counts, outcome, getattr(counts, outcome) + 1)
    for root_id in {plan.root_id for plan in plans}:
        query = "SELECT count(*) FROM tracks WHERE root_id = ? AND missing_since IS NOT NULL"
        counts.missing += store.connection.execute(query, (root_id,)).fetchone()[0]
    counts.seen = counts.new + counts.changed + counts.moved + counts.unchanged + counts.failed


def _silent(store: Store, root_id: int) -> list[tuple[int, bytes]]:
    """List the present tracks of a root whose sound could not be read, or nothing when they were looked at closer."""
    query = (
        "SELECT DISTINCT t.id, t.path FROM tracks t JOIN problems p ON p.root_id = t.root_id AND p.path = t.path "
        "WHERE t.root_id = ? AND p.stage IN ('read', 'sound') AND t.missing_since IS NULL"
    )
    return [(track_id, bytes(path)) for track_id, path in store.connection.execute(query, (root_id,))]


def _roots(store: Store, folders: Sequence[Path]) -> list[Path]:
    if folders:
        return _outermost(folders)
    known = [Path(os.fsdecode(row[0])) for row in store.connection.execute("SELECT path FROM roots ORDER BY id")]
    if not known:
        raise IndexerError("no music folder is known yet: run `fairouz-tui index FOLDER`")
    return known


def _outermost(folders: Sequence[Path]) -> list[Path]:
    """Leave out folders that lie inside others: a file is to be seen, and counted, once."""
    by_place = {Path(os.path.realpath(folder)): Path(folder) for folder in folders}
    return [folder for real, folder in by_place.items() if not (real.is_dir() and by_place.keys() & set(real.parents))]


def _embed(store: Store, counts: Counts, crew: Crew, refit: bool, forecast: Forecast) -> Iterator[Progress]:
    """Run the stages after reading, unless nothing has changed since they were last run to the end."""
    if is_embedded(store):
        return
    # Not at the top: encoders and their libraries take a second that a run without changes does not need.
    from indexer.embedding import embed

    forecast.expect(steps_ahead(store))
    for progress in embed(store, crew(), refit=refit):
        if progress.note and progress.note not in counts.notes:
            counts.notes.append(progress.note)
        yield progress
    yield from prepare_answers(store)
    store.set_fact(_EMBEDDED, _state(store) if not _waits_for_disk(store) else None)


def prepare_answers(store: Store) -> Iterator[Progress]:
    """Bring what questions are answered from up to date with the joint space, where there is one."""
    if store.connection.execute("SELECT 1 FROM blocks LIMIT 1").fetchone():
        from indexer.explorer import Explorer

        yield Progress("search index", 0, 0)
        explorer = Explorer(store.library)
        explorer.prepare()
        explorer.catalogue.close()  # a reader that stays would keep all that was written in the log beside the database


def is_embedded(store: Store) -> bool:
    """Return whether nothing has changed since the stages after reading were last run to the end."""
    return bool(store.fact(_EMBEDDED) == _state(store))


def note_embedded(store: Store) -> None:
    """Remember that the stages after reading have done all there is to do."""
    store.set_fact(_EMBEDDED, _state(store))


def _state(store: Store) -> str:
    """Name the state of the library, and of the encoders that its vectors are to come from."""
    from indexer.encoders.profiles import standing

    return ";".join((str(store.fact("version")), str(store.fact("cover_model")), standing(store), *ENCODERS))


def _waits_for_disk(store: Store) -> bool:
    """Tell whether tracks are still to be read whose disk is not there: the next run must look again."""
    if store.connection.execute("SELECT 1 FROM staged_vectors LIMIT 1").fetchone():
        return True
    query = (
        "SELECT DISTINCT r.path FROM tracks t JOIN roots r ON r.id = t.root_id WHERE t.missing_since IS NULL "
        "AND NOT EXISTS (SELECT 1 FROM vectors v WHERE v.track_id = t.id AND v.modality = 'audio')"
    )
    return any(not os.path.isdir(bytes(row[0])) for row in store.connection.execute(query))
