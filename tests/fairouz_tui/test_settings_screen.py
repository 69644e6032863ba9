"""The screen of settings and the page of keys, used by keys alone."""

from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input, Static

from fairouz_tui.app import FairouzApp
from fairouz_tui.config import Config, load_config
from fairouz_tui.screens.rebinding import KeysScreen, PressKeyScreen
from fairouz_tui.screens.settings import SettingsScreen
from fairouz_tui.settings import SETTINGS
from tests.fairouz_tui.driving import explore, notices, until
from tests.fairouz_tui.shelf import shelve

NAMES = [setting.name for setting in SETTINGS]


def app_on(tmp_path: Path, text: str = "") -> FairouzApp:
    """Return the explorer of a small library with a config.toml of its own."""
    file = tmp_path / "config.toml"
    file.write_text(text)
    return FairouzApp(shelve(tmp_path / "library"), config=load_config(file), config_file=file)


async def settings(pilot: Pilot[None], name: str) -> SettingsScreen:
    """Open the screen with its key and go to a setting."""
    screen = await explore(pilot)
    await pilot.press("S")
    await until(pilot, lambda: isinstance(pilot.app.screen, SettingsScreen) and pilot.app.screen.query("#settings"))
    opened = pilot.app.screen
    assert isinstance(opened, SettingsScreen)
    await pilot.press("g", *["j"] * NAMES.index(name))
    await until(pilot, lambda: opened.settings.current.name == name)
    assert screen.is_attached
    return opened


def about(screen: SettingsScreen) -> str:
    return str(screen.query_one("#settings-about", Static).content)


async def test_a_choice_turns_both_ways_and_holds_at_once(tmp_path: Path) -> None:
    app = app_on(tmp_path, "# mine\nper_album = 1 # few\n")
    file = app.config_file
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settings(pilot, "theme")
        assert "colour-blind" in about(screen)
        await pilot.press("right")
        await until(pilot, lambda: app.theme == "fairouz-light")
        assert file.read_text() == '# mine\nper_album = 1 # few\ntheme = "fairouz-light"\n'
        await pilot.press("space", "left", "enter")
        await until(pilot, lambda: app.theme == "fairouz-contrast" and not app._writing.locked())
        await until(pilot, lambda: about(screen).count("fairouz-contrast · fairouz is the default") == 1)
        await pilot.press("d")
        await until(pilot, lambda: app.theme == "fairouz")
        assert file.read_text() == "# mine\nper_album = 1 # few\n"
        await pilot.press("j", "right")
        await until(pilot, lambda: app.config.colours == "16" and app.current_theme.ansi)
        await pilot.press("right")
        await until(pilot, lambda: app.no_color)
        await pilot.press("right")
        await until(pilot, lambda: not app.no_color and app.theme == "fairouz")
        await pilot.press("j", "left")
        await until(pilot, lambda: app.config.images == "off" and app.library.config is app.config)
        assert notices(pilot) == []


async def test_what_is_typed_is_checked_kept_or_left(tmp_path: Path) -> None:
    app = app_on(tmp_path)
    async with app.run_test(size=(90, 30)) as pilot:
        screen = await settings(pilot, "per_artist")
        line = screen.query_one("#setting-line", Input)
        await pilot.press("enter")
        assert line.value == "3"
        await pilot.press("9", "9", "enter")
        assert line.has_focus
        assert "from 0 to 50" in str(line.border_subtitle)
        await pilot.press("escape")
        assert screen.settings.has_focus
        assert app.config.per_artist == 3
        await pilot.press("enter", "backspace", "7", "enter")
        await until(pilot, lambda: app.config.per_artist == 7)
        await pilot.press("right", "right", "left")
        await until(pilot, lambda: app.config.per_artist == 8 and not app._writing.locked())
        assert load_config(app.config_file).per_artist == 8
        await pilot.press(*["j"] * (NAMES.index("mpv.arguments") - NAMES.index("per_artist")), "right")
        await until(pilot, lambda: any("press enter" in one for one in notices(pilot)))
        await pilot.press("enter", *"--volume", "equals_sign", *"8 '--title", "equals_sign", *"a q'", "enter")
        await until(pilot, lambda: load_config(app.config_file).mpv_arguments == ("--volume=8", "--title=a q"))
        await until(pilot, lambda: any("next start" in one for one in notices(pilot)))


async def test_the_place_is_remembered_and_the_other_keys_lead_on(tmp_path: Path) -> None:
    app = app_on(tmp_path)
    async with app.run_test(size=(60, 16)) as pilot:
        await settings(pilot, "mpv.program")
        await pilot.press("escape")
        explorer = await explore(pilot)
        assert explorer.memories["settings"] == {"setting": "mpv.program"}
        await pilot.press("9")
        await until(pilot, lambda: isinstance(app.screen, SettingsScreen) and app.screen.is_mounted)
        screen = app.screen
        assert isinstance(screen, SettingsScreen)
        await until(pilot, lambda: screen.settings.current.name == "mpv.program")
        await pilot.press("G", "d")
        await until(pilot, lambda: any("one by one" in one for one in notices(pilot)))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, KeysScreen))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)


