"""Show a map in Braille: its points, the cross, the track nearest to it and the lasso."""

from itertools import groupby
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from fairouz_tui.show import fit
from fairouz_tui.widgets.map_looks import style_of
from indexer.maps.marks import Drawing
from indexer.maps.window import WHOLE, Window

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from indexer.maps.charts import Chart
    from indexer.maps.colours import Colours

CROSS, TRACK, TRACE = "┼", "●", "•"
PARTS = ("cross", "track", "trace", "faded", "lit", "selected", "empty")
Point = tuple[float, float]


class MapSurface(Widget):
    """A map with a cross on it; the track nearest to the cross is the one under the cursor."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"map-canvas--{part}" for part in PARTS}

    DEFAULT_CSS = """
    MapSurface {
        width: 1fr; height: 1fr;
        border: round $border-blurred; border-title-color: $text-muted; border-subtitle-color: $text-muted;
        &:focus { border: round $border; border-title-color: $primary; border-title-style: bold; }
        & > .map-canvas--cross { color: $text-muted; }
        &:focus > .map-canvas--cross { color: $background; background: $accent; text-style: bold; }
        & > .map-canvas--track { color: $foreground; text-style: bold; }
        & > .map-canvas--trace { color: $accent; }
        & > .map-canvas--faded { color: $text-disabled; }
        & > .map-canvas--lit { text-style: bold; }
        & > .map-canvas--selected { background: $foreground 20%; }
        & > .map-canvas--empty { color: $text-muted; }
    }
    MapSurface:ansi > .map-canvas--faded { text-style: dim; }
    MapSurface:ansi > .map-canvas--selected { background: ansi_default; text-style: reverse; }
    MapSurface:ansi:focus > .map-canvas--cross { background: ansi_default; color: ansi_default; text-style: reverse; }
    """

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.chart: Chart | None = None
        self.colours: Colours | None = None
        self.window = Window()
        self.cross: Point = (0.0, 0.0)
        self.row: int | None = None
        """Of the chart: the track nearest to the cross."""
        self.wanted: int | None = None
        """The track that the cross was put on last; a map that lacks it does not change that."""
        self.lasso: list[Point] | None = None
        self.empty_text = "Reading the library …"
        self.letters = False
        self._lit: NDArray[np.int64] | None = None
        self._selected: NDArray[np.int64] | None = None
        self._drawing: Drawing | None = None
        self._marks: dict[tuple[int, int], tuple[str, str]] = {}
        self._styles: dict[int | str, Style] = {}

    # What is shown

    @property
    def track_id(self) -> int | None:
        """Return the id of the track under the cursor."""
        return int(self.chart.ids[self.row]) if self.chart is not None and self.row is not None else None

    @property
    def cluster(self) -> str:
        """Return the name of the cluster that the track under the cursor is in."""
        if self.chart is None or self.row is None:
            return ""
        return self.chart.names[int(self.chart.clusters[self.row])]

    def show(self, chart: "Chart", colours: "Colours") -> None:
        """Show a map, or the same in other colours or with new tracks; the cross stays where it is, or on its track."""
        wanted, row = self.wanted, self._row_that_stays(chart)
        self.chart, self.colours = chart, colours
        self._lit = self._selected = None
        self._styles.clear()
        if row is not None:
            self.row = row
        elif wanted is None or not self.stand_on(wanted):
            self.put_cross(self.cross)
            self.wanted = wanted
        self.redraw()

    def _row_that_stays(self, chart: "Chart") -> int | None:
        """Return the row, in another map, of the track under the cursor; None where that lies elsewhere, or nowhere."""
        track_id = self.track_id
        if self.chart is None or self.row is None or track_id is None or self.wanted != track_id:
            return None
        row = _row_of(chart, track_id)
        stays = row is not None and chart.places[row].tolist() == self.chart.places[self.row].tolist()
        return row if stays else None

    def stand_on(self, track_id: int) -> bool:
        """Put the cross on a track, which comes into sight; tell whether the map has it."""
        self.wanted = track_id
        if self.chart is None:
            return False
        row = _row_of(self.chart, track_id)
        if row is None:
            return False
        self._stand_on_row(row)
        return True

    def look(self, window: Window) -> None:
        """Look at another part of the map."""
        if window != self.window:
            self.window = window
            self.redraw()

    def mark_rows(self, *, lit: "NDArray[np.int64] | None", selected: "NDArray[np.int64] | None") -> None:
        """Light some tracks, None for all alike, and mark those that are selected."""
        self._lit, self._selected = lit, selected
        self.redraw()

    def redraw(self) -> None:
        """Draw all anew."""
        self._drawing = None
        self._marks = self._marked()
        self.refresh()

    def say(self, text: str) -> None:
        """Show a line in place of the map that is not there."""
        self.chart = self.row = None
        self.empty_text = text
        self.redraw()

    def put_titles(self, title: str, subtitle: str) -> None:
        """Write both lines of the border without drawing the map again."""
        if (title, subtitle) != (str(self._border_title), str(self._border_subtitle)):
            self._border_title, self._border_subtitle = Content(title), Content(subtitle)
            width, height = self.outer_size
            self.refresh(Region(-1, -1, width, 1), Region(-1, height - 2, width, 1))

    # Drawing

    def render_line(self, y: int) -> Strip:
        """Draw line `y`."""
        width, height = self.size
        if self.chart is None or self.colours is None:
            text = fit(f"  {self.empty_text}" if y == 1 else "", width)
            return Strip([Segment(text, self.rich_style + self._style("empty"))], width)
        if self._drawing is None:
            from indexer.maps.drawing import draw

            self._drawing = draw(
                self.chart.places,
                self.colours.classes,
                self.window,
                width,
                height,
                lit=self._lit,
                selected=self._selected,
                letters=self.letters,
            )
        return self._line(self._drawing, y).adjust_cell_length(width, self.rich_style)

    def _line(self, drawing: Drawing, y: int) -> Strip:
        if y >= len(drawing.lines):
            return Strip([])
        marks: list[str] = list(drawing.lines[y])
        looks: list[int | str] = list(drawing.looks[y])
        for column in range(len(marks)):
            if (column, y) in self._marks:
                marks[column], looks[column] = self._marks[column, y]
        base, segments, start = self.rich_style, [], 0
        for look, run in groupby(looks):
            end = start + sum(1 for _ in run)
            segments.append(Segment("".join(marks[start:end]), base + self._style(look)))
            start = end
        return Strip(segments)

    def _style(self, look: int | str) -> Style:
        if look not in self._styles:
            if isinstance(look, str):
                self._styles[look] = self._component(look)
            elif self.colours is not None:
                parts = {part: self._style(part) for part in ("faded", "lit", "selected")}
                self._styles[look] = style_of(look, self.colours, parts, few=self.app.native_ansi_color)
        return self._styles[look]

    def _component(self, part: str) -> Style:
        full = self.get_component_rich_style(f"map-canvas--{part}")
        ground = full.bgcolor if part in ("cross", "selected") else None
        colour = None if part in ("lit", "selected") else full.color
        return Style(
            color=colour,
            bgcolor=ground,
            bold=full.bold or None,
            dim=full.dim or None,
            underline=full.underline or None,
            reverse=full.reverse or None,
        )

    def notify_style_update(self) -> None:
        """Forget the colours when the theme or the focus changes them."""
        super().notify_style_update()
        self._styles.clear()

    def _marked(self) -> dict[tuple[int, int], tuple[str, str]]:
        """Return what is drawn over the map by cell: (mark, part of the style)."""
        marks = {self._cell(point): (TRACE, "trace") for point in self._traced()}
        if self.chart is not None and self.row is not None:
            x, y = self.chart.places[self.row].tolist()
            marks[self._cell((x, y))] = (TRACK, "track")
            cross = self._cell(self.cross)
            marks[cross] = (TRACK if cross in marks and marks[cross][0] == TRACK else CROSS, "cross")
        return marks

    def _traced(self) -> list[Point]:
        """Return points of the lasso, close enough to each other to leave no cell out."""
        found: list[Point] = []
        dot = self.window.dot(*self.size)
        for (ax, ay), (bx, by) in zip((self.lasso or [])[:-1], (self.lasso or [])[1:], strict=True):
            steps = min(int(max(abs(bx - ax), abs(by - ay)) / dot) + 1, 1_000)
            found += [(ax + (bx - ax) * i / steps, ay + (by - ay) * i / steps) for i in range(steps + 1)]
        return found

    def _cell(self, point: Point) -> tuple[int, int]:
        return self.window.cell(*point, *self.size)

    def on_resize(self) -> None:
        """Draw for the new size."""
        self._come_into_sight()
        self.redraw()

    def _stand_on_row(self, row: int) -> None:
        if self.chart is not None:
            x, y = self.chart.places[row].tolist()
            self.row, self.cross = row, (x, y)
            self.wanted = self.track_id
            self._come_into_sight()
            self._redraw_marks()

    def put_cross(self, point: Point) -> None:
        """Put the cross on a place of the map; the lasso follows it."""
        from indexer.maps.raster import nearest_place

        self.cross = (min(max(point[0], -WHOLE), WHOLE), min(max(point[1], -WHOLE), WHOLE))
        if self.chart is not None:
            self.row = nearest_place(self.chart.places, *self.cross)
            self.wanted = self.track_id
            if self.lasso is not None and self.lasso[-1] != self.cross:
                self.lasso.append(self.cross)
            self._come_into_sight()
            self._redraw_marks()

    def _come_into_sight(self) -> None:
        """Move the window as far as the cross is outside."""
        width, height = self.size
        if not width or not height:
            return
        (column, row), cell = self._cell(self.cross), 2 * self.window.dot(width, height)
        right = min(column, 0) + max(column - width + 1, 0)
        down = min(row, 0) + max(row - height + 1, 0)
        if right or down:
            self.look(self.window.moved(right * cell, -2 * down * cell))

    def _redraw_marks(self) -> None:
        """Draw the lines again on which the cross, its track or the lasso were or are."""
        before, self._marks = self._marks, self._marked()
        changed = before.items() ^ self._marks.items()
        for y in {row for (_, row), _ in changed if 0 <= row < self.size.height}:
            self.refresh(Region(0, y, self.size.width, 1))


def _row_of(chart: "Chart", track_id: int) -> int | None:
    """Return the row of a track, None where the map has it not."""
    row = int(chart.ids.searchsorted(track_id))
    return row if row < len(chart.ids) and chart.ids[row] == track_id else None
