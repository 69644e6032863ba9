"""Lay maps out in the background, and follow the library."""

import shutil
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from fairouz_tui.layouts import Layouts
from fairouz_tui.screens import map_work
from fairouz_tui.screens.map import MapScreen
from fairouz_tui.screens.map_messages import Encircled, Laid, Laying
from fairouz_tui.screens.map_work import apart
from indexer.exploring.session import Session
from indexer.maps import charts
from indexer.maps.charts import Chart
from tests.fairouz_tui.driving import PATIENCE_SECONDS, explore, until
from tests.fairouz_tui.map_screen.driving import WIDE, app_on, asked, ids, opened, said


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
    assert laid[0] is posted[0]
    assert laid[1] is posted[-1]
    assert [type(one) for one in asked(mapped, again=False)] == [Laid]  # it is kept now


@pytest.fixture
def own(indexed_demo: Path, tmp_path: Path) -> Path:
    """Return a copy of the demo's library without maps."""
    library = Path(shutil.copytree(indexed_demo / "library", tmp_path / "library"))
    shutil.rmtree(library / "maps", ignore_errors=True)
    return library


async def test_a_map_that_is_left_is_laid_out_all_the_same(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    going_on, begun = Event(), list[str]()
    really = charts.make_chart

    def slowly(session: Session, source: str, *, how: str, report: Callable[[float], object] | None = None) -> Chart:
        begun.append(source)
        assert report is not None
        report(0.25)
        going_on.wait(PATIENCE_SECONDS)
        return really(session, source, how=how, report=report)

    monkeypatch.setattr(charts, "make_chart", slowly)
    async with app_on(own).run_test(size=WIDE) as pilot:
        await explore(pilot)
        await pilot.press("M")
        await until(pilot, lambda: isinstance(pilot.app.screen, MapScreen))
        left = pilot.app.screen
        assert isinstance(left, MapScreen)
        await until(pilot, lambda: "laying out 25%" in str(left.first.canvas.border_subtitle))
        await pilot.press("escape")
        await explore(pilot)
        assert not (own / "maps").exists()
        going_on.set()
        await until(pilot, lambda: (own / "maps" / "joint.tsne.safetensors").exists())
        await opened(pilot, keys="")
        assert begun == ["joint"]


async def test_broad_lines_are_made_once_however_often_the_map_is_left(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(map_work, "SHOWN_MEANWHILE", 36)
    going_on, begun = Event(), list[str]()
    really = charts.make_chart

    def slowly(session: Session, source: str, *, how: str, report: Callable[[float], object] | None = None) -> Chart:
        begun.append(how)
        going_on.wait(PATIENCE_SECONDS)
        return really(session, source, how=how, report=report)

    monkeypatch.setattr(charts, "make_chart", slowly)
    async with app_on(own).run_test(size=WIDE) as pilot:
        await explore(pilot)
        for _ in range(3):
            await pilot.press("M")
            await until(pilot, lambda: isinstance(pilot.app.screen, MapScreen) and begun)
            await pilot.press("escape")
            await explore(pilot)
        going_on.set()
        await opened(pilot, keys="")
        assert begun == ["pca", "tsne"]


def test_layouts_are_made_one_after_the_other_and_each_once() -> None:
    layouts, going_on, order, told = Layouts(), Event(), list[str](), list[tuple[str, str, float]]()

    def work(name: str) -> Callable[[Callable[[float], object]], object]:
        def run(report: Callable[[float], object]) -> None:
            order.append(name)
            report(0.5)
            assert going_on.wait(PATIENCE_SECONDS)
            report(1.0)
            if name == "worse":
                raise ZeroDivisionError

        return run

    def wait(name: str) -> bool:
        return layouts.wait_for(
            (name, "pca"),
            work(name),
            told=lambda layout: told.append((name, layout.name[0], layout.share)),
            stopped=lambda: False,
        )

    with ThreadPoolExecutor() as pool:
        first = pool.submit(wait, "joint")
        while ("joint", "joint", 0.5) not in told:
            first.exception(timeout=0) if first.done() else None
        others = [pool.submit(wait, "joint"), pool.submit(wait, "audio")]
        while ("audio", "joint", 0.5) not in told:
            assert not others[1].done()
        going_on.set()
        assert all(one.result(PATIENCE_SECONDS) for one in (first, *others))
        assert order == ["joint", "audio"]
        assert [one for one in told if one[0] == "audio"][-1] == ("audio", "audio", 1.0)
        with pytest.raises(ZeroDivisionError):
            wait("worse")
    assert not layouts.wait_for(("tags", "pca"), work("tags"), told=print, stopped=lambda: True)
    assert "tags" not in order


async def test_new_tracks_come_to_an_open_map_and_nothing_else_moves(own: Path) -> None:
    def change(*statements: str) -> None:
        with sqlite3.connect(own / "library.db") as connection:
            for statement in (*statements, "UPDATE facts SET value = value + 1 WHERE name LIKE '%version'"):
                connection.execute(statement)

    change("CREATE TABLE later AS SELECT * FROM blocks WHERE track_id > 33", "DELETE FROM blocks WHERE track_id > 33")
    async with app_on(own).run_test(size=WIDE) as pilot:
        screen = await opened(pilot)
        canvas = screen.first.canvas
        await pilot.press("z", "l", "l")
        before, window, cross, track_id = canvas.chart, canvas.window, canvas.cross, canvas.track_id
        assert before is not None
        assert before.ids.max() == 33
        screen.post_message(Encircled(before.ids[:5]))
        await until(pilot, lambda: ids(screen))
        selected = ids(screen)
        change("INSERT INTO blocks SELECT * FROM later")
        await until(pilot, lambda: "3 new placed" in said(screen, "visit-title"))
        after = canvas.chart
        assert after is not None
        assert after.ids.tolist() == [*before.ids.tolist(), 34, 35, 36]
        assert (after.places[:-3] == before.places).all()
        assert (canvas.window, canvas.cross, canvas.track_id) == (window, cross, track_id)
        assert ids(screen) == selected
        assert canvas._selected is not None
        assert set(after.ids[canvas._selected].tolist()) == selected
        change("DELETE FROM blocks WHERE track_id > 33")
        await until(pilot, lambda: canvas.chart is not None and len(canvas.chart.ids) == 33)
        assert "new placed" in said(screen, "visit-title")  # those that came are told of until the map is left


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
