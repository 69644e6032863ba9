"""Walk on a map: move the cross, pan, zoom, jump from cluster to cluster, draw a lasso, by keys and by mouse."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from fairouz_tui.widgets.map_surface import MapSurface, Point
from indexer.maps.window import Window

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ZOOM = 1.5
PANNED = 0.25
"""Of the canvas, that one key moves."""


class MapCanvas(MapSurface, can_focus=True):
    """A map whose cross the keys and the mouse move."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "play", "Play", id="map_play", tooltip="Play the track under the cursor"),
        Binding("left,h", "move(-1,0)", "Left", show=False, id="map_left", tooltip="Move the cursor to the left"),
        Binding("right,l", "move(1,0)", "Right", show=False, id="map_right", tooltip="Move the cursor to the right"),
        Binding("up,k", "move(0,-1)", "Up", show=False, id="map_up", tooltip="Move the cursor up"),
        Binding("down,j", "move(0,1)", "Down", show=False, id="map_down", tooltip="Move the cursor down"),
        Binding("shift+left,H", "pan(-1,0)", "Pan left", show=False, id="map_pan_left", tooltip="Pan to the left"),
        Binding("shift+right,L", "pan(1,0)", "Pan right", show=False, id="map_pan_right", tooltip="Pan to the right"),
        Binding("shift+up,K", "pan(0,-1)", "Pan up", show=False, id="map_pan_up", tooltip="Pan up"),
        Binding("shift+down,J", "pan(0,1)", "Pan down", show=False, id="map_pan_down", tooltip="Pan down"),
        Binding("plus,equals_sign,z", "zoom(1)", "Closer", id="map_closer", tooltip="Zoom in around the cursor"),
        Binding("minus,Z", "zoom(-1)", "Farther", show=False, id="map_farther", tooltip="Zoom out around the cursor"),
        Binding("0", "whole", "Whole", show=False, id="map_whole", tooltip="Show the whole map"),
        Binding("n", "cluster(1)", "Next cluster", id="map_next_cluster", tooltip="To the next cluster"),
        Binding("N", "cluster(-1)", "Cluster before", show=False, id="map_last_cluster", tooltip="The cluster before"),
        Binding("x", "lasso", "Lasso", id="map_lasso", tooltip="Draw around tracks; again: select what is inside"),
    ]

    _dragged: Point | None = None
    """The place that the mouse holds."""

    @dataclass
    class Moved(Message):
        """The cross stands elsewhere."""

        canvas: "MapCanvas"

        def can_replace(self, message: Message) -> bool:
            """Let the newest place stand for all before it."""
            return isinstance(message, MapCanvas.Moved) and message.canvas is self.canvas

    @dataclass
    class Chosen(Message):
        """The track under the cursor is to be played."""

        canvas: "MapCanvas"

    @dataclass
    class Outlined(Message):
        """A lasso was closed."""

        canvas: "MapCanvas"
        outline: tuple[Point, ...]

    # Moving

    def _moved_to(self, point: Point) -> None:
        self.put_cross(point)
        self.post_message(self.Moved(self))

    def action_move(self, right: int, down: int) -> None:
        """Move the cross by cells."""
        column, row = self._cell(self.cross)
        self._moved_to(self.window.point(column + right, row + down, *self.size))

    def action_pan(self, right: int, down: int) -> None:
        """Move the window and the cross, which stays where it is on the screen."""
        width, height = self.size
        dot, before = self.window.dot(width, height), self.window
        columns, rows = max(round(width * PANNED), 1), max(round(height * PANNED), 1)
        self.look(self.window.moved(right * columns * 2 * dot, -down * rows * 4 * dot))
        self._moved_to((self.cross[0] + self.window.x - before.x, self.cross[1] + self.window.y - before.y))

    def action_zoom(self, steps: int) -> None:
        """Zoom around the cross."""
        self.zoom(steps, self.cross)

    def zoom(self, steps: int, about: Point) -> None:
        """Zoom around a place."""
        self.look(self.window.zoomed(ZOOM**steps, about))
        self._come_into_sight()
        self.post_message(self.Moved(self))

    def action_whole(self) -> None:
        """Show the whole map."""
        self.look(Window())
        self.post_message(self.Moved(self))

    def action_cluster(self, steps: int) -> None:
        """Put the cross into the middle of the next cluster, or of the one before."""
        if self.chart is not None and self.row is not None:
            numbers = sorted(set(self.chart.clusters.tolist()))
            at = numbers.index(int(self.chart.clusters[self.row]))
            self.stand_in(self.chart.clusters == numbers[(at + steps) % len(numbers)])

    def stand_in(self, rows: "NDArray[np.bool_] | NDArray[np.int64]") -> None:
        """Put the cross on the track in the middle of some."""
        from indexer.maps.raster import middlemost

        if self.chart is not None:
            self._stand_on_row(middlemost(self.chart.places, rows))
            self.post_message(self.Moved(self))

    def action_play(self) -> None:
        """Ask for the track under the cursor to be played."""
        if self.row is not None:
            self.post_message(self.Chosen(self))

    # The lasso

    def action_lasso(self) -> None:
        """Start a lasso at the cross; close it when there is one."""
        if self.lasso is None and self.chart is not None:
            self.lasso = [self.cross]
        elif self.lasso is not None:
            self.post_message(self.Outlined(self, tuple(self.lasso)))
            self.lasso = None
        self._redraw_marks()
        self.post_message(self.Moved(self))

    def drop_lasso(self) -> bool:
        """Take the lasso away and tell whether there was one."""
        dropped, self.lasso = self.lasso is not None, None
        self._redraw_marks()
        return dropped

    # The mouse

    def _under(self, event: events.MouseEvent) -> Point | None:
        offset = event.get_content_offset(self)
        return self.window.point(offset.x, offset.y, *self.size) if offset is not None else None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Put the cross where the mouse is."""
        point = self._under(event)
        if point is not None and event.button == 1:
            self._dragged = point
            self.capture_mouse()
            self._moved_to(point)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Pan with the button down, or draw the lasso."""
        point = self._under(event)
        if self._dragged is None or point is None:
            return
        if self.lasso is not None:
            self._moved_to(point)
        elif point != self._dragged:
            self.look(self.window.moved(self._dragged[0] - point[0], self._dragged[1] - point[1]))

    def on_mouse_up(self) -> None:
        """End a drag."""
        self._dragged = None
        self.release_mouse()

    def on_click(self, event: events.Click) -> None:
        """Play the track that is clicked twice."""
        if event.chain == 2:
            self.action_play()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Zoom in around the mouse."""
        self._zoom_at(event, 1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Zoom out around the mouse."""
        self._zoom_at(event, -1)

    def _zoom_at(self, event: events.MouseEvent, steps: int) -> None:
        point = self._under(event)
        if point is not None:
            event.stop()
            self.zoom(steps, point)
