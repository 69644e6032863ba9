"""Do the long work of the map screen, in its workers: lay out, colour, look up, encircle."""

from collections.abc import Callable
from threading import Thread
from typing import TYPE_CHECKING

from textual.message import Message

from fairouz_tui.open_library import OpenLibrary
from fairouz_tui.screens.map_messages import Coloured, Encircled, Found, Laid, Laying
from fairouz_tui.widgets.map_surface import Point
from indexer.maps.choices import JOINT, NEIGHBOURS, PRINCIPAL

if TYPE_CHECKING:
    from indexer.exploring.session import Session
    from indexer.maps.charts import Chart

SHOWN_MEANWHILE = 1_000
"""Tracks from which on the broad lines are shown while neighbours are laid out; of fewer these are there in seconds."""
LIT = 2_000
"""Matches of words that are lit at most, the best."""


LOOK_SECONDS = 0.1
"""How often a worker looks whether the map is still waited for."""


class Stopped(Exception):
    """Nobody waits for the map any more."""


def apart(work: Callable[[], object], *, stopped: Callable[[], bool]) -> None:
    """Do `work` in a thread that nothing waits for once `stopped` says so, and raise what it raises until then.

    The neighbours of 25,000 tracks are sought for a quarter of a minute without a word. Whoever quits must not
    wait for them, as Python waits for the threads of workers.
    """
    raised: list[Exception] = []

    def run() -> None:
        try:
            work()
        except Exception as error:
            raised.append(error)

    thread = Thread(target=run, name="map", daemon=True)
    thread.start()
    while thread.is_alive() and not stopped():
        thread.join(LOOK_SECONDS)
    if raised and not stopped():
        raise raised[0]


def lay_out(
    library: OpenLibrary,
    asked: Laying,
    *,
    source: str,
    how: str,
    by: str,
    again: bool,
    post: Callable[[Message], object],
    stopped: Callable[[], bool],
) -> None:
    """Open the map of a source, of the joint space where it is gone, and post it; while it is made, how far it is.

    A large library gets its broad lines first. When `stopped` says so nothing is posted or kept.
    """
    from indexer.maps.charts import is_kept, open_chart
    from indexer.maps.sources import sources

    def report(share: float) -> None:
        if stopped():
            raise Stopped
        post(Laying(asked.side, asked.ask, share))

    session = library.explorer().session()
    names = tuple(sources(session))
    source = source if source in names else JOINT
    new = again or not is_kept(session, source, how=how)
    try:
        if new and how == NEIGHBOURS and len(session.nearest.ids) >= SHOWN_MEANWHILE:
            broad = open_chart(session, source, how=PRINCIPAL)
            report(0.0)
            post(_laid(session, asked, broad, by, names, meanwhile=True))
        chart = open_chart(session, source, how=how, again=again, report=report)
    except Stopped:
        return
    if not stopped():
        post(_laid(session, asked, chart, by, names))


def _laid(
    session: "Session", asked: Laying, chart: "Chart", by: str, names: tuple[str, ...], *, meanwhile: bool = False
) -> Laid:
    from indexer.maps.colours import colours, groups

    found = colours(session.connection, chart, by)
    return Laid(asked.side, asked.ask, chart, by, found, groups(chart, found, by), names, meanwhile)


def colour(library: OpenLibrary, side: str, chart: "Chart", by: str) -> Coloured:
    """Colour a map that is there."""
    from indexer.maps.colours import colours, groups

    found = colours(library.open().connection, chart, by)
    return Coloured(side, chart, by, found, groups(chart, found, by))


def find(library: OpenLibrary, ask: int, text: str) -> Found:
    """Look words up."""
    answer = library.open().suggest(text, limit=LIT)
    return Found(ask, text, tuple(hit.track.id for hit in answer.hits), answer.note)


def encircle(chart: "Chart", outline: tuple[Point, ...]) -> Encircled:
    """Find the tracks inside a lasso."""
    from indexer.maps.raster import within

    return Encircled(chart.ids[within(chart.places, outline)])
