"""The line of keys: it follows the focus, and the mouse can press, light and scroll it."""

from pathlib import Path

from textual.pilot import Pilot
from textual.widgets._footer import Footer, FooterKey

from fairouz_tui.app import FairouzApp
from fairouz_tui.config import Config
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.screens.help import HelpScreen
from fairouz_tui.widgets.key_line import Item, KeyLine, fitting
from tests.fairouz_tui.driving import explore, until
from tests.fairouz_tui.shelf import shelve


def text(line: KeyLine) -> str:
    return line.render_line(0).text


def item(line: KeyLine, does: str) -> Item:
    return next(item for item in line.items if item.does == does)


async def shown(pilot: Pilot[None]) -> tuple[ExploreScreen, KeyLine]:
    screen = await explore(pilot)
    await until(pilot, lambda: screen.results.has_focus)
    return screen, screen.query_one(KeyLine)


async def test_it_says_what_the_footer_of_the_frame_would_say(tmp_path: Path) -> None:
    app = FairouzApp(shelve(tmp_path))
    async with app.run_test(size=(120, 40)) as pilot:
        screen, line = await shown(pilot)
        for key in ("", "slash", "escape", "f"):
            await pilot.press(*[key] * bool(key))
            await pilot.pause(0.1)
            footer = Footer(show_command_palette=False)
            await screen.mount(footer)
            screen.refresh_bindings()
            await until(pilot, lambda footer=footer: footer.query(FooterKey))  # type: ignore[misc]
            theirs = [(key.key_display, key.description, key.tooltip) for key in footer.query(FooterKey)]
            assert sorted((item.sign, item.does, item.tooltip) for item in line.known) == sorted(theirs)
            await footer.remove()


async def test_it_follows_the_focus(tmp_path: Path) -> None:
    app = FairouzApp(shelve(tmp_path))
    async with app.run_test(size=(120, 40)) as pilot:
        _, line = await shown(pilot)
        assert "More like" in text(line)
        assert "By meaning" not in text(line)
        await pilot.press("slash")
        await until(pilot, lambda: "By meaning" in text(line))
        await pilot.press("escape")
        await until(pilot, lambda: "By meaning" not in text(line))


async def test_the_cells_of_an_item_are_those_it_is_drawn_on(tmp_path: Path) -> None:
    app = FairouzApp(shelve(tmp_path))
    async with app.run_test(size=(120, 40)) as pilot:
        _, line = await shown(pilot)
        for one in line.items:
            assert text(line)[one.start : one.end] == f" {one.sign} {one.does} "


async def test_a_click_presses_the_key(tmp_path: Path) -> None:
    app = FairouzApp(shelve(tmp_path))
    async with app.run_test(size=(120, 40)) as pilot:
        _, line = await shown(pilot)
        await pilot.click(line, offset=(item(line, "Help").start + 1, 0))
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))


async def test_the_mouse_lights_a_key_and_says_more_about_it(tmp_path: Path) -> None:
    app = FairouzApp(shelve(tmp_path))
    async with app.run_test(size=(120, 40)) as pilot:
        _, line = await shown(pilot)
        before = line.render_line(0)
        await pilot.hover(line, offset=(item(line, "Why").start + 1, 0))
        await until(pilot, lambda: line.tooltip == "Say why the track under the cursor is close")
        assert text(line) == before.text
        assert line.render_line(0) != before
        await pilot.hover(line, offset=(line.items[-1].end + 2, 0))
        await until(pilot, lambda: line.tooltip is None)


async def test_the_wheel_brings_what_does_not_fit_into_sight(tmp_path: Path) -> None:
    app = FairouzApp(shelve(tmp_path))
    async with app.run_test(size=(60, 20)) as pilot:
        _, line = await shown(pilot)
        assert "Graph" not in text(line)
        assert "Search" in text(line)
        for _ in range(20):
            line.on_mouse_scroll_down()
        await until(pilot, lambda: "Graph" in text(line))
        assert "Search" not in text(line)
        assert all(word in text(line) for word in ("Map", "Quit", "Help"))
        await pilot.click(line, offset=(item(line, "Help").start + 1, 0))
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.press("escape")
        for _ in range(20):
            line.on_mouse_scroll_up()
        await until(pilot, lambda: "Search" in text(line))


async def test_no_key_is_cut_and_the_help_and_the_ways_out_stay(tmp_path: Path) -> None:
    app = FairouzApp(shelve(tmp_path))
    async with app.run_test(size=(60, 16)) as pilot:
        screen, line = await shown(pilot)
        for width in (60, 61, 70, 80, 90, 119):
            await pilot.resize_terminal(width, 16)
            await until(pilot, lambda width=width: line.size.width == width)  # type: ignore[misc]
            assert text(line).rstrip() == "".join(f" {item.sign} {item.does} " for item in line.items).rstrip()
            assert {"Search", "Play", "More like", "Help", "Quit"} <= {item.does for item in line.items}
        for name in ("graph", "map", "index", "modalities", "card", "settings"):
            screen.visit(name)
            await until(pilot, lambda: app.screen is not screen and app.screen.query(KeyLine))
            over = app.screen.query_one(KeyLine)
            await pilot.resize_terminal(60, 16)
            await until(pilot, lambda over=over: over.size.width == 60)  # type: ignore[misc]
            shown_there = [item.does for item in over.items]
            assert shown_there[-3:] == ["Leave", "Help", "Quit"], name
            assert len(shown_there) > 3, name
            app.screen.dismiss(None)
            await until(pilot, lambda: app.screen is screen)


async def test_a_command_keeps_its_place_with_another_key(tmp_path: Path) -> None:
    library = shelve(tmp_path)
    shown_in = []
    for keys in ({}, {"more": "e", "explain": "m"}, {"search": "ctrl+o"}):
        app = FairouzApp(library, config=Config(keys=keys))
        async with app.run_test(size=(90, 30)) as pilot:
            _, line = await shown(pilot)
            shown_in.append([item.does for item in line.known])
    assert "Why" in shown_in[0]
    assert shown_in[1:] == shown_in[:1] * 2


async def test_what_a_screen_names_itself_comes_first(tmp_path: Path) -> None:
    app = FairouzApp(shelve(tmp_path))
    async with app.run_test(size=(120, 40)) as pilot:
        screen, _ = await shown(pilot)
        screen.visit("index")
        await until(pilot, lambda: app.screen is not screen and app.screen.query(KeyLine))
        named = [item.does for item in app.screen.query_one(KeyLine).known]
        assert named[:3] == ["Update", "Pause", "Stop"]
        assert named[-3:] == ["Leave", "Help", "Quit"]


def test_the_first_keys_are_the_last_to_go() -> None:
    keys = [Item(key, key, key * 4, "", 0, 8, key == "d") for key in "abcd"]
    assert "".join(item.key for item in fitting(keys, width=32)) == "abcd"
    assert "".join(item.key for item in fitting(keys, width=31)) == "abd"
    assert "".join(item.key for item in fitting(keys, width=16)) == "ad"
    assert "".join(item.key for item in fitting(keys, width=8)) == "d"
    assert fitting(keys, width=7) == ()
    assert [(item.key, item.start, item.end) for item in fitting(keys, width=16, left_out=1)] == [
        ("b", 0, 8),
        ("d", 8, 16),
    ]
