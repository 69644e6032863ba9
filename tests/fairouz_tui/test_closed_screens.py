"""A screen that was closed leaves nothing behind: neither itself nor what was drawn of it."""

import gc
from collections.abc import Callable
from pathlib import Path
from weakref import ref

import pytest
from textual.screen import Screen
from textual.widget import Widget

from fairouz_tui.screens.rebinding import KeysScreen
from tests.fairouz_tui.driving import WIDE, app_on, explore, rest, until

KEYS = ("v", "M", "I", "t", "c", "S", "question_mark")


async def test_closed_screens_are_let_go_with_what_was_drawn_of_them(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gc, "freeze", lambda: None)  # looked at as well: what stays for good is not let go
    gc.unfreeze()
    app = app_on(library)
    drawn = list[tuple[str, Callable[[], object]]]()

    def note(screen: Screen[object]) -> None:
        name = type(screen).__name__
        drawn.append((name, ref(screen)))
        drawn.extend((f"lines of {widget} on {name}", ref(widget._styles_cache)) for widget in screen.query(Widget))

    def kept() -> list[str]:
        gc.collect()
        return [name for name, there in drawn if there() is not None]

    async with app.run_test(size=WIDE) as pilot:
        under = await explore(pilot)
        for key in KEYS:
            await pilot.press(key)
            await until(pilot, lambda: app.screen is not under)
            await rest(pilot)
            note(app.screen)
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is under)
        app.push_screen(KeysScreen(under))
        await until(pilot, lambda: isinstance(app.screen, KeysScreen))
        note(app.screen)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is under)
        await pilot.press("question_mark")  # the last one that was closed may stay until the next
        await until(pilot, lambda: app.screen is not under)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is under)
        await rest(pilot)
        assert kept() == []
