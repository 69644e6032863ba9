"""Draw docs/explore.svg, the README's picture: the explorer itself on the demo library, in a terminal nobody sees.

Run by `make picture` after a change of the screen.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from fairouz_tui.app import FairouzApp
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.steps import Kind
from indexer.demo_library import make_demo_library
from indexer.pipeline import index

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "explore.svg"
SIZE = (120, 36)
QUERY = "artist:marisol"
PATIENCE_SECONDS = 60.0


def main() -> None:
    """Index the demo library in a temporary folder and draw the screen."""
    with tempfile.TemporaryDirectory() as temporary:
        music, library = Path(temporary) / "music", Path(temporary) / "library"
        make_demo_library(music)
        for _ in index(library, [music]):
            pass
        asyncio.run(draw(library))
    print(f"{PICTURE}: {PICTURE.stat().st_size / 1e3:.0f} kB")


async def draw(library: Path) -> None:
    """Ask for words, then for more like the first track found, and why; then draw."""
    app = FairouzApp(library)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: isinstance(app.screen, ExploreScreen) and app.screen.results.current is not None)
        screen = app.screen
        assert isinstance(screen, ExploreScreen)
        await pilot.press("/", *QUERY)
        await until(pilot, lambda: screen.here.kind is Kind.WORDS and screen.here.answer is not None)
        await pilot.press("escape", "m")
        await until(pilot, lambda: screen.here.kind is Kind.TRACK and screen.here.answer is not None)
        await pilot.press("a", "j", "a", "e")
        await asyncio.sleep(3)  # the reasons and their pictures come one by one
        await pilot.pause()
        PICTURE.write_text(app.export_screenshot(title="fairouz-tui"), "utf-8")


async def until(pilot: Pilot[None], holds: Callable[[], object]) -> None:
    """Wait until `holds` is true; end the run when it does not come true."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise SystemExit("the explorer did not answer in a minute")
        await asyncio.sleep(0.05)
        await pilot.pause()


if __name__ == "__main__":
    main()