async def test_a_file_edited_outside_is_taken_over_and_never_overwritten(tmp_path: Path) -> None:
    app = app_on(tmp_path)
    file = app.config_file
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await settings(pilot, "per_artist")
        file.write_text('# by hand\ntheme = "fairouz-light"\n')
        await pilot.press("right")
        await until(pilot, lambda: app.theme == "fairouz-light" and app.config.per_artist == 4)
        assert file.read_text() == '# by hand\ntheme = "fairouz-light"\nper_artist = 4\n'
        file.write_text("per_artist = 9\n")
        await until(pilot, lambda: app.config.per_artist == 9 and app.theme == "fairouz")
        await until(pilot, lambda: "9 · 3 is the default" in about(screen))
        assert any("changed outside" in one for one in notices(pilot))
        file.write_text("per_artist = many\n")
        await pilot.press("right")
        await until(pilot, lambda: any("not TOML" in one for one in notices(pilot)))
        assert file.read_text() == "per_artist = many\n"
        assert app.config.per_artist == 9
        assert screen.settings.has_focus


async def test_a_key_is_changed_by_pressing_another(tmp_path: Path) -> None:
    app = app_on(tmp_path, '[keys]\nsort = "o"\n')
    async with app.run_test(size=(120, 40)) as pilot:
        await settings(pilot, "keys")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, KeysScreen) and len(app.screen.list) > 50)
        screen = app.screen
        assert isinstance(screen, KeysScreen)
        await pilot.press("slash", *"explore clipboard")
        await until(pilot, lambda: [key.id for key in screen.list.keys] == ["copy"])
        await pilot.press("escape")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, PressKeyScreen))
        await pilot.press("m")
        said = str(app.screen.query_one("#said", Static).content)
        assert "m is taken. It does this already:\n  Find tracks like this one (Explore)" in said
        assert "⏎ gives m to “Copy path”; then “More like” has y." in said
        await pilot.press("ctrl+y")
        await until(pilot, lambda: app.screen is screen and app.config.keys.get("copy") == "ctrl+y")
        await pilot.press("plus")
        await until(pilot, lambda: isinstance(app.screen, PressKeyScreen))
        await pilot.press("a", "enter")
        assert "a is taken" in str(app.screen.query_one("#said", Static).content)
        await pilot.press("4", "enter")
        await until(pilot, lambda: app.config.keys.get("copy") == "ctrl+y,4")
        assert app.config_file.read_text() == '[keys]\nsort = "o"\ncopy = "ctrl+y,4"\ngraph = "v"\n'
        await until(pilot, lambda: [key.keys for key in screen.list.keys] == [("ctrl+y", "4")])
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, PressKeyScreen))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        await pilot.press("d")
        await until(pilot, lambda: "copy" not in app.config.keys)
        await pilot.press("d")
        await until(pilot, lambda: any("as it comes" in one for one in notices(pilot)))


async def test_two_commands_swap_their_keys_and_get_them_back(tmp_path: Path) -> None:
    app = app_on(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await settings(pilot, "keys")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, KeysScreen) and len(app.screen.list) > 50)
        screen = app.screen
        assert isinstance(screen, KeysScreen)
        await pilot.press("slash", *"explore clipboard", "escape", "enter")
        await until(pilot, lambda: isinstance(app.screen, PressKeyScreen))
        await pilot.press("m", "enter")
        await until(pilot, lambda: app.config.keys == {"copy": "m", "more": "y"})
        await until(pilot, lambda: app.screen is screen)
        await pilot.press("d")
        await until(pilot, lambda: not app.config.keys)
        assert any("“More like” had its key" in one for one in notices(pilot))


async def test_a_ring_of_changed_keys_is_put_back_whole(tmp_path: Path) -> None:
    app = app_on(tmp_path, '[keys]\ncopy = "u"\ncaps = "y"\nrescan = "o"\nsort = "z"\n')
    async with app.run_test(size=(120, 40)) as pilot:
        await settings(pilot, "keys")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, KeysScreen) and len(app.screen.list) > 50)
        await pilot.press("slash", *"explore clipboard", "escape", "d")
        await until(pilot, lambda: "copy" not in app.config.keys)
        assert app.config.keys == {"sort": "z"}
        assert any("and 1 more had its key" in one for one in notices(pilot))


async def test_a_changed_key_holds_at_once(tmp_path: Path) -> None:
    app = app_on(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await explore(pilot)
        app.config_file.write_text('[keys]\nlist_down = "ctrl+t"\n')
        await until(pilot, lambda: app.config.keys)
        await pilot.press("ctrl+t", "ctrl+t")
        assert screen.results.cursor == 2
        await pilot.press("j")
        assert screen.results.cursor == 2


async def test_the_plain_profile_moves_without_letters(tmp_path: Path) -> None:
    app = FairouzApp(shelve(tmp_path), config=Config(keys_profile="plain"))
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await explore(pilot)
        for key in "hjklgG":
            await pilot.press(key)
        assert screen.results.cursor == 0
        await pilot.press("down", "down", "up")
        assert screen.results.cursor == 1
        await pilot.press("end")
        assert screen.results.cursor == len(screen.results) - 1
        await pilot.press("home", "f3")
        assert screen.query_input.has_focus
        await pilot.press("escape", "f9")
        await until(pilot, lambda: isinstance(app.screen, SettingsScreen))


async def test_the_setting_under_the_cursor_is_in_sight_on_a_low_screen(tmp_path: Path) -> None:
    app = app_on(tmp_path)
    async with app.run_test(size=(60, 16)) as pilot:
        screen = await settings(pilot, "per_artist")
        await pilot.press("G")
        first, after = screen.settings.in_sight
        assert first <= screen.settings.cursor < after
        await pilot.press("k", "k", "enter")
        await until(pilot, lambda: screen.query_one("#setting-line").has_class("-open"))
        assert not screen.query_one("#settings-about").display
        await pilot.press("escape")
        await until(pilot, lambda: screen.query_one("#settings-about").display)
