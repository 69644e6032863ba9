"""The list of spaces that a map can be of: one is taken by key or mouse, for the map or beside it."""

from pathlib import Path

from textual.pilot import Pilot

from fairouz_tui.screens.map import MapScreen
from fairouz_tui.screens.map_choosing import ChooseSpaceScreen, SpaceList
from fairouz_tui.show import one_line
from indexer.maps.choices import JOINT
from tests.fairouz_tui.driving import WIDE, until
from tests.fairouz_tui.map_screen.driving import app_on, opened, settled


async def choosing(pilot: Pilot[None]) -> SpaceList:
    await pilot.press("o")
    await until(pilot, lambda: isinstance(pilot.app.screen, ChooseSpaceScreen) and pilot.app.screen.focused is not None)
    return pilot.app.screen.query_one(SpaceList)


async def closed(pilot: Pilot[None], screen: MapScreen, *shown: str) -> None:
    await until(pilot, lambda: pilot.app.screen is screen)
    await until(pilot, lambda: [side.source for side in screen.sides] == [*shown])
    await settled(pilot, screen)
    assert [side.canvas.chart.source for side in screen.sides if side.canvas.chart is not None] == [*shown]


def text(spaces: SpaceList) -> list[str]:
    return [one_line(spaces.render_line(y).text).rstrip() for y in range(len(spaces))]


async def test_a_space_is_chosen_from_a_list(library: Path) -> None:
    async with app_on(library).run_test(size=WIDE) as pilot:
        screen = await opened(pilot)
        spaces = await choosing(pilot)
        assert spaces.sources == screen.first.sources
        assert spaces.sources[spaces.cursor] == JOINT
        lines = text(spaces)
        assert lines[0].startswith("● joint space")
        assert lines[0].endswith("shown")
        assert [line for line in lines[1:] if "●" in line] == []
        assert any("audio encoder" in line for line in lines)
        second, last = spaces.sources[1], spaces.sources[-1]
        await pilot.press("j", "enter")
        await closed(pilot, screen, second)

        spaces = await choosing(pilot)
        assert spaces.cursor == 1
        await pilot.press("G", "b")
        await closed(pilot, screen, second, last)

        spaces = await choosing(pilot)
        assert [line[-6:].strip() for line in text(spaces) if "●" in line] == ["shown", "beside"]
        await pilot.click(spaces, offset=(4, 0), times=2)
        await closed(pilot, screen, JOINT, last)


async def test_the_list_is_left_with_the_map_as_it_is(library: Path) -> None:
    async with app_on(library).run_test(size=WIDE) as pilot:
        screen = await opened(pilot)
        for key in ("escape", "o", "q"):
            await choosing(pilot)
            await pilot.press("j", key)
            await closed(pilot, screen, JOINT)
