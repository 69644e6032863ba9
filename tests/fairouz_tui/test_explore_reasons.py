"""Why a track is close, and what the faders make of it."""

from functools import partial
from pathlib import Path

import pytest
from textual.widgets import Static

from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.show import name_of
from fairouz_tui.steps import Kind
from fairouz_tui.widgets.faders import Faders
from tests.fairouz_tui.driving import WIDE, app_on, explore, pane_text, until


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


async def test_a_sorted_path_is_explained_by_what_leads_to_each_track(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("x", "G", "p")
        await until(pilot, lambda: screen.here.kind is Kind.PATH and len(screen.results) > 3)
        assert screen.here.answer is not None
        order = [hit.track.id for hit in screen.here.answer.hits]
        await pilot.press("comma", "g", "e")
        sorted_order = [hit.track.id for hit in screen.results.hits]
        assert sorted_order != order
        for hit in screen.results.hits:
            screen.results.cursor_to(hit.track.id)
            if hit.score is None:
                await until(pilot, lambda: "It begins here" in pane_text(screen))
                continue
            before = screen.here.answer.hits[order.index(hit.track.id) - 1].track
            score = f"{hit.score:+.3f}".replace("0.", ".", 1)
            await until(pilot, partial(_tells, screen, name_of(before.title, before.path), score))


def _tells(screen: ExploreScreen, first: str, score: str) -> bool:
    text = pane_text(screen)
    return text.startswith(first) and any(
        line.startswith("score ") and line.endswith(score) for line in text.splitlines()
    )
