"""A library that changes while it is looked at: the cursor stays on its track, an open answer says that it is old."""

from pathlib import Path

from textual.pilot import Pilot

from fairouz_tui.app import FairouzApp
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.steps import Kind
from indexer.catalogue import ORDERS, Catalogue
from indexer.storing.store import Store
from indexer.storing.tracks import FileState, put_track
from tests.fairouz_tui.driving import explore, notices, until
from tests.fairouz_tui.shelf import Entry, _reading, shelve

MANY = tuple(Entry(f"Song {number:03}", f"Artist {number // 10:02}", "Album", 1950 + number) for number in range(300))
SIZE = (120, 40)


def add(library: Path, *entries: Entry, first: int = 1000) -> None:
    """Put more tracks into a library, in a transaction as a run does."""
    with Store(library) as store, store.writing() as connection:
        for number, entry in enumerate(entries, start=first):
            file = FileState(1, b"%05d.mp3" % number, 1000, 0, "")
            put_track(connection, file, _reading(entry, number), track_id=None)


def before_all(count: int) -> tuple[Entry, ...]:
    """Return entries that the list shows before all others."""
    return tuple(Entry(f"New {number}", "Aaa", "Album", 1900) for number in range(count))


def top_of(screen: ExploreScreen) -> int:
    return screen.results.cursor - screen.results.scroll_offset.y


async def test_the_cursor_stays_on_its_track_while_others_come_above_it(tmp_path: Path) -> None:
    library = shelve(tmp_path / "library", MANY)
    app = FairouzApp(library, config_file=tmp_path / "config.toml")
    async with app.run_test(size=SIZE) as pilot:
        screen = await explore(pilot)
        results = screen.results
        results.cursor = 250
        await until(pilot, lambda: results.current is not None and results.current.title == "Song 250")
        await pilot.press("k", "k", "k")
        line = top_of(screen)
        add(library, *before_all(40))
        await until(pilot, lambda: len(results) == 340)
        assert (name(screen), results.cursor, top_of(screen)) == ("Song 247", 287, line)
        await pilot.press("g")
        await until(pilot, lambda: name(screen) == "New 0")
        add(library, Entry("Very new", "Aa", "Album"), first=2000)
        await until(pilot, lambda: name(screen) == "Very new")
        assert results.cursor == 0


def name(screen: ExploreScreen) -> str:
    """Return the title under the cursor."""
    row = screen.results.current
    return row.title if row is not None else ""


async def test_an_answer_says_that_the_library_changed_and_is_asked_again(tmp_path: Path) -> None:
    library = shelve(tmp_path / "library", MANY)
    app = FairouzApp(library, config_file=tmp_path / "config.toml")
    async with app.run_test(size=SIZE) as pilot:
        screen = await explore(pilot)
        await pilot.press("r")
        await until(pilot, lambda: "follows by itself" in " ".join(notices(pilot)))
        await until(pilot, lambda: screen._version > 0)
        screen.results.cursor = 20
        await narrowed(pilot, screen, "year:1960..1980")
        assert "changed" not in title(screen)
        await pilot.press("j", "j", "j")
        kept = name(screen)
        add(library, *(Entry("Between", "Aaa", "Album", 1970 + number) for number in range(5)))
        await until(pilot, lambda: "library changed · r asks again" in title(screen))
        assert len(screen.results) == 21
        await pilot.press("r")
        await until(pilot, lambda: len(screen.results) == 26)
        assert name(screen) == kept
        assert screen.results.cursor == 3 + 5
        assert "changed" not in title(screen)
        await pilot.press("backspace")
        await until(pilot, lambda: screen.here.kind is Kind.LIBRARY and name(screen) == "Song 020")
        assert screen.results.cursor == 25


async def test_an_answer_of_an_earlier_run_says_that_the_library_changed(tmp_path: Path) -> None:
    library = shelve(tmp_path / "library", MANY)
    app = FairouzApp(library, config_file=tmp_path / "config.toml")
    async with app.run_test(size=SIZE) as pilot:
        await narrowed(pilot, await explore(pilot), "year:1960..1980")
        await pilot.press("q")
    app = FairouzApp(library, config_file=tmp_path / "config.toml")
    async with app.run_test(size=SIZE) as pilot:
        screen = await explore(pilot)
        await until(pilot, lambda: screen.here.answer is not None and screen._version > 0)
        assert not screen.outdated
        add(library, Entry("Between", "Aaa", "Album", 1970))
        await until(pilot, lambda: "library changed · r asks again" in title(screen))
        await pilot.press("r")
        await until(pilot, lambda: len(screen.results) == 22)
        assert not screen.outdated


async def narrowed(pilot: Pilot[None], screen: ExploreScreen, text: str) -> None:
    await pilot.press("slash", *text.replace(":", "\t").split("\t")[0], "colon", *text.split(":")[1], "enter")
    await until(pilot, lambda: screen.here.text == text and screen.results.has_focus and len(screen.results) == 21)


def title(screen: ExploreScreen) -> str:
    return str(screen.results.border_title)


def test_the_place_of_a_track_is_where_the_window_shows_it(tmp_path: Path) -> None:
    library = shelve(tmp_path / "library")
    add(library, Entry("No year", "", "", None, None), Entry("No length", "A", "", 1950, None))
    catalogue = Catalogue(library)
    for order in (*ORDERS, *(f"-{order}" for order in ORDERS)):
        ids = [row.id for row in catalogue.window(0, 100, order=order)]
        assert [catalogue.place(track, order=order) for track in ids] == list(range(10))
    assert catalogue.place(10_000) is None
