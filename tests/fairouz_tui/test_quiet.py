"""Garbage is looked for while nobody presses keys; what was loaded for good is gone through once."""

import gc
import sys
from collections.abc import Iterator
from types import ModuleType
from weakref import ref

import pytest
from textual.screen import Screen

from fairouz_tui import quiet
from fairouz_tui.app import FairouzApp
from fairouz_tui.quiet import AT_LATEST, WORTH, QuietApp
from tests.fairouz_tui.driving import until


class Ring:
    """Something that only a look for garbage finds."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Leave the look for garbage as it was."""
    threshold = gc.get_threshold()
    yield
    gc.set_threshold(*threshold)
    gc.unfreeze()


def old_garbage() -> "ref[Ring]":
    """Return what became garbage when it was old: a look at what is young does not find it."""
    ring = Ring()
    gc.collect()
    found = ref(ring)
    del ring
    for _ in range(WORTH):
        gc.collect(1)
    assert found() is not None
    return found


async def test_garbage_is_looked_for_when_it_is_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    assert issubclass(FairouzApp, QuietApp)
    app = QuietApp()
    async with app.run_test() as pilot:
        assert gc.get_threshold()[2] == AT_LATEST
        monkeypatch.setattr(quiet, "QUIET_SECONDS", 1000.0)
        await pilot.press("x")
        garbage = old_garbage()
        app.look_for_garbage()
        assert garbage() is not None
        monkeypatch.setattr(quiet, "QUIET_SECONDS", 0.0)
        gc.disable()
        app.look_for_garbage()
        assert garbage() is not None  # the start has its own time for it
        gc.enable()
        app.look_for_garbage()
        assert garbage() is None


class Holding(Screen[None]):
    """A screen that only a look for garbage lets go of."""

    def __init__(self) -> None:
        super().__init__()
        self.itself = self


async def test_a_closed_screen_that_is_still_held_is_not_declared_to_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_others()
    app = QuietApp()
    async with app.run_test() as pilot:
        monkeypatch.setattr(quiet, "QUIET_SECONDS", 0.0)
        screen = Holding()
        await app.push_screen(screen)
        app.pop_screen()
        await pilot.pause()
        gone, stays = ref(screen), gc.get_freeze_count()
        old_garbage()
        app.look_for_garbage()  # held by this very test
        app.keep_loaded()
        assert gc.get_freeze_count() <= stays
        del screen
        await until(pilot, lambda: stays_more(app, stays))
        assert gone() is None


def stays_more(app: QuietApp, before: int) -> bool:
    """Look for garbage; return whether more is declared to stay than before."""
    for _ in range(WORTH):
        gc.collect(1)
    app.look_for_garbage()
    return gc.get_freeze_count() > before


def forget_others() -> None:
    """Leave the screens that other tests closed out of sight."""
    gc.collect()
    gc.freeze()


async def test_what_was_loaded_stays_but_not_the_screen_that_loaded_it(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_others()
    app = QuietApp()
    async with app.run_test() as pilot:
        monkeypatch.setattr(quiet, "QUIET_SECONDS", 0.0)
        old_garbage()
        app.look_for_garbage()
        await app.push_screen(Screen())
        monkeypatch.setitem(sys.modules, "loaded_by_a_screen", ModuleType("loaded_by_a_screen"))
        stays, garbage = gc.get_freeze_count(), old_garbage()
        app.look_for_garbage()
        assert garbage() is not None
        assert gc.get_freeze_count() <= stays
        app.pop_screen()
        await pilot.pause()
        await until(pilot, lambda: stays_more(app, stays))
        assert garbage() is None
        stays, garbage = gc.get_freeze_count(), old_garbage()
        app.look_for_garbage()
        assert garbage() is None
        assert gc.get_freeze_count() <= stays
