"""Lay maps out one after the other, each to its end: also once the screen that asked for it is left."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from time import monotonic

LOOK_SECONDS = 0.1
"""How often who waits looks whether the map is still wanted."""

Named = tuple[str, str]
"""What is laid out, and how."""
Work = Callable[[Callable[[float], object]], object]
"""Lays a map out and keeps it; it reports the share that is done."""


@dataclass(eq=False)
class Layout:
    """A map that is being laid out."""

    name: Named
    share: float = 0.0
    began: float = field(default_factory=monotonic)
    """Monotonic seconds."""
    error: Exception | None = None
    ended: Event = field(default_factory=Event)

    def report(self, share: float) -> None:
        """Note how much is done."""
        self.share = share

    def run(self, work: Work) -> None:
        """Do the work; what it raises is for those who wait."""
        try:
            work(self.report)
        except Exception as error:
            self.error = error
        finally:
            self.ended.set()


class Layouts:
    """The layouts of a library. The neighbours of 25,000 tracks take minutes: what was begun is not thrown away."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._begun: Layout | None = None

    def wait_for(
        self, name: Named, work: Work, *, told: Callable[[Layout], object], stopped: Callable[[], bool]
    ) -> bool:
        """Have a map laid out, after the one that is at it; return whether it is there before `stopped` says so.

        It is laid out once however many wait for it. `told` gets the layout that is under way, this or the one before
        it, whenever it is further. Raises what the work raises.
        """
        while not stopped():
            layout = self._begin(name, work)
            share, ended = -1.0, False
            while not ended and not stopped():
                ended = layout.ended.wait(LOOK_SECONDS if share >= 0 else 0)
                if layout.share != share:
                    share = layout.share
                    told(layout)
            if layout.name == name and ended:
                if layout.error is not None:
                    raise layout.error
                return True
        return False

    def _begin(self, name: Named, work: Work) -> Layout:
        """Return the layout under way; where there is none, begin this one, in a thread that whoever quits leaves."""
        with self._lock:
            if self._begun is None or self._begun.ended.is_set():
                self._begun = Layout(name)
                Thread(target=self._begun.run, args=(work,), name="map", daemon=True).start()
            return self._begun
