"""Pictures of the settings, the page of keys, the first run, the help and the themes, with fixed contents."""

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input

from fairouz_tui.app import FairouzApp
from fairouz_tui.config import Config
from fairouz_tui.folders import Counted
from fairouz_tui.keymap import Key
from fairouz_tui.screens.first_run import FirstRunScreen
from fairouz_tui.screens.help import HelpScreen
from fairouz_tui.screens.rebinding import KeysScreen, PressKeyScreen
from fairouz_tui.screens.settings import SettingsScreen
from fairouz_tui.settings import THEMES
from tests.fairouz_tui.driving import explore, on_top, rest, until
from tests.fairouz_tui.shelf import shelve

SIZES = [(120, 40), (90, 30), (60, 16)]
FILE = Path("/nowhere/config.toml")
KEYS = (
    Key("play", ("enter",), "play", "Play", "Play the track under the cursor, and on from there", "Explore"),
    Key("search", ("slash", "f3"), "ask", "Search", "Type words and fields: oud year:1960..1970", "Explore"),
    Key("list_down", ("j", "down"), "move(1)", "Down", "One line down", "Lists"),
    Key("faders_more", ("ctrl+g",), "change(1)", "More", "Count this modality more", "Faders"),
)
"""A few keys, so that a new one elsewhere changes no picture here."""


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    return (int(request.param[0]), int(request.param[1]))


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the cursor of every input from blinking in and out of the pictures."""
    monkeypatch.setattr(Input.cursor_blink, "_default", False)


def app_on(library: Path, **values: Any) -> FairouzApp:
    config = Config(reduced_motion=True, keys={"faders_more": "ctrl+g"}, **values)
    return FairouzApp(shelve(library), config=config, config_file=FILE)


def test_settings(snap_compare: Any, tmp_path: Path, size: tuple[int, int]) -> None:
    async def look(pilot: Pilot[None]) -> None:
        await explore(pilot)
        await pilot.press("S")
        screen = await on_top(pilot, SettingsScreen)
        await pilot.press("j")
        await until(pilot, lambda: screen.settings.current.name == "theme")
        await rest(pilot)

    assert snap_compare(app_on(tmp_path, per_artist=5), terminal_size=size, run_before=look)


def test_a_setting_is_typed(snap_compare: Any, tmp_path: Path, size: tuple[int, int]) -> None:
    async def look(pilot: Pilot[None]) -> None:
        await explore(pilot)
        await pilot.press("S")
        screen = await on_top(pilot, SettingsScreen)
        await pilot.press(*["j"] * 6, "enter", "9", "9", "enter")
        await until(pilot, lambda: "must be" in str(screen.query_one("#setting-line").border_subtitle))
        await rest(pilot)

    assert snap_compare(app_on(tmp_path), terminal_size=size, run_before=look)


def test_page_of_keys(
    snap_compare: Any, tmp_path: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fairouz_tui.places.all_keys", lambda _: list(KEYS))

    async def look(pilot: Pilot[None]) -> None:
        await explore(pilot)
        await pilot.press("S", "G", "enter")
        await on_top(pilot, KeysScreen)
        await pilot.press("j")
        await rest(pilot)

    assert snap_compare(app_on(tmp_path), terminal_size=size, run_before=look)


def test_a_key_is_asked_for(
    snap_compare: Any, tmp_path: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fairouz_tui.places.all_keys", lambda _: list(KEYS))

    async def look(pilot: Pilot[None]) -> None:
        await explore(pilot)
        await pilot.press("S", "G", "enter")
        await on_top(pilot, KeysScreen)
        await pilot.press("enter")
        await on_top(pilot, PressKeyScreen)
        await rest(pilot)

    assert snap_compare(app_on(tmp_path), terminal_size=size, run_before=look)


def test_help(snap_compare: Any, tmp_path: Path, size: tuple[int, int]) -> None:
    async def look(pilot: Pilot[None]) -> None:
        await explore(pilot)
        pilot.app.push_screen(HelpScreen(list(KEYS), here=["Lists", "Explore"]))
        await on_top(pilot, HelpScreen)
        await rest(pilot)

    assert snap_compare(app_on(tmp_path), terminal_size=size, run_before=look)


def test_first_run(snap_compare: Any, tmp_path: Path, size: tuple[int, int]) -> None:
    async def look(pilot: Pilot[None]) -> None:
        await on_top(pilot, Screen)
        pilot.app.push_screen(FirstRunScreen())
        screen = await on_top(pilot, FirstRunScreen)
        screen._folders = [Path("/music/records"), Path("/music/tapes")]
        screen._name_folders()
        await pilot.press("ctrl+r")
        await rest(pilot)
        counted = Counted(12480, whole=True, seconds_to_index=674.0)
        screen.post_message(FirstRunScreen.Looked(screen._ask, Path("/music/tapes"), counted))
        await rest(pilot)

    app = FairouzApp(tmp_path / "none", config=Config(reduced_motion=True), config_file=FILE)
    assert snap_compare(app, terminal_size=size, run_before=look)


@pytest.mark.parametrize("look", [*THEMES[1:], "16", "none", "no frames"])
def test_looks(snap_compare: Any, tmp_path: Path, look: str) -> None:
    async def walk(pilot: Pilot[None]) -> None:
        screen = await explore(pilot)
        await pilot.press("a", "j", "a", "x", "j")
        await until(pilot, lambda: len(screen.playlist) == 2)
        screen.why.say("About", "What is known about the track under the cursor stands here.")
        await rest(pilot)
        screen.why.say("About", "What is known about the track under the cursor stands here.")
        await rest(pilot)

    values = {"colours": look} if look in ("16", "none") else {"frames": False} if " " in look else {"theme": look}
    assert snap_compare(app_on(tmp_path, **values), terminal_size=(120, 30), run_before=walk)
