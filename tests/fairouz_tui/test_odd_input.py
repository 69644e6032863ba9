"""What is typed by mistake, or stands in a file, is answered in a line: it ends nothing and loses nothing."""

import errno
import fcntl
from collections.abc import Sequence
from pathlib import Path

import pytest
from textual.widgets import Input, Static

from fairouz_tui.app import FairouzApp, run
from fairouz_tui.config import Config, load_config
from fairouz_tui.errors import AppError, ConfigError
from fairouz_tui.folders import completed, trouble_with
from fairouz_tui.instance import Instance
from fairouz_tui.screens.map import MapScreen
from fairouz_tui.screens.save import SaveScreen
from fairouz_tui.screens.settings import SettingsScreen
from fairouz_tui.settings import BY_NAME, typed
from fairouz_tui.settings_file import write_setting
from fairouz_tui.state import State, load_state, save_state
from fairouz_tui.steps import Kind
from fairouz_tui.terms import with_term
from fairouz_tui.widgets.now_playing import NowPlaying
from indexer.catalogue import Catalogue
from indexer.errors import BusyError, IndexerError, StoreError
from indexer.exploring.answer import TrackRow
from indexer.exploring.feedback import LOVE, judge
from indexer.exploring.query import parse_query
from indexer.storing.store import Store
from tests.fairouz_tui.driving import explore, on_top, until

WIDE = (120, 40)


def test_the_home_of_nobody_is_no_folder(tmp_path: Path) -> None:
    assert "There is no" in trouble_with("~nobody-has-this-name/Music")
    assert "There is no" in trouble_with("/" + "x" * 300)
    assert completed("~nobody-has-this-name/M") is None
    file = tmp_path / "config.toml"
    file.write_text('music_folders = ["~nobody-has-this-name/Music"]\n')
    assert load_config(file).music_folders == (Path("~nobody-has-this-name/Music"),)


@pytest.mark.parametrize("text", ["--5", "five", "9" * 5_000, ""])
def test_no_number_is_told(text: str) -> None:
    with pytest.raises(ConfigError, match="per_artist must be"):
        typed(BY_NAME["per_artist"], text)


