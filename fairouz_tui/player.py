"""Play a track through mpv, spoken to in JSON over a socket pair.

The program `mpv` is started at the first `play`, without a picture or a terminal, and inherits one end of
a socket pair (`--input-ipc-client`): there is no socket file to guard or clean up, and mpv quits by itself
when this process ends, however it ends. One thread reads what mpv says; `status` is kept up to date by the
properties mpv is asked to report, so the screen reads it without waiting. Every method may be called from
any thread. Protocol: mpv manual, "JSON IPC".
"""

import json
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

from fairouz_tui.errors import PlayerError

ANSWER_SECONDS = 5.0
"""How long a command may take: mpv answers in milliseconds unless it is stuck."""
LOAD_SECONDS = 15.0
"""How long a file may take to open: a sleeping disk needs about ten seconds to spin up."""
QUIT_SECONDS = 1.0
"""How long mpv may take to leave before it is made to."""
ENDINGS_KEPT = 16
"""How many past files are remembered for a `play` that still waits for one of them."""

MISSING = "mpv is not installed: sudo apt install mpv (or brew install mpv)"

ARGUMENTS = (
    "--idle=yes",
    "--no-video",
    "--force-window=no",
    "--no-terminal",
    "--no-input-default-bindings",
    "--keep-open=no",  # the end of a file must be an event
    "--loop-file=no",
    "--resume-playback=no",  # a track starts at its start
    "--ytdl=no",  # nothing we play may reach for the network
    "--access-references=no",  # a playlist or cue sheet named *.mp3 must not open other files or addresses
)
"""What mpv is started with, after the user's own configuration (sound device, volume, ReplayGain)."""

STOPPED = "mpv has stopped"
LOADED = ""
OVERTAKEN = "overtaken by a later track"
"""Outcomes of a `play` that are no failure; any other text is mpv's reason."""

REPORTED = ("time-pos", "duration", "pause")


@dataclass(frozen=True, slots=True)
class Status:
    """What mpv is doing now; without a track all fields are at their defaults."""

    path: str | None = None
    position_seconds: float | None = None
    duration_seconds: float | None = None
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of a track: `reason` is "eof", "error", "stop" or "quit"; `error` is mpv's own words, or empty."""

    path: str
    reason: str
    error: str = ""


