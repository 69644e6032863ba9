import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from textual import events
from textual.binding import BindingsMap
from textual.command import CommandPalette
from textual.content import Content
from textual.widgets import Input, Static

from fairouz_tui.app import FairouzApp
from fairouz_tui.config import Config
from fairouz_tui.keymap import problems
from fairouz_tui.paths import state_path
from fairouz_tui.places import PLACES, all_keys
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.screens.help import HelpScreen
from fairouz_tui.screens.save import SaveScreen
from fairouz_tui.state import load_state
from fairouz_tui.steps import Kind
from fairouz_tui.widgets.faders import Faders
from fairouz_tui.widgets.now_playing import NowPlaying
from fairouz_tui.widgets.top_line import TopLine
from indexer.encoders import query_encoder
from indexer.fold import fold
from tests.fairouz_tui.driving import explore, notices, until
from tests.fairouz_tui.shelf import Entry, shelve

if TYPE_CHECKING:
    from collections.abc import Callable

WIDE, MEDIUM, NARROW = (120, 40), (90, 30), (60, 16)


def pane_text(screen: ExploreScreen) -> str:
    content = screen.why.query_one(Static).content
    assert isinstance(content, Content)
    return content.plain


def app_on(library: Path, *, keys: dict[str, str] | None = None) -> FairouzApp:
    return FairouzApp(library, config=Config(mpv_arguments=("--ao=null",), keys=keys or {}))


