"""The line of keys: it follows the focus, and the mouse can press, light and scroll it."""

from pathlib import Path

from textual.pilot import Pilot
from textual.widgets._footer import Footer, FooterKey

from fairouz_tui.app import FairouzApp
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.screens.help import HelpScreen
from fairouz_tui.widgets.key_line import Item, KeyLine
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
            assert [(item.sign, item.does, item.tooltip) for item in line.items] == theirs
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
        assert "Quit" not in text(line)
        for _ in range(20):
            line.on_mouse_scroll_down()
        await until(pilot, lambda: text(line).rstrip().endswith("Quit"))
        assert "Search" not in text(line)
        assert all(word in text(line) for word in ("Save", "Back"))
        await pilot.click(line, offset=(item(line, "Help").start - line.first_cell + 1, 0))
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
