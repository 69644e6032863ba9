"""Notices: how long they stay, which give way to a newer one, and what they leave in sight."""

from pathlib import Path

from textual.notifications import Notification
from textual.widgets._toast import Toast

from fairouz_tui.app import FairouzApp
from fairouz_tui.notices import LEAST_SECONDS, MOST, reading_seconds, replaced
from fairouz_tui.widgets.faders import Faders
from fairouz_tui.widgets.key_line import KeyLine
from tests.fairouz_tui.driving import explore, notices, until
from tests.fairouz_tui.shelf import shelve


def test_what_went_wrong_stays_longer_and_longer_texts_do() -> None:
    assert reading_seconds("Added.", "information") == LEAST_SECONDS
    assert reading_seconds("x" * 90, "information") > reading_seconds("x" * 60, "information")
    assert reading_seconds("Added.", "error") > reading_seconds("Added.", "warning") > LEAST_SECONDS


def test_only_what_was_told_in_passing_gives_way_and_the_oldest_of_too_many() -> None:
    told = Notification("told", severity="information")
    wrong = [Notification(f"wrong {index}", severity="error") for index in range(MOST)]
    assert replaced([told, wrong[0]], Notification("new")) == [told]
    assert replaced([wrong[0], told], Notification("wrong 0", severity="error")) == [wrong[0], told]
    assert replaced(wrong, Notification("new", severity="error")) == wrong[:1]


async def test_notices_stand_over_the_keys_and_do_not_pile_up(tmp_path: Path) -> None:
    app = FairouzApp(shelve(tmp_path))
    async with app.run_test(size=(60, 16), notifications=True) as pilot:
        screen = await explore(pilot)
        app.notify("The disk is full.", severity="error", markup=False)
        for at in range(6):
            screen.say(f"Copied {at}")
        await until(pilot, lambda: notices(pilot) == ["The disk is full.", "Copied 5"])
        await until(pilot, lambda: [toast.region.height for toast in screen.query(Toast)] == [1, 1])
        rows = [toast.region.y for toast in screen.query(Toast)]
        assert rows == [13, 14]
        assert screen.query_one(KeyLine).region.y == 15
        assert screen.results.region.bottom == 14  # all but the lower border stays in sight


async def test_faders_leave_the_list_in_sight_on_a_low_screen(tmp_path: Path) -> None:
    app = FairouzApp(shelve(tmp_path))
    async with app.run_test(size=(60, 16)) as pilot:
        screen = await explore(pilot)
        await pilot.press("f", "down", "down", "right")
        faders = screen.query_one(Faders)
        await until(pilot, lambda: faders.region.height == 2)
        assert screen.results.page_lines >= 6
        lines = faders.render().plain.splitlines()
        assert [line.split()[0] for line in lines] == ["audio", "lyrics"]
        assert "▸ tags" in lines[0]
        assert all(len(line) <= faders.size.width for line in lines)
        await pilot.resize_terminal(60, 30)
        await until(pilot, lambda: len(faders.render().plain.splitlines()) == 6)
