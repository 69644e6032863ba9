"""Choose what a map is of: a list of the spaces there are, those that are shown marked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from fairouz_tui.screens.map_side import space_name
from fairouz_tui.show import fit
from fairouz_tui.widgets.line_list import LineList
from fairouz_tui.widgets.neighbour_table import RANKED_BY
from indexer.exploring.answer import TrackRow

NAME_CELLS = 18
SHOWN_CELLS = 8
MOST_LINES = 11
"""More spaces scroll."""
HINT = "⏎ shows it · b beside · esc"


@dataclass(frozen=True, slots=True)
class Choice:
    """A space that was chosen, and where its map goes."""

    source: str
    beside: bool = False
    """Whether it is to stand beside the map that is shown."""


class SpaceList(LineList):
    """One line a space."""

    header_lines: ClassVar[int] = 0

    def __init__(self, sources: Sequence[str], *, shown: Sequence[str], id: str | None = None) -> None:
        """List `sources`; `shown` are those whose maps are on the screen, the one to be changed first."""
        super().__init__(id=id)
        self.sources, self.shown = tuple(sources), tuple(shown)
        if shown[0] in self.sources:
            self.set_reactive(LineList.cursor, self.sources.index(shown[0]))

    def __len__(self) -> int:
        return len(self.sources)

    def row_at(self, index: int) -> TrackRow | None:
        """Return None: no line is a track."""
        return None

    def header(self, width: int) -> str:
        """Return no line: the names say it."""
        return ""

    def line(self, index: int, width: int, style: Style) -> list[Segment]:
        """Draw a space: its name, what is near in it, whether it is shown."""
        source = self.sources[index]
        said = "shown" if source in self.shown[:1] else "beside" if source in self.shown else ""
        about = max(width - 2 - NAME_CELLS - SHOWN_CELLS, 1)
        strong, dim = style + self.component("line-list--strong"), style + self.component("line-list--dim")
        return [
            Segment("● " if said else "  ", strong),
            Segment(fit(space_name(source), NAME_CELLS), strong if said else style),
            Segment(fit(near_in(source), about), dim),
            Segment(fit(said, SHOWN_CELLS), dim),
        ]


class ChooseSpaceScreen(ModalScreen[Choice | None]):
    """A box with the spaces; it is closed with the one that was chosen, or None."""

    DEFAULT_CSS = """
    ChooseSpaceScreen {
        align: center middle; background: $background 60%;
        & > #box {
            width: 64; max-width: 96%; height: auto; padding: 0 1; background: $surface;
            border: round $border; border-title-color: $primary; border-title-style: bold;
            border-subtitle-color: $text-muted;
        }
        & SpaceList { background: $surface; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "Show", id="space_take", tooltip="Show the map of this space"),
        Binding("b", "take(True)", "Beside", id="space_beside", tooltip="Show it beside the map that is there"),
        Binding("escape,o,q", "close", "Cancel", id="space_close", tooltip="Leave the map as it is"),
    ]

    def __init__(self, sources: Sequence[str], *, shown: Sequence[str]) -> None:
        """Offer `sources`; see SpaceList for `shown`."""
        super().__init__()
        self._sources, self._shown = sources, shown

    def compose(self) -> ComposeResult:
        """Hold the list."""
        with Vertical(id="box") as box:
            box.border_title = "A map of"
            box.border_subtitle = Content(HINT)
            yield SpaceList(self._sources, shown=self._shown)

    def on_mount(self) -> None:
        """Stand on the space that is shown."""
        spaces = self.query_one(SpaceList)
        spaces.styles.height = min(len(spaces), MOST_LINES)
        self.call_after_refresh(lambda: spaces.rows_changed(cursor=spaces.cursor))  # scrolled by the height it has then

    @on(LineList.Chosen)
    def _clicked(self) -> None:
        self.action_take()

    def action_take(self, beside: bool = False) -> None:
        """Take the space under the cursor."""
        spaces = self.query_one(SpaceList)
        self.dismiss(Choice(spaces.sources[spaces.cursor], beside))

    def action_close(self) -> None:
        """Leave the map as it is."""
        self.dismiss(None)


def near_in(source: str) -> str:
    """Return what stands close together on the map of a space."""
    modality, _, encoder = source.partition(".")
    return "its encoder alone" if encoder else RANKED_BY.get(modality, "")
