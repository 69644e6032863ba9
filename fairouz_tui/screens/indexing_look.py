"""Look, now and then, what the library says of its indexing and who holds it; in workers, never in the loop."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from textual import work
from textual.message import Message

from fairouz_tui.run_note import read_note
from fairouz_tui.run_record import RunRecord
from fairouz_tui.screens.visiting import Host, VisitScreen
from fairouz_tui.watching import stop_watching
from fairouz_tui.widgets.top_line import plural
from indexer.exploring.answer import TrackRow
from indexer.exploring.indexed import Job, Problem, last_job, problem_files
from indexer.storing.lock import INDEXING, holder

LOOK_SECONDS = 1.0
READ_EVERY = 3
"""While a run changes the library all the time, its counts are read at every third look."""
UNREAD = -1


@dataclass
class IndexRead(Message):
    """What the library says of its indexing."""

    known: bool = False
    """Whether there is a library at all."""
    version: int = UNREAD
    job: Job | None = None
    folders: list[Mapping[str, Any]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass
class HolderSeen(Message):
    """Another process holds the library (0: one that does not say its id), or None does."""

    process: int | None
    run: RunRecord | None = None
    """How far its run is, where it says so."""


@dataclass
class PrunableFound(Message):
    """The tracks whose files are gone."""

    ids: list[int]


class IndexingLookScreen(VisitScreen):
    """A screen that knows what the library says of its indexing, as of the last look."""

    busy: int | None = None
    """The process that indexes the library and is not our child."""
    other: RunRecord | None = None
    """Its run, as of the last look; None where it does not say how far it is."""
    first_read = True
    _looks = 0
    _looking = False

    def __init__(self, host: Host, *, track: TrackRow | None = None) -> None:
        """Prepare the screen; see VisitScreen."""
        super().__init__(host, track=track)
        self.read = IndexRead()

    def on_mount(self) -> None:
        """Look once the first frame is there, and go on looking."""
        self.call_after_refresh(self.look)
        self.set_interval(LOOK_SECONDS, self.look)
        self.watch(self.host.top_line, "indexing", self._run_changed, init=False)

    def on_unmount(self) -> None:
        """Watch no longer."""
        stop_watching(self.host.top_line, by=self)

    @staticmethod
    def now() -> float:
        """Return the time, in seconds since 1970."""
        return time.time()

    def show_read(self, read: IndexRead, *, at_first: bool) -> None:
        """Show what was read; `at_first` puts the cursors back where they were at the last visit."""
        raise NotImplementedError

    def draw(self) -> None:
        """Draw the run."""
        raise NotImplementedError

    def ask_to_prune(self, ids: list[int]) -> None:
        """Ask whether to forget these tracks."""
        raise NotImplementedError

    def _run_changed(self, running: bool) -> None:
        self.draw()
        if not running:
            self._looks = 0
            self.look()

    def look(self) -> None:
        """Look once, unless the last look is still under way."""
        if not self._looking:
            self._looking = True
            every = READ_EVERY if self.host.top_line.indexing else 1
            self._look(reading=self._looks % every == 0, child=self.host.top_line.child_id)
            self._looks += 1

    @work(thread=True, exit_on_error=False, group="look")
    def _look(self, *, reading: bool, child: int | None) -> None:
        try:
            catalogue = self.host.library.catalogue
            process = holder(self.host.library.path / INDEXING)
            other = None if process == child else process
            run = read_note(self.host.library.path, other) if other else None
            self.post_message(HolderSeen(other, run))
            if catalogue is None:
                self.post_message(IndexRead())
            elif reading:
                connection, version = catalogue.connection, catalogue.version()
                job = last_job(connection)
                if (version, job) != (self.read.version, self.read.job):
                    folders, problems = catalogue.roots(), problem_files(connection)
                    self.post_message(IndexRead(True, version, job, list(folders), problems))
        finally:
            self._looking = False

    def on_holder_seen(self, message: HolderSeen) -> None:
        """Say who indexes, when it is not our child."""
        process = None if self.host.top_line.indexing else message.process
        run = message.run if process is not None else None
        if process != self.busy or run is not self.other:
            self.busy, self.other = process, run
            self.draw()

    def on_index_read(self, message: IndexRead) -> None:
        """Show what was read."""
        at_first, self.first_read, self.read = self.first_read, False, message
        self.show_read(message, at_first=at_first)

    @work(thread=True, exclusive=True, exit_on_error=False, group="prune")
    def find_prunable(self) -> None:
        """Look for the tracks whose files are gone: on disk, which may take a while."""
        from indexer.pruning import prunable

        self.post_message(PrunableFound(prunable(self.host.library.open().library)))

    def on_prunable_found(self, message: PrunableFound) -> None:
        """Ask before anything is forgotten."""
        self.ask_to_prune(message.ids)

    @work(thread=True, exclusive=True, exit_on_error=False, group="prune")
    def prune(self, ids: list[int]) -> None:
        """Forget these tracks."""
        from indexer.pruning import prune

        forgotten = prune(self.host.library.open().library, ids)
        self.app.call_from_thread(self.say, f"{plural(forgotten, 'track')} forgotten.")
