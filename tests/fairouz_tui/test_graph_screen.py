"""The graph screen: walked by keys and by mouse, the ways between two nodes, jumps by name, and what it hands back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Input, Static

from fairouz_tui.app import FairouzApp
from fairouz_tui.config import Config
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.screens.graph import GraphScreen, query_for
from fairouz_tui.steps import Kind
from fairouz_tui.widgets.node_input import NodeInput
from indexer.exploring.ego import Node
from indexer.graph import rebuild_graph
from indexer.storing.store import Store
from indexer.storing.tracks import FileState, put_track
from indexer.track import Credit, Reading, Role, Stream, Tags
from tests.fairouz_tui.driving import explore, notices, rest, told, until
from tests.fairouz_tui.shelf import MUSIC, shelve

WIDE, MEDIUM, NARROW = (120, 40), (90, 30), (60, 16)


def app_on(library: Path) -> FairouzApp:
    return FairouzApp(library, config=Config(mpv_arguments=("--ao=null",)))


async def graph(pilot: Pilot[None], *keys: str) -> GraphScreen:
    """Open the graph of the track that the keys lead to in Explore, and return it once it shows something."""
    await explore(pilot)
    await pilot.press(*keys, "v")
    await until(pilot, lambda: isinstance(pilot.app.screen, GraphScreen) and pilot.app.screen.ego is not None)
    screen = pilot.app.screen
    assert isinstance(screen, GraphScreen)
    return screen


def centre(screen: GraphScreen) -> Node:
    assert screen.ego is not None
    return screen.ego.centre


async def walk(pilot: Pilot[None], screen: GraphScreen, key: str, holds: Callable[[], object]) -> None:
    await pilot.press(key)
    await until(pilot, holds)


def put_on(screen: GraphScreen, kind: str) -> Node:
    """Put the cursor on the first node of a kind."""
    place = next(i for i, row in enumerate(screen.tree_list.rows) if row.node is not None and row.kind == kind)
    screen.tree_list.cursor = place
    node = screen.tree_list.rows[place].node
    assert node is not None
    return node


def title(screen: GraphScreen) -> str:
    return plain(screen, "#visit-title")


def plain(screen: GraphScreen, selector: str) -> str:
    content = screen.query_one(selector, Static).content
    assert isinstance(content, Content)
    return content.plain


async def test_a_walk_there_and_back(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await graph(pilot, "j", "j")
        track = screen.track
        assert track is not None
        began = centre(screen)
        assert (began.id, began.kind) == (track.id, "track")
        await until(pilot, lambda: screen.drawing.scene.labels)
        kinds = {label.kind for label in screen.drawing.scene.labels}
        assert {"track", "artist", "album"} <= kinds
        artist = screen.node
        assert artist is not None
        assert artist.kind == "artist"
        assert screen.drawing._chosen == artist
        assert "weight" in plain(screen, "#graph-about")
        await pilot.press("backspace")
        await told(pilot, "where the walk began")
        await walk(pilot, screen, "enter", lambda: centre(screen) == artist)
        assert screen.node == began
        assert screen.walked == (began, artist)
        assert f"♪ {track.title[:12]}" in title(screen)
        assert " › ◆ " in title(screen)
        album = put_on(screen, "album")
        await until(pilot, lambda: screen.drawing._chosen == album)
        await walk(pilot, screen, "l", lambda: centre(screen) == album)
        await walk(pilot, screen, "h", lambda: centre(screen) == artist)
        assert screen.node == album
        place = screen.tree_list.cursor
        await pilot.press("j", "k")
        assert screen.tree_list.cursor == place
        await walk(pilot, screen, "right", lambda: centre(screen) == album)
        await walk(pilot, screen, "left", lambda: centre(screen) == artist)
        await walk(pilot, screen, "backspace", lambda: centre(screen) == began)
        assert len(screen.walked) == 1
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ExploreScreen))


async def test_a_heading_folds_and_the_walk_is_kept_for_the_next_visit(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await graph(pilot)
        artist = screen.node
        await walk(pilot, screen, "enter", lambda: centre(screen) == artist)
        rows = list(screen.tree_list.rows)
        await pilot.press("g", "enter")
        assert len(screen.tree_list.rows) < len(rows)
        assert screen.tree_list.rows[0].folded
        assert screen.tree_list.cursor == 0
        await pilot.press("enter")
        assert list(screen.tree_list.rows) == rows
        await pilot.press("1")
        await until(pilot, lambda: isinstance(app.screen, ExploreScreen))
        again = await graph(pilot)
        assert again is not screen
        assert centre(again) == artist
        assert again.walked == screen.walked
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ExploreScreen))
        other = await graph(pilot, "G")
        assert len(other.walked) == 1
        explorer = app.screen_stack[-2]
        assert isinstance(explorer, ExploreScreen)
        explorer.memories["graph"] = {"track": other.track.id if other.track else 0, "walk": [[-99999, "artist", "?"]]}
        other.walked = ()
        await pilot.press("escape")
        assert centre(await graph(pilot)).kind == "track"


async def test_ways_between_two_nodes(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await graph(pilot)
        await pilot.press("p")
        await told(pilot, "Nothing is marked")
        album = put_on(screen, "album")
        await pilot.press("x")
        assert screen.tree_list.marked == album
        assert "marked" in plain(screen, "#graph-about")
        artist = put_on(screen, "artist")
        await walk(pilot, screen, "p", lambda: screen._ways is not None)
        assert screen._ways is not None
        assert screen._ways.ends == (album, artist)
        headings = [row.text for row in screen.tree_list.rows if row.node is None]
        assert headings[0].startswith(f"Way 1 of {len(screen._ways.ways)} · ")
        assert [label.node for label in screen.drawing.scene.labels if label.is_centre] == [album, artist]
        await pilot.press("j")
        assert screen.drawing._chosen == screen.node
        await pilot.press("escape")
        assert screen._ways is None
        assert centre(screen).kind == "track"
        assert screen.node == artist
        put_on(screen, "album")
        await pilot.press("x")
        assert screen.tree_list.marked is None


async def test_a_jump_by_name(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await graph(pilot)
        wanted = put_on(screen, "album")
        await pilot.press("slash")
        assert isinstance(screen.focused, NodeInput)
        await pilot.press(*wanted.name[:5].replace(" ", ""), "p", "x")
        assert screen.query_one(NodeInput).value.endswith("px")
        await until(pilot, lambda: "Nothing is called" in screen.tree_list.empty_text)
        screen.query_one(NodeInput).value = wanted.name
        await until(pilot, lambda: screen._found is not None and wanted in screen._found.nodes)
        await pilot.press("down")
        assert screen.tree_list.has_focus
        screen.tree_list.cursor = screen.tree_list.index_of(wanted) or 0
        await walk(pilot, screen, "enter", lambda: centre(screen) == wanted)
        assert not screen.query_one(NodeInput).display
        began = screen.walked
        await pilot.press("slash", "a", "escape")
        assert not screen.query_one(NodeInput).display
        assert screen.tree_list.has_focus
        await pilot.press("slash", *"marisol", "enter")
        await until(pilot, lambda: "Marisol" in centre(screen).name)
        assert screen.walked[:-1] == began


async def test_tracks_are_added_and_looked_for(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await graph(pilot)
        artist = put_on(screen, "artist")
        await pilot.press("a")
        await told(pilot, "A adds all tracks")
        await walk(pilot, screen, "enter", lambda: centre(screen) == artist)
        assert screen.ego is not None
        count = screen.ego.tracks
        put_on(screen, "track")
        await pilot.press("a")
        await told(pilot, "Added to the playlist")
        await pilot.press("g")  # a heading stands for the node in the middle
        await walk(pilot, screen, "A", lambda: len(screen.host.listed) == count)
        await walk(pilot, screen, "A", lambda: "in the playlist already" in notices(pilot)[-1])
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.screen, ExploreScreen) and app.screen.here.kind is Kind.WORDS)
        explorer = app.screen
        assert isinstance(explorer, ExploreScreen)
        assert explorer.here.text == f'artist:"{artist.name}"'
        assert len(explorer.results) >= 1
        again = await graph(pilot)
        if centre(again).kind != "track":  # the walk from the same track goes on
            await walk(pilot, again, "backspace", lambda: centre(again).kind == "track")
        track = again.track
        await pilot.press("g", "m")
        await until(pilot, lambda: isinstance(app.screen, ExploreScreen) and app.screen.here.kind is Kind.TRACK)
        assert explorer.here.track == track
        again = await graph(pilot)
        album = put_on(again, "album")
        await pilot.press("s")
        await until(pilot, lambda: explorer.here.text == f'album:"{album.name}"')


def test_queries_name_the_field_and_quote_the_name() -> None:
    assert query_for(Node(-1, "artist", "Simon & Garfunkel")) == 'artist:"Simon & Garfunkel"'
    assert query_for(Node(-1, "genre", 'the "best" of all')) == 'genre:"of all"'
    assert query_for(Node(3, "track", "A song")) == 'title:"A song"'
    assert query_for(Node(-1, "playlist", "late night")) == ""


async def test_views_and_the_mouse(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await graph(pilot)
        await until(pilot, lambda: screen.drawing.scene.labels)
        both = screen.drawing.size.width
        await pilot.press("tab")
        await until(pilot, lambda: screen.drawing.size.width > both)
        assert screen.tree_list.has_focus
        await pilot.press("tab")
        await until(pilot, lambda: not screen.drawing.display)
        await pilot.press("shift+tab", "shift+tab")
        await until(pilot, lambda: screen.drawing.size.width == both)
        label = next(label for label in screen.drawing.scene.labels if label.kind == "album")
        await pilot.click(screen.drawing, offset=(label.x + 2, label.y + 1))
        await until(pilot, lambda: screen.node == label.node)
        await pilot.click(screen.drawing, offset=(label.x + 2, label.y + 1), times=2)
        await until(pilot, lambda: centre(screen) == label.node)
        await pilot.resize_terminal(*NARROW)
        await until(pilot, lambda: screen.has_class("-view-drawing"))
        await pilot.resize_terminal(*WIDE)
        await until(pilot, lambda: screen.has_class("-view-both"))
        await pilot.resize_terminal(*NARROW)
        await until(pilot, lambda: screen.has_class("-view-drawing"))
        await pilot.press("j", "tab")
        await until(pilot, lambda: not screen.drawing.display and screen.tree_list.size.height > 3)
        await pilot.press("tab")
        await until(pilot, lambda: screen.drawing.display)


def many(library: Path, tracks: int) -> Path:
    """Shelve a genre with many tracks of many artists, one more artist on each."""
    with Store(library) as store:
        with store.writing() as connection:
            connection.execute("INSERT INTO roots (id, path, added) VALUES (1, ?, 0)", (MUSIC,))
            for number in range(tracks):
                credits = (
                    Credit(f"Singer {number % 70:02}", Role.ARTIST),
                    Credit(f"Guest {number:03}", Role.FEATURED, "feat."),
                )
                tags = Tags(title=f"Song {number:03}", artist=credits[0].name, credits=credits, genres=("Tarab",))
                reading = Reading(tags, Stream(100.0, "mp3"), f"{number}")
                put_track(connection, FileState(1, b"%05d.mp3" % number, 1, 0, ""), reading, track_id=None)
        rebuild_graph(store)
    return library


async def test_more_neighbours_are_listed_when_asked_for(tmp_path: Path) -> None:
    app = app_on(many(tmp_path, 240))
    async with app.run_test(size=WIDE) as pilot:
        screen = await graph(pilot)
        genre = put_on(screen, "genre")
        await walk(pilot, screen, "enter", lambda: centre(screen) == genre)
        assert any(label.text.startswith("+") for label in screen.drawing.scene.labels)
        place = next(i for i, row in enumerate(screen.tree_list.rows) if row.more)
        screen.tree_list.cursor = place
        before = len(screen.tree_list.rows)
        await walk(pilot, screen, "enter", lambda: len(screen.tree_list.rows) > before)
        assert screen.node == screen.tree_list.rows[place - 1].node
        assert len(screen.walked) == 2
        await pilot.press("g", "A")
        await until(pilot, lambda: len(screen.host.listed) == 200)
        await told(pilot, "the first 200 of Tarab")


async def test_an_empty_library_says_what_to_press(tmp_path: Path) -> None:
    app = app_on(shelve(tmp_path, ()))
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: isinstance(app.screen, ExploreScreen))
        await pilot.press("v")
        await until(pilot, lambda: isinstance(app.screen, GraphScreen) and "/ jumps" in app.screen.tree_list.empty_text)
        await pilot.press(
            "enter", "x", "p", "A", "s", "m", "a", "backspace", "j", "tab", "slash", "q", "escape", "escape"
        )
        await until(pilot, lambda: isinstance(app.screen, ExploreScreen))


@pytest.fixture(autouse=True)
def no_blinking(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the cursor of the line of names from blinking in and out of the pictures."""
    monkeypatch.setattr(Input.cursor_blink, "_default", False)


