"""Index: the run under way stage by stage, the music folders, and every file that could not be read."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, ClassVar

from textual import events, on
from textual.binding import BindingType
from textual.content import Content
from textual.widget import Widget

from fairouz_tui.hints import hint
from fairouz_tui.run_record import DONE, RunRecord
from fairouz_tui.run_text import counts_text, job_line, run_title
from fairouz_tui.screens.index_keys import INDEX_KEYS
from fairouz_tui.screens.indexing_look import IndexingLookScreen, IndexRead
from fairouz_tui.widgets.folder_list import FolderList, ago
from fairouz_tui.widgets.line_list import LineList
from fairouz_tui.widgets.problem_list import ProblemList
from fairouz_tui.widgets.stage_table import StageTable
from fairouz_tui.widgets.top_line import plural

DRAW_SECONDS = 0.5
READING = "Files that cannot be read appear here, with the reason."


class IndexScreen(IndexingLookScreen):
    """What indexing does and did; the run itself belongs to Explore, and goes on when this screen is left."""

    NAME = "index"
    TITLE_TEXT = "Indexing"
    AUTO_FOCUS = "#problems"
    BINDINGS: ClassVar[list[BindingType]] = INDEX_KEYS

    DEFAULT_CSS = """
    IndexScreen {
        & StageTable, & LineList {
            border: round $border-blurred; border-title-color: $text-muted; border-title-style: bold;
            border-subtitle-color: $text-muted; padding: 0 1;
        }
        & LineList:focus { border: round $border; border-title-color: $primary; }
        & #stages { max-height: 50%; }
        &.-narrow #stages { max-height: 7; }
        & #folders { height: 4; max-height: 30%; }
        & #problems { height: 1fr; min-height: 5; }
        &.-narrow #folders { display: none; height: 1fr !important; max-height: 100%; min-height: 5; }
        &.-narrow.on-folders #folders { display: block; }
        &.-narrow.on-folders #problems { display: none; }
    }
    """

    _place: Mapping[str, Any] = MappingProxyType({})
    """The file that the cursor is on."""

    def parts(self) -> Iterator[Widget]:
        """Yield the run, the folders and the files."""
        yield StageTable(id="stages")
        yield FolderList(id="folders")
        problems = ProblemList(id="problems")
        problems.empty_text = "Reading …"
        yield problems

    @property
    def record(self) -> RunRecord:
        """Return what the run under way has reported."""
        return self.host.top_line.record

    @property
    def stages(self) -> StageTable:
        """Return the run."""
        return self.query_one("#stages", StageTable)

    @property
    def folders(self) -> FolderList:
        """Return the music folders."""
        return self.query_one("#folders", FolderList)

    @property
    def problems(self) -> ProblemList:
        """Return the files that could not be read."""
        return self.query_one("#problems", ProblemList)

    def memory(self) -> Mapping[str, Any]:
        """Keep which file the cursor is on."""
        return self._place

    @on(LineList.Moved, "#problems")
    def _moved(self) -> None:
        problem = self.problems.current
        if problem is not None:
            self._place = {"path": problem.path, "stage": problem.stage}

    # Showing

    def on_mount(self) -> None:
        """Show what is known, and follow the run."""
        self.folders.border_title = "Music folders"
        self.problems.border_title = "Files"
        self.draw()
        self.set_interval(DRAW_SECONDS, self._draw_running)

    def _draw_running(self) -> None:
        if self.record.running:
            self.draw()

    def draw(self) -> None:
        """Draw the run, or how the last one ended."""
        record = self.other or self.record
        lines = [] if self.record.running else list(self._ended())
        self.stages.border_title = Content(self._title(record))
        shown = [] if self.busy is not None and self.other is None else list(record)
        self.stages.show(shown, lines, now=record.now, paused=record.paused)
        self.head(self._totals())
        if not self.first_read:
            self._name_problems()

    def _name_problems(self) -> None:
        """Count the files that could not be read, and say what an empty list means."""
        failed, running = self.problems.failures, self.record.running
        remarks = len(self.problems) - failed
        title = f"{plural(failed, 'file')} not read" + (f" · {plural(remarks, 'remark')}" if remarks else "")
        none = "Every file so far was read" if running else "Every file was read"
        self.problems.put_title(title if len(self.problems) else none)
        empty = READING if running else hint(self, ProblemList.empty_text)
        if empty != self.problems.empty_text:
            self.problems.empty_text = empty
            self.problems.refresh()

    def _title(self, record: RunRecord) -> str:
        if self.busy is None:
            return run_title(record, pausing=self.host.top_line.pausing)
        whose = f"process {self.busy}" if self.busy else "another program"
        return run_title(record, pausing=False, name=whose) if self.other is not None else whose

    def _ended(self) -> Iterator[Content]:
        if self.busy is not None:
            yield Content.styled(f"{held_text(self.busy)}: it can be stopped there, not here.", "$warning")
            yield Content.styled("What it reads appears in the lists as it comes.", "$text-muted")
            return
        if self.record.ended not in ("", DONE):
            yield Content.styled(f"It ended: {self.record.ended}", "$warning")
        if self.read.job is not None:
            yield Content(job_line(self.read.job, now=self.now()))
            counts = counts_text(self.read.job)
            if counts:
                yield Content.styled(counts, "$text-muted")
        elif self.read.known:
            yield Content.styled("Nothing was indexed yet: u begins, + adds a music folder.", "$text-muted")

    def _totals(self) -> str:
        """Return what Explore's first line counts as tracks, where they are, and what has no file besides."""
        tracks = sum(folder["tracks"] for folder in self.read.folders)
        missing = sum(folder["missing"] for folder in self.read.folders)
        return f"{_counted(tracks, missing)} in {plural(len(self.read.folders), 'folder')}"

    def show_read(self, read: IndexRead, *, at_first: bool) -> None:
        """Show what was read of the library."""
        at = (str(self.remembered.get("path", "")), str(self.remembered.get("stage", "")))
        self.problems.show(read.problems, at=at if at_first else None)
        self.folders.empty_text = hint(self, FolderList.empty_text)
        self.folders.show(read.folders)
        self.folders.styles.height = min(max(len(self.folders), 1), 6) + self.folders.header_lines + 2
        missing = sum(folder["missing"] for folder in read.folders)
        self.folders.border_subtitle = Content(
            hint(self, f"{missing:,} missing: {{index_prune}} forgets them") if missing else ""
        )
        self.draw()

    # Acting

    def action_start(self) -> None:
        """Look for new and changed files in all folders."""
        if self._may_begin():
            folders = [Path(folder["path"]) for folder in self.read.folders]
            if not folders:
                return self.say(hint(self, "No music folder is known yet: {index_add} adds one."))
            self.host.top_line.index(folders)
        return None

    def _may_begin(self) -> bool:
        if self.record.running:
            self.say(hint(self, "A run is under way: {index_pause} pauses it, {index_stop} stops it."))
        elif self.busy is not None:
            self.say(f"{held_text(self.busy)}: wait for it, or stop it there.")
        return not self.record.running and self.busy is None

    def action_pause(self) -> None:
        """Pause the run, or let it go on."""
        if not self.record.running:
            return self.say(self._nothing("pause"))
        self.host.top_line.pause()
        return self.draw()

    def action_stop(self) -> None:
        """Stop the run."""
        if not self.record.running:
            return self.say(self._nothing("stop"))
        self.host.top_line.stop()
        return self.say(hint(self, "Indexing stops; what is done is kept, {index_start} goes on."))

    def _nothing(self, verb: str) -> str:
        if self.busy is not None:
            return f"{held_text(self.busy)}: {verb} it there."
        return hint(self, "There is no run to {verb}: {index_start} begins one.", verb=verb)

    def action_retry(self) -> None:
        """Try the file under the cursor again."""
        problem = self.problems.current
        if problem is None:
            return self.say("Every file was read: there is nothing to try again.")
        if not problem.failed:
            return self.say(
                hint(self, "The file itself was read; {index_whole} shows what is wrong with a part of it.")
            )
        if self._may_begin():
            self.host.top_line.index((), retry=[Path(problem.path)])
        return None

    def action_retry_all(self) -> None:
        """Try all files again that failed."""
        if not self.problems.failures:
            return self.say("No file failed: there is nothing to try again.")
        if self._may_begin():
            self.host.top_line.index((), retry=())
        return None

    def action_add_folder(self) -> None:
        """Ask for a folder, and read it."""
        if self._may_begin():
            from fairouz_tui.screens.add_folder import AddFolderScreen

            self.app.push_screen(AddFolderScreen(), self._add)

    def _add(self, folder: Path | None) -> None:
        if folder is not None:
            self.host.top_line.index([folder])

    def action_prune(self) -> None:
        """Look for tracks whose files are gone, and ask whether to forget them."""
        if self._may_begin():
            self.find_prunable()

    def ask_to_prune(self, ids: list[int]) -> None:
        """Ask whether to forget these tracks."""
        if not ids:
            return self.say("Nothing to prune: every track has its file, or its folder is not there.")
        from fairouz_tui.screens.confirming import ConfirmScreen

        def answered(yes: bool | None) -> None:
            if yes:
                self.prune(ids)

        question = (
            f"{plural(len(ids), 'track')} in your folders {'has' if len(ids) == 1 else 'have'} no file any more. "
            "Forget them for good, with their vectors, plays and playlist places? Music files are not touched."
        )
        self.app.push_screen(ConfirmScreen("Prune", question, yes="forgets them"), answered)
        return None

    @on(LineList.Chosen)
    def action_whole(self) -> None:
        """Show the whole reason, or all about the folder."""
        from fairouz_tui.screens.reading import ReadingScreen

        folder, problem = self.folders.current, self.problems.current
        if self.folders.has_focus and folder is not None:
            read = f"read {ago(folder['scanned'], now=self.now())}"
            counts = f"{_counted(folder['tracks'], folder['missing'])}; {read}"
            lines = [folder["path"], "", counts, *([folder["note"]] if folder["note"] else [])]
            self.app.push_screen(ReadingScreen("Music folder", lines, copied=folder["path"]))
        elif problem is not None:
            noted = f"{problem.stage} · noted {ago(problem.at, now=self.now())}"
            lines = [problem.path, "", noted, "", problem.reason]
            title = "A file that could not be read" if problem.failed else "A remark on a file that was read"
            self.app.push_screen(ReadingScreen(title, lines, copied=problem.path))
        else:
            self.say("Every file was read: there is nothing more to say.")

    def action_copy(self) -> None:
        """Copy the path under the cursor."""
        folder, problem = self.folders.current, self.problems.current
        path = folder["path"] if self.folders.has_focus and folder else problem.path if problem is not None else ""
        if path:
            self.app.copy_to_clipboard(path.encode("utf-8", "replace").decode())
            self.say(f"Copied {path}")

    def action_turn(self) -> None:
        """Go to the other list; where there is room for one only, it takes the other's place."""
        self.toggle_class("on-folders")
        (self.folders if self.has_class("on-folders") else self.problems).focus()

    @on(events.DescendantFocus)
    def _focused(self) -> None:
        """Follow the mouse, which may have gone to the other list."""
        self.set_class(self.folders.has_focus, "on-folders")


def held_text(process: int) -> str:
    """Say who indexes the library."""
    return f"process {process} is indexing this library" if process else "another program is indexing this library"


def _counted(tracks: int, missing: int) -> str:
    """Return "138 tracks · 2 missing" of what the library knows: a missing track has no file and is in no list."""
    return plural(tracks - missing, "track") + (f" · {missing:,} missing" if missing else "")
