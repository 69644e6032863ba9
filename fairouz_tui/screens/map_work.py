"""Do the long work of the map screen, in its workers: lay out, follow the library, colour, look up, encircle."""

from collections.abc import Callable
from threading import Thread
from typing import TYPE_CHECKING

from textual.message import Message

from fairouz_tui.layouts import LOOK_SECONDS, Layout
from fairouz_tui.open_library import OpenLibrary
from fairouz_tui.screens.map_messages import Coloured, Encircled, Followed, Found, Laid, Laying
from fairouz_tui.widgets.map_surface import Point
from indexer.errors import IndexerError
from indexer.maps.choices import JOINT, NEIGHBOURS, PRINCIPAL

if TYPE_CHECKING:
    from indexer.exploring.session import Session
    from indexer.maps.charts import Chart

SHOWN_MEANWHILE = 1_000
"""Tracks from which on the broad lines are shown while neighbours are laid out; of fewer these are there in seconds."""
LIT = 2_000
"""Matches of words that are lit at most, the best."""


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

    A large library gets its broad lines first. What is being laid out goes on when `stopped` says that nobody waits
    for it any more, and is there at the next visit.
    """
    from indexer.maps.charts import bring_up, make_chart, open_chart
    from indexer.maps.sources import sources

    def told(layout: Layout) -> None:
        behind = "" if layout.name == (source, how) else layout.name[0]
        post(Laying(asked.side, asked.ask, layout.share, layout.began, behind))

    version = library.open().version()  # before anything is read: what changes meanwhile is followed then
    session = library.explorer().session()
    source = source if source in sources(session) else JOINT
    chart = None if again else bring_up(session, source, how=how)
    if chart is None:
        if how == NEIGHBOURS and len(session.nearest.ids) >= SHOWN_MEANWHILE:
            there = library.outlines.wait_for(
                (source, PRINCIPAL),
                lambda _: open_chart(session, source, how=PRINCIPAL),
                told=lambda _: None,
                stopped=stopped,
            )
            broad = bring_up(session, source, how=PRINCIPAL) if there else None
            if broad is not None:
                post(laid(session, asked, broad, by, version=version, meanwhile=True))
        there = library.layouts.wait_for(
            (source, how),
            lambda report: make_chart(session, source, how=how, report=report),
            told=told,
            stopped=stopped,
        )
        chart = open_chart(session, source, how=how) if there else None
    if chart is not None and not stopped():
        post(laid(session, asked, chart, by, version=version))


def follow(library: OpenLibrary, asked: Laying, chart: "Chart | None", *, by: str, version: int) -> Followed | None:
    """Bring a map that is shown up to the library; None where that is as it was at `version`, or has no vectors yet."""
    from indexer.maps.charts import bring_up

    now = library.open().version()
    if now == version:
        return None
    try:
        session = library.explorer().session()
    except IndexerError:
        return None
    if chart is None:
        return Followed(now, None, asked.side, asked.ask) if len(session.nearest.ids) else None
    brought = bring_up(session, chart.source, how=chart.how)
    found = laid(session, asked, brought, by, version=now) if brought is not None else None
    return Followed(now, found, asked.side, asked.ask)


def laid(session: "Session", asked: Laying, chart: "Chart", by: str, *, version: int, meanwhile: bool = False) -> Laid:
    """Colour a map that was opened."""
    from indexer.maps.colours import colours, groups
    from indexer.maps.sources import sources

    found = colours(session.connection, chart, by)
    named, others = groups(chart, found, by), tuple(sources(session))
    return Laid(asked.side, asked.ask, chart, by, found, named, others, version, meanwhile)


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
