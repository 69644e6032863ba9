"""Read the tags of one folder with ours and with peers, in one run: files a second.

    python benchmarks/tags.py FOLDER [--json FILE]

mutagen and tinytag are timed raw: every file opened by one process, nothing kept. MPD and beets, where they are
installed (Debian: mpd, beets), make their own databases of the folder, as `fairouz-tui index` does; beets without
looking anything up and without copying. Each gets an empty database and, since the folder was walked before, a warm
disk cache. What is absent is named as absent.
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
        subprocess.run(["beet", "import", "-q", "-A", "-C", str(folder)], env=environment, capture_output=True)
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
                return _updated(address)
            finally:
                server.terminate()


def _updated(address: str) -> int:
    """Wait for the first update, which MPD makes where it has no database; return its number of songs."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
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
    raise TimeoutError("MPD did not finish")


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
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    folder = options.folder.resolve()
    files = [os.fsdecode(os.path.join(os.fsencode(folder), f.relative)) for f in walk(folder) if f.kind == "audio"]
    for path in files:  # warms the disk cache for everyone
        with open(path, "rb") as file:
            file.read()
    results = []
    for name, (title, read) in ROWS.items():
        if not available(name):
            results.append({"reader": title, "absent": True})
            continue
        started = time.perf_counter()
        read_files = read(files, folder)
        seconds = time.perf_counter() - started
        results.append(
            {"reader": title, "files": read_files, "seconds": seconds, "files_per_second": read_files / seconds}
        )
    _print(results, len(files))
    if options.json:
        options.json.write_text(json.dumps({"files": len(files), "rows": results}, indent=1))


def _print(results: list[dict[str, object]], count: int) -> None:
    print(f"{count} files\n\n| reader | files | seconds | files/s | to ours |\n|---|---:|---:|---:|---:|")
    base = float(results[0]["files_per_second"])  # type: ignore[arg-type]
    for row in results:
        if row.get("absent"):
            print(f"| {row['reader']} | not installed | | | |")
            continue
        rate = float(row["files_per_second"])  # type: ignore[arg-type]
        print(f"| {row['reader']} | {row['files']} | {row['seconds']:.1f} | {rate:.0f} | {rate / base:.2f} |")


if __name__ == "__main__":
    main()
