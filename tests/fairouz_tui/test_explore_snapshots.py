"""Pictures of Explore with facets, versions, a path and a mix. After a change that is meant: --snapshot-update."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from fairouz_tui.app import FairouzApp
from fairouz_tui.messages import Answered
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.steps import Kind, Step
from indexer.catalogue import Catalogue
from indexer.exploring.answer import Answer, Hit
from tests.fairouz_tui.driving import explore, rest, until
from tests.fairouz_tui.shelf import FEW, shelve

SIZES = [(120, 40), (90, 30), (60, 16)]
PARTS = {"audio": 0.31, "lyrics": 0.17, "tags": 0.04, "cover": 0.012, "graph": 0.14, "hub": -0.021}


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    return (int(request.param[0]), int(request.param[1]))


@pytest.fixture(autouse=True)
def no_blinking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the cursor of every input from blinking in and out of the pictures."""
    monkeypatch.setattr(Input.cursor_blink, "_default", False)


async def still(pilot: Pilot[None]) -> ExploreScreen:
    """Return the screen with nothing on it that moves by itself or follows the cursor later."""
    screen = await explore(pilot)
    pilot.app.animation_level = "none"
    return screen


async def quiet(pilot: Pilot[None], screen: ExploreScreen) -> None:
    """Let the right pane say something that does not depend on when it is asked."""
    await rest(pilot)
    screen.why.say("About", "What is known about the track under the cursor stands here.")
    await rest(pilot)


def hits(library: Path) -> tuple[Hit, ...]:
    """Return fixed hits, the first of which has two versions."""
    rows = Catalogue(library).rows(range(1, len(FEW) + 1))
    made = []
    for index, row in enumerate(rows[1:]):
        parts = {name: value * (1 - index / 9) for name, value in PARTS.items() if name in (*row.modalities, "hub")}
        made.append(Hit(row, sum(parts.values()), 99.0 - 16 * index, parts))
    versions = tuple(replace(hit, track=replace(hit.track, id=90 + n)) for n, hit in enumerate(made[1:3]))
    return (replace(made[0], versions=versions), *made[1:])


async def show(pilot: Pilot[None], screen: ExploreScreen, step: Step, answer: Answer) -> None:
    screen.post_message(Answered(screen._ask, step, answer))
    await until(pilot, lambda: screen.here.kind is step.kind)


def test_facets(snap_compare: Any, tmp_path: Path, size: tuple[int, int]) -> None:
    async def browse(pilot: Pilot[None]) -> None:
        screen = await still(pilot)
        screen.go(Step(Kind.WORDS, '-format:"flac" has:lyrics'))
        await until(pilot, lambda: screen.here.kind is Kind.WORDS)
        screen.trail = (*screen.trail[:1], replace(screen.here, answer=Answer("", 4.2, screen.results.hits)))
        screen.show_here()
        await pilot.press("F")
        await until(pilot, lambda: len(screen.facets) > 3)
        await pilot.press("j", "j", "j", "j")
        await quiet(pilot, screen)

    assert snap_compare(FairouzApp(shelve(tmp_path)), terminal_size=size, run_before=browse)


def test_versions_marks_and_caps(snap_compare: Any, tmp_path: Path, size: tuple[int, int]) -> None:
    async def ask(pilot: Pilot[None]) -> None:
        screen = await still(pilot)
        (asked,) = Catalogue(tmp_path).rows([1])
        answer = Answer("", 4.2, hits(tmp_path), note="12 left out: at most 3 of an artist and 2 of an album")
        await show(pilot, screen, Step(Kind.TRACK, track=asked), answer)
        await pilot.press("right", "j", "j", "j", "x", "j", "x", "g")
        await quiet(pilot, screen)

    assert snap_compare(FairouzApp(shelve(tmp_path)), terminal_size=size, run_before=ask)


def test_path_and_mix_on_the_trail(snap_compare: Any, tmp_path: Path, size: tuple[int, int]) -> None:
    async def ask(pilot: Pilot[None]) -> None:
        screen = await still(pilot)
        rows = Catalogue(tmp_path).rows([1, 2, 7])
        mix = Step(Kind.MIX, tracks=tuple(rows[:2]), less=tuple(rows[2:]))
        note = "nothing close in this library: these are only the least far"
        await show(pilot, screen, Step(Kind.PATH, tracks=tuple(rows[1:])), Answer("", 8.0, hits(tmp_path)))
        far = tuple(replace(hit, percentile=4.0 - index / 2, versions=()) for index, hit in enumerate(hits(tmp_path)))
        await show(pilot, screen, mix, Answer("", 12.0, far, note=note))
        await quiet(pilot, screen)

    assert snap_compare(FairouzApp(shelve(tmp_path)), terminal_size=size, run_before=ask)