@pytest.mark.parametrize(
    "text",
    ['  [keys]\n  play = "enter"\n', 'mpv.program = """\n[not a table]\n"""\n', 'music_folders = [\n["a"][0],\n]\n'],
)
def test_a_line_finds_its_place_whatever_the_file_looks_like(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    try:
        before = load_config(file)
    except ConfigError:
        with pytest.raises(ConfigError):
            write_setting(file, BY_NAME["theme"], "fairouz-light")
        assert file.read_text() == text
        return
    write_setting(file, BY_NAME["theme"], "fairouz-light")
    after = load_config(file)
    assert after.theme == "fairouz-light"
    assert (after.keys, after.mpv_program) == (before.keys, before.mpv_program)


def test_a_terminal_that_cannot_place_text_is_told(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    with pytest.raises(AppError, match="TERM=dumb"):
        run(library)


def test_an_open_quote_does_not_swallow_a_term() -> None:
    for text in ('"miles davis', 'artist:"miles'):
        fields = {condition.field for condition in parse_query(with_term(text, 'genre:"jazz"')).conditions}
        assert "genre" in fields


def test_a_track_that_is_gone_cannot_be_loved(library: Path) -> None:
    with pytest.raises(IndexerError, match="no track has the id 999999"):
        judge(library, 999_999, LOVE)


def test_a_library_that_is_gone_is_not_made_for_a_love(tmp_path: Path) -> None:
    with pytest.raises(IndexerError, match="no library in"):
        judge(tmp_path, 1, LOVE)
    assert not [*tmp_path.iterdir()]


def test_a_disk_without_locks_is_not_another_program(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refused)
    assert Instance(library).is_first
    with Store(library) as store, pytest.raises(BusyError, match="cannot be locked"), store.indexing():
        pass


async def test_the_save_box_survives_any_name(library: Path) -> None:
    app = FairouzApp(library)
    async with app.run_test(size=WIDE) as pilot:
        await explore(pilot)
        await pilot.press("a", "ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, SaveScreen))
        for name in ("/", "x" * 300, "~nobody-has-this-name/" + "y" * 300):
            app.screen.query_one(Input).value = name
            await pilot.press("enter")
            said = app.screen.query_one("#said", Static)
            await until(pilot, lambda said=said: str(said.content).startswith(("No", "Type a name")))  # type: ignore[misc]


async def test_what_was_not_read_back_is_not_written_over(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = State(playlist=(3, 4))
    save_state(library / "state.json", state=kept)
    rows = Catalogue.rows

    def failing(catalogue: Catalogue, ids: Sequence[int]) -> list[TrackRow]:
        if tuple(ids) == kept.playlist:
            raise StoreError("the disk does not answer")
        return rows(catalogue, ids)

    monkeypatch.setattr(Catalogue, "rows", failing)
    app = FairouzApp(library)
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        await until(pilot, lambda: app._notifications)
        assert screen.playlist.tracks == ()
        await pilot.press("j", "q")
    assert load_state(library / "state.json").playlist == kept.playlist


async def test_a_first_run_where_no_library_can_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    app = FairouzApp(tmp_path / "file" / "library")
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: app.screen.query("#folder"))
        app.screen.query_one("#folder", Input).value = str(tmp_path)
        await pilot.press("enter")
        await until(pilot, lambda: app._notifications)
        assert app.is_running


async def test_a_value_goes_to_the_setting_that_it_was_typed_for(library: Path, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    app = FairouzApp(library, config=Config(), config_file=file)
    async with app.run_test(size=WIDE) as pilot:
        await explore(pilot)
        await pilot.press("S")
        await until(pilot, lambda: isinstance(app.screen, SettingsScreen) and app.screen.query("#settings"))
        screen = app.screen
        assert isinstance(screen, SettingsScreen)
        screen.settings.cursor = list(BY_NAME).index("per_artist")
        await pilot.press("enter", "backspace", "7", "tab", "down", "tab", "enter")
        await until(pilot, lambda: app.config.per_artist == 7)
    assert load_config(file).per_album == Config().per_album


async def test_a_map_of_fewer_tracks_takes_the_legend_with_it(library: Path) -> None:
    app = FairouzApp(library)
    async with app.run_test(size=WIDE) as pilot:
        await explore(pilot)
        await pilot.press("M")
        screen = await on_top(pilot, MapScreen)
        side = screen.first
        await until(pilot, lambda: side.canvas.chart is not None and side.since is None)
        await pilot.press("tab", "G")
        await until(pilot, lambda: screen.legend.has_focus)
        assert side.canvas.chart is not None
        whole = len(side.canvas.chart.ids)
        for _ in range(3):
            before = side.canvas.chart
            await pilot.press("space")
            await until(pilot, lambda before=before: side.canvas.chart is not before and side.since is None)  # type: ignore[misc]
            if len(side.canvas.chart.ids) < whole:
                return
        pytest.fail("every map has all tracks")


async def test_playing_goes_on_where_it_began_whatever_is_shown(library: Path) -> None:
    app = FairouzApp(library, config=Config(mpv_arguments=("--ao=null",)))
    async with app.run_test(size=WIDE) as pilot:
        screen = await explore(pilot)
        first, second, third = screen.library.open().window(0, 3, order=screen.order)
        player = screen.query_one(NowPlaying)
        await pilot.press("enter")
        await until(pilot, lambda: player.track is not None and player.track.id == first.id)
        await pilot.press("G", "m")
        await until(pilot, lambda: screen.here.kind is Kind.TRACK)
        player.post_message(NowPlaying.Ended(first))
        await until(pilot, lambda: player.track is not None and player.track.id == second.id)
        screen.playlist.add(first, second, third)
        screen.playlist.focus()
        await pilot.press("g", "j", "enter")
        await until(pilot, lambda: player.source is not None and not player.source.order)
        await until(pilot, lambda: player.track is not None and player.track.id == second.id)
        await pilot.press("k", "d")
        player.post_message(NowPlaying.Ended(second))
        await until(pilot, lambda: player.track is not None and player.track.id == third.id)