class Player:
    """One mpv process, started when first needed and again if it has died."""

    def __init__(
        self,
        program: str = "mpv",
        *,
        arguments: Sequence[str] = (),
        on_ending: Callable[[Ending], None] | None = None,
    ) -> None:
        """Prepare without starting anything.

        `arguments` follow ours, so they win ("--ao=null" for silence). `on_ending` is called on the reading thread
        whenever a track that was playing ends; it must return at once.
        """
        self._program = program
        self._arguments = tuple(arguments)
        self._on_ending = on_ending
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self._reader: threading.Thread | None = None
        self._numbers = count(1)
        self._starting = threading.Lock()
        self._choosing = threading.Lock()
        """Held while a track is chosen, or is set to its place: what is meant for one must not reach the next."""
        self._sending = threading.Lock()
        self._news = threading.Condition()
        # All below is guarded by _news.
        self._waiting: dict[int, tuple[Any, ...]] = {}
        self._answers: dict[int, dict[str, Any]] = {}
        self._paths: dict[int, str] = {}
        self._outcomes: dict[int, str] = {}
        self._entry: int | None = None
        self._latest: int | None = None
        """The entry chosen last, whether it is open yet or not."""
        self._status = Status()

    def __enter__(self) -> "Player":
        """Return the player itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Quit mpv."""
        self.quit()

    @property
    def status(self) -> Status:
        """Tell what is playing, without asking mpv."""
        with self._news:
            return self._status

    @property
    def running(self) -> bool:
        """Tell whether an mpv process is alive."""
        return self._process is not None and self._process.poll() is None

    def play(
        self, path: str | bytes | Path, *, start_seconds: float = 0.0, timeout_seconds: float = LOAD_SECONDS
    ) -> bool:
        """Play the file at `path` in place of the present one, and return once mpv has opened it.

        The path may hold any bytes (undecodable ones as surrogates); it is made absolute, so that mpv cannot take it
        for an option or an address. A call overtaken by a later one returns False when the later one takes over.
        Raises PlayerError when the file is not there or does not open, and when mpv is missing or does not answer.
        """
        absolute = os.path.abspath(os.fsdecode(path))
        if not os.path.isfile(absolute):
            raise PlayerError(f"no such file: {_printable(absolute)}; u looks where it has gone")
        self._ensure_running()
        with self._choosing:
            if start_seconds > 0:  # nothing is heard before its place is found
                self._ask("set_property", "pause", True)
            answer = self._ask("loadfile", absolute, "replace")
            if start_seconds <= 0:
                self._ask("set_property", "pause", False)
        entry = int(answer["data"]["playlist_entry_id"])
        with self._news:
            opened = self._news.wait_for(lambda: entry in self._outcomes or self._socket is None, timeout_seconds)
            outcome = self._outcomes.get(entry, STOPPED if opened else f"not open after {timeout_seconds:g} s")
        if outcome not in (LOADED, OVERTAKEN):
            raise PlayerError(f"mpv cannot play {_printable(absolute)}: {outcome}")
        return outcome == LOADED and self._begin(entry, start_seconds)

    def _begin(self, entry: int, start_seconds: float) -> bool:
        """Set an open track to its place; return whether it is still the one that is wanted."""
        with self._choosing:
            if self._latest != entry:
                return False
            if start_seconds > 0:
                self.seek(start_seconds, relative=False)
                self._ask("set_property", "pause", False)
            return True

    def toggle_pause(self) -> bool:
        """Pause or go on; return whether it is paused now. Raises PlayerError when nothing is playing."""
        self._need_track()
        paused = not self._ask("get_property", "pause")["data"]
        self._ask("set_property", "pause", paused)
        with self._news:
            self._status = replace(self._status, paused=paused)
        return paused

    def seek(self, seconds: float, *, relative: bool = True) -> None:
        """Move by `seconds` (or to them, from the start, if not `relative`); past the end ends the track."""
        self._need_track()
        self._ask("seek", float(seconds), "relative" if relative else "absolute")

    def stop(self) -> None:
        """Stop the track, if there is one; mpv stays ready for the next."""
        if self.running:
            self._ask("stop")

    def quit(self) -> None:
        """End mpv and wait for it, so that no process is left behind; may be called again, and `play` starts anew."""
        self._hang_up()  # mpv quits when its client is gone; and who still waits for its answer waits no longer
        with self._starting:
            process, reader = self._process, self._reader
            if process is None:
                return
            self._hang_up()
            try:
                process.wait(QUIT_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if reader is not None and reader is not threading.current_thread():
                reader.join(QUIT_SECONDS)
            self._process = self._reader = None

    def _need_track(self) -> None:
        with self._news:
            if self._status.path is None:
                raise PlayerError("nothing is playing: press enter on a track first")

    def _ensure_running(self) -> None:
        with self._starting:
            if self.running and self._socket is not None:
                return
            if self._process is not None:
                self._hang_up()
                self._process.kill()
                self._process.wait()
            self._start()
            for number, name in enumerate(REPORTED, start=1):
                self._ask("observe_property", number, name)

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        try:
            self._process = subprocess.Popen(
                [self._program, *ARGUMENTS, *self._arguments, f"--input-ipc-client=fd://{theirs.fileno()}"],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C in the terminal is not meant for mpv
            )
        except FileNotFoundError:
            ours.close()
            raise PlayerError(
                MISSING if self._program == "mpv" else f"no player at {self._program}; {MISSING}"
            ) from None
        except OSError as error:
            ours.close()
            raise PlayerError(f"mpv does not start: {error.strerror or error}") from error
        finally:
            theirs.close()
        with self._news:
            self._socket = ours
            self._status, self._entry = Status(), None
            self._paths.clear()
            self._outcomes.clear()
        self._reader = threading.Thread(target=self._read, args=(ours, self._process), name="mpv", daemon=True)
        self._reader.start()

    def _hang_up(self) -> None:
        with self._news:
            line, self._socket = self._socket, None
            self._status, self._entry = Status(), None
            self._news.notify_all()
        if line is not None:
            with suppress(OSError):  # already cut
                line.shutdown(socket.SHUT_RDWR)

    def _ask(self, *command: Any) -> dict[str, Any]:
        number = next(self._numbers)
        message = json.dumps({"command": command, "request_id": number}, ensure_ascii=False) + "\n"
        line = self._socket
        with self._news:
            self._waiting[number] = command
        try:
            if line is None:
                raise PlayerError("mpv has stopped: play the track again")
            with self._sending:
                line.sendall(message.encode("utf-8", "surrogateescape"))
            answer = self._await_answer(number)
        except OSError as error:
            raise PlayerError("mpv has stopped: play the track again") from error
        finally:
            with self._news:
                self._waiting.pop(number, None)
                self._answers.pop(number, None)
        if answer.get("error") != "success":
            raise PlayerError(f"mpv refused {command[0]}: {answer.get('error')}")
        return answer

    def _await_answer(self, number: int) -> dict[str, Any]:
        with self._news:
            self._news.wait_for(lambda: number in self._answers or self._socket is None, ANSWER_SECONDS)
            if number in self._answers:
                return self._answers[number]
            stuck = self._socket is not None
        if stuck:
            self._hang_up()  # so that the next `play` starts another
            raise PlayerError(f"mpv does not answer within {ANSWER_SECONDS:g} s: play the track again")
        process = self._process
        code = process.wait(QUIT_SECONDS) if process is not None else 0
        cause = f" (exit code {code}): check its arguments in config.toml" if code else ": play the track again"
        raise PlayerError(f"mpv has stopped{cause}")

    def _read(self, line: socket.socket, process: subprocess.Popen[bytes]) -> None:
        with line, line.makefile("rb") as lines:
            try:
                for raw in lines:
                    self._hear(json.loads(raw.decode("utf-8", "surrogateescape")))
            except (OSError, ValueError):
                pass  # the line is cut: same as its end
        lost = None
        with self._news:
            if self._socket is line:  # not hung up by us
                self._socket, lost = None, self._status.path
                self._status, self._entry = Status(), None
            self._news.notify_all()
        process.wait()  # leaves no zombie when mpv died by itself
        if lost is not None:
            self._tell(Ending(lost, "error", STOPPED))

    def _hear(self, message: dict[str, Any]) -> None:
        ending = None
        with self._news:
            if "event" in message:
                ending = self._note_event(message)
            elif (command := self._waiting.get(message.get("request_id", 0))) is not None:
                self._answers[message["request_id"]] = message
                if command[0] == "loadfile" and message.get("error") == "success":
                    self._note_accepted(message["data"]["playlist_entry_id"], command[1])
            self._news.notify_all()
        if ending is not None:
            self._tell(ending)

    def _tell(self, ending: Ending) -> None:
        if self._on_ending is not None:
            self._on_ending(ending)

    def _note_accepted(self, entry: int, path: str) -> None:
        for earlier in self._paths:  # replaced before it was opened, and perhaps before it was begun
            self._outcomes.setdefault(earlier, OVERTAKEN)
        self._paths[entry] = path
        self._latest = entry

    def _note_event(self, message: dict[str, Any]) -> Ending | None:
        match message["event"]:
            case "start-file":
                self._entry = message["playlist_entry_id"]
            case "file-loaded" if self._entry is not None:
                self._outcomes[self._entry] = LOADED
                self._status = replace(self._status, path=self._paths.get(self._entry))
            case "end-file":
                return self._note_ending(message)
            case "property-change":
                self._note_property(message["name"], message.get("data"))
        return None

    def _note_ending(self, message: dict[str, Any]) -> Ending | None:
        entry = message["playlist_entry_id"]
        error = message.get("file_error", "unknown") if message["reason"] == "error" else ""
        was_loaded = self._outcomes.get(entry) == LOADED
        self._outcomes.setdefault(entry, error)
        path = self._paths.pop(entry, None)
        if self._entry == entry:
            self._status, self._entry = Status(), None
        for old in list(self._outcomes)[:-ENDINGS_KEPT]:
            del self._outcomes[old]
        return Ending(path, message["reason"], error) if was_loaded and path is not None else None

    def _note_property(self, name: str, value: Any) -> None:
        match name:
            case "time-pos":
                self._status = replace(self._status, position_seconds=value)
            case "duration":
                self._status = replace(self._status, duration_seconds=value)
            case "pause":
                self._status = replace(self._status, paused=bool(value))


def _printable(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "replace")
