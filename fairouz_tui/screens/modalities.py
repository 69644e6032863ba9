"""Lay the neighbours of one track side by side: by all modalities together, and by each alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import events, on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import get_current_worker

from fairouz_tui.agreement import COLUMNS, JOINT, marks, places, shared_with
from fairouz_tui.screens.sizes import TWO_PANES
from fairouz_tui.screens.visiting import Host, VisitScreen
from fairouz_tui.show import clip, name_of, one_line
from fairouz_tui.widgets.column_tabs import ColumnTabs
from fairouz_tui.widgets.line_list import LineList
from fairouz_tui.widgets.neighbour_column import NeighbourColumn
from indexer.errors import IndexerError
from indexer.exploring.answer import Hit, TrackRow

NEIGHBOURS = 30
"""Of each column: what a tall screen shows; agreement further down says little."""
COLUMN_CELLS = 30
"""Room for a title and an artist."""
LONGEST_LABEL = 26
READING = "Comparing …"
ABSENT = {
    JOINT: "Nothing of it can be compared yet: u in Explore reads on.",
    "audio": "Its sound was not read yet, or could not be: 6 shows the errors, u in Explore reads on.",
    "lyrics": "It has no lyrics: none in its tags or beside its file, or in a script that the encoder cannot read.",
    "tags": "Its tags say nothing to compare: no title, genre or comment.",
    "cover": "It has no cover: none in its tags, none in its folder.",
    "graph": "Nothing ties it to other tracks: its tags name no artist, album or genre.",
    "playlists": "It stands in no playlist file of your music folders.",
}
"""Why a track has no neighbours by a modality."""


@dataclass
class ColumnRead(Message):
    """The neighbours by one modality are known, or why there are none."""

    ask: int
    name: str
    hits: Sequence[Hit]
    problem: str = ""


class ModalitiesScreen(VisitScreen):
    """The same question asked of every modality."""

    NAME = "modalities"
    TITLE_TEXT = "By modality"
    AUTO_FOCUS = ""  # the column of the last visit gets it, once it is shown

    DEFAULT_CSS = """
    ModalitiesScreen {
        & #columns { height: 1fr; layout: horizontal; }
        & #modalities-about { height: 1; padding: 0 1; color: $text-muted; text-wrap: nowrap; text-overflow: ellipsis; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "play", "Play", id="modalities_play", tooltip="Play the chosen track"),
        Binding("l,right,tab", "column(1)", "Next", id="modalities_next", tooltip="To the next column"),
        Binding("h,left,shift+tab", "column(-1)", "Before", id="modalities_last", tooltip="To the column before"),
        Binding("n", "centre", "Its neighbours", id="modalities_centre", tooltip="Compare the chosen track instead"),
        Binding("backspace", "back", "Back", id="modalities_back", tooltip="Back to the track compared before"),
    ]

    def __init__(self, host: Host, *, track: TrackRow | None = None) -> None:
        super().__init__(host, track=track)
        self.walked: tuple[TrackRow, ...] = (self.track,) if self.track is not None else ()
        remembered = str(self.remembered.get("column", JOINT))
        self.at = remembered if remembered in COLUMNS else JOINT
        """The column of the reader."""
        self.lists: dict[str, tuple[int, ...]] = {}
        """Ids of the neighbours by column, as far as they are known."""
        self._ask = 0

    def parts(self) -> Iterator[Widget]:
        """Yield the names of the columns, the columns, and a line about the chosen track."""
        from textual.containers import Container

        yield ColumnTabs()
        with Container(id="columns"):
            for name in COLUMNS:
                yield NeighbourColumn(name)
        yield Static("", id="modalities-about", markup=False)

    def column(self, name: str) -> NeighbourColumn:
        """Return a column."""
        return self.query_one(f"#column-{name}", NeighbourColumn)

    @property
    def centre(self) -> TrackRow | None:
        """Return the track that is compared."""
        return self.walked[-1] if self.walked else None

    @property
    def chosen(self) -> TrackRow | None:
        """Return the track under the cursor, else the one that is compared."""
        return (self.column(self.at).current if self.is_mounted else None) or self.centre

    def memory(self) -> Mapping[str, Any]:
        """Return the column."""
        return {"column": self.at}

    # Comparing

    def on_mount(self) -> None:
        """Ask for all columns."""
        super().on_mount()
        for name in COLUMNS:
            self.column(name).border_title = Content(name.capitalize())
        self._compare()

    def _compare(self, *, cursor: TrackRow | None = None) -> None:
        """Ask for the neighbours of the track in the middle; the columns fill as they come."""
        self._ask += 1
        self._wanted = cursor
        self.lists = {}
        track = self.centre
        empty = READING if track is not None else "There is no track to compare: escape goes back to the list."
        for name in COLUMNS:
            self.column(name).show((), empty=empty)
        self._agree()
        self._write_walk()
        if track is not None:
            self._ask_columns(self._ask, track, dict(self.host.faders))

    _wanted: TrackRow | None = None
    """On which the cursor is put where it is found: the track that was left."""

    @work(thread=True, exclusive=True, exit_on_error=False, group="columns")
    def _ask_columns(self, ask: int, track: TrackRow, faders: dict[str, float]) -> None:
        explorer = self.host.library.explorer()
        for name in (self.at, *(name for name in COLUMNS if name != self.at)):
            if get_current_worker().is_cancelled:
                return
            try:
                answer = (
                    explorer.similar(track.id, count=NEIGHBOURS, faders=faders or None)
                    if name == JOINT
                    else explorer.similar(track.id, count=NEIGHBOURS, modality=name)
                )
            except IndexerError as error:
                self.post_message(ColumnRead(ask, name, (), str(error)))
            else:
                self.post_message(ColumnRead(ask, name, answer.hits, answer.note))

    def on_column_read(self, message: ColumnRead) -> None:
        """Fill a column."""
        if message.ask != self._ask or self.centre is None:
            return
        column = self.column(message.name)
        column.show(message.hits, empty=_why_empty(message, self.centre))
        self.lists[message.name] = tuple(hit.track.id for hit in message.hits)
        if self._wanted is not None:
            column.cursor_to(self._wanted.id)
        self._agree()

    def _agree(self) -> None:
        """Mark what several columns have."""
        letters = marks(self.lists)
        for name in COLUMNS:
            self.column(name).agree(letters, shared_with(self.lists, name))
        self._show_columns()
        self._point()

    # Showing

    def on_resize(self) -> None:
        """Show as many columns as fit."""
        self._show_columns()
        self._write_walk()

    def _show_columns(self) -> None:
        """Show the columns around the reader's, which gets the keys."""
        if not self.is_mounted or not self.size.width:
            return
        names = list(COLUMNS)
        room = 1 if self.size.width < TWO_PANES else min(max(self.size.width // COLUMN_CELLS, 1), len(names))
        at = names.index(self.at)
        self._first = min(max(self._first, at - room + 1), at, len(names) - room)
        in_sight = names[self._first : self._first + room]
        for name in in_sight:
            self.column(name).display = True
        if self.focused is not self.column(self.at):
            self.set_focus(self.column(self.at))
        for name in names:
            self.column(name).display = name in in_sight
        self.query_one(ColumnTabs).show(self.at, in_sight, {name: len(ids) for name, ids in self.lists.items()})

    _first = 0
    """The number of the first column in sight."""

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Follow the mouse to another column."""
        if isinstance(event.widget, NeighbourColumn) and event.widget.of != self.at and event.widget.display:
            self._go(event.widget.of)

    @on(ColumnTabs.Picked)
    def _picked(self, message: ColumnTabs.Picked) -> None:
        self._go(message.name)

    @on(LineList.Moved)
    def _moved(self, message: LineList.Moved) -> None:
        if message.list is self.column(self.at):
            self._point()

    @on(LineList.Chosen)
    def _clicked_twice(self) -> None:
        self.action_play()

    def _point(self) -> None:
        """Light the chosen track in the other columns, and say where it stands in each."""
        row = self.column(self.at).current
        for name in COLUMNS:
            self.column(name).point(row.id if row is not None and name != self.at else None)
        self.query_one("#modalities-about", Static).update(Content(self._about(row)), layout=False)

    def _about(self, row: TrackRow | None) -> str:
        if row is None:
            return "l and h go to the other columns"
        stands = [f"{name} {place}." for name, place in places(self.lists, row.id).items()]
        return " · ".join(part for part in (_label(row), ", ".join(stands), one_line(row.album)) if part)

    def _write_walk(self) -> None:
        if not self.walked:
            return
        before = [clip(name_of(row.title, row.path), LONGEST_LABEL // 2) for row in self.walked[-3:-1]]
        labels = [*(["…"] if len(self.walked) > 3 else []), *before, _label(self.walked[-1])]
        self.head(" › ".join(labels))

    # Keys

    def action_column(self, steps: int) -> None:
        """Go to another column; the ends hold hands."""
        names = list(COLUMNS)
        self._go(names[(names.index(self.at) + steps) % len(names)])

    def _go(self, name: str) -> None:
        """Go to a column, the cursor on the same track where it is there too."""
        row, self.at = self.column(self.at).current, name
        if row is not None:
            self.column(name).cursor_to(row.id)
        self._show_columns()
        self._point()

    def action_play(self) -> None:
        """Play the chosen track."""
        if self.chosen is None:
            return self.say("There is no track here: escape goes back to the list.")
        self.host.play_track(self.chosen)
        self.say(f"Plays {_label(self.chosen)}.")
        return None

    def action_centre(self) -> None:
        """Compare the chosen track instead."""
        row = self.column(self.at).current
        if row is None:
            return self.say("There is no other track in this column: l and h go to the others.")
        self.walked = (*self.walked, row)
        self._compare()
        return None

    def action_back(self) -> None:
        """Compare the track before."""
        if len(self.walked) < 2:
            return self.say("This is the first track that was compared: escape goes back to the results.")
        left = self.walked[-1]
        self.walked = self.walked[:-1]
        self._compare(cursor=left)
        return None


def _why_empty(message: ColumnRead, track: TrackRow) -> str:
    """Say why a column is empty."""
    if message.name != JOINT and message.name not in track.modalities:
        return ABSENT[message.name]
    return one_line(message.problem) or ABSENT[message.name]


def _label(row: TrackRow) -> str:
    """Return "artist - title" as one safe line."""
    title = name_of(row.title, row.path)
    return f"{one_line(row.artist)} - {title}" if row.artist else title
