"""The map: walked on, coloured, searched, encircled, two side by side; every key of it."""

import shutil
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from textual import events
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Input, Static

from fairouz_tui.app import FairouzApp
from fairouz_tui.config import Config
from fairouz_tui.open_library import OpenLibrary
from fairouz_tui.screens import map_charting, map_work
from fairouz_tui.screens.map import MapScreen
from fairouz_tui.screens.map_charting import _window
from fairouz_tui.screens.map_messages import Encircled, Laid, Laying, Named
from fairouz_tui.screens.map_work import apart, lay_out
from fairouz_tui.steps import Kind
from fairouz_tui.widgets.map_canvas import MapCanvas
from fairouz_tui.widgets.map_legend import query_of
from indexer.catalogue import Catalogue
from indexer.exploring.answer import TrackRow
from indexer.maps.charts import Chart
from indexer.maps.colours import colours, groups
from indexer.maps.window import Window
from tests.fairouz_tui.driving import PATIENCE_SECONDS, explore, notices, until
from tests.fairouz_tui.shelf import shelve

WIDE, MEDIUM, NARROW = (120, 40), (90, 30), (60, 16)


@pytest.fixture(scope="module")
def mapped(indexed_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the demo's library, whose maps are made once; nothing here writes anything else into it."""
    return Path(shutil.copytree(indexed_demo / "library", tmp_path_factory.mktemp("mapped") / "library"))


def app_on(library: Path) -> FairouzApp:
    (library / "state.json").unlink(missing_ok=True)
    return FairouzApp(library, config=Config(mpv_arguments=("--ao=null",)))


async def opened(pilot: Pilot[None], *, keys: str = "j") -> MapScreen:
    """Open the map on the second track of the library and wait until it is there."""
    await explore(pilot)
    await pilot.press(*keys, "M")
    await until(pilot, lambda: isinstance(pilot.app.screen, MapScreen))
    screen = pilot.app.screen
    assert isinstance(screen, MapScreen)
    await settled(pilot, screen)
    return screen


async def settled(pilot: Pilot[None], screen: MapScreen) -> None:
    await until(pilot, lambda: all(side.since is None and side.canvas.chart is not None for side in screen.sides))
    await until(pilot, lambda: all(side.by == screen.by for side in screen.sides))


def cell(canvas: MapCanvas) -> tuple[int, int]:
    return canvas.window.cell(*canvas.cross, *canvas.size)


def said(screen: MapScreen, name: str) -> str:
    return str(screen.query_one(f"#{name}", Static).content)


def ids(screen: MapScreen) -> set[int]:
    return set() if screen.selected is None else set(screen.selected.tolist())


async def test_the_keys_walk_pan_and_zoom(mapped: Path) -> None:
    async with app_on(mapped).run_test(size=WIDE) as pilot:
        screen = await opened(pilot)
        canvas = screen.first.canvas
        assert screen.track is not None
        assert canvas.track_id == screen.track.id
        await until(pilot, lambda: screen.track is not None and screen.track.title in said(screen, "map-place"))
        assert canvas.cluster in said(screen, "map-place")
        await pilot.press("0")
        at = (40, 15)
        canvas._moved_to(canvas.window.point(*at, *canvas.size))
        for key, (right, down) in {
            "l": (1, 0), "right": (1, 0), "h": (-1, 0), "left": (-1, 0),
            "j": (0, 1), "down": (0, 1), "k": (0, -1), "up": (0, -1),
        }.items():  # fmt: skip
            await pilot.press(key)
            at = (at[0] + right, at[1] + down)
            assert cell(canvas) == at, key
        distances = ((canvas.chart.places - np.array(canvas.cross)) ** 2).sum(axis=1)  # type: ignore[union-attr]
        assert canvas.row == int(distances.argmin())
        for closer, farther in (("plus", "minus"), ("z", "Z")):
            await pilot.press(closer, closer)
            assert canvas.window.reach == pytest.approx(1.05 / 1.5**2)
            assert cell(canvas) == at
            await pilot.press(farther)
            assert canvas.window.reach == pytest.approx(1.05 / 1.5)
            await pilot.press("0")
            assert canvas.window == Window()
        await pilot.press("z", "z", "z")
        for keys, axis, sign in (
            ("L", 0, 1), ("H", 0, -1), ("K", 1, 1), ("J", 1, -1),
            ("shift+right", 0, 1), ("shift+left", 0, -1), ("shift+up", 1, 1), ("shift+down", 1, -1),
        ):  # fmt: skip
            before, was = canvas.window, cell(canvas)
            await pilot.press(keys)
            moved = (canvas.window.x - before.x, canvas.window.y - before.y)
            assert moved[axis] * sign > 0, keys
            assert moved[1 - axis] == 0
            assert cell(canvas) == was, keys
        await pilot.press("0", *"l" * 100)
        assert canvas.cross[0] <= 1.05  # the rim of the map holds it
        await pilot.press("escape")
        await explore(pilot)


async def test_clusters_are_gone_through_and_a_track_is_played_or_asked_for(mapped: Path) -> None:
    app = app_on(mapped)
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(pilot)
        canvas = screen.first.canvas
        assert canvas.chart is not None
        names = len(set(canvas.chart.clusters.tolist()))
        assert names > 1
        seen = [canvas.cluster]
        for _ in range(names):
            await pilot.press("n")
            seen.append(canvas.cluster)
        assert len(set(seen)) == names
        assert seen[0] == seen[-1]
        await pilot.press("N")
        assert canvas.cluster == seen[-2]
        await pilot.press("enter")
        await until(pilot, lambda: any("Plays" in one for one in notices(pilot)))
        row = screen.chosen
        assert row is not None
        assert row.id == canvas.track_id
        await pilot.press("a")
        assert row.id in screen.host.listed
        assert "in the playlist" in said(screen, "map-place")
        await pilot.press("m")
        explorer = await explore(pilot)
        await until(pilot, lambda: explorer.here.kind is Kind.TRACK)
        assert explorer.here.track == row


async def test_a_lasso_selects_what_it_encircles(mapped: Path) -> None:
    async with app_on(mapped).run_test(size=WIDE) as pilot:
        screen = await opened(pilot)
        canvas = screen.first.canvas
        await pilot.press("0", "A")
        assert any("Nothing is selected" in one for one in notices(pilot))
        canvas._moved_to(canvas.window.point(20, 8, *canvas.size))
        await pilot.press("x", *"l" * 40, *"j" * 14, *"h" * 40)
        assert "drawing a lasso" in said(screen, "visit-title")
        outline = np.array(canvas.lasso)
        await pilot.press("x")
        await until(pilot, lambda: screen.selected is not None)
        assert canvas.lasso is None
        assert canvas.chart is not None
        low, high = outline.min(axis=0), outline.max(axis=0)
        inside = ((canvas.chart.places > low) & (canvas.chart.places < high)).all(axis=1)
        assert ids(screen) == set(canvas.chart.ids[inside].tolist())
        assert 0 < len(ids(screen)) < 36
        assert f"{len(ids(screen))} selected" in said(screen, "visit-title")
        await pilot.press("A")
        await until(pilot, lambda: screen.host.listed == ids(screen))
        await pilot.press("x", "l", "escape")
        assert canvas.lasso is None
        assert ids(screen)
        await pilot.press("escape")
        assert not ids(screen)
        screen.post_message(Encircled(np.zeros(0, np.int64)))
        await until(pilot, lambda: any("No track lies inside" in one for one in notices(pilot)))
        await pilot.press("escape")
        await explore(pilot)


async def test_the_mouse_points_pans_zooms_and_draws(mapped: Path) -> None:
    async with app_on(mapped).run_test(size=WIDE) as pilot:
        screen = await opened(pilot)
        canvas = screen.first.canvas
        await pilot.press("0")
        await pilot.click(canvas, offset=(31, 11))
        assert cell(canvas) == (30, 10)
        await pilot._post_mouse_events([events.MouseScrollUp], canvas, offset=(31, 11))
        assert canvas.window.reach == pytest.approx(0.7)
        await pilot.mouse_down(canvas, offset=(31, 11))
        before = canvas.window
        await pilot.hover(canvas, offset=(41, 11))
        await pilot.mouse_up(canvas, offset=(41, 11))
        assert canvas.window.x < before.x
        assert canvas.window.y == pytest.approx(before.y)
        assert cell(canvas) == (40, 10)  # what was under the mouse still is
        await pilot._post_mouse_events([events.MouseScrollDown], canvas, offset=(31, 11))
        assert canvas.window == Window()
        await pilot.press("x")
        await pilot.mouse_down(canvas, offset=(20, 5))
        for offset in ((70, 5), (70, 30), (20, 30)):
            await pilot.hover(canvas, offset=offset)
        await pilot.mouse_up(canvas, offset=(20, 30))
        await pilot.press("x")
        await until(pilot, lambda: ids(screen))
        await pilot.click(canvas, offset=(31, 11), times=2)
        await until(pilot, lambda: any("Plays" in one for one in notices(pilot)))


async def test_colours_spaces_and_ways_are_taken_in_turn_and_remembered(mapped: Path) -> None:
    app = app_on(mapped)
    async with app.run_test(size=WIDE) as pilot:
        screen = await opened(pilot)
        canvas, track_id = screen.first.canvas, screen.first.canvas.track_id
        assert str(canvas.border_title) == "joint space · t-SNE · by cluster"
        for by in ("genre", "year", "album", "artist", "playlist", "cluster"):
            await pilot.press("C")
            await settled(pilot, screen)
            assert screen.first.by == by
            assert str(screen.legend.border_title) == f"{by}s".capitalize()
            assert str(canvas.border_title).endswith(f"by {by}")
        await pilot.press("C")
        await pilot.press("w")
        await settled(pilot, screen)
        assert canvas.chart is not None
        assert canvas.chart.how == "pca"
        shown = []
        for key in ("o", "space", "O"):
            await pilot.press(key)
            await settled(pilot, screen)
            shown.append(canvas.chart.source)
            assert (canvas.track_id == track_id) == (track_id in canvas.chart.ids)
        assert shown == ["audio", screen.first.sources[2], "audio"]
        await pilot.press("R")
        await settled(pilot, screen)
        await pilot.press("z", "z")
        window = canvas.window
        await pilot.press("escape")
        explorer = await explore(pilot)
        kept = explorer.memories["map"]
        assert kept == {
            "source": "audio", "how": "pca", "colour": "genre", "window": [window.x, window.y, window.reach],
            "beside": "",
        }  # fmt: skip
        await pilot.press("M")
        await until(pilot, lambda: isinstance(app.screen, MapScreen))
        again = app.screen
        assert isinstance(again, MapScreen)
        await settled(pilot, again)
        assert str(again.first.canvas.border_title) == "audio · PCA · by genre"
        assert again.first.canvas.window.reach == window.reach
        assert again.first.canvas.track_id == track_id


async def test_words_light_what_matches(mapped: Path) -> None:
    async with app_on(mapped).run_test(size=MEDIUM) as pilot:
        screen = await opened(pilot)
        canvas = screen.first.canvas
        await pilot.press("slash", *"harbour")
        await until(pilot, lambda: screen.found is not None and screen.found.text == "harbour")
        assert screen.found is not None
        wanted = {hit.track.id for hit in Catalogue(mapped).suggest("harbour").hits}
        assert set(screen.found.ids) == wanted
        assert 0 < len(wanted) < 36
        assert f"lights {len(wanted)}" in said(screen, "visit-title")
        await pilot.press("enter")
        await until(pilot, lambda: canvas.has_focus and canvas.track_id == screen.found.ids[0])  # type: ignore[union-attr]
        lit = canvas._lit
        assert lit is not None
        assert canvas.chart is not None
        assert set(canvas.chart.ids[lit].tolist()) == wanted
        await pilot.press("slash")
        assert screen.query_one("#map-words", Input).has_focus
        await pilot.press("escape")
        await until(pilot, lambda: canvas.has_focus)
        assert screen.found is not None
        await pilot.press("escape")
        assert screen.found is None
        assert canvas._lit is None
        await pilot.press("slash", *"year:x")
        await until(pilot, lambda: "year" in said(screen, "visit-title"))
        assert "lights" not in said(screen, "visit-title")


async def test_two_maps_have_one_selection_and_one_cursor(mapped: Path) -> None:
    async with app_on(mapped).run_test(size=WIDE) as pilot:
        screen = await opened(pilot)
        first, second = screen.first.canvas, screen.second.canvas
        await pilot.press("b")
        await settled(pilot, screen)
        assert second.chart is not None
        assert second.chart.source == "audio"
        assert second.track_id == first.track_id
        assert second.size.width == pytest.approx(first.size.width, abs=1)
        await pilot.press("n")
        await until(pilot, lambda: second.track_id == first.track_id)
        await pilot.press("tab")
        await until(pilot, lambda: screen.active is screen.second)
        await pilot.press("n")
        await until(pilot, lambda: second.track_id == first.track_id)
        await pilot.press("tab")
        await until(pilot, lambda: screen.legend.has_focus)
        await pilot.press("enter")
        assert screen.legend.group is not None
        assert ids(screen) == set(second.chart.ids[screen.legend.group.rows].tolist())
        for canvas in (first, second):
            assert canvas.chart is not None
            assert canvas._selected is not None
            assert set(canvas.chart.ids[canvas._selected].tolist()) == ids(screen)
        await pilot.press("shift+tab")
        await until(pilot, lambda: second.has_focus)
        await pilot.press("b")
        await until(pilot, lambda: first.has_focus and not second.display)


async def test_a_group_leads_back_to_explore_or_is_selected(mapped: Path) -> None:
    app = app_on(mapped)
    async with app.run_test(size=NARROW) as pilot:
        screen = await opened(pilot)
        assert not screen.legend.display
        await pilot.press("tab")
        await until(pilot, lambda: screen.legend.has_focus and screen.legend.display)
        assert not screen.first.canvas.display
        await pilot.press("f")
        assert any("No query finds these" in one for one in notices(pilot))
        assert ids(screen)
        await pilot.press("C")
        await settled(pilot, screen)
        await pilot.press("j", "f")
        explorer = await explore(pilot)
        await until(pilot, lambda: explorer.here.kind is Kind.WORDS)
        assert explorer.here.text.startswith('genre:"')
        await until(pilot, lambda: 0 < len(explorer.results) < 36)


def test_queries_of_groups_find_them(mapped: Path) -> None:
    catalogue = Catalogue(mapped)
    for by in ("genre", "year", "album", "artist"):
        chart = Chart("joint", "pca", np.arange(1, 37), np.zeros((36, 2), np.float32), np.zeros(36, int), ("all",))
        for group in groups(chart, colours(catalogue.connection, chart, by), by):
            query = query_of(by, group.name)
            if group.name != "all others":
                found = {hit.track.id for hit in catalogue.suggest(query, limit=99).hits}
                assert set(chart.ids[group.rows].tolist()) <= found, query
    assert query_of("artist", 'the "others"') == query_of("cluster", "jazz") == query_of("genre", "all others") == ""


async def test_letters_stand_for_colours_where_there_are_none(mapped: Path) -> None:
    app = app_on(mapped)
    app.no_color = True
    async with app.run_test(size=MEDIUM) as pilot:
        screen = await opened(pilot)
        canvas = screen.first.canvas

        def drawn() -> set[str]:
            return set("".join(canvas.render_line(y).text for y in range(canvas.size.height))) - set(" ┼●")

        assert drawn() <= set("ABCDEFGH·")
        assert len(drawn()) > 1
        assert " A " in screen.legend.render_line(0).text
        await pilot.press("d")
        assert all("\u2800" < mark <= "\u28ff" for mark in drawn())
        assert "●" in screen.legend.render_line(0).text


async def test_what_stands_in_tags_changes_nothing_but_its_own_line(mapped: Path) -> None:
    async with app_on(mapped).run_test(size=MEDIUM) as pilot:
        screen = await opened(pilot)
        track_id = screen.first.canvas.track_id
        assert track_id is not None
        screen.post_message(Named(TrackRow(track_id, "/x", "[red]\x1b[2J\u202e" + "a" * 9999, "B\nC", "")))
        await until(pilot, lambda: "[red]" in said(screen, "map-place"))
        assert not {"\x1b", "\u202e", "\n"} & set(said(screen, "map-place"))
        assert screen.query_one("#map-place").size.height == 1


async def test_without_vectors_it_says_what_to_do_and_stays_usable(tmp_path: Path) -> None:
    async with FairouzApp(shelve(tmp_path)).run_test(size=MEDIUM) as pilot:
        await explore(pilot)
        await pilot.press("M")
        await until(pilot, lambda: any("not embedded yet" in one for one in notices(pilot)))
        screen = pilot.app.screen
        assert isinstance(screen, MapScreen)
        assert "not embedded yet" in screen.first.canvas.render_line(1).text
        keys = ["n", "x", "j", "z", "0", "C", "w", "o", "d", "A", "b", "b", "tab", "enter", "f", "escape", "escape"]
        await pilot.press(*keys)
        await explore(pilot)


def asked(
    library: Path, *, stopped: Callable[[], bool] = lambda: False, how: str = "tsne", again: bool = True
) -> list[Message]:
    posted: list[Message] = []
    lay_out(
        OpenLibrary(library), Laying("map-first", 3, 0.0), source="gone", how=how, by="cluster", again=again,
        post=posted.append, stopped=stopped,
    )  # fmt: skip
    return posted


def test_broad_lines_come_first_and_then_how_far_it_is(mapped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(map_work, "SHOWN_MEANWHILE", 36)
    posted = asked(mapped)
    laid = [one for one in posted if isinstance(one, Laid)]
    assert [(one.chart.source, one.chart.how, one.meanwhile, one.ask) for one in laid] == [
        ("joint", "pca", True, 3),
        ("joint", "tsne", False, 3),
    ]
    shares = [one.share for one in posted if isinstance(one, Laying)]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert laid[0] is posted[1]
    assert laid[1] is posted[-1]
    assert [type(one) for one in asked(mapped, again=False)] == [Laid]  # it is kept now


def test_a_map_that_nobody_waits_for_is_given_up(indexed_demo: Path, tmp_path: Path) -> None:
    library = Path(shutil.copytree(indexed_demo / "library", tmp_path / "library"))
    shutil.rmtree(library / "maps", ignore_errors=True)
    asks = iter([False, False, False])
    posted = asked(library, stopped=lambda: next(asks, True))
    assert len(posted) == 3
    assert not any(isinstance(one, Laid) for one in posted)
    assert not (library / "maps").exists()


def test_who_leaves_does_not_wait_for_a_layout() -> None:
    going_on, ended = Event(), Event()

    def work() -> None:
        going_on.wait(PATIENCE_SECONDS)
        ended.set()

    apart(work, stopped=lambda: True)
    assert not ended.is_set()
    going_on.set()
    assert ended.wait(PATIENCE_SECONDS)
    with pytest.raises(ZeroDivisionError):
        apart(lambda: 1 / 0, stopped=lambda: False)


@pytest.mark.parametrize(
    ("kept", "window"),
    [
        ([0.5, -0.25, 0.1], Window(0.5, -0.25, 0.1)),
        ([9, -9, 100], Window(1, -1, 1.05)),
        (["a", 0, 1], None), ([0, 0, 0], None), (None, None), ([1, 2], None), ({}, None),
    ],
)  # fmt: skip
def test_a_window_from_a_file_is_one_or_none(kept: object, window: Window | None) -> None:
    assert _window(kept) == window


# Pictures


def drawn_chart(source: str) -> Chart:
    """Return a fixed map of 1,600 tracks in eight clusters."""
    random = np.random.default_rng(7)
    clusters = np.sort(random.choice(8, 1_600, p=np.array([9, 7, 6, 5, 4, 4, 3, 2]) / 40))
    angles = 2 * np.pi * np.arange(8) / 8 + (1 if source == "audio" else 0)
    middles = 0.62 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    places = np.clip(middles[clusters] + random.normal(0, 0.13, (1_600, 2)), -1, 1).astype(np.float32)
    names = ("Tarab, slow", "Jazz, tonal", "Rai", "loud, bright", '"night"', "mid-tempo", "mostly Fairouz", "mixed 8")
    return Chart(source, "tsne", np.arange(1, 1_601), places, clusters, names)


def laid_out_at_once(
    library: OpenLibrary, asked: Laying, *, source: str, post: Callable[[Message], object], **_: object
) -> None:
    chart = drawn_chart(source)
    found = colours(library.open().connection, chart, "cluster")
    legend = groups(chart, found, "cluster")
    post(Laid(asked.side, asked.ask, chart, "cluster", found, legend, ("joint", "audio")))


async def stand(pilot: Pilot[None], screen: MapScreen) -> None:
    """Put the cursor on the first track."""
    canvas = screen.first.canvas
    canvas.stand_on(1)
    canvas.post_message(MapCanvas.Moved(canvas))
    await until(pilot, lambda: "Nassam" in said(screen, "map-place"))


@pytest.fixture(params=[WIDE, MEDIUM, NARROW], ids=lambda size: f"{size[0]}x{size[1]}")
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    return (int(request.param[0]), int(request.param[1]))


@pytest.fixture
def fixed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FairouzApp:
    """Return the explorer of a fixed library whose map is fixed."""
    monkeypatch.setattr(map_charting, "lay_out", laid_out_at_once)
    monkeypatch.setattr(Input.cursor_blink, "_default", False)
    app = FairouzApp(shelve(tmp_path))
    app.animation_level = "none"
    return app


def test_map_looks(snap_compare: Any, fixed: FairouzApp, size: tuple[int, int]) -> None:
    async def show(pilot: Pilot[None]) -> None:
        screen = await opened(pilot, keys="")
        await stand(pilot, screen)
        screen.post_message(Encircled(np.arange(100, 400)))
        await until(pilot, lambda: len(ids(screen)) == 300)
        await pilot.pause(0.4)

    assert snap_compare(fixed, terminal_size=size, run_before=show)


def test_two_maps_look(snap_compare: Any, fixed: FairouzApp, size: tuple[int, int]) -> None:
    async def show(pilot: Pilot[None]) -> None:
        screen = await opened(pilot, keys="")
        await stand(pilot, screen)
        await pilot.press("b")
        await settled(pilot, screen)
        screen._take_group(screen.legend.Taken(screen.active.groups[6]))
        await pilot.press("x", *"lll")
        await until(pilot, lambda: screen.first.canvas.lasso is not None)
        await pilot.pause(0.4)

    assert snap_compare(fixed, terminal_size=size, run_before=show)


def test_legend_looks(snap_compare: Any, fixed: FairouzApp, size: tuple[int, int]) -> None:
    async def show(pilot: Pilot[None]) -> None:
        screen = await opened(pilot, keys="")
        await stand(pilot, screen)
        await pilot.press("tab")
        await until(pilot, lambda: screen.legend.has_focus)
        await pilot.press("j", "j")
        await pilot.pause(0.4)

    assert snap_compare(fixed, terminal_size=size, run_before=show)
