"""Files that are damaged, or are no files at all: what is said of them, and what goes on."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairouz_tui.app import FairouzApp
from fairouz_tui.config import Config, load_config
from fairouz_tui.errors import ConfigError
from fairouz_tui.paths import state_path
from fairouz_tui.screens.explore import ExploreScreen
from fairouz_tui.screens.first_run import FirstRunScreen
from fairouz_tui.state import State, damaged_path, load_state, save_state
from fairouz_tui.widgets.top_line import TopLine
from tests.fairouz_tui.driving import WIDE, explore, notices, rest, told, until
from tests.fairouz_tui.shelf import shelve

A_MOMENT_SECONDS = 10.0


@pytest.fixture
def a_writer_that_comes_late(tmp_path: Path) -> Iterator[Path]:
    """Give a pipe that nobody writes to; whoever reads it all the same is freed after a while, so that tests fail."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    def free() -> None:
        os.close(os.open(pipe, os.O_RDWR | os.O_NONBLOCK))

    timer = threading.Timer(A_MOMENT_SECONDS, free)
    timer.start()
    yield pipe
    timer.cancel()


def test_settings_in_a_pipe_are_not_waited_for(a_writer_that_comes_late: Path) -> None:
    with pytest.raises(ConfigError, match="is a pipe"):
        load_config(a_writer_that_comes_late)


def test_a_state_in_a_pipe_is_damage(a_writer_that_comes_late: Path) -> None:
    assert load_state(a_writer_that_comes_late) == State()
    assert damaged_path(a_writer_that_comes_late).is_fifo()


async def test_settings_that_become_a_pipe_leave_the_screen_as_it_is(tmp_path: Path) -> None:
    settings = tmp_path / "config.toml"
    app = FairouzApp(shelve(tmp_path / "library"), config=Config(), config_file=settings)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        os.mkfifo(settings)
        await told(pilot, "is a pipe, which would be waited for: put a file in its place; the settings stay")
        await pilot.press("j")
        await until(pilot, lambda: screen.results.cursor == 1)


async def test_a_state_that_cannot_be_read_is_put_aside_and_told(tmp_path: Path) -> None:
    library = shelve(tmp_path)
    state_path(library).write_text("{", "utf-8")
    app = FairouzApp(library)
    async with app.run_test(size=WIDE) as pilot:
        await explore(pilot)
        await until(pilot, lambda: notices(pilot))
        assert "put aside as state.json.damaged" in notices(pilot)[0]
    assert damaged_path(state_path(library)).read_text("utf-8") == "{"


async def test_a_damaged_state_is_told_after_the_first_run_too(tmp_path: Path) -> None:
    (tmp_path / "music").mkdir()
    state_path(tmp_path / "library").parent.mkdir()
    state_path(tmp_path / "library").write_text("{", "utf-8")
    app = FairouzApp(tmp_path / "library")
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: isinstance(app.screen, FirstRunScreen))
        app.screen.dismiss([tmp_path / "music"])
        await until(pilot, lambda: any("put aside as state.json.damaged" in one for one in notices(pilot)))
        await until(pilot, lambda: isinstance(app.screen, ExploreScreen))
        explorer = app.screen
        assert isinstance(explorer, ExploreScreen)
        assert app.is_home
        await until(pilot, lambda: explorer.query(TopLine))
        explorer.top_line.stop()
        await until(pilot, lambda: not explorer.top_line.indexing)


async def test_a_slow_save_does_not_write_over_the_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = shelve(tmp_path)
    app = FairouzApp(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        late = screen._next_turn()
        await pilot.press("a")
        await pilot.press("q")
        screen._save(State(sort="late"), late)  # as a thread that slept until now
        kept = load_state(state_path(library))
        assert (len(kept.playlist), kept.sort) == (1, "artist")


async def test_a_state_that_cannot_be_written_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[Path] = []

    def save(path: Path, *, state: State) -> None:
        tried.append(path)
        save_state(path, state=state)

    monkeypatch.setattr("fairouz_tui.screens.explore.save_state", save)
    library = shelve(tmp_path)
    app = FairouzApp(library)
    async with app.run_test(size=WIDE) as pilot:
        await explore(pilot)
        (state_path(library) / "in the way").mkdir(parents=True)
        await pilot.press("a")
        await told(pilot, "state.json cannot be written")
        app.clear_notifications()
        before = len(tried)
        await pilot.press("j")
        await until(pilot, lambda: len(tried) > before)
        await rest(pilot)
        assert notices(pilot) == []
        await pilot.press("q")
