"""How soon typed letters are looked up: at once after a rest, then at most once in the pause that is set."""

import asyncio
from pathlib import Path

from fairouz_tui.app import FairouzApp
from fairouz_tui.config import Config
from tests.fairouz_tui.driving import WIDE, explore, until

FOR_EVER_MS = 3_600_000


async def test_a_letter_after_a_rest_is_answered_at_once_and_the_next_waits(library: Path) -> None:
    app = FairouzApp(library, config=Config(mpv_arguments=("--ao=null",), typing_pause_ms=FOR_EVER_MS))
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("slash", "h")
        await until(pilot, lambda: screen.here.text == "h")
        await pilot.press("a")
        assert screen.query_input.value == "ha"
        # The look-up of "ha" is an hour away; asking by meaning does not wait for it, and drops it.
        await pilot.press(*"rbour", "enter")
        await until(pilot, lambda: screen.here.text == "harbour")
        assert len(screen.trail) == 2


async def test_a_look_up_that_is_due_already_is_dropped_all_the_same(library: Path) -> None:
    """The end of its pause stands among the messages when a query is asked: the answer by meaning must stay."""
    done: list[str] = []
    app = FairouzApp(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)

        async def busy_while_it_falls_due() -> None:
            screen.soon(lambda: done.append("dropped"), pause=0.01)
            await asyncio.sleep(0.2)
            screen.soon(lambda: done.append("wanted"), pause=0.01)

        screen.call_later(busy_while_it_falls_due)
        await until(pilot, lambda: bool(done))
    assert done == ["wanted"]
