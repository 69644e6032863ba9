"""Several tracks at once: marks, paths and mixes, caps, versions in one row, neighbours in the playlist."""

import shutil
from collections import Counter
from pathlib import Path

import mutagen

from fairouz_tui.app import FairouzApp
from fairouz_tui.config import Config
from fairouz_tui.messages import Answered
from fairouz_tui.paths import state_path
from fairouz_tui.state import load_state
from fairouz_tui.steps import Kind, Step
from fairouz_tui.widgets.track_list import GUTTER, TrackList, columns_for
from indexer.catalogue import Catalogue
from indexer.explorer import Explorer
from indexer.exploring.answer import Answer, Hit
from indexer.exploring.limits import Limits
from indexer.pipeline import index
from indexer.progress import Counts
from tests.fairouz_tui.driving import WIDE, app_on, explore, pane_text, told, until
from tests.fairouz_tui.shelf import shelve


async def test_marks_are_counted_numbered_and_taken_away(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("X")
        await told(pilot, "Nothing is marked")
        await pilot.press("j", "x", "k", "x")
        assert screen.results.marked == (screen.results.row_at(1).id, screen.results.row_at(0).id)  # type: ignore[union-attr]
        gutters = [screen.results.render_line(y).text[0] for y in (1, 2)]
        assert gutters == ["2", "1"]
        assert "2 marks" in str(screen.results.border_subtitle)
        await pilot.press("x")
        assert screen.results.render_line(2).text[0] == "✕"
        assert "1 mark" in str(screen.results.border_subtitle)
        await pilot.press("x", "X")
        assert screen.marks == ()
        assert not screen.results.border_subtitle
        await pilot.press("x", "escape")
        assert screen.marks == ()


async def test_a_path_leads_through_the_marks_and_each_step_is_explained(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("p")
        await told(pilot, "Mark with x where the path starts")
        await pilot.press("x", "G", "x", "k", "k", "k", "p")
        await until(pilot, lambda: screen.here.kind is Kind.PATH)
        stops = [row.id for row in screen.here.tracks]
        ids = [hit.track.id for hit in screen.results.hits]
        assert 3 <= len(ids) <= 12
        assert (ids[0], ids[-1]) == (stops[0], stops[-1])
        assert stops[1] in ids
        assert [hit.score is None for hit in screen.results.hits] == [True] + [False] * (len(ids) - 1)
        assert screen.here.label.count(" → ") == 2
        assert screen.marks == ()
        await pilot.press("e")
        await until(pilot, lambda: "It begins here" in pane_text(screen))
        await pilot.press("j")
        first, second = screen.results.row_at(0), screen.results.row_at(1)
        assert first is not None
        assert second is not None
        await until(pilot, lambda: "score" in pane_text(screen))
        assert first.title in pane_text(screen)
        assert second.title in pane_text(screen)
        await pilot.press("A")
        assert [row.id for row in screen.playlist.tracks] == ids


async def test_plus_and_minus_change_the_question_and_survive_a_restart(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("minus")
        await told(pilot, "press m or +")
        await pilot.press("plus")
        await until(pilot, lambda: screen.here.kind is Kind.TRACK)
        first = screen.here.track
        assert first is not None
        await pilot.press("plus")
        await until(pilot, lambda: screen.here.kind is Kind.MIX)
        await pilot.press("G", "minus")
        await until(pilot, lambda: bool(screen.here.less))
        plus, less = screen.here.tracks, screen.here.less
        assert plus[0] == first
        ids = [row.id for row in plus], [row.id for row in less]
        expected = Explorer(library).mix(*ids, count=200, limits=Limits(3, 2))
        assert [hit.track.id for hit in screen.results.hits] == [hit.track.id for hit in expected.hits]
        assert (
            screen.here.label
            == f"{plus[0].title[:17]}".rstrip() + screen.here.label[len(plus[0].title[:17].rstrip()) :]
        )
        assert " + " in screen.here.label
        assert " − " in screen.here.label
        asked = screen.trail
        await pilot.press("g", "x", "backspace")
        await until(pilot, lambda: not screen.here.less)
        await pilot.press("X", "x", "k", "p")
        await until(pilot, lambda: screen.here.kind is Kind.PATH)
        path = screen.here.tracks
        await pilot.press("q")
    steps = load_state(state_path(library)).trail
    assert [step.kind for step in steps] == ["similar", "mix", "path"]
    again = app_on(library)
    async with again.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await until(pilot, lambda: screen.here.kind is Kind.PATH and screen.here.answer is not None)
        assert screen.here.tracks == path
        assert screen.trail[2].asks_like(asked[2])
        await pilot.press("backspace")
        await until(pilot, lambda: screen.here.kind is Kind.MIX and len(screen.results) > 5)


async def test_marks_start_a_mix(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("x", "j", "x", "j", "plus")
        await until(pilot, lambda: screen.here.kind is Kind.MIX)
        assert len(screen.here.tracks) == 3
        await pilot.press("backspace", "G", "minus")
        await until(pilot, lambda: bool(screen.here.less))
        assert len(screen.here.tracks) == 2


async def test_caps_hold_and_are_lifted(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("o")
        await told(pilot, "o shows every track")
        await pilot.press("m")
        await until(pilot, lambda: screen.here.kind is Kind.TRACK)
        few = len(screen.results)
        assert max(Counter(hit.track.album for hit in screen.results.hits).values()) == 2
        assert "left out: at most" in str(screen.results.border_subtitle)
        assert "o shows all" in str(screen.results.border_subtitle)
        await pilot.press("o")
        await until(pilot, lambda: screen.here.whole)
        assert len(screen.results) == 35 > few
        assert "left out" not in str(screen.results.border_subtitle)
        assert len(screen.trail) == 2
        await pilot.press("o")
        await until(pilot, lambda: len(screen.results) == few)


async def test_versions_stand_under_their_row(library: Path, tmp_path: Path) -> None:
    source = next(row for row in Catalogue(library).window(0, 100) if row.path.endswith(".mp3"))
    music = tmp_path / "more"
    music.mkdir()
    for name, title in (("a.mp3", f"{source.title} (Live at Home)"), ("b.mp3", f"{source.title} - 2011 Remaster")):
        shutil.copy(source.path, music / name)
        tagged = mutagen.File(music / name, easy=True)
        tagged["title"], tagged["album"] = title, "On Stage"
        tagged.save()
    for _ in index(library, [music], counts=Counts()):
        pass
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        screen.go(Step(Kind.TRACK, track=source))
        await until(pilot, lambda: screen.here.kind is Kind.TRACK)
        results = screen.results
        folded = len(results)
        head = next(hit for hit in results.hits if hit.versions)
        results.cursor_to(head.versions[0].track.id)
        assert results.current_hit == head
        place = results.cursor
        assert " +1 " in results.render_line(place + 1 - results.scroll_offset.y).text
        await pilot.press("right")
        assert len(results) == folded + 1
        assert " −1 " in results.render_line(place + 1 - results.scroll_offset.y).text
        await pilot.press("j")
        assert results.current == head.versions[0].track
        assert "↳" in results.render_line(place + 2 - results.scroll_offset.y).text
        await pilot.press("a")
        assert screen.playlist.tracks == (head.versions[0].track,)
        await pilot.press("k", "left")
        assert len(results) == folded
        assert results.cursor == place
        badge = GUTTER + columns_for(results.scrollable_content_region.width, scored=True).title - 1
        await pilot.click(TrackList, offset=(badge + 1, place + 2 - results.scroll_offset.y))
        assert len(results) == folded + 1
        await pilot.press("comma")
        assert len(results) == folded + 1
        await pilot.press("A")
        assert len(screen.playlist) == folded + 1


async def test_neighbours_in_the_playlist_are_explained(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("a", "a", "2", "e")
        first, second = screen.playlist.tracks
        await until(pilot, lambda: "score" in pane_text(screen))
        assert first.title in pane_text(screen)
        assert second.title in pane_text(screen)
        tab = screen.why.tab
        await pilot.press("right_square_bracket")
        turned = screen.why.tab
        assert turned != tab
        await pilot.press("left_square_bracket")
        assert screen.why.tab == tab
        await pilot.press("k")
        await until(pilot, lambda: "It begins here" in pane_text(screen))
        await pilot.press("e", "left_square_bracket")
        await until(pilot, lambda: "It begins here" in pane_text(screen))


async def test_nothing_close_is_said_and_its_scores_are_not_bright(tmp_path: Path) -> None:
    app = FairouzApp(shelve(tmp_path), config=Config())
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        rows = Catalogue(tmp_path).rows([1, 2, 3])
        hits = (Hit(rows[1], 0.1, 3.0, {"audio": 0.1}), Hit(rows[2], 0.0, 0.0, {"audio": 0.0}))
        note = "nothing close in this library: these are only the least far"
        screen.post_message(Answered(screen._ask, Step(Kind.TRACK, track=rows[0]), Answer("", 1.0, hits, note=note)))
        await until(pilot, lambda: screen.here.kind is Kind.TRACK)
        assert "nothing close" in str(screen.results.border_subtitle)
        warning = app.theme_variables["warning"]
        assert warning.lower() in app.export_screenshot().lower()
        score = next(segment for segment in screen.results.render_line(2) if segment.text.strip() == "far")
        assert score.style is not None
        assert score.style.color == screen.results.component("line-list--dim").color


async def test_held_fader_keys_are_answered_with_the_last_weights(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("m")
        await until(pilot, lambda: screen.here.kind is Kind.TRACK)
        asked = screen.here.track
        assert asked is not None
        await pilot.press("f", *["right"] * 7, "down", *["left"] * 4)
        await until(pilot, lambda: not screen._ranking and not screen._rank_once_more)
        faders = dict(screen.faders)
        assert faders == {"audio": 1.7, "lyrics": 0.6}
        expected = screen.library.answer(Step(Kind.TRACK, track=asked), faders=faders)
        assert [hit.track.id for hit in screen.results.hits] == [hit.track.id for hit in expected.hits]
        assert [hit.score for hit in screen.results.hits] == [hit.score for hit in expected.hits]
        assert len(screen.trail) == 2


async def test_loved_and_banned_tracks_are_shown_and_banned_ones_come_up_no_more(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("m")
        await until(pilot, lambda: screen.here.kind is Kind.TRACK)
        first, second = (hit.track.id for hit in screen.results.hits[:2])
        await pilot.press("l")
        await until(pilot, lambda: screen.results.loved == {first})
        assert screen.results.render_line(1).text[0] == "♥"
        await pilot.press("j", "b")
        await until(pilot, lambda: screen.results.banned == {second})
        assert screen.results.render_line(2).text[0] == "⊘"
        await told(pilot, "b again takes that back")
        screen.go(screen.here)
        await until(pilot, lambda: second not in {hit.track.id for hit in screen.results.hits})
        assert first in {hit.track.id for hit in screen.results.hits}
        await pilot.press("q")
    again = app_on(library)
    async with again.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await until(pilot, lambda: screen.results.loved == {first} and screen.results.banned == {second})
        await until(pilot, lambda: screen.here.kind is Kind.TRACK and screen.here.answer is not None)
        screen.results.cursor_to(first)
        await pilot.press("l")
        await until(pilot, lambda: not screen.results.loved)
        await pilot.press("backspace")
        index = next(i for i in range(36) if (row := screen.results.row_at(i)) is not None and row.id == second)
        screen.results.cursor = index
        await pilot.press("b")
        await until(pilot, lambda: not screen.results.banned)