async def test_the_library_is_shown_with_its_numbers(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        assert len(screen.results) == 36
        assert "36 tracks" in screen.query_one(TopLine).render().plain
        assert "Library · 1 of 36 · by artist" in str(screen.results.border_title)
        await until(pilot, lambda: "Dunya & Rafiq" in pane_text(screen))


async def test_search_as_you_type_then_by_meaning(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("slash", *"harbour")
        await until(pilot, lambda: screen.here.text == "harbour")
        found = len(screen.results)
        assert 2 <= found < 10
        assert screen.query_input.has_focus
        assert {hit.track.title[:12] for hit in screen.results.hits[:2]} == {"Harbour Song"}
        await pilot.press("enter")
        await until(pilot, lambda: len(screen.results) > found)
        assert screen.results.has_focus
        assert len(screen.trail) == 2
        hit = screen.results.hits[0]
        assert hit.score == pytest.approx(sum(hit.contributions.values()))
        await pilot.press("e")
        await until(pilot, lambda: "answers “harbour”" in pane_text(screen))
        assert "words" in pane_text(screen)
        await pilot.press("slash", *["backspace"] * 7)
        await until(pilot, lambda: screen.here.kind is Kind.LIBRARY and len(screen.results) == 36)


async def test_typed_words_leave_one_step_and_nothing_found_says_what_to_press(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("slash", *"year:19")
        await until(pilot, lambda: screen.here.kind is Kind.WORDS)
        await pilot.press(*"98")
        await until(pilot, lambda: screen.here.text == "year:1998")
        assert {hit.track.year for hit in screen.results.hits} == {1998}
        found = screen.results.hits
        await pilot.press(*"zzz")
        await until(pilot, lambda: "is no number or range" in str(screen.results.border_subtitle))
        assert screen.results.hits == found
        await pilot.press("enter")
        assert screen.query_input.has_focus
        await pilot.press(*["backspace"] * 5, *"00")
        await until(pilot, lambda: screen.here.text == "year:1900")
        assert "backspace" in screen.results.empty_text
        assert not screen.results.border_subtitle
        assert len(screen.trail) == 2
        await pilot.press("down")
        assert screen.results.has_focus


async def test_more_like_this_and_back(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("j", "j", "m")
        await until(pilot, lambda: screen.here.kind is Kind.TRACK)
        first = screen.here.track
        scores = [hit.score or 0.0 for hit in screen.results.hits]
        assert scores == sorted(scores, reverse=True)
        await pilot.press("j", "m")
        await until(pilot, lambda: len(screen.trail) == 3)
        await pilot.press("backspace")
        await until(pilot, lambda: len(screen.trail) == 2)
        assert screen.here.track == first
        assert screen.results.cursor == 1
        await pilot.press("backspace")
        await until(pilot, lambda: screen.here.kind is Kind.LIBRARY)
        assert screen.results.cursor == 2
        await pilot.press("backspace")
        assert "This is where the trail starts." in notices(pilot)


async def test_an_explanation_adds_up_and_follows_the_cursor(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("m")
        await until(pilot, lambda: screen.here.kind is Kind.TRACK)
        await pilot.press("e")
        await until(pilot, lambda: "score" in pane_text(screen))
        shown = pane_text(screen)
        names = ("audio", "lyrics", "tags", "cover", "graph", "playlists", "hub", "words")
        values = [
            float(line.split()[-1]) for line in shown.splitlines() if line.split()[:1] and line.split()[0] in names
        ]
        total = next(float(line.split()[-1]) for line in shown.splitlines() if line.startswith("score "))
        assert sum(values) == pytest.approx(total, abs=1e-9)
        hit = screen.results.current_hit
        assert hit is not None
        assert total == pytest.approx(hit.score, abs=0.0006)
        await pilot.press("j")
        second = screen.results.current
        assert second is not None
        await until(pilot, lambda: second.title in pane_text(screen))
        await pilot.press("e")
        await until(pilot, lambda: "file" in pane_text(screen))


async def test_a_marked_track_is_what_the_cursor_is_explained_against(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("x", "e")
        await until(pilot, lambda: "the track itself" in pane_text(screen))
        marked = screen.results.current
        assert marked is not None
        assert screen.results.marked == (marked.id,)
        await pilot.press("j")
        await until(pilot, lambda: "score" in pane_text(screen))
        assert pane_text(screen).startswith(marked.title)
        await pilot.press("escape", "escape")
        assert not screen.results.marked
        await pilot.press("e")
        await until(pilot, lambda: "Mark a track with x" in pane_text(screen))
        await pilot.press("i")
        await until(pilot, lambda: "genre" in pane_text(screen))


async def test_faders_rank_again_as_they_move(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("m")
        await until(pilot, lambda: screen.here.kind is Kind.TRACK)
        before = screen.results.hits
        await pilot.press("f", *["left"] * 10, "down", "right")
        faders = screen.query_one(Faders)
        assert faders.values == {"audio": 0.0, "lyrics": 1.1}
        await until(pilot, lambda: screen.results.hits != before)
        assert all(not hit.contributions.get("audio") for hit in screen.results.hits)
        assert len(screen.trail) == 2
        assert "audio 0 lyrics 1.1" in str(screen.query_one("#faders-text", Static).content)
        await pilot.press("up", "h", "l", "k", "j", "0")
        await until(pilot, lambda: [hit.track for hit in screen.results.hits] == [hit.track for hit in before])
        assert faders.values == {}
        await pilot.press("escape")
        assert not faders.display
        assert screen.results.has_focus


async def test_a_playlist_is_built_ordered_and_saved(library: Path, tmp_path: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("ctrl+s")
        assert "playlist is empty" in notices(pilot)[-1]
        await pilot.press("A")
        assert "A adds a list of results" in notices(pilot)[-1]
        await pilot.press("a", "a", "a")
        titles = [row.title for row in screen.playlist.tracks]
        assert len(titles) == 3
        assert screen.playlist.border_title == "Playlist · 3 tracks · 0:36"
        await pilot.press("tab", "g", "J")
        assert [row.title for row in screen.playlist.tracks] == [titles[1], titles[0], titles[2]]
        await pilot.press("K", "G", "d")
        assert [row.title for row in screen.playlist.tracks] == titles[:2]
        await pilot.press("1", "G", "d")
        assert "not in the playlist" in notices(pilot)[-1]
        target = tmp_path / "a folder" / "night"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, SaveScreen))
        app.screen.query_one(Input).value = str(target)
        await pilot.press("enter")
        saved = target.with_suffix(".m3u8")
        await until(pilot, lambda: app.screen is screen)
        listed = [line for line in saved.read_text().splitlines() if not line.startswith("#")]
        assert [os.path.abspath(saved.parent / line) for line in listed] == [row.path for row in screen.playlist.tracks]
        await pilot.press("g", "m")
        await until(pilot, lambda: screen.here.kind is Kind.TRACK)
        await pilot.press("o")
        await until(pilot, lambda: screen.here.whole)
        await pilot.press("A")
        assert len(screen.playlist) > 30
        await pilot.press("ctrl+s", "enter")
        assert isinstance(app.screen, SaveScreen)
        assert "is there already" in str(app.screen.query_one("#said", Static).content)
        await pilot.press("escape")
        assert len(saved.read_text().splitlines()) < 30
        await pilot.press("ctrl+s", "enter", "enter")
        await until(pilot, lambda: app.screen is screen)
        assert len(saved.read_text().splitlines()) > 30


async def test_a_playlist_that_cannot_be_written_says_why(library: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        await explore(pilot)
        await pilot.press("a", "ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, SaveScreen))
        app.screen.query_one(Input).value = ""
        await pilot.press("enter")
        assert "Type a name" in str(app.screen.query_one("#said", Static).content)
        app.screen.query_one(Input).value = str(tmp_path / "file" / "x.m3u8")
        await pilot.press("enter")
        await until(pilot, lambda: "Not saved" in str(app.screen.query_one("#said", Static).content))


async def test_enter_plays_and_space_pauses(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("space")
        await until(pilot, lambda: any("nothing is playing" in notice for notice in notices(pilot)))
        await pilot.press("enter")
        playing = screen.query_one(NowPlaying)
        await until(pilot, lambda: playing.track is not None and playing.position_seconds > 0)
        assert screen.results.playing == 1
        await pilot.press("space")
        await until(pilot, lambda: playing.paused)
        assert "⏸" in playing.render().plain
        await pilot.press("q")


async def test_without_a_player_one_notice_says_what_to_install(library: Path) -> None:
    app = FairouzApp(library, config=Config(mpv_program="no-such-player"))
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: any("install" in notice for notice in notices(pilot)))
        assert len(notices(pilot)) == 1
        await pilot.press("j")
        assert screen.results.cursor == 1


async def test_sorting_goes_round_and_is_remembered(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("comma")
        await until(pilot, lambda: (row := screen.results.current) is not None and row.title == "Afterhours")
        assert "by title" in str(screen.results.border_title)
        await screen.run_action("sort_by('-year')")
        await until(pilot, lambda: (row := screen.results.current) is not None and row.title != "Afterhours")
        years = [row.year for index in range(36) if (row := screen.results.row_at(index)) is not None and row.year]
        assert years == sorted(years, reverse=True)
        await pilot.press("q")
    assert load_state(state_path(library)).sort == "-year"


async def test_the_path_is_copied(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("y")
        assert screen.results.current is not None
        assert app.clipboard == screen.results.current.path


async def test_help_holds_every_key_and_can_be_searched(library: Path) -> None:
    app = app_on(library, keys={"more": "ctrl+t"})
    async with app.run_test(size=WIDE) as pilot:
        await explore(pilot)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))

        def text() -> str:
            content = app.screen.query_one("#text", Static).content
            assert isinstance(content, Content)
            return content.plain

        assert all(key.tooltip in text() and key.id in text() for key in all_keys(app.config))
        assert "^t" in text()
        await pilot.press(*"playlist save", "down", "up", "pagedown", "pageup")
        await until(pilot, lambda: "M3U8" in text() and "Half a page" not in text())
        await pilot.press("escape", "f1", *"qqqq")
        await until(pilot, lambda: text() == "No key says that.")
        await pilot.press("f1")
        assert isinstance(app.screen, ExploreScreen)


@pytest.mark.parametrize("key", ["colon", "ctrl+p"])
async def test_the_palette_runs_commands_by_name(library: Path, key: str) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press(key)
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await pilot.press(*"newest first")
        await pilot.pause(0.5)
        await pilot.press("enter")
        await until(pilot, lambda: screen.order.startswith("-"))


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


async def test_what_was_on_the_screen_survives_a_restart(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("a", "a", "m")
        await until(pilot, lambda: screen.here.kind is Kind.TRACK)
        await pilot.press("f", "right", "escape")
        await until(pilot, lambda: screen._spinning is None)
        track, playlist = screen.here.track, screen.playlist.tracks
        await pilot.press("q")
    again = app_on(library)
    async with again.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await until(pilot, lambda: screen.here.kind is Kind.TRACK and screen.here.answer is not None)
        assert screen.here.track == track
        assert screen.playlist.tracks == playlist
        assert screen.query_one(Faders).values == {"audio": 1.1}


async def test_the_place_in_the_library_and_the_question_survive_a_restart(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("comma", *["j"] * 7)
        await until(pilot, lambda: screen.results.current is not None and screen.results.cursor == 7)
        left = screen.results.current
        await pilot.press("q")
    again = app_on(library)
    async with again.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        assert screen.order == "title"
        assert (screen.results.current, screen.results.cursor) == (left, 7)
        await pilot.press("slash", *"artist:marisol", "escape")
        await until(pilot, lambda: screen.here.kind is Kind.WORDS and screen.here.text == "artist:marisol")
        await pilot.press("comma", "j", "j")
        place = (screen.results.current, screen.results.cursor)
        await pilot.press("q")
    third = app_on(library)
    async with third.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await until(pilot, lambda: screen.here.kind is Kind.WORDS and screen.here.answer is not None)
        assert screen.query_input.value == "artist:marisol"
        await until(pilot, lambda: (screen.results.current, screen.results.cursor) == place, seconds=10)
        assert "by title" in str(screen.results.border_title)
        await pilot.press("backspace")
        assert screen.results.cursor == 7


async def test_an_answer_can_be_sorted_and_keeps_its_track_under_the_cursor(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await screen.run_action("sort_by('score')")
        await until(pilot, lambda: "no scores" in "".join(notices(pilot)))
        await pilot.press("m")
        await until(pilot, lambda: screen.here.kind is Kind.TRACK)
        ranked, best = screen.results.hits, screen.results.current
        await pilot.press("comma")
        titles = [fold(hit.track.title) for hit in screen.results.hits]
        assert titles == sorted(titles)
        assert screen.results.current == best
        assert "by title" in str(screen.results.border_title)
        await pilot.press("comma", "comma", "comma")
        years = [hit.track.year for hit in screen.results.hits if hit.track.year]
        assert years == sorted(years)
        await pilot.press("comma")
        assert screen.results.hits == ranked
        await screen.run_action("sort_by('-added')")
        await until(pilot, lambda: "cannot be sorted" in notices(pilot)[-1])


async def test_the_text_model_is_loaded_while_the_first_words_are_typed(library: Path) -> None:
    query_encoder.cache_clear()
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        assert not screen.library.words_are_quick
        await pilot.press("slash", *"warm", "enter")
        await until(pilot, lambda: len(screen.results) == 36 and screen.here.kind is Kind.WORDS)
        assert screen.library.words_are_quick
        assert query_encoder.cache_info().misses == 1


async def test_a_file_that_is_gone_is_one_notice(tmp_path: Path) -> None:
    app = app_on(shelve(tmp_path))
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: notices(pilot))
        assert len(notices(pilot)) == 1
        assert "no such file" in notices(pilot)[0]
        assert screen.query_one(NowPlaying).track is None


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
        assert "Indexing stops" in notices(pilot)[-1]
        await until(pilot, lambda: working == [True, False, True, False])
        assert len(notices(pilot)) == 1


async def test_hostile_tags_stay_text_everywhere(tmp_path: Path) -> None:
    hostile = "[bold red]x[/bold red] \x1b[31m [@click=app.quit]y[/] \u202egnp"
    library = shelve(tmp_path, (Entry(hostile, hostile, hostile, lyrics=hostile), Entry("b", "c", "d")))
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await until(pilot, lambda: "[bold red]x[/bold red]" in pane_text(screen))
        await pilot.press("a", "g", "y", "slash", *"bold")
        await until(pilot, lambda: screen.here.kind is Kind.WORDS and len(screen.results) == 1)
        shown = app.export_screenshot()
        assert "[bold&#160;red]" in shown or "[bold red]" in shown
        assert "\x1b" not in shown
        assert "\u202e" not in shown


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


async def test_changed_keys_work_and_clashes_are_named(library: Path) -> None:
    changed = {"more": "t", "sort": "a", "nonsense": "z"}
    app = app_on(library, keys=changed)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        assert any("key a means both add and sort" in notice for notice in notices(pilot))
        assert any("keys.nonsense: no such key" in notice for notice in notices(pilot))
        await pilot.press("t")
        await until(pilot, lambda: screen.here.kind is Kind.TRACK)


def test_the_default_keys_do_not_clash_and_all_say_what_they_do() -> None:
    keys = all_keys(Config())
    assert len({key.id for key in keys}) == len(keys)
    assert all(key.tooltip and key.description for key in keys)
    assert problems(keys, {key.id: ",".join(key.keys) for key in keys if key.place == "Explore"}, everywhere="-") == []
    declared = [binding for owner in PLACES.values() for binding in BindingsMap(owner.__dict__["BINDINGS"])]
    assert all(binding.id for _, binding in declared)
    actions: list[tuple[str, Callable[..., object] | None]] = [
        (binding.action, getattr(ExploreScreen, f"action_{binding.action.split('(')[0]}", None))
        for _, binding in BindingsMap(ExploreScreen.__dict__["BINDINGS"])
        if "." not in binding.action
    ]
    assert [name for name, action in actions if action is None] == []


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


async def test_keys_of_one_burst_after_the_search_key_belong_to_the_query(library: Path) -> None:
    app = FairouzApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await explore(pilot)
        for key, character in (("slash", "/"), ("d", "d"), ("slash", "/"), ("m", "m")):
            app.post_message(events.Key(key, character))
        await until(pilot, lambda: screen.query_input.value == "d/m")
        assert screen.query_input.has_focus
        assert notices(pilot) == []
