"""What is said on the screen names the keys as they hold, and what an empty list says holds there."""

from pathlib import Path

from fairouz_tui.config import Config
from fairouz_tui.screens.graph import GraphScreen
from fairouz_tui.screens.save import SaveScreen
from fairouz_tui.show import wrapped
from fairouz_tui.widgets.key_line import KeyLine
from tests.fairouz_tui.driving import WIDE, app_on, explore, on_top, until

SWAPPED = {"more": "x", "mark": "m", "path": "n", "graph_find": "f"}


async def test_hints_name_the_keys_that_hold(library: Path) -> None:
    app = app_on(library, keys=SWAPPED)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        said: list[str] = []
        screen.say = said.append  # type: ignore[method-assign,assignment]
        await pilot.press("n", "X", "minus")
        assert said[0] == "Mark with m where the path starts, move to where it ends and press n."
        assert said[1] == "Nothing is marked: m marks the track under the cursor."
        assert said[2] == "- takes away from a question: press x or + on another track first."
        app.use(Config(mpv_arguments=("--ao=null",), keys={"add": "f3"}))
        await until(pilot, lambda: screen.playlist.empty_text.startswith("f3 adds the track"))
        said.clear()
        await pilot.press("p")
        assert said == ["Mark with x where the path starts, move to where it ends and press p."]


async def test_an_empty_answer_offers_meaning_only_while_it_was_not_asked(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("slash", *"year:1801 zzzqqq")
        await until(pilot, lambda: "enter searches by meaning" in screen.results.empty_text)
        await pilot.press("enter")
        await until(pilot, lambda: "Fewer words" in screen.results.empty_text)
        assert "meaning, " not in screen.results.empty_text
        await pilot.press("slash", *["backspace"] * 20, *"القمر")
        await pilot.press("enter")
        await until(pilot, lambda: "does not read this script" in screen.results.empty_text)
        assert "enter searches" not in screen.results.empty_text
        lines = "".join(str(screen.results.render_line(y).text) for y in range(1, 6))
        assert "does not read this script" in " ".join(lines.split())
        assert "script" not in str(screen.results.border_subtitle)


def test_what_stands_in_an_empty_list_is_wrapped() -> None:
    assert list(wrapped("one two three\nfour", 8)) == ["one two", "three", "four"]
    assert list(wrapped("endlessly", 4)) == ["endlessly"]


async def test_what_is_jumped_to_in_the_graph_can_be_marked(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        artists = sorted({row.artist for row in screen.results._pages[0]})[:2]
        await pilot.press("v")
        graph = await on_top(pilot, GraphScreen)
        await until(pilot, lambda: graph.ego is not None)
        for artist in artists:
            await pilot.press("slash", *artist)
            await until(pilot, lambda: graph._found is not None and graph._found.nodes)
            assert graph._found is not None
            found = graph._found.nodes[0]
            await pilot.press("enter")
            await until(pilot, lambda: not graph.has_class("-finding"))
            assert graph.node == found
            if artist == artists[0]:
                await pilot.press("x")
                assert graph.tree_list.marked == found
                assert str(graph.drawing.border_title).startswith("✕")
        await pilot.press("p")
        await until(pilot, lambda: graph._ways is not None)
        assert graph._ways is not None
        assert graph.ego is not None
        assert graph._ways.ends[0] == graph.tree_list.marked
        assert graph._ways.ends[1] == graph.ego.centre


async def test_the_last_line_follows_the_focus(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        line = screen.query_one(KeyLine)

        def first(count: int) -> list[str]:
            return [item.sign for item in line.known[:count]]

        await pilot.press("a", "2")
        await until(pilot, lambda: first(4) == ["enter", "d", "J", "K"] or first(4) == ["⏎", "d", "J", "K"])
        await pilot.press("3")
        await until(pilot, lambda: first(2) == ["[", "]"])
        await pilot.press("ctrl+s")
        await on_top(pilot, SaveScreen)
        await until(pilot, lambda: "Cancel" in [item.does for item in line.known])
        assert "Play" not in [item.does for item in line.known]
        await pilot.press("escape")
        await until(pilot, lambda: first(2) == ["[", "]"])


async def test_an_empty_playlist_leaves_the_right_pane_on_the_results(library: Path) -> None:
    app = app_on(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        told: list[object] = []
        screen.why.tell = told.append  # type: ignore[method-assign,assignment]
        screen.why.say = lambda *_: told.append(None)  # type: ignore[method-assign]
        await pilot.press("2")
        await until(pilot, lambda: screen.playlist.has_focus and told)
        assert told[-1] == screen.results.current


async def test_the_facets_say_where_clusters_come_from(library: Path) -> None:
    app = app_on(library, keys={"map": "f8"})
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await pilot.press("F")
        await until(pilot, lambda: len(screen.facets) > 0)
        assert screen.facets._lines[-1].facet == "clusters: open the map (f8)"
        await pilot.press("G", "enter")
        assert screen.facets._lines[-1].is_said
