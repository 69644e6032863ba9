"""Measure tracks a minute on two workers: `audio.py FOLDER`, tags and sound, beside bliss-audio on the same files.

bliss-audio is needed only here: `pip install bliss-audio`. Without it its row says so. Each task has its own two fresh
processes; starting them counts. Prints Markdown, then JSON.
"""

import argparse
import importlib
import importlib.util
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from indexer.errors import ReadError
from indexer.reading.audio import analyse
from indexer.reading.file import read_file
from indexer.reading.workers import run_each

WORKERS = 2
SUFFIXES = frozenset(
    (".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a", ".mp4", ".aac", ".wav", ".aif", ".aiff", ".wma", ".wv", ".ape")
)


def read_tags(path: str) -> None:
    read_file(path, path)


def analyse_with_bliss(path: str) -> None:
    importlib.import_module("bliss_audio").Song(path)  # absent unless installed for this benchmark


def music_files(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in SUFFIXES:
            yield str(path)


def measure(function: Callable[[str], Any], files: list[str], *, chunk: int = 1) -> dict[str, float]:
    start = time.perf_counter()
    answers = [answer for _, answer in run_each(function, files, workers=WORKERS, chunk=chunk)]
    seconds = time.perf_counter() - start
    failed = sum(isinstance(answer, ReadError) for answer in answers)
    return {
        "tracks": len(files),
        "failed": failed,
        "seconds": round(seconds, 2),
        "tracks_per_minute": round(60 * len(files) / seconds, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    files = list(music_files(parser.parse_args().folder))
    if not files:
        parser.error("no music in this folder")
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"  # one thread a worker; inherited
    results = {
        "tags and covers": measure(read_tags, files, chunk=16),
        "sound (three excerpts)": measure(analyse, files),
    }
    if importlib.util.find_spec("bliss_audio"):
        results["bliss-audio (whole files)"] = measure(analyse_with_bliss, files)
    else:
        print("bliss-audio is not installed: `pip install bliss-audio` to compare with it.\n")
    print(f"| {WORKERS} workers | tracks | failed | seconds | tracks/min |\n|---|---|---|---|---|")
    for name, row in results.items():
        print(f"| {name} | " + " | ".join(str(value) for value in row.values()) + " |")
    print(json.dumps({"workers": WORKERS, "results": results}))


if __name__ == "__main__":
    main()
