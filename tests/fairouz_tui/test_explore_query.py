"""The query line: completion, what was asked before, what is wrong; and the screen that was open at the end."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widget import Widget
from textual.widgets import Static

from fairouz_tui.completion import completed
from fairouz_tui.errors import AppError
from fairouz_tui.history import MOST_KEPT, History
from fairouz_tui.paths import state_path
from fairouz_tui.screens import visits
from fairouz_tui.screens.visiting import VisitScreen
from fairouz_tui.state import State, load_state, save_state
from fairouz_tui.steps import Kind
from fairouz_tui.terms import field_terms, holds, negation, problem, with_term, without_term
from fairouz_tui.widgets.query_problem import SIGN, QueryProblem
from tests.fairouz_tui.driving import MEDIUM, NARROW, WIDE, app_on, explore, on_top, until

KNOWN = {"artist": ["Fairouz", "Fairouz & Ziad"], "has": ["lyrics"], "genre": ["Tarab"]}


def values(field: str, typed: str) -> list[str]:
    return [value for value in KNOWN.get(field, []) if value.lower().startswith(typed.lower())]


@pytest.mark.parametrize(
    ("text", "shown", "whole"),
    [
        ("art", "artist:", "artist:"),
        ("slow ge", "slow genre:", "slow genre:"),
        ("artist:fai", "artist:fairouz", "artist:Fairouz"),
        ("oud -artist:fai", "oud -artist:fairouz", "oud -artist:Fairouz"),
        ('artist:"fairouz ', 'artist:"fairouz & Ziad', 'artist:"Fairouz & Ziad"'),
        ("artist:fairouz", "artist:fairouz & Ziad", 'artist:"Fairouz & Ziad"'),
        ("has:", "has:lyrics", "has:lyrics"),
        ("genre:=ta", "genre:=tarab", "genre:=Tarab"),
        ("slow genre: ta", "slow genre: tarab", "slow genre: Tarab"),
        ('artist:= "fairouz ', 'artist:= "fairouz & Ziad', 'artist:= "Fairouz & Ziad"'),
        ("Wars: ge", "Wars: genre:", "Wars: genre:"),
    ],
)
def test_the_last_term_is_completed(text: str, shown: str, whole: str) -> None:
    found = completed(text, values)
    assert found is not None
    assert (found.shown, found.whole) == (shown, whole)
    assert found.shown.startswith(text)


@pytest.mark.parametrize("text", ["", "a", "artist:zz", "oud ", '"half a phrase ar', "nothing:x", 'artist:"Fairouz" '])
def test_what_nothing_fits_is_left_alone(text: str) -> None:
    assert completed(text, values) is None


def test_values_that_would_move_the_cursor_are_not_proposed() -> None:
    assert completed("artist:e", lambda _field, _typed: ["evil\x1b[2J", "e\u202evil"]) is None


def test_terms_go_in_and_out_however_they_are_quoted() -> None:
    text = 'slow genre:"Jazz" oud'
    assert holds(text, "genre:jazz")
    assert without_term(text, "GENRE:jazz") == "slow oud"
    assert with_term(text, '-genre:"jazz"') == 'slow oud -genre:"jazz"'
    assert with_term("", "year:1960..1969") == "year:1960..1969"
    assert negation(negation("has:cover")) == "has:cover"
    assert field_terms('slow genre:"a b" -year:1999 http://x "quoted: one"') == ['genre:"a b"', "-year:1999"]
    assert "needs a value" in problem("artist:")
    apart = 'slow genre: jazz key:a minor "b key: c"'
    assert field_terms(f"{apart} artist:") == ["genre: jazz", "key:a minor"]
    assert holds(apart, 'genre:"Jazz"')
    assert holds("genre:jazz", "genre: jazz")
    assert holds(apart, 'key:"a minor"')
    assert not holds(apart, "genre:=jazz")
    assert without_term(apart, "genre:jazz") == 'slow key:a minor "b key: c"'
    assert with_term("-genre: jazz oud", "genre:jazz") == "oud genre:jazz"
    assert problem("artist:x slow") == ""


def test_history_walks_back_through_what_holds_the_typed_words() -> None:
    history = History()
    for text in ("oud", "slow oud", "fast", "oud"):
        history.add(text)
    assert history.entries == ("slow oud", "fast", "oud")
    assert [history.older("o"), history.older("oud"), history.older("slow oud")] == ["oud", "slow oud", None]
    assert [history.newer("slow oud"), history.newer("oud"), history.newer("o")] == ["oud", "o", None]
    assert [history.older("oud"), history.older("fast"), history.newer("slow oud")] == ["fast", "slow oud", "fast"]
    for number in range(500):
        history.add(str(number))
    assert len(history.entries) == MOST_KEPT
    assert History(history.entries).older("") == "499"


async def test_fields_and_values_are_completed_and_what_was_asked_comes_back(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        line = screen.query_input
        await pilot.press("slash", *"arti")
        await until(pilot, lambda: line._suggestion == "artist:")
        await pilot.press("right")
        assert line.value == "artist:"
        await pilot.press(*"maris")
        await until(pilot, lambda: line._suggestion.lower().startswith("artist:marisol"))
        await pilot.press("tab")
        assert line.has_focus
        assert line.value.startswith('artist:"Marisol')
        await until(pilot, lambda: screen.here.text == line.value and len(screen.results) > 0)
        first = line.value
        await pilot.press("left", "right", "enter")
        assert screen.results.has_focus
        await pilot.press("slash", *["backspace"] * len(first), *"year:199", "tab")
        await until(pilot, lambda: line.value in ("year:1990..1999", "year:199"))
        await pilot.press("escape", "slash", "up", "ctrl+r")
        assert line.value == first
        await pilot.press("down")
        assert line.value != first
        await pilot.press("down")
        assert line.has_focus
        await pilot.press("down")
        assert screen.results.has_focus
        asked = line.history.entries
        assert asked[0] == first
        await pilot.press("q")
    assert load_state(state_path(library)).asked == asked
    again = app_on(library)
    async with again.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        assert screen.query_input.history.entries == asked


@pytest.mark.parametrize("size", [WIDE, MEDIUM, NARROW])
async def test_what_is_wrong_stands_at_the_query_line_and_the_list_stays(library: Path, size: tuple[int, int]) -> None:
    app = app_on(library)
    async with app.run_test(size=size) as pilot:
        screen = await explore(pilot)
        said = screen.query_one(QueryProblem)
        assert not said.display
        await pilot.press("slash")
        screen.query_input.value = "artist:"
        await until(pilot, lambda: "needs a value" in said.problem)
        assert screen.here.kind is Kind.LIBRARY
        assert len(screen.results) == 36
        await pilot.press("enter")
        assert screen.query_input.has_focus
        screen.query_input.value = "year:not-a-year"
        await until(pilot, lambda: "year: wants" in said.problem)
        await pilot.pause()
        assert (said.region.y, said.region.width) == (screen.query_input.region.bottom, size[0])
        assert said.render_line(0).text.strip() == SIGN + 'year: wants 1999, 1990..1999 or <2000, not "not-a-ye…"'
        assert not screen.results.border_subtitle
        screen.query_input.value = "year:1998"
        await until(pilot, lambda: screen.here.text == "year:1998")
        assert not said.display
        # A step that is shown brings its own words into the line, and those are good.
        screen.query_input.value = "colour:red"
        await until(pilot, lambda: 'no field "colour:"' in said.problem)
        await pilot.press("escape", "backspace")
        await until(pilot, lambda: screen.here.kind is Kind.LIBRARY)
        assert not said.display
        assert screen.query_input.value == ""


class Shelf(VisitScreen):
    NAME = "shelf"
    TITLE_TEXT = "Shelf"

    def parts(self) -> Iterator[Widget]:
        yield Static("a shelf")

    def memory(self) -> dict[str, object]:
        return {"seen": 3}


async def test_the_screen_that_was_open_is_opened_again(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def screen_class(name: str) -> type[VisitScreen]:
        if name != "shelf":
            raise AppError(f"there is no screen {name}")
        return Shelf

    monkeypatch.setattr(visits, "screen_class", screen_class)
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("j")
        track = screen.results.current
        screen.visit("shelf")
        await until(pilot, lambda: isinstance(app.screen, Shelf) and app.screen.is_mounted)
        await pilot.press("q")
    state = load_state(state_path(library))
    assert (state.screen, state.screen_track) == ("shelf", track.id if track else None)
    assert state.memories["shelf"] == {"seen": 3}
    again = app_on(library)
    async with again.run_test(size=WIDE) as pilot:
        opened = await on_top(pilot, Shelf)
        assert opened.track == track
        assert opened.remembered == {"seen": 3}
        await pilot.press("escape")
        screen = await explore(pilot)
        assert screen.state().screen == ""
    save_state(state_path(library), state=State(screen="gone"))
    third = app_on(library)
    async with third.run_test(size=WIDE) as pilot:
        assert (await explore(pilot)).results.has_focus
