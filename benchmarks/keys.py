"""Measure what keys cost and how long the explorer stalls: moving, searching, faders, other screens, while indexing.

    python -m benchmarks.keys [TRACKS] [--library DIR] [--files 1500] [--json FILE]

Without --library a library of made-up tracks (make_rows.py, 100,000 unless given) is written into a temporary folder.
The real app runs in Textual's test driver at 120 x 40, which draws every line but sends nothing to a terminal. Keys:
CPU milliseconds of the whole process from the key until nothing is left to do, with those of the driver itself, and
the wall milliseconds until the screen was drawn; the right pane has come to rest before each. Answers: the same until
the list shows the answer; letters that follow each other are looked up once in 120 ms. Screens: until a frame with
their parts was drawn, all at rest before; the first opening apart, which reads styles and what is remembered; what they
ask for may come later. Closed: until Explore was drawn again. Stalls: a task sleeps 5 ms at a time and notes how much
later it woke; beside it the CPU milliseconds that the loop itself took in between, which other processes cannot make
longer.
The indexing run reads --files small files (make_files.py) into the library, in the explorer's own child, and then
goes on with what the made-up tracks lack; it is stopped after a minute.
"""

import argparse
import asyncio
import gc
import inspect
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from textual.events import Key
from textual.pilot import Pilot
from textual.screen import Screen

from benchmarks.latency import Figures, say, table
from benchmarks.make_files import make_files
from fairouz_tui.app import LOADED_SECONDS, FairouzApp
from fairouz_tui.paths import state_path
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.steps import Kind

HERE = Path(__file__).parent
SIZE = (120, 40)
REPEATS = 30
REST_SECONDS = 0.3
"""After a key, until the right pane has followed: its work is no cost of the next key."""
NO_MEANING = "Z"
TICK_SECONDS = 0.005
HELD_SECONDS = 1 / 30
"""Between two repeats of a held key, as terminals send them."""
PATIENCE_SECONDS = 300.0
QUERIES = ("love night", "river", "artist:the", "piano", "dream street")
FADER_MOVES = 20
VISITS = 10
HELD_FOR = 5.0
INDEXING_SECONDS = 60.0
"""The tags are read by then, and the sound and the lyrics are."""
PAUSE_SECONDS = 0.4
"""Long enough for what was typed to be looked up."""
LETTER_SECONDS = 0.08
DRAWN_WITHIN_SECONDS = 0.05
"""After an answer came; where nothing looks otherwise, nothing is drawn."""
SCREENS = {
    "question_mark": "help",
    "v": "graph",
    "M": "map",
    "I": "index",
    "t": "modalities",
    "c": "card",
    "S": "settings",
}
READ_SECONDS = 1.2
"""Before the next key: long enough for what is asked to come, and for garbage to be looked for in quiet."""


Costs = list[tuple[float, float]]


class WatchedApp(FairouzApp):
    """The explorer, which notes when it last drew."""

    CSS_PATH = inspect.getfile(ExploreScreen).removesuffix("py") + "tcss"
    drawn_at = 0.0
    seen: Screen[object] | None = None
    """The screen whose parts were drawn last."""

    def post_display_hook(self) -> None:
        """Note the time, and what is there to see."""
        self.drawn_at = time.perf_counter()
        if any(widget.region for widget in self.screen.walk_children()):
            self.seen = self.screen


