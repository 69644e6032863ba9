"""List what the colours of a map mean, with counts; a line can be lit, selected, or asked for in Explore."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.message import Message

from fairouz_tui.show import fit, one_line
from fairouz_tui.widgets.line_list import LineList
from fairouz_tui.widgets.map_looks import colour_of
from indexer.exploring.facets import term_of
from indexer.exploring.map_clusters import label_of
from indexer.maps.choices import CLUSTER, JOINT, REST
from indexer.maps.marks import LETTERS, UNKNOWN

if TYPE_CHECKING:
    from indexer.exploring.answer import TrackRow
    from indexer.maps.colours import Colours, Group

DOT = "●"
COUNT_CELLS = 7


class MapLegend(LineList):
    """The groups of a map; the one under the cursor is lit while the legend has the focus."""

    header_lines: ClassVar[int] = 0

    DEFAULT_CSS = """
    MapLegend {
        width: 38; height: 1fr;
        border: round $border-blurred; border-title-color: $text-muted; border-subtitle-color: $text-muted;
        &:focus { border: round $border; border-title-color: $primary; border-title-style: bold; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "Select", id="legend_take", tooltip="Select the tracks of this group"),
        Binding(
            "f", "facet", "In Explore", id="legend_facet", tooltip="Show the group in Explore, or select its tracks"
        ),
    ]

    @dataclass
    class Taken(Message):
        """The tracks of a group are to be selected."""

        group: "Group"

    @dataclass
    class Wanted(Message):
        """A group is to be shown in Explore."""

        group: "Group"

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.groups: tuple[Group, ...] = ()
        self.letters = False
        self._colours: Colours | None = None

    def show(self, groups: "tuple[Group, ...]", colours: "Colours", *, title: str) -> None:
        """Show the groups of a map; the cursor stays on a group of the same name."""
        name = self.group.name if self.group is not None else ""
        self.groups, self._colours = groups, colours
        self.put_title(title)
        self.rows_changed(cursor=next((i for i, group in enumerate(groups) if group.name == name), 0))

    @property
    def group(self) -> "Group | None":
        """Return the group under the cursor."""
        return self.groups[self.cursor] if self.cursor < len(self.groups) else None

    def __len__(self) -> int:
        """Return how many groups there are."""
        return len(self.groups)

    def row_at(self, index: int) -> "TrackRow | None":
        """Return None: a group is no track."""
        return None

    def header(self, width: int) -> str:
        """Return nothing: there is no line over the groups."""
        return ""

    def line(self, index: int, width: int, style: Style) -> list[Segment]:
        """Draw the mark, the name and the count of a group."""
        group = self.groups[index]
        mark = (LETTERS[group.number] if group.number >= 0 else UNKNOWN) if self.letters else DOT
        count = f"{len(group.rows):,}".rjust(COUNT_CELLS)
        return [
            Segment(f" {mark} ", style + self._coloured(group.number)),
            Segment(fit(one_line(group.name), width - COUNT_CELLS - 4), style),
            Segment(f"{count} ", style + self.component("line-list--dim")),
        ]

    def _coloured(self, number: int) -> Style:
        if self._colours is None:
            return Style()
        return Style(color=RichColor.parse(colour_of(number, self._colours, few=self.app.native_ansi_color)))

    def action_take(self) -> None:
        """Ask for the tracks of the group."""
        if self.group is not None:
            self.tell(self.Taken(self.group))

    def action_facet(self) -> None:
        """Ask for the group in Explore."""
        if self.group is not None:
            self.tell(self.Wanted(self.group))


def query_of(by: str, name: str, *, source: str = JOINT) -> str:
    """Return the query that finds a group of a legend in Explore; "" where no query can say it."""
    if name == REST or '"' in name:
        return ""
    if by == CLUSTER:
        return term_of(CLUSTER, label_of(source, name))
    if by == "year" and name.endswith("s") and name[:-1].isdigit():
        return f"year:{name[:-1]}..{int(name[:-1]) + 9}"
    return f'{by}:"{name}"' if by in ("genre", "album", "artist") else ""
