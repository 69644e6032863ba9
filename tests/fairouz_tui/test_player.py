"""The player, with a real mpv and silence for a sound device."""

import os
import signal
import subprocess
import sys
import threading
import time
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fairouz_tui.errors import PlayerError
from fairouz_tui.player import MISSING, Ending, Player, Status

SILENT = ("--no-config", "--ao=null")


def _write_wave(path: Path | bytes, seconds: float) -> None:
    with open(path, "wb") as file, wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\x00\x10\x00\xf0" * round(4000 * seconds))


def _wait_until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the awaited did not happen"
        time.sleep(0.01)


@pytest.fixture
def track(tmp_path: Path) -> Path:
    _write_wave(tmp_path / "track.wav", 20.0)
    return tmp_path / "track.wav"


@pytest.fixture
def endings() -> list[Ending]:
    return []


@pytest.fixture
def player(endings: list[Ending]) -> Iterator[Player]:
    with Player(arguments=SILENT, on_ending=endings.append) as player:
        yield player
    assert not player.running


def _pid(player: Player) -> int:
    assert player._process is not None
    return player._process.pid


def test_nothing_is_started_before_it_is_needed(player: Player) -> None:
    assert not player.running
    assert player.status == Status()
    player.stop()
    assert not player.running


def test_track_plays_pauses_seeks_and_stops(player: Player, track: Path, endings: list[Ending]) -> None:
    player.play(track)
    assert player.status.path == str(track)
    _wait_until(lambda: (player.status.position_seconds or 0) > 0.05)
    _wait_until(lambda: player.status.duration_seconds == pytest.approx(20.0, abs=0.1))
    assert player.toggle_pause() is True
    assert player.status.paused
    player.seek(12.0, relative=False)
    _wait_until(lambda: (player.status.position_seconds or 0) == pytest.approx(12.0, abs=0.3))
    player.seek(-2.0)
    _wait_until(lambda: (player.status.position_seconds or 0) == pytest.approx(10.0, abs=0.3))
    assert player.toggle_pause() is False
    player.stop()
    _wait_until(lambda: player.status.path is None)
    assert endings == [Ending(str(track), "stop")]


def test_end_of_a_track_is_told(player: Player, tmp_path: Path, endings: list[Ending]) -> None:
    _write_wave(tmp_path / "short.wav", 0.2)
    player.play(tmp_path / "short.wav")
    _wait_until(lambda: bool(endings))
    assert endings == [Ending(str(tmp_path / "short.wav"), "eof")]
    assert player.status.path is None


@pytest.mark.parametrize(
    "name",
    [b"--pause.wav", b"50%d%20.wav", b"http:__host:8.wav", b"\xff\xfe latin.wav", "فيروز.wav".encode(), b"'\"\\\n.wav"],
)
def test_any_file_name_is_only_a_name(player: Player, tmp_path: Path, name: bytes) -> None:
    path = os.fsencode(tmp_path) + b"/" + name
    _write_wave(path, 5.0)
    player.play(path)
    assert os.fsencode(player.status.path or "") == path


def test_relative_path_with_a_scheme_is_a_file(player: Player, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "memory:").mkdir()
    _write_wave(tmp_path / "memory:" / "x.wav", 5.0)
    monkeypatch.chdir(tmp_path)
    player.play("memory://x.wav")
    assert player.status.path == str(tmp_path / "memory:" / "x.wav")


def test_missing_file_and_no_sound_are_one_line(player: Player, tmp_path: Path) -> None:
    with pytest.raises(PlayerError, match="no such file"):
        player.play(tmp_path / "gone.wav")
    assert not player.running
    (tmp_path / "text.mp3").write_text("no sound in here")
    with pytest.raises(PlayerError, match="cannot play"):
        player.play(tmp_path / "text.mp3")
    assert player.running


def test_playlist_in_disguise_opens_nothing(player: Player, track: Path, tmp_path: Path) -> None:
    (tmp_path / "list.mp3").write_text(f"#EXTM3U\n{track}\n")
    with pytest.raises(PlayerError, match="cannot play"):
        player.play(tmp_path / "list.mp3")
    assert player.status.path is None


