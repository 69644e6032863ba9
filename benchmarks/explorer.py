"""Measure the explorer on a library of any size: first paint, keys, scrolling, search as one types.

    python benchmarks/explorer.py [--tracks 100000] [--library DIR]

Without --library the rows of made-up tracks (make_rows.py) are written into a temporary folder, half a minute for
100,000. First rows are those of first_paint.py: real processes on real terminals. Key times are CPU milliseconds of
the whole process in Textual's test driver, which draws nothing, so they hold layout and rendering but no terminal; all
other times are wall milliseconds where they do not say CPU.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from first_paint import first_paints
from make_rows import make_library
from textual.pilot import Pilot

from fairouz_tui.app import FairouzApp
from fairouz_tui.screens.explore import ExploreScreen
from indexer.catalogue import Catalogue

SIZE = (120, 40)
KEYS = 50
WORDS = ("r", "ri", "rive", "river night", "artist:the", "year:1980..1990")
PATIENCE_SECONDS = 600.0


async def until(pilot: Pilot[None], holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise SystemExit("the explorer did not answer")
        await asyncio.sleep(0.001)


async def key_cost(pilot: Pilot[None], key: str) -> float:
    """Return the CPU milliseconds of one key, from KEYS of them."""
    await pilot.press(key)
    began = time.process_time()
    for _ in range(KEYS):
        await pilot.press(key)
    return (time.process_time() - began) / KEYS * 1000


async def explore(library: Path) -> dict[str, float]:
    figures: dict[str, float] = {}
    app = FairouzApp(library)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: isinstance(app.screen, ExploreScreen) and app.screen.results.current)
        screen = app.screen
        assert isinstance(screen, ExploreScreen)
        await pilot.press("1", "g")
        await asyncio.sleep(1)
        figures["a key without meaning, CPU ms"] = await key_cost(pilot, "Z")
        await pilot.press("j", "k")
        first, after = screen.results.in_sight
        screen.results.cursor = first
        figures["cursor key, CPU ms"] = await key_cost(pilot, "j") if after - first > KEYS else await swing(pilot)
        screen.results.cursor = after
        figures["cursor key that scrolls, CPU ms"] = await key_cost(pilot, "j")
        began = time.perf_counter()
        await pilot.press("G")
        await until(pilot, lambda: screen.results.current)
        figures["to the end, ms"] = (time.perf_counter() - began) * 1000
        await pilot.press("q")
    return figures


async def swing(pilot: Pilot[None]) -> float:
    """Return the CPU milliseconds of a cursor key where nothing scrolls: down and up in turn."""
    began = time.process_time()
    for _ in range(KEYS // 2):
        await pilot.press("j")
        await pilot.press("k")
    return (time.process_time() - began) / (KEYS // 2 * 2) * 1000


def searches(library: Path) -> dict[str, float]:
    """Return how long the database takes to answer what stands in the query line at a pause."""
    catalogue = Catalogue(library)
    return {f"search as typed: {words}, ms": catalogue.suggest(words).took_ms for words in WORDS}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tracks", type=int, default=100_000)
    parser.add_argument("--library", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        library = arguments.library or Path(temporary)
        if arguments.library is None:
            make_library(library, arguments.tracks, vectors=False, graph=False)
        figures = first_paints(library)
        figures |= asyncio.run(explore(library))
        figures |= searches(library)
    print(f"| {Catalogue(library).count() if arguments.library else arguments.tracks:,} tracks | |\n|---|---|")
    for name, figure in figures.items():
        print(f"| {name} | {figure:.2f} |")


if __name__ == "__main__":
    main()
