"""Measure how fast and how well sound is heard, beside its peers: `audio.py FOLDER [--labels CSV] [--json FILE]`.

Tracks a minute and CPU milliseconds a track of every reader in turn on the same files, each in fresh processes that
heard one file before the clock started and take the next file whenever they are free. With LABELS also precision at 1
for the same artist and the same piece, leave one out (queries as in `similarity_baseline.py`): ours by cosine after
subtracting the mean, MFCC by cosine and bliss-audio by Euclidean distance of z-scored vectors.

Peers are optional and named as absent where they are not installed. `--peers PYTHON` names the interpreter of another
environment that holds them. essentia is slow and hears ten of the files only. Prints Markdown; `--json` writes the
same.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.similarity_baseline import nearest_by_cosine, nearest_by_distance, precisions

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIXES = frozenset(
    (".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".mp4", ".aac", ".wav", ".aif", ".aiff", ".wma", ".wv", ".ape")
)
READER = Path(__file__).parent / "audio_reader.py"
ESSENTIA_FILES = 10
PEER = "bliss"


@dataclass
class Row:
    """What one reader did."""

    reader: str
    workers: int
    tracks: int = 0
    failed: int = 0
    tracks_per_minute: float | None = None
    cpu_ms_per_track: float | None = None
    times_bliss: float | None = None
    same_artist: float | None = None
    same_piece: float | None = None
    absent: str | None = None


def measure(
    reader: str, files: list[str], *, workers: int = 1, python: str = sys.executable
) -> tuple[Row, list[list[float] | None]]:
    row = Row(reader, workers, tracks=len(files))
    running = [_start(reader, python) for _ in range(workers)]
    for process in running:
        _say(process, json.dumps(files[0]))
    ready = [_answer(process) for process in running]
    if absent := next((answer["absent"] for answer in ready if "absent" in answer), None):
        row.absent = str(absent)
        return row, []
    start, source = time.perf_counter(), enumerate(files)
    with ThreadPoolExecutor(workers) as dealers:
        dealt = list(dealers.map(lambda process: _deal(process, source), running))
    seconds = time.perf_counter() - start
    if any(places is None for places in dealt):
        row.absent = "it died on the way"
        return row, []
    vectors: list[list[float] | None] = [None] * len(files)
    answers = [_end(process) for process in running]
    for places, answer in zip(dealt, answers, strict=True):
        for place, vector in zip(places or (), answer["vectors"], strict=True):
            vectors[place] = vector
    row.failed = sum(vector is None for vector in vectors)
    row.tracks_per_minute = 60 * len(files) / seconds
    row.cpu_ms_per_track = 1000 * sum(answer["cpu_seconds"] for answer in answers) / len(files)
    for process in running:
        process.wait()
    return row, vectors


def _deal(process: "subprocess.Popen[str]", source: "Iterator[tuple[int, str]]") -> list[int] | None:
    """Hand over files until none is left, one ahead so that no reader waits; return which, None where it died."""
    places: list[int] = []
    for place, path in source:
        _say(process, json.dumps(path))
        places.append(place)
        if len(places) > 1 and "done" not in _answer(process):
            return None
    return places if not places or "done" in _answer(process) else None


def _end(process: "subprocess.Popen[str]") -> dict[str, Any]:
    _say(process, "")
    return _answer(process)


def _start(reader: str, python: str) -> "subprocess.Popen[str]":
    root = str(READER.parent.parent)
    # One thread a process, and our own packages only for the readers that are ours.
    variables = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    variables["PYTHONPATH"] = root if python == sys.executable else ""
    return subprocess.Popen(
        [python, str(READER), reader], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=variables,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip


def _say(process: "subprocess.Popen[str]", line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()


def _answer(process: "subprocess.Popen[str]") -> dict[str, Any]:
    assert process.stdout is not None
    line = process.stdout.readline()
    return json.loads(line) if line else {"absent": "the reader died"}


def music_files(folder: Path) -> list[str]:
    return [str(path) for path in sorted(folder.rglob("*")) if path.suffix.lower() in SUFFIXES]


def add_quality(row: Row, vectors: list[list[float] | None], labels: list[dict[str, str]]) -> None:
    kept = [k for k, vector in enumerate(vectors) if vector]
    if len(kept) < 2:
        return
    table = np.array([vectors[k] for k in kept], dtype=np.float64)
    spread = (table - table.mean(axis=0)) / np.maximum(table.std(axis=0), 1e-9)
    nearest = {"fairouz": nearest_by_cosine(table), "mfcc": nearest_by_cosine(spread)}
    found = precisions(nearest.get(row.reader, nearest_by_distance(spread)), [labels[k] for k in kept])
    row.same_artist, row.same_piece = found["artist task"], found["piece task"]


def cell(value: float | None, *, digits: int) -> str:
    return "-" if value is None else f"{value:,.{digits}f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--peers", default=sys.executable, metavar="PYTHON")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    files, labels = music_files(arguments.folder), []
    if arguments.labels:
        with arguments.labels.open(encoding="utf-8", newline="") as lines:
            labels = list(csv.DictReader(lines))
        files = [str(arguments.folder / row["path"]) for row in labels]
    if not files:
        parser.error("no music in this folder")
    some = files[:: max(1, len(files) // ESSENTIA_FILES)][:ESSENTIA_FILES]
    runs = [
        ("fairouz", files, 1, sys.executable),
        ("fairouz", files, 2, sys.executable),
        ("fairouz-decoding", files, 1, sys.executable),
        ("bliss", files, 1, arguments.peers),
        ("bliss", files, 2, arguments.peers),
        ("mfcc", files, 1, sys.executable),
        ("essentia", some, 1, arguments.peers),
    ]
    rows = []
    for reader, heard, workers, python in runs:
        row, vectors = measure(reader, heard, workers=workers, python=python)
        if labels and heard is files and any(vectors):
            add_quality(row, vectors, labels)
        rows.append(row)
        print(f"{reader}, {workers} workers: done", file=sys.stderr)
    peers = {row.workers: row.tracks_per_minute for row in rows if row.reader == PEER}
    for row in rows:
        if row.tracks_per_minute and (peer := peers.get(row.workers)):
            row.times_bliss = row.tracks_per_minute / peer
    print("| reader | workers | tracks | failed | tracks/min | CPU ms a track | times bliss | P@1 artist | P@1 piece |")
    print("|---" * 9 + "|")
    for row in rows:
        rate = f"absent: {row.absent}" if row.absent else cell(row.tracks_per_minute, digits=0)
        figures = (row.cpu_ms_per_track, 1), (row.times_bliss, 2), (row.same_artist, 3), (row.same_piece, 3)
        cells = [cell(value, digits=digits) for value, digits in figures]
        print("| " + " | ".join([row.reader, str(row.workers), str(row.tracks), str(row.failed), rate, *cells]) + " |")
    if arguments.json:
        arguments.json.write_text(json.dumps({"rows": [asdict(row) for row in rows]}, indent=1))


if __name__ == "__main__":
    main()
