"""Explore as it opens: what is on it at once, at each size, in an empty library and while files are read again."""

import subprocess
import sys
import time
from pathlib import Path

from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.steps import Kind
from fairouz_tui.widgets.top_line import TopLine
from tests.fairouz_tui.driving import MEDIUM, NARROW, WIDE, app_on, explore, notices, pane_text, told, until
from tests.fairouz_tui.shelf import shelve


async def test_the_library_is_shown_with_its_numbers(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        assert len(screen.results) == 36
        assert "36 tracks" in screen.query_one(TopLine).render().plain
        assert "Library · 1 of 36 · by artist" in str(screen.results.border_title)
        await until(pilot, lambda: "Dunya & Rafiq" in pane_text(screen))


async def test_the_path_is_copied(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("y")
        assert screen.results.current is not None
        assert app.clipboard == screen.results.current.path


async def test_panes_come_and_go_with_the_width(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=MEDIUM) as pilot:
        screen = await explore(pilot)
        assert not screen.why.display
        await pilot.press("e")
        assert screen.why.display
        assert screen.results.display
        await pilot.press("3")
        assert screen.why.has_focus
        await pilot.press("j", "k", "G", "g", "e")
        assert not screen.why.display
        assert screen.results.has_focus
        await pilot.press("tab")
        assert screen.playlist.has_focus
        await pilot.press("shift+tab")
        assert screen.results.has_focus
        await pilot.resize_terminal(*NARROW)
        await until(pilot, lambda: screen.has_class("-narrow"))
        await pilot.press("2")
        assert screen.playlist.display
        assert not screen.results.display
        await pilot.press("3")
        assert screen.why.display
        assert not screen.query_one("#left").display
        await pilot.press("escape")
        assert screen.results.has_focus
        assert screen.query_one("#left").display
        await pilot.resize_terminal(59, 16)
        await until(pilot, lambda: screen.query_one("#too-small").display)
        assert not screen.query_one("#panes").display
        await pilot.resize_terminal(60, 15)
        await until(pilot, lambda: screen.has_class("-short"))
        assert screen.query_one("#too-small").display
        await pilot.resize_terminal(*WIDE)
        await until(pilot, lambda: screen.why.display)
        assert not screen.query_one("#too-small").display


async def test_rescan_runs_while_the_screen_lives_and_can_be_stopped(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        top = screen.query_one(TopLine)
        # Followed, not looked at: on a busy machine a whole run may pass while one key press is waited for.
        working: list[bool] = []
        reported: list[object] = []
        screen.watch(top, "indexing", lambda on: working.append(on), init=False)
        screen.watch(top, "progress", lambda report: reported.append(report), init=False)
        await pilot.press("u")
        await pilot.press("j", "m")
        await until(pilot, lambda: screen.here.kind is Kind.TRACK)
        await until(pilot, lambda: working == [True, False])
        assert any(report is not None for report in reported)
        screen.action_rescan()
        await until(pilot, lambda: top.indexing)
        screen.action_rescan()
        await until(pilot, lambda: notices(pilot))
        await told(pilot, "Indexing stops")
        await until(pilot, lambda: working == [True, False, True, False])
        assert len(notices(pilot)) == 1


async def test_a_question_that_fails_leaves_a_notice_and_a_usable_screen(tmp_path: Path) -> None:
    app = app_on(shelve(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("m")
        await until(pilot, lambda: notices(pilot) or screen.here.kind is Kind.TRACK)
        await pilot.press("e", "slash", *"beirut")
        await until(pilot, lambda: screen.here.kind is Kind.WORDS)
        assert [hit.track.title for hit in screen.results.hits] == ["Li Beirut"]


async def test_an_empty_library_names_the_next_key(tmp_path: Path) -> None:
    app = app_on(shelve(tmp_path, ()))
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: isinstance(app.screen, ExploreScreen) and "u looks" in app.screen.results.empty_text)
        await pilot.press("j", "m", "e", "a", "A", "d", "J", "K", "x", "y", "enter", "comma", "backspace", "G")
        await pilot.pause()
        assert isinstance(app.screen, ExploreScreen)


def test_nothing_heavy_is_imported_before_the_first_paint(tmp_path: Path) -> None:
    shelve(tmp_path)
    code = (
        "import sys, asyncio, pathlib\n"
        "from fairouz_tui.app import FairouzApp\n"
        "async def main():\n"
        f"    app = FairouzApp(pathlib.Path({str(tmp_path)!r}))\n"
        "    async with app.run_test(size=(90, 30)) as pilot:\n"
        "        await pilot.pause(0.3)\n"
        "        assert len(app.screen.results) == 8, len(app.screen.results)\n"
        "        assert app.screen.results.current is not None\n"
        "asyncio.run(main())\n"
        "heavy = {'numpy', 'torch', 'faiss', 'sqlite_utils', 'PIL', 'av', 'librosa', 'scipy'}\n"
        "heavy |= {'textual_image', 'tomlkit'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr
    assert time.monotonic() - began < 20