@pytest.mark.parametrize("size", [WIDE, MEDIUM, NARROW], ids=lambda size: f"{size[0]}x{size[1]}")
def test_graph_looks(snap_compare: Any, tmp_path: Path, size: tuple[int, int]) -> None:
    async def show(pilot: Pilot[None]) -> None:
        pilot.app.animation_level = "none"
        screen = await graph(pilot)
        genre = put_on(screen, "genre")
        await walk(pilot, screen, "enter", lambda: centre(screen) == genre)
        put_on(screen, "artist")
        await pilot.press("j", "x", "j")
        await rest(pilot)

    assert snap_compare(app_on(many(tmp_path, 90)), terminal_size=size, run_before=show)


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=lambda size: f"{size[0]}x{size[1]}")
def test_ways_look(snap_compare: Any, tmp_path: Path, size: tuple[int, int]) -> None:
    async def show(pilot: Pilot[None]) -> None:
        pilot.app.animation_level = "none"
        screen = await graph(pilot)
        put_on(screen, "artist")
        await pilot.press("x", "slash", *"singer 42", "enter")
        await until(pilot, lambda: centre(screen).name == "Singer 42")
        await pilot.press("g")
        await walk(pilot, screen, "p", lambda: screen._ways is not None)
        await pilot.press("j")
        await rest(pilot)

    assert snap_compare(app_on(many(tmp_path, 90)), terminal_size=size, run_before=show)


async def test_the_view_follows_the_width_until_one_is_chosen(library: Path) -> None:
    async with FairouzApp(library).run_test(size=NARROW) as pilot:
        screen = await graph(pilot)
        assert screen.has_class("-view-drawing")
        await pilot.resize_terminal(*WIDE)
        await until(pilot, lambda: screen.has_class("-view-both") and screen.tree_list.size.height > 3)
        await pilot.resize_terminal(*NARROW)
        await until(pilot, lambda: screen.has_class("-view-drawing"))
        await pilot.press("tab")
        await until(pilot, lambda: screen.has_class("-view-tree"))
        for size in (WIDE, NARROW, MEDIUM):
            await pilot.resize_terminal(*size)
            await until(pilot, lambda size=size: screen.size.width == size[0])  # type: ignore[misc]
            assert screen.has_class("-view-tree")
