"""Compare pictures of the map in three sizes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Input

from fairouz_tui.app import FairouzApp
from fairouz_tui.open_library import OpenLibrary
from fairouz_tui.screens import map_charting
from fairouz_tui.screens.map_choosing import ChooseSpaceScreen, SpaceList
from fairouz_tui.screens.map_messages import Encircled, Laid, Laying
from indexer.maps.charts import Chart
from indexer.maps.colours import colours, groups
from tests.fairouz_tui.driving import on_top, until
from tests.fairouz_tui.map_screen.driving import MEDIUM, NARROW, WIDE, ids, opened, settled, stand
from tests.fairouz_tui.shelf import shelve


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
    version = library.open().version()
    post(Laid(asked.side, asked.ask, chart, "cluster", found, legend, ("joint", "audio"), version))


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


def test_the_list_of_spaces_looks(snap_compare: Any, fixed: FairouzApp, size: tuple[int, int]) -> None:
    async def show(pilot: Pilot[None]) -> None:
        screen = await opened(pilot, keys="")
        await stand(pilot, screen)
        await pilot.press("b")
        await settled(pilot, screen)
        await pilot.press("o")
        spaces = (await on_top(pilot, ChooseSpaceScreen)).query_one(SpaceList)
        await until(pilot, lambda: spaces.has_focus)
        await pilot.pause(0.4)

    assert snap_compare(fixed, terminal_size=size, run_before=show)
