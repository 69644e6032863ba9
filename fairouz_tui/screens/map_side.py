"""Hold one of the two maps of the map screen: what it is of, how far it is, and what its frame says."""

from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

from fairouz_tui.show import clock
from fairouz_tui.widgets.map_canvas import MapCanvas
from indexer.maps.choices import JOINT, NEIGHBOURS
from indexer.maps.window import WHOLE, Window

if TYPE_CHECKING:
    from fairouz_tui.screens.map_messages import Coloured
    from indexer.maps.charts import Chart
    from indexer.maps.colours import Group

WAY_NAMES = {"tsne": "t-SNE", "pca": "PCA"}


@dataclass(eq=False)
class Side:
    """A map: its canvas and what is asked for."""

    canvas: MapCanvas
    source: str = JOINT
    how: str = NEIGHBOURS
    by: str = ""
    """What the shown map is coloured by."""
    window: Window | None = None
    """To look at once the map is there."""
    sources: tuple[str, ...] = ()
    groups: "tuple[Group, ...]" = ()
    ready: "dict[str, Coloured]" = field(default_factory=dict)
    """The shown map in other colours, which another key will ask for."""
    ask: int = 0
    since: float | None = None
    """When the map was asked for (monotonic seconds); None while nothing is waited for."""
    share: float = 0.0
    """Of the layout that is done."""
    laying: bool = False
    """Whether it is being laid out, or waits for another; before that the library is read."""
    behind: str = ""
    """The source whose map is laid out before this one."""
    version: int = -1
    """Of the library that the map shows."""
    placed: int = 0
    """How many tracks were placed on the map since it was opened, or kept before that."""

    @property
    def name(self) -> str:
        """Return the id of the canvas, which workers and their messages name the map by."""
        return str(self.canvas.id)

    def start(self) -> None:
        """Note that a map is asked for."""
        self.ask, self.since, self.share, self.behind = self.ask + 1, monotonic(), 0.0, ""
        self.laying = False

    def stop(self) -> None:
        """Wait for nothing any more."""
        self.ask, self.since = self.ask + 1, None

    def placed_by(self, chart: "Chart") -> int:
        """Return how many tracks were placed once `chart` takes the place of the map that is shown."""
        shown = self.canvas.chart
        return chart.placed if shown is None else chart.placed_since(shown, self.placed)

    @property
    def shown_source(self) -> str:
        """Return what the shown map is of."""
        return self.canvas.chart.source if self.canvas.chart is not None else self.source

    @property
    def title(self) -> str:
        """Say what the shown map is."""
        chart = self.canvas.chart
        if chart is None:
            return f"{space_name(self.source)} · {WAY_NAMES[self.how]}"
        return f"{space_name(chart.source)} · {WAY_NAMES[chart.how]} · by {self.by}"

    @property
    def subtitle(self) -> str:
        """Say how far the next map is, or how close one looks."""
        if self.since is not None:
            return self.progress
        chart, reach = self.canvas.chart, self.canvas.window.reach
        if chart is None:
            return ""
        if chart.outdated:
            return "the space has changed: R lays it out anew"
        return f"{len(chart.ids):,} tracks" + (f" · ×{WHOLE / reach:.1f}" if reach < WHOLE else "")

    @property
    def progress(self) -> str:
        """Say how far the map that is waited for is, and for how long it has been."""
        if self.since is None:
            return ""
        chart = self.canvas.chart
        other = chart is not None and (chart.source, chart.how) != (self.source, self.how)
        name = f"{space_name(self.source)} by {WAY_NAMES[self.how]}: " if other else ""
        if not self.laying:
            return f"{name}reading · {clock(monotonic() - self.since)}"
        if self.behind:
            return f"{name}waits for {space_name(self.behind)}, {self.share:.0%} laid out"
        return f"{name}laying out {self.share:.0%} · {clock(monotonic() - self.since)}"

    def next_source(self, steps: int) -> str:
        """Return the source after, or before, the one that is asked for."""
        if not self.sources:
            return self.source
        at = self.sources.index(self.source) if self.source in self.sources else -1
        return self.sources[(at + steps) % len(self.sources)]


def space_name(source: str) -> str:
    """Return what a source is called: "joint space", "audio", "audio encoder"."""
    return "joint space" if source == JOINT else source.replace(".", " ")
