"""Walk, pan and zoom on the map by keys and by mouse, from cluster to cluster."""

from pathlib import Path

import numpy as np
import pytest
from textual import events

from fairouz_tui.steps import Kind
from indexer.maps.window import Window
from tests.fairouz_tui.driving import explore, notices, until
from tests.fairouz_tui.map_screen.driving import WIDE, app_on, cell, ids, opened, said


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
