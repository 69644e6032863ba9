"""Lay the neighbours of one track side by side: by all modalities together, and by each alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static
from textual.worker import get_current_worker

from fairouz_tui.agreement import COLUMNS, JOINT, ordinal, places
from fairouz_tui.hints import hint
from fairouz_tui.reasons.page import COLOURS
from fairouz_tui.screens.sizes import TWO_PANES
from fairouz_tui.screens.visiting import Host, VisitScreen
from fairouz_tui.show import clip, name_of, one_line
from fairouz_tui.widgets.column_tabs import ColumnTabs
from fairouz_tui.widgets.line_list import LineList
from fairouz_tui.widgets.neighbour_table import Column, NeighbourTable, near_text
from indexer.errors import IndexerError, StoreError
from indexer.exploring.answer import Hit, TrackRow

NEIGHBOURS = 30
"""Of each column: what a tall screen shows; agreement further down says little."""
COLUMN_CELLS = 38
"""Room for a title, an artist and how near the two are."""
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
LACKS = {
    "audio": "no sound that was read",
    "lyrics": "no lyrics",
    "tags": "no words in its tags",
    "cover": "no cover",
    "graph": "no names in its tags",
    "playlists": "no place in a playlist",
}
"""The same in short."""


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
    AUTO_FOCUS = "#neighbours"

    DEFAULT_CSS = """
    ModalitiesScreen #modalities-about { height: 3; padding: 0 1; color: $text-muted; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "play", "Play", id="modalities_play", tooltip="Play the chosen track"),
        Binding("l,right,tab", "column(1)", "Next", id="modalities_next", tooltip="To the next column"),
        Binding("h,left,shift+tab", "column(-1)", "Before", id="modalities_last", tooltip="To the column before"),
        Binding("n", "centre", "Its neighbours", id="modalities_centre", tooltip="Compare the chosen track instead"),
        Binding("backspace", "back", "Step back", id="modalities_back", tooltip="One step back: the track before"),
    ]

    def __init__(self, host: Host, *, track: TrackRow | None = None) -> None:
        super().__init__(host, track=track)
        self.walked: tuple[TrackRow, ...] = (self.track,) if self.track is not None else ()
        remembered = str(self.remembered.get("column", JOINT))
        self.lists: dict[str, tuple[int, ...]] = {}
        """Recordings of the neighbours by column, as far as they are known."""
        self._ask = 0
        self._first = 0
        """The number of the first column in sight."""
        self._wanted: TrackRow | None = None
        """On which the cursor is put where it is found: the track that was left."""
        self._table = NeighbourTable(at=remembered if remembered in COLUMNS else JOINT, id="neighbours")

    def parts(self) -> Iterator[Widget]:
        """Yield the names of the columns, the columns, and what is said about the chosen track."""
        yield ColumnTabs()
        yield self._table
        yield Static("", id="modalities-about", markup=False)

    @property
    def table(self) -> NeighbourTable:
        """Return the columns."""
        return self._table

    @property
    def at(self) -> str:
        """Return the column of the reader."""
        return self._table.at

    @property
    def centre(self) -> TrackRow | None:
        """Return the track that is compared."""
        return self.walked[-1] if self.walked else None

    @property
    def chosen(self) -> TrackRow | None:
        """Return the track under the cursor, else the one that is compared."""
        return self._table.current or self.centre

    def memory(self) -> Mapping[str, Any]:
        """Return the column."""
        return {"column": self.at}

    # Comparing

    def on_mount(self) -> None:
        """Show the columns, then ask for them: what is asked must not hold up what is seen first."""
        super().on_mount()
        self._begin()
        self.call_after_refresh(self._compare)

    def _begin(self) -> None:
        """Empty the columns."""
        self.lists = {}
        track = self.centre
        said = READING if track is not None else "There is no track to compare: escape goes back to the list."
        self._table.put({name: Column(said=said) for name in COLUMNS})
        self._show_columns()
        self._point()
        self._write_walk()

    def _compare(self) -> None:
        """Ask for the neighbours of the track in the middle; the columns fill as they come."""
        self._ask += 1
        if self.centre is not None:
            self._ask_columns(self._ask, self.centre, dict(self.host.faders))

    def _go_to(self, walked: tuple[TrackRow, ...], *, cursor: TrackRow | None = None) -> None:
        """Compare the last of the tracks; `cursor` is looked for among its neighbours."""
        self.walked, self._wanted = walked, cursor
        self._begin()
        self._compare()

    @work(thread=True, exclusive=True, exit_on_error=False, group="columns")
    def _ask_columns(self, ask: int, track: TrackRow, faders: dict[str, float]) -> None:
        from indexer.exploring.limits import Limits

        names = (self.at, *(name for name in COLUMNS if name != self.at))
        limits = Limits(fold_versions=self.host.library.config.fold_versions)
        try:
            explorer = self.host.library.explorer()
            explorer.session()
        except (IndexerError, StoreError) as error:
            for name in names:
                self.post_message(ColumnRead(ask, name, (), str(error)))
            return
        for name in names:
            if get_current_worker().is_cancelled:
                return
            try:
                answer = (
                    explorer.similar(track.id, count=NEIGHBOURS, faders=faders or None, limits=limits)
                    if name == JOINT
                    else explorer.similar(track.id, count=NEIGHBOURS, modality=name, limits=limits)
                )
            except IndexerError as error:
                self.post_message(ColumnRead(ask, name, (), str(error)))
            else:
                self.post_message(ColumnRead(ask, name, answer.hits, answer.note))

    def on_column_read(self, message: ColumnRead) -> None:
        """Fill a column."""
        if message.ask != self._ask or self.centre is None:
            return
        said = one_line(message.problem) if message.hits else _why_empty(message, self.centre)
        wanted = self._wanted.id if self._wanted is not None else None
        self._table.put({message.name: Column(tuple(message.hits), said)}, cursor=wanted)
        known = {*self.lists, message.name}
        self.lists = {name: ids for name, ids in self._table.lists.items() if name in known}
        self._show_columns()
        self._point()

    # Showing

    def on_resize(self) -> None:
        """Show as many columns as fit."""
        self._show_columns()
        self._write_walk()

    def _show_columns(self) -> None:
        """Show the columns around the reader's."""
        self._turn(self.at)

    def _turn(self, to: str) -> None:
        in_sight = self._beside(to)
        if to != self.at or in_sight != list(self._table.shown):
            self._table.turn(to, in_sight)
        self.query_one(ColumnTabs).show(to, in_sight, {name: len(ids) for name, ids in self.lists.items()})

    def _beside(self, to: str) -> list[str]:
        """Return the columns that are in sight around one: those that have something, as many as there is room for."""
        has = {JOINT, to, *(self.centre.modalities if self.centre is not None else COLUMNS)}
        names = [name for name in COLUMNS if name in has and (self.lists.get(name, True) or name == to)]
        width = self.app.size.width
        room = 1 if width < TWO_PANES else min(max(width // COLUMN_CELLS, 1), len(names))
        at = names.index(to)
        self._first = min(max(self._first, at - room + 1), at, len(names) - room)
        return names[self._first : self._first + room]

    @on(NeighbourTable.Turned)
    def _turned_by_mouse(self) -> None:
        self._show_columns()
        self._point()

    @on(ColumnTabs.Picked)
    def _picked(self, message: ColumnTabs.Picked) -> None:
        self._go(message.name)

    @on(LineList.Moved)
    def _moved(self) -> None:
        self._point()

    @on(LineList.Chosen)
    def _clicked_twice(self) -> None:
        self.action_play()

    def _point(self) -> None:
        """Say where the chosen track stands in each column."""
        self.query_one("#modalities-about", Static).update(self._about(self._table.current), layout=False)

    def _about(self, row: TrackRow | None) -> Content:
        """Write which track it is, where it stands, where it does not, and what cannot be compared."""
        if row is None:
            return Content("l and h go to the other columns")
        recording = self._table.recording(row.id)
        stands = Content(" · ").join(
            Content.assemble((COLUMNS[name], COLOURS.get(name, "$primary")), " " + self._stands(name, place))
            for name, place in places(self.lists, recording).items()
        )
        count = len(places(self.lists, recording))
        stands = Content(f"in {count} columns: ") + stands if count > 1 else stands
        absent = [COLUMNS[name] for name, ids in self.lists.items() if ids and recording not in ids]
        said = [stands, *([Content(f"not among the {NEIGHBOURS} nearest: {', '.join(absent)}")] if absent else [])]
        empty = [LACKS[name] for name, ids in self.lists.items() if not ids and name in LACKS]
        if empty and self.centre is not None and not self.has_class("-narrow"):
            said.append(
                Content(f"{clip(name_of(self.centre.title, self.centre.path), LONGEST_LABEL)} has {', '.join(empty)}")
            )
        album = Content(f" · {one_line(row.album)}") if row.album else Content("")
        named = Content.styled(_label(row), "$foreground bold") + album + self._versions()
        return named + "\n" + Content(" · ").join(said)

    def _versions(self) -> Content:
        """Name the other versions of the recording that share the chosen row: places side by side leave no room."""
        hits = self._table.columns[self.at].hits
        versions = hits[self._table.cursor].versions if self._table.cursor < len(hits) else ()
        labels = [clip(name_of(one.track.title, one.track.path), LONGEST_LABEL) for one in versions]
        return Content.styled(f" · also {', '.join(labels)}", "$secondary") if labels else Content("")

    def _stands(self, name: str, place: int) -> str:
        """Say where a track stands in a column, and how near it is where that can be told."""
        near = near_text(self._table.columns[name].hits[place - 1])
        hit = self._table.columns[name].hits[place - 1]
        near = near_text(hit)
        return ordinal(place) + (f", {'near ' if hit.percentile else ''}{near}" if near else "")

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
        self._turn(name)
        self._point()

    def action_play(self) -> None:
        """Play the chosen track."""
        if self.chosen is None:
            return self.say(hint(self, "There is no track here: {visit_close} goes back to the list."))
        self.host.play_track(self.chosen)
        self.say(f"Plays {_label(self.chosen)}.")
        return None

    def action_centre(self) -> None:
        """Compare the chosen track instead."""
        row = self._table.current
        if row is None:
            said = "There is no other track in this column: {modalities_next} and {modalities_last} go to the others."
            return self.say(hint(self, said))
        self._go_to((*self.walked, row))
        return None

    def action_back(self) -> None:
        """Compare the track before."""
        if len(self.walked) < 2:
            return self.say(
                hint(self, "This is the first track that was compared: {visit_close} goes back to the results.")
            )
        self._go_to(self.walked[:-1], cursor=self.walked[-1])
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
