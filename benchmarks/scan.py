"""Measure what a user waits for while a folder is indexed, from outside, as the explorer would see it.

    python -m benchmarks.scan [--tracks 10000] [--large 100000] [--folder DIR] [--json FILE]

One whole run of `fairouz-tui index` over --tracks made-up files: when the first rows can be seen, when all can be found
by their words, when "similar" answers from tags and graph, when the sound is there, and how well the time left was
told. Then --large files: the first scan of their tags (the run is stopped after it), and a scan that finds nothing
changed. CPU seconds are those of all processes of the run: where others use the machine too, the figure to trust.

--folder keeps files and libraries for the next time. For the scan that finds nothing changed the large library is
marked as heard, which in truth would take an hour.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from benchmarks.make_files import make_files
from indexer.catalogue import Catalogue
from indexer.errors import IndexerError, StoreError
from indexer.pipeline import _EMBEDDED, _state
from indexer.storing.store import Store

LOOK_EVERY_SECONDS = 0.1
TELLING_AFTER_SECONDS = 20.0
WITHIN = 0.25
LAST_SECONDS = 5.0
"""The time left is not judged when it is shorter than this: a second more or less decides nothing then."""


class Watch:
    """Run the program, follow its progress lines, and notice when things can be seen in its library."""

    def __init__(self, folder: Path, library: Path, tracks: int) -> None:
        self._library, self._tracks = library, tracks
        self.seen: dict[str, tuple[float, float]] = {}
        """What -> wall and CPU seconds after the start."""
        self.told: list[tuple[float, str, float | None]] = []
        """Seconds after the start, stage, seconds left as told."""
        command = [sys.executable, "-m", "fairouz_tui", "index", str(folder), "--library", str(library)]
        self._started = time.monotonic()
        self.process = subprocess.Popen([*command, "--progress-json"], stdout=subprocess.PIPE, text=True)
        self._cpu: dict[int, float] = {}
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def follow(self, *, until: str = "") -> float:
        """Look at the library until something is seen or the run has ended; return the wall seconds."""
        while self.process.poll() is None and until not in self.seen:
            self._look()
            time.sleep(LOOK_EVERY_SECONDS)
        if self.process.poll() is None:
            self.process.terminate()  # not Ctrl-C, which what runs in the background does not hear
        self.process.wait()
        self._reader.join()
        self._look()
        return time.monotonic() - self._started

    def cpu_seconds(self) -> float:
        """Return what all processes of the run have used so far, those that have ended too."""
        try:
            running = psutil.Process(self.process.pid)
            for process in (running, *running.children(recursive=True)):
                used = process.cpu_times()
                self._cpu[process.pid] = used.user + used.system
        except psutil.Error:
            pass
        return sum(self._cpu.values())

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            progress = json.loads(line)
            self.told.append((time.monotonic() - self._started, progress["stage"], progress["seconds_left"]))

    def _look(self) -> None:
        cpu = self.cpu_seconds()
        try:
            catalogue = Catalogue(self._library)
            for what, holds in _SIGHTS.items():
                if what not in self.seen and holds(catalogue, self._tracks):
                    self.seen[what] = time.monotonic() - self._started, cpu
                elif what not in self.seen:
                    break
            catalogue.connection.close()
        except (IndexerError, StoreError):
            return  # not there yet


def _has_rows(catalogue: Catalogue, _: int) -> bool:
    return len(catalogue.window(0, 50)) > 0


def _has_words(catalogue: Catalogue, tracks: int) -> bool:
    return catalogue.count() == tracks and bool(catalogue.suggest("river").hits)


def _has_places(modalities: tuple[int, ...]) -> Callable[[Catalogue, int], bool]:
    def holds(catalogue: Catalogue, tracks: int) -> bool:
        bits = sum(1 << bit for bit in modalities)
        query = "SELECT count(*) FROM blocks b JOIN spaces s ON s.id = b.space_id WHERE s.active AND b.mask & ? = ?"
        return int(catalogue.connection.execute(query, (bits, bits)).fetchone()[0]) >= 0.99 * tracks

    return holds


_AUDIO, _TAGS, _GRAPH = 0, 2, 4
_SIGHTS: dict[str, Callable[[Catalogue, int], bool]] = {
    "first rows to browse": _has_rows,
    "word search over all": _has_words,
    "similar by tags and graph": _has_places((_TAGS, _GRAPH)),
    "similar by sound": _has_places((_AUDIO,)),
}
"""What can be seen -> whether it can; each comes after the one before."""


def judge(told: list[tuple[float, str, float | None]], end: float) -> dict[str, float]:
    """Compare the times left with the truth, once a second from 20 s on: share within a quarter, median and worst."""
    errors: list[float] = []
    last = TELLING_AFTER_SECONDS
    for at, _, left in told:
        truth = end - at
        if at >= last and left is not None and truth >= LAST_SECONDS:
            errors.append(abs(left - truth) / truth)
            last = at + 1.0
    if not errors:
        return {}
    return {
        "moments": len(errors),
        "within": sum(error <= WITHIN for error in errors) / len(errors),
        "first": errors[0],
        "median": sorted(errors)[len(errors) // 2],
        "worst": max(errors),
    }


def whole_run(folder: Path, tracks: int) -> list[dict[str, Any]]:
    """Index a folder completely and say when what was there."""
    watch = Watch(_music(folder, tracks), folder / f"library{tracks}", tracks)
    seconds = watch.follow()
    rows = [_row(f"{tracks:,} files: {what}", *seen) for what, seen in watch.seen.items()]
    rows.append(_row(f"{tracks:,} files: all done", seconds, watch.cpu_seconds()))
    error = judge(watch.told, seconds)
    return [*rows, {"what": f"{tracks:,} files: time left from {TELLING_AFTER_SECONDS:.0f} s on", **error}]


def tags_and_again(folder: Path, tracks: int) -> list[dict[str, Any]]:
    """Scan the tags of a large folder, stop, and scan it again."""
    music, library = _music(folder, tracks), folder / f"library{tracks}"
    watch = Watch(music, library, tracks)
    watch.follow(until="word search over all")
    rows = [_row(f"{tracks:,} files: first scan of the tags", *watch.seen["word search over all"])]
    with Store(library) as store:
        store.set_fact(_EMBEDDED, _state(store))
    for _ in range(2):  # the first one warms the disk's cache
        before, started = os.times(), time.monotonic()
        subprocess.run([sys.executable, "-m", "fairouz_tui", "index", "--library", str(library)], check=True)
        after = os.times()
        cpu = after.children_user + after.children_system - before.children_user - before.children_system
        again = _row(f"{tracks:,} files: scan of the unchanged folder", time.monotonic() - started, cpu)
    return [*rows, again]


def _music(folder: Path, tracks: int) -> Path:
    music = folder / f"music{tracks}"
    if not music.exists():
        make_files(music, tracks=tracks)
    return music


def _row(what: str, seconds: float, cpu_seconds: float) -> dict[str, Any]:
    return {"what": what, "seconds": seconds, "cpu_seconds": cpu_seconds}


def _markdown(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield "| what | after s | CPU s |"
    yield "|---|---|---|"
    for row in rows:
        if "seconds" in row:
            yield f"| {row['what']} | {row['seconds']:.1f} | {row['cpu_seconds']:.1f} |"
    for row in rows:
        if "within" in row:
            yield (
                f"\n{row['what']}: {row['within']:.0%} of {row['moments']} moments within {WITHIN:.0%} of the truth; "
                f"off by {row['first']:.0%} at first, {row['median']:.0%} in the middle, {row['worst']:.0%} at worst."
            )


@contextmanager
def _place(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder
    else:
        with tempfile.TemporaryDirectory() as made:
            yield Path(made)


def main() -> None:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tracks", type=int, default=10_000, help="0 leaves the whole run out")
    parser.add_argument("--large", type=int, default=100_000, help="0 leaves the large scan out")
    parser.add_argument("--folder", type=Path, help="where to keep files and libraries")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with _place(arguments.folder) as folder:
        rows = whole_run(folder, arguments.tracks) if arguments.tracks else []
        rows += tags_and_again(folder, arguments.large) if arguments.large else []
    print("\n".join(_markdown(rows)))
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
