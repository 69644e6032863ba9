"""Read the tags of one folder with ours and with peers, in one run: files a second.

    python -m benchmarks.tags FOLDER [--rounds 3] [--json FILE]

mutagen and tinytag are timed raw: every file opened by one process, nothing kept. MPD and beets, where they are
installed (Debian: mpd, beets), make their own databases of the folder, as `fairouz-tui index` does; beets without
looking anything up and without copying. Each gets an empty database and, since the folder was walked before, a warm
disk cache. All take turns, --rounds times; the best round of each counts, and CPU seconds are those of all its
processes. What is absent is named as absent, what fails as failed, with the reason.
"""

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.progress import Counts
from indexer.reading.media import open_media
from indexer.reading.walk import walk
from indexer.storing.store import Store

if TYPE_CHECKING:
    from indexer.stages.scan import Plan

WAIT_SECONDS = 3600.0


class Failed(Exception):
    """A reader that could not do it."""


def mutagen_raw(files: list[str], _: Path) -> int:
    for path in files:
        with suppress(Exception):  # a broken file costs every reader its own time
            open_media(path)
    return len(files)


def tinytag_raw(files: list[str], _: Path) -> int:
    from tinytag import TinyTag

    for path in files:
        with suppress(Exception):
            TinyTag.get(path, image=False)
    return len(files)


def ours(files: list[str], folder: Path) -> int:
    """Scan and read the folder into a library: tags, credits, words to search, on all cores."""
    from indexer.pipeline import take_files

    with tempfile.TemporaryDirectory() as library, Store(Path(library)) as store:
        plans: list[Plan] = []
        for _ in take_files(store, [folder], plans, Counts(), {}):
            pass
        return int(store.connection.execute("SELECT count(*) FROM tracks").fetchone()[0])


def beets(files: list[str], folder: Path) -> int:
    with tempfile.TemporaryDirectory() as home:
        Path(home, "config.yaml").write_text(
            f"directory: {home}/music\nlibrary: {home}/library.db\nimport:\n  copy: no\n  write: no\n  autotag: no\n"
        )
        environment = os.environ | {"BEETSDIR": home}
        command = ["beet", "import", "-q", "-A", "-C", str(folder)]
        run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=WAIT_SECONDS)
        if run.returncode:
            raise Failed(run.stderr.strip()[-200:])
        listed = subprocess.run(["beet", "ls", "-f", "$id"], env=environment, capture_output=True, text=True)
        return len(listed.stdout.splitlines())


def mpd(files: list[str], folder: Path) -> int:
    """Start MPD on a socket of its own and wait until its database of the folder is made."""
    with tempfile.TemporaryDirectory() as home:
        address = f"{home}/socket"
        Path(home, "mpd.conf").write_text(
            f'music_directory "{folder}"\ndb_file "{home}/db"\nbind_to_address "{address}"\nauto_update "no"\n'
            f'audio_output {{\n type "null"\n name "none"\n}}\n'
        )
        with subprocess.Popen(["mpd", "--no-daemon", f"{home}/mpd.conf"], stderr=subprocess.DEVNULL) as server:
            try:
                return _updated(address, server)
            finally:
                server.terminate()


def _updated(address: str, server: "subprocess.Popen[bytes]") -> int:
    """Wait for the first update, which MPD makes where it has no database; return its number of songs."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(address)
                lines = client.makefile("rw", newline="\n")
                lines.readline()
                status = _ask(lines, "status")
                if "updating_db" not in status:
                    return int(_ask(lines, "stats").get("songs", 0))
        except (FileNotFoundError, ConnectionRefusedError):
            pass
        time.sleep(0.02)
    raise Failed("MPD did not finish" if server.poll() is None else f"MPD ended with {server.returncode}")


def _ask(lines: object, command: str) -> dict[str, str]:
    lines.write(command + "\n")  # type: ignore[attr-defined]
    lines.flush()  # type: ignore[attr-defined]
    answer = {}
    while not (line := lines.readline()).startswith(("OK", "ACK")):  # type: ignore[attr-defined]
        key, _, value = line.rstrip("\n").partition(": ")
        answer[key] = value
    return answer


def available(name: str) -> bool:
    if name == "tinytag":
        return subprocess.run([sys.executable, "-c", "import tinytag"], capture_output=True).returncode == 0
    return name not in ("mpd", "beets") or shutil.which({"mpd": "mpd", "beets": "beet"}[name]) is not None


ROWS: dict[str, tuple[str, Callable[[list[str], Path], int]]] = {
    "fairouz-tui": ("fairouz-tui, tags into the library", ours),
    "mutagen": ("mutagen, raw, one process", mutagen_raw),
    "tinytag": ("tinytag, raw, one process", tinytag_raw),
    "mpd": ("MPD, its database", mpd),
    "beets": ("beets, its library", beets),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    folder = options.folder.resolve()
    files = [os.fsdecode(os.path.join(os.fsencode(folder), f.relative)) for f in walk(folder) if f.kind == "audio"]
    for path in files:  # warms the disk cache for everyone
        with open(path, "rb") as file:
            file.read()
    rows = {name: row for name, row in ROWS.items() if available(name)}
    rounds = [{name: timed(read, files, folder) for name, (_, read) in rows.items()} for _ in range(options.rounds)]
    results: list[dict[str, object]] = []
    for name, (title, _) in ROWS.items():
        done = [one[name] for one in rounds if name in rows]
        whole = [result for result in done if "failed" not in result]
        best = min(whole, key=lambda result: float(result["seconds"])) if whole else done[0] if done else None  # type: ignore[arg-type]
        results.append({"reader": title, **(best or {"absent": True})})
    _print(results, len(files))
    if options.json:
        options.json.write_text(json.dumps({"files": len(files), "rows": results}, indent=1))


def timed(read: Callable[[list[str], Path], int], files: list[str], folder: Path) -> dict[str, object]:
    """Run one reader once: files it has, seconds, CPU seconds of all its processes; or why it failed."""
    before, started = os.times(), time.perf_counter()
    try:
        count = read(files, folder)
    except (Failed, OSError, subprocess.SubprocessError) as error:
        return {"failed": str(error)}
    seconds, after = time.perf_counter() - started, os.times()
    return {
        "files": count,
        "seconds": seconds,
        "cpu_seconds": sum(after[:4]) - sum(before[:4]),
        "files_per_second": count / seconds,
    }


def _print(results: list[dict[str, object]], count: int) -> None:
    print(f"{count} files\n\n| reader | files | seconds | CPU s | files/s | to ours |\n|---|---:|---:|---:|---:|---:|")
    base = float(results[0].get("files_per_second", 1.0))  # type: ignore[arg-type]
    for row in results:
        if "files" not in row:
            print(f"| {row['reader']} | {row.get('failed', 'not installed')} | | | | |")
            continue
        rate = float(row["files_per_second"])  # type: ignore[arg-type]
        cells = f"{row['seconds']:.1f} | {row['cpu_seconds']:.1f} | {rate:.0f} | {rate / base:.2f}"
        print(f"| {row['reader']} | {row['files']} | {cells} |")


if __name__ == "__main__":
    main()
