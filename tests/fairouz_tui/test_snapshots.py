"""Pictures of the screens with fixed rows. After a change that is meant: pytest --snapshot-update, and look at them."""

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from fairouz_tui.app import FairouzApp
from fairouz_tui.messages import Answered, CardRead, Explained, Progressed
from fairouz_tui.picture import picture_of
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.screens.help import HelpScreen
from fairouz_tui.steps import Kind, Step
from fairouz_tui.widgets.faders import Faders
from fairouz_tui.widgets.top_line import TopLine
from indexer.catalogue import Catalogue
from indexer.exploring.answer import Answer, Explanation, Hit
from tests.fairouz_tui.driving import explore, rest, until
from tests.fairouz_tui.shelf import FEW, picture, shelve

SIZES = [(120, 40), (90, 30), (60, 16)]
SizedApp = tuple[int, int]
PARTS = {"audio": 0.31, "lyrics": 0.17, "tags": 0.04, "cover": 0.012, "graph": 0.14, "playlists": 0.05, "hub": -0.021}
EVIDENCE: dict[str, dict[str, Any]] = {
    "audio": {"a": {"tempo_bpm": "92 BPM", "key": "A minor"}, "b": {"tempo_bpm": "95 BPM", "key": "A minor"}},
    "lyrics": {"a": "Nassam alayna el hawa", "b": "Li Beirut min qalbi salam", "cosine": 0.61},
    "tags": {"shared": ["tarab", "slow", "minor"]},
    "cover": {"a": "1", "b": "2", "same": False, "colours": [["#285a8c", "#dcb41e"], ["#505a8c", "#dcb43c"]]},
    "graph": {"path": [{"name": "Nassam Alayna El Hawa"}, {"name": "Fairouz", "via": "artist"}, {"name": "Li Beirut"}]},
    "playlists": {"shared": ["late night"]},
}


@pytest.fixture(params=SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def size(request: pytest.FixtureRequest) -> SizedApp:
    return (int(request.param[0]), int(request.param[1]))


@pytest.fixture(autouse=True)
def no_blinking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the cursor of every input from blinking in and out of the pictures."""
    monkeypatch.setattr(Input.cursor_blink, "_default", False)


def still(app: FairouzApp) -> None:
    """Stop what would move by itself."""
    app.animation_level = "none"


async def answered(pilot: Pilot[None], library: Path) -> ExploreScreen:
    """Show a fixed answer: more like the first track."""
    screen = await explore(pilot)
    assert isinstance(pilot.app, FairouzApp)
    still(pilot.app)
    rows = Catalogue(library).rows(range(1, len(FEW) + 1))
    hits = []
    for index, row in enumerate(rows[1:]):
        parts = {
            name: value * (1 - index / 9) for name, value in PARTS.items() if name in row.modalities or name == "hub"
        }
        hits.append(Hit(row, sum(parts.values()), 99.0 - 9 * index, parts))
    screen.post_message(Answered(screen._ask, Step(Kind.TRACK, track=rows[0]), Answer("", 4.2, tuple(hits))))
    await until(pilot, lambda: screen.here.kind is Kind.TRACK)
    return screen


def test_library(snap_compare: Any, tmp_path: Path, size: SizedApp) -> None:
    async def browse(pilot: Pilot[None]) -> None:
        screen = await explore(pilot)
        assert isinstance(pilot.app, FairouzApp)
        still(pilot.app)
        screen.post_message(CardRead(-1))
        await pilot.press("a", "j", "a", "x", "j")
        screen.why.post_message(
            CardRead(screen.why._ask, {**Catalogue(tmp_path).card(1)}, picture_of(picture(1), columns=24))
        )
        await rest(pilot)

    assert snap_compare(FairouzApp(shelve(tmp_path)), terminal_size=size, run_before=browse)


def test_answer_with_reasons(snap_compare: Any, tmp_path: Path, size: SizedApp) -> None:
    async def ask(pilot: Pilot[None]) -> None:
        screen = await answered(pilot, tmp_path)
        a, b = Catalogue(tmp_path).rows([1, 2])
        screen.query_one(Faders).values = {"audio": 1.2}
        screen._name_faders()
        await pilot.press("a", "a")
        screen.add_class("why-open")
        await rest(pilot)
        explanation = Explanation(a, b, sum(PARTS.values()), PARTS, (), EVIDENCE)
        covers = (picture_of(picture(1), columns=16), picture_of(picture(2), columns=16))
        screen.why._dismiss()
        screen.why.post_message(Explained(screen.why._ask, explanation, covers))
        await rest(pilot)

    assert snap_compare(FairouzApp(shelve(tmp_path)), terminal_size=size, run_before=ask)


def test_indexing_and_faders(snap_compare: Any, tmp_path: Path, size: SizedApp) -> None:
    async def index(pilot: Pilot[None]) -> None:
        screen = await answered(pilot, tmp_path)
        top = screen.query_one(TopLine)
        top.indexing = True
        top.post_message(Progressed("sound", 31, 50, seconds_left=240))
        await pilot.press("f", "down")
        await rest(pilot)

    assert snap_compare(FairouzApp(shelve(tmp_path)), terminal_size=size, run_before=index)


def test_help(snap_compare: Any, tmp_path: Path, size: SizedApp) -> None:
    async def show(pilot: Pilot[None]) -> None:
        await explore(pilot)
        assert isinstance(pilot.app, FairouzApp)
        still(pilot.app)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))
        await rest(pilot)

    assert snap_compare(FairouzApp(shelve(tmp_path)), terminal_size=size, run_before=show)


def test_first_run(snap_compare: Any, tmp_path: Path, size: SizedApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert snap_compare(FairouzApp(tmp_path / "none"), terminal_size=size, press=["slash", *"nowhere", "enter"])


def test_too_small(snap_compare: Any, tmp_path: Path) -> None:
    assert snap_compare(FairouzApp(shelve(tmp_path)), terminal_size=(50, 12))
