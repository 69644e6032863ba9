"""What the explorer says of a query: nothing close, what is wrong with it, how it was read, what caps left out."""

import html
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from fairouz_tui.app import FairouzApp
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.steps import Kind, Step
from tests.fairouz_tui.driving import NARROW, WIDE, app_on, explore, until

WRONG = {
    "year:not-a-year": 'year: wants 1999, 1990..1999 or <2000, not "not-a-ye…"',
    "year:1999..1990": "year: wants the smaller end first: 1990..1999",
    "averylongfield:x": 'no field "averylon…:"; try genre: year: or "quotes"',
    "year:": "year: needs a value, like 1999, 1990..1999 or <2000",
}


async def test_what_is_wrong_with_a_query_is_whole_on_a_narrow_screen(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=NARROW) as pilot:
        screen = await explore(pilot)
        await pilot.press("slash")
        for typed, said in WRONG.items():
            screen.query_input.value = typed
            await until(pilot, says(app, said))


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_nothing_close_is_said_of_made_up_words_and_not_of_others(library: Path, size: tuple[int, int]) -> None:
    app = app_on(library)
    async with app.run_test(size=size) as pilot:
        screen = await explore(pilot)
        for typed, said in (("blorp fnord", "nothing close: only the least far"), ("marisoll", "")):
            await pilot.press("slash")
            screen.query_input.value = typed
            await pilot.press("enter")
            await until(pilot, answers(screen, typed))
            await until(pilot, says(app, said))
            assert ("nothing close" in drawn(app)) == bool(said)
        await until(pilot, says(app, "marisoll read as marisol"))


async def test_a_mix_keeps_the_caps_until_they_are_lifted(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        rows = screen.library.open().rows([1, 30])
        screen.go(Step(Kind.MIX, tracks=tuple(rows)))
        await until(pilot, lambda: screen.here.kind is Kind.MIX and screen.results.hits)
        assert max(Counter(hit.track.artist for hit in screen.results.hits).values()) == 3
        await until(pilot, says(app, "o shows all"))
        await pilot.press("o")
        await until(pilot, lambda: len(screen.results.hits) == 34)
        assert "left out" not in str(screen.results.border_subtitle)


def drawn(app: FairouzApp) -> str:
    """Return the text on the screen."""
    return html.unescape(re.sub(r"<[^>]*>", "", app.export_screenshot())).replace("\xa0", " ")


def says(app: FairouzApp, text: str) -> Callable[[], bool]:
    return lambda: text in drawn(app)


def answers(screen: ExploreScreen, text: str) -> Callable[[], bool]:
    """Return whether a query has been answered by meaning."""
    return lambda: screen.here.text == text and any(hit.percentile is not None for hit in screen.results.hits[:1])