class Bench:
    """One running explorer, its measurements."""

    def __init__(self, app: WatchedApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def screen(self) -> ExploreScreen:
        """Return the screen on top, which must be Explore."""
        assert isinstance(self.app.screen, ExploreScreen)
        return self.app.screen

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait, looking every millisecond."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not holds():
            if time.monotonic() > deadline:
                raise SystemExit("the explorer did not answer")
            await asyncio.sleep(0.001)

    async def keys(self, *keys: str) -> dict[str, float]:
        """Return what one key costs, from REPEATS of them in turn, each beside one without meaning."""
        costs, idle = [], []
        for at in range(REPEATS):
            await asyncio.sleep(REST_SECONDS)
            idle.append((await self.cost(NO_MEANING))[0])
            costs.append(await self.cost(keys[at % len(keys)]))
        cpu, drawn = [cost for cost, _ in costs], [wall for _, wall in costs if wall is not None]
        times = {"times a key without meaning": statistics.median(cpu) / statistics.median(idle)}
        return spread("CPU", cpu) | times | (spread("drawn after", drawn) if len(drawn) > REPEATS // 2 else {})

    async def cost(self, key: str) -> tuple[float, float | None]:
        """Press a key; return CPU milliseconds until all is done, wall ones until it was drawn, None if nothing was."""
        began, busy = time.perf_counter(), time.process_time()
        await self.pilot.press(key)
        drawn = self.app.drawn_at
        return (time.process_time() - busy) * 1000, (drawn - began) * 1000 if drawn > began else None

    async def started(self) -> None:
        """Wait until the first rows are there and the explorer has come to rest."""
        await self.until(lambda: isinstance(self.app.screen, ExploreScreen) and self.screen.results.current)
        await self.until(lambda: self.screen.top_line.summary.get("modalities"))
        await asyncio.sleep(LOADED_SECONDS + 0.5)

    async def answer(self, key: str, there: Callable[[], object]) -> tuple[float, float]:
        """Press a key and return CPU and wall milliseconds until what it asks for is drawn."""
        return await self.until_drawn(lambda: self.press(key), there)

    async def until_drawn(self, act: Callable[[], object], there: Callable[[], object]) -> tuple[float, float]:
        """Do something and return CPU and wall milliseconds until `there` holds and was drawn."""
        began, busy = time.perf_counter(), time.process_time()
        act()
        await self.until(there)
        came = time.perf_counter()
        await self.until(lambda: self.app.drawn_at > came or time.perf_counter() > came + DRAWN_WITHIN_SECONDS)
        wall = max(self.app.drawn_at, came) - began
        return (time.process_time() - busy) * 1000, wall * 1000

    async def until_seen(self, act: Callable[[], object], there: Callable[[object], bool]) -> tuple[float, float]:
        """Do something and return CPU and wall milliseconds until a screen that is the one was drawn with its parts."""
        began, busy = time.perf_counter(), time.process_time()
        act()
        await self.until(lambda: self.app.drawn_at > began and there(self.app.seen))
        return (time.process_time() - busy) * 1000, (self.app.drawn_at - began) * 1000

    async def type(self, words: str) -> None:
        """Type as a quick reader does."""
        for letter in words:
            self.press(letter)
            await asyncio.sleep(LETTER_SECONDS)
        await asyncio.sleep(PAUSE_SECONDS)

    def press(self, key: str) -> None:
        """Send a key and wait for nothing."""
        assert self.app._driver is not None
        name = {" ": "space", ":": "colon"}.get(key, key)
        self.app._driver.send_message(Key(name, key if len(key) == 1 else None))

    async def hold(self, *keys: str, seconds: float) -> None:
        """Press keys in turn as fast as a held key repeats."""
        end, at = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            self.press(keys[at % len(keys)])
            at += 1
            await asyncio.sleep(HELD_SECONDS)


def spread(name: str, milliseconds: list[float]) -> dict[str, float]:
    """Return median and 95th percentile."""
    ordered = sorted(milliseconds)
    return {f"{name} p50 ms": statistics.median(ordered), f"{name} p95 ms": ordered[int(len(ordered) * 0.95)]}


def both(costs: Costs) -> dict[str, float]:
    """Return the spreads of CPU and wall times."""
    return spread("CPU", [cpu for cpu, _ in costs]) | spread("answered after", [wall for _, wall in costs])


class Stalls:
    """How much later than asked a sleeping task woke, and what the loop did meanwhile."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self.busy: list[float] = []

    async def watch(self) -> None:
        """Sleep and note, until cancelled."""
        while True:
            began, busy = time.perf_counter(), time.thread_time()
            await asyncio.sleep(TICK_SECONDS)
            self.late.append((time.perf_counter() - began - TICK_SECONDS) * 1000)
            self.busy.append((time.thread_time() - busy) * 1000)

    def figures(self) -> dict[str, float]:
        """Return the 99th percentile and the longest."""
        late = sorted(self.late)
        return {
            "late p99 ms": late[int(len(late) * 0.99)],
            "longest stall ms": late[-1],
            "longest CPU of the loop ms": max(self.busy),
        }


@contextmanager
def stalls(figures: Figures, name: str) -> Iterator[None]:
    """Note the stalls of what is done inside."""
    say(name)
    found = Stalls()
    task = asyncio.create_task(found.watch())
    try:
        yield
    finally:
        task.cancel()
        figures[name] = found.figures()


async def key_costs(bench: Bench) -> Figures:
    """Measure keys in the library and in an answer."""
    pilot, figures = bench.pilot, Figures()
    figures["the driver alone, no key"] = await bench.keys("wait:0")
    figures["a key without meaning"] = await bench.keys(NO_MEANING)
    for where in ("library", "answer"):
        if where == "answer":
            await pilot.press("g", "m")
            await bench.until(lambda: bench.screen.here.kind is Kind.TRACK and bench.screen.here.answer)
            await asyncio.sleep(1)
        results = bench.screen.results
        await pilot.press("g", "j")
        figures[f"{where}: cursor key"] = await bench.keys("j", "k")
        results.cursor = results.in_sight[1]
        figures[f"{where}: cursor key that scrolls"] = await bench.keys("j")
        figures[f"{where}: page down"] = await bench.keys("pagedown", "pagedown", "pagedown", "g")
        figures[f"{where}: home and end"] = await bench.keys("end", "home")
        say(where)
    await pilot.press("backspace")
    return figures


async def answers(bench: Bench) -> Figures:
    """Measure typing, faders and other screens."""
    figures = Figures()
    figures["a letter typed, each answered"] = both(await typed(bench))
    figures["more like this"] = both(await more(bench))
    figures["a fader moved"] = both(await faders(bench))
    await bench.pilot.press("escape", "backspace")
    for key, name in SCREENS.items():
        say(name)
        figures[f"{name} opened"] = await opened(bench, key)
    return figures


async def typed(bench: Bench) -> Costs:
    """Type queries; each letter waits for its answer."""
    costs = []
    for words in QUERIES:
        await bench.pilot.press("slash", "ctrl+u")
        await asyncio.sleep(PAUSE_SECONDS)
        for end in range(1, len(words) + 1):
            say(f"typing {words[:end]}")
            key = words[end - 1]
            if key in " :":
                bench.press(key)
            else:
                costs.append(await bench.answer(key, lambda text=words[:end]: bench.screen.here.text == text))
        await bench.pilot.press("escape", "backspace")
        await asyncio.sleep(PAUSE_SECONDS)
    return costs


async def more(bench: Bench) -> Costs:
    """Ask for what is like the track under the cursor, going on from answer to answer."""
    costs = []
    for _ in range(VISITS):
        say("more like this")
        known = len(bench.screen.trail)
        costs.append(await bench.answer("m", lambda known=known: len(bench.screen.trail) > known))
        await bench.pilot.press("j", "j", "j")
    return costs


async def faders(bench: Bench) -> Costs:
    """Move a fader up and down; each move waits for the list."""
    costs = []
    await bench.pilot.press("f")
    for at in range(FADER_MOVES):
        say(f"fader {at}")
        before, key = bench.screen.here.answer, "l" if at % 8 < 4 else "h"
        costs.append(await bench.answer(key, lambda before=before: bench.screen.here.answer is not before))
    return costs


async def opened(bench: Bench, key: str) -> dict[str, float]:
    """Open a screen and close it, again and again; return what that costs until it is seen."""
    under, opening, closing = bench.screen, Costs(), Costs()
    for _ in range(VISITS):
        opening.append(await bench.until_seen(lambda: bench.press(key), lambda screen: screen is not under))
        await asyncio.sleep(READ_SECONDS)
        closing.append(await bench.until_seen(lambda: bench.press("escape"), lambda screen: screen is under))
        await asyncio.sleep(READ_SECONDS)
    first, again = opening[0], opening[1:]
    return {"first CPU ms": first[0], "first ms": first[1]} | both(again) | spread("closed", [ms for _, ms in closing])


async def stalled(bench: Bench, folder: Path) -> Figures:
    """Measure how long the loop stands still while keys are held, words typed, faders moved and files indexed."""
    figures, pilot = Figures(), bench.pilot
    await pilot.press("1", "g")
    with stalls(figures, "nothing is done"):
        await asyncio.sleep(HELD_FOR)
    with stalls(figures, "j held in the library"):
        await bench.hold("j", seconds=HELD_FOR)
    with stalls(figures, "page down held in the library"):
        await bench.hold("pagedown", seconds=HELD_FOR)
    await pilot.press("g", "m")
    await bench.until(lambda: bench.screen.here.kind is Kind.TRACK)
    await pilot.press("e")
    with stalls(figures, "j held in an answer, reasons open"):
        await bench.hold("j", seconds=HELD_FOR)
    await pilot.press("f")
    with stalls(figures, "a fader held"):
        await bench.hold(*"llllhhhh", seconds=HELD_FOR)
    with stalls(figures, "a fader moved and answered"):
        await faders_in_steps(bench)
    await pilot.press("escape", "backspace", "slash", "ctrl+u")
    with stalls(figures, "searching"):
        for words in QUERIES:
            await bench.type(words)
            await pilot.press("ctrl+u")
    await pilot.press("escape", "1", "g")
    bench.screen.top_line.index([folder])
    await bench.until(lambda: bench.screen.top_line.indexing)
    with stalls(figures, "indexing, j and page down held"):
        end = time.monotonic() + INDEXING_SECONDS
        while bench.screen.top_line.indexing and time.monotonic() < end:
            say(f"indexing: {bench.screen.top_line.progress}"[:100])
            await bench.hold("j", "j", "j", "pagedown", seconds=1.0)
    bench.screen.top_line.stop()
    await bench.until(lambda: not bench.screen.top_line.indexing)
    return figures


async def faders_in_steps(bench: Bench) -> None:
    """Move a fader twice a second."""
    for key in "llllhhhh":
        bench.press(key)
        await asyncio.sleep(PAUSE_SECONDS)


async def measure(library: Path, folder: Path) -> dict[str, Figures]:
    """Measure everything in one run of the explorer, then the stalls in a second one, which has read nothing yet."""
    measured: dict[str, Figures] = {}
    app = WatchedApp(library)
    async with app.run_test(size=SIZE) as pilot:
        bench = Bench(app, pilot)
        await bench.started()
        measured["keys"] = await key_costs(bench)
        show("keys", measured)
        measured["answers"] = await answers(bench)
        show("answers", measured)
    state_path(library).unlink(missing_ok=True)  # begin anew
    gc.collect()  # the first explorer, whose end is no stall of the second
    app = WatchedApp(library)
    async with app.run_test(size=SIZE) as pilot:
        bench = Bench(app, pilot)
        await bench.started()
        measured["stalls"] = await stalled(bench, folder)
        show("stalls", measured)
    return measured


def show(title: str, measured: dict[str, Figures]) -> None:
    """Print one table."""
    print(f"\n{table(title, measured[title])}", flush=True)


def main() -> None:
    """Make what is missing, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tracks", type=int, nargs="?", default=100_000)
    parser.add_argument("--library", type=Path, help="measure a copy of this one, and make none")
    parser.add_argument("--files", type=int, default=1_500, help="how many files are indexed meanwhile")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        library, folder = Path(temporary, "library"), Path(temporary, "music")
        if arguments.library is None:
            subprocess.run(
                [sys.executable, str(HERE / "make_rows.py"), str(arguments.tracks), str(library)], check=True
            )
        else:
            shutil.copytree(arguments.library, library)
        make_files(folder, tracks=arguments.files)
        measured = asyncio.run(measure(library, folder))
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(measured, indent=1))


if __name__ == "__main__":
    main()
