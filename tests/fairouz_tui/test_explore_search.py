"""Asking from the query line: words as they are typed, then by meaning."""

from dataclasses import replace
from pathlib import Path

import pytest
from textual import events

from fairouz_tui.app import FairouzApp
from fairouz_tui.messages import Answered
from fairouz_tui.open_library import HITS_WANTED
from fairouz_tui.steps import Kind
from fairouz_tui.widgets.query_problem import QueryProblem
from indexer.encoders import query_encoder
from tests.fairouz_tui.driving import WIDE, app_on, explore, notices, pane_text, until
from tests.indexer.exploring.more_takes import add_takes


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


async def test_a_cursor_that_was_not_moved_stays_at_the_top_and_a_moved_one_with_its_track(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("slash", *"harbour", "enter")
        await until(pilot, lambda: screen.results.has_focus and len(screen.results) > 10)
        step, answer = screen.here, screen.here.answer
        assert answer is not None
        assert screen.results.cursor == 0
        turned = replace(answer, hits=answer.hits[::-1])
        screen.post_message(Answered(screen._ask, step, turned))
        await until(pilot, lambda: screen.results.hits == turned.hits)
        assert screen.results.cursor == 0
        await pilot.press("j", "j")
        kept = screen.results.current
        screen.post_message(Answered(screen._ask, step, answer))
        await until(pilot, lambda: screen.results.hits == answer.hits)
        assert screen.results.current == kept
        assert screen.results.cursor == len(answer.hits) - 3


async def test_an_answer_that_was_cut_says_so(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("slash", *"harbour", "enter")
        await until(pilot, lambda: screen.results.has_focus and len(screen.results) > 10)
        answer = screen.here.answer
        assert answer is not None
        assert f"of {len(answer.hits)} ·" in str(screen.results.border_title)
        many = replace(answer, hits=(answer.hits * HITS_WANTED)[:HITS_WANTED])
        screen.post_message(Answered(screen._ask, screen.here, many))
        await until(pilot, lambda: f"1 of {HITS_WANTED}+ ·" in str(screen.results.border_title))


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
        await until(pilot, lambda: "year: wants 1999" in screen.query_one(QueryProblem).problem)
        assert screen.results.hits == found
        await pilot.press("enter")
        assert screen.query_input.has_focus
        await pilot.press(*["backspace"] * 5, *"00")
        await until(pilot, lambda: screen.here.text == "year:1900")
        assert "backspace" in screen.results.empty_text
        assert not screen.query_one(QueryProblem).display
        assert len(screen.trail) == 2
        await pilot.press("down")
        assert screen.results.has_focus


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


async def test_keys_of_one_burst_after_the_search_key_belong_to_the_query(library: Path) -> None:
    app = FairouzApp(library)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await explore(pilot)
        for key, character in (("slash", "/"), ("d", "d"), ("slash", "/"), ("m", "m")):
            app.post_message(events.Key(key, character))
        await until(pilot, lambda: screen.query_input.value == "d/m")
        assert screen.query_input.has_focus
        assert notices(pilot) == []


async def test_versions_of_what_is_typed_share_a_row_that_opens(library: Path, tmp_path: Path) -> None:
    takes = {"live.mp3": {"title": "{title} (Live at Home)"}, "new.mp3": {"title": "{title} - 2011 Remaster"}}
    title = add_takes(library, tmp_path / "more", takes).title
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)

        def folded() -> list[int]:
            return [len(hit.versions) for hit in screen.results.hits if hit.track.title.startswith(title)]

        await pilot.press("slash", *title)
        await until(pilot, lambda: screen.here.text == title)
        assert folded() == [2]
        await pilot.press("enter")
        await until(pilot, lambda: screen.here.answer is not None and screen.here.answer.hits[0].percentile is not None)
        assert folded() == [2]
        rows = len(screen.results)
        await pilot.press("g", "right")
        assert len(screen.results) == rows + 2
        # Who names the version gets it in a row of its own.
        await pilot.press("slash")
        screen.query_input.value = f"{title} live"
        await until(pilot, lambda: screen.here.text == f"{title} live")
        assert "(Live at Home)" in screen.results.hits[0].track.title


async def test_a_field_that_nothing_meets_says_what_may_be_meant(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        row = screen.results.current
        assert row is not None
        artist = next(word for word in row.artist.casefold().split() if len(word) > 4)
        await pilot.press("slash", *f"artist:{artist[:-1]}{artist[-2:]}")
        await until(pilot, lambda: screen.here.kind is Kind.WORDS and not len(screen.results))
        await until(pilot, lambda: f"try artist:{artist}" in screen.results.empty_text)
        assert "by meaning" not in screen.results.empty_text