def test_new_track_takes_over_and_unpauses(player: Player, track: Path, tmp_path: Path, endings: list[Ending]) -> None:
    _write_wave(tmp_path / "other.wav", 5.0)
    player.play(track)
    player.toggle_pause()
    player.play(tmp_path / "other.wav")
    assert player.status.path == str(tmp_path / "other.wav")
    assert not player.status.paused
    assert endings == [Ending(str(track), "stop")]


def test_a_later_track_is_not_set_to_the_place_of_the_one_before(
    player: Player, track: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write_wave(tmp_path / "later.wav", 20.0)
    later = threading.Thread(target=player.play, args=(tmp_path / "later.wav",))
    seek = player.seek

    def seek_too_late(seconds: float, *, relative: bool = True) -> None:
        later.start()
        later.join(1.0)  # as long as it needs where nothing holds it up
        seek(seconds, relative=relative)

    monkeypatch.setattr(player, "seek", seek_too_late)
    player.play(track, start_seconds=12.0)
    later.join()
    _wait_until(lambda: player.status.path == str(tmp_path / "later.wav"))
    _wait_until(lambda: (player.status.position_seconds or 0) > 0.3)
    assert (player.status.position_seconds or 0) < 6
    assert not player.status.paused


def test_killed_mpv_is_noticed_and_started_again(player: Player, track: Path, endings: list[Ending]) -> None:
    player.play(track)
    first = _pid(player)
    os.kill(first, signal.SIGKILL)
    _wait_until(lambda: bool(endings))
    assert endings == [Ending(str(track), "error", "mpv has stopped")]
    assert not player.running
    assert player.status == Status()
    with pytest.raises(PlayerError, match="nothing is playing"):
        player.toggle_pause()
    player.play(track)
    assert _pid(player) != first
    assert player.status.path == str(track)


def test_stuck_mpv_is_given_up_and_replaced(player: Player, track: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    player.play(track)
    pid = _pid(player)
    os.kill(pid, signal.SIGSTOP)
    _wait_until(lambda: _state(pid).startswith("T"))
    with monkeypatch.context() as hurry:
        hurry.setattr("fairouz_tui.player.ANSWER_SECONDS", 0.3)
        with pytest.raises(PlayerError, match="does not answer"):
            player.toggle_pause()
    player.play(track)
    assert _pid(player) != pid
    assert not _state(pid)


def test_quit_leaves_no_process_and_may_be_repeated(player: Player, track: Path) -> None:
    player.play(track)
    pid = _pid(player)
    player.quit()
    player.quit()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    player.play(track)
    assert player.status.path == str(track)


def test_mpv_goes_with_a_killed_parent(track: Path) -> None:
    code = (
        "import os, sys; from fairouz_tui.player import Player\n"
        f"player = Player(arguments={SILENT!r}); player.play(sys.argv[1])\n"
        "print(player._process.pid, flush=True); os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(track)], capture_output=True, text=True, timeout=30)
    pid = int(done.stdout)
    _wait_until(lambda: _state(pid)[:1] in ("", "Z"))  # nobody may be there to reap it


def _state(pid: int) -> str:
    """Return the state of a process as `ps` shows it ("S", "T", "Z"...), nothing when there is none."""
    return subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()


def test_many_threads_may_call_at_once(player: Player, tmp_path: Path) -> None:
    paths = [tmp_path / f"{number}.wav" for number in range(6)]
    for path in paths:
        _write_wave(path, 5.0)
    failures: list[BaseException] = []

    def play(path: Path) -> None:
        try:
            player.play(path)
        except PlayerError as error:
            failures.append(error)

    threads = [threading.Thread(target=play, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert not failures
    _wait_until(lambda: player.status.path in {str(path) for path in paths})


def test_missing_mpv_says_how_to_install_it(track: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(PlayerError) as caught:
        Player().play(track)
    assert str(caught.value) == MISSING


def test_wrong_arguments_are_named_as_the_cause(track: Path) -> None:
    with pytest.raises(PlayerError, match=r"config\.toml"):
        Player(arguments=("--no-such-option",)).play(track)
