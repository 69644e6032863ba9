"""Measure how much memory indexing takes, all processes together, stage by stage, as the library grows.

    python benchmarks/indexing_memory.py [TRACKS...] [--json FILE] [--keep FOLDER]

A library of made-up tracks with current vectors (`make_rows.py`) is indexed together with a folder of real files (the
demo library): scanned, read, heard by real workers, words and covers encoded by the real models, then all tracks are
placed anew: the graph of all, a fit of the space, blocks and hub terms of all. Then one file is retagged and indexed
again as `index --watch` does it.

Memory is the proportional set size (what several processes share is counted once) of the process and all its children,
looked at 20 times a second, and the resident set of the main process. CPU seconds are the main process's own.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path

from indexer.demo_library import make_demo_library
from indexer.pipeline import index
from indexer.stages.embed import tag_texts
from indexer.storing.store import Store

SIZES = (10_000, 100_000, 250_000)
TICK_SECONDS = 0.05
FRESH = 2_000
"""Tracks whose words and covers are encoded; those of the others are current. All of a large library take an hour."""
MEGABYTE = 1024
"""Kilobytes, which is what the kernel counts in."""
CHANGED = "one file retagged"


@dataclass
class Stage:
    """A stage of one run: `run` is "all" or "one file retagged"."""

    tracks: int
    run: str
    stage: str
    cpu_seconds: float = 0.0
    seconds: float = 0.0
    tree_mb: float = 0.0
    main_mb: float = 0.0
    processes: int = 1


def prepare(library: Path) -> None:
    """Make the words, lyrics and covers of all but some tracks current, and forget the space and what is placed."""
    with Store(library) as store, store.writing() as connection:
        hashes = ((blake2b(text.encode(), digest_size=16).hexdigest(), i) for i, text in tag_texts(store).items())
        update = "UPDATE vectors SET input_hash = ? WHERE modality = 'tags' AND track_id = ?"
        connection.executemany(update, [row for row in hashes if row[1] > FRESH])
        for modality, column in (("lyrics", "lyrics_hash"), ("cover", "cover_hash")):
            connection.execute(
                f"UPDATE vectors SET input_hash = coalesce((SELECT {column} FROM tracks WHERE id = track_id), '') "
                "WHERE modality = ? AND track_id > ?",
                (modality, FRESH),
            )
        connection.execute("DELETE FROM blocks")
        connection.execute("DELETE FROM spaces")
        # Their sound cannot be heard: no file is there.
        connection.execute("DELETE FROM tracks WHERE id NOT IN (SELECT track_id FROM vectors WHERE modality = 'audio')")


def run(library: Path, music: Path, *, refit: bool) -> None:
    """Index, and print each stage as it begins, with the CPU seconds up to then."""
    stage = None
    for progress in index(library, [music], workers=2, refit=refit):
        if progress.stage != stage:
            stage = progress.stage
            print(json.dumps([stage, time.process_time()]), flush=True)
    print(json.dumps([None, time.process_time()]), flush=True)


def watched(command: list[str], tracks: int, name: str) -> list[Stage]:
    """Run a command that prints its stages, and look at its memory meanwhile."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    os.set_blocking(process.stdout.fileno(), False)
    stages, began, cpu, text = [Stage(tracks, name, "start")], time.perf_counter(), 0.0, b""
    while process.poll() is None or text:
        text += process.stdout.read() or b""
        while b"\n" in text:
            line, _, text = text.partition(b"\n")
            stage, spent = json.loads(line)
            now = time.perf_counter()
            stages[-1].cpu_seconds += spent - cpu
            stages[-1].seconds += now - began
            cpu, began = spent, now
            if stage is not None:
                stages.append(Stage(tracks, name, stage))
        look(process.pid, stages[-1])
        time.sleep(TICK_SECONDS)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return stages


def look(pid: int, stage: Stage) -> None:
    """Raise the stage's peaks to what is in use now."""
    sizes = [size for one in (pid, *descendants(pid)) if (size := proportional(one)) is not None]
    stage.tree_mb = max(stage.tree_mb, sum(sizes) / MEGABYTE)
    stage.processes = max(stage.processes, len(sizes))
    stage.main_mb = max(stage.main_mb, kilobytes(Path(f"/proc/{pid}/status"), "VmRSS:") / MEGABYTE)


def proportional(pid: int) -> int | None:
    """Return the proportional set size in KB, None for a process that is gone."""
    return kilobytes(Path(f"/proc/{pid}/smaps_rollup"), "Pss:") or None


def kilobytes(file: Path, field: str) -> int:
    """Read one field of a file of /proc, 0 where there is none."""
    try:
        return next((int(line.split()[1]) for line in file.read_text().splitlines() if line.startswith(field)), 0)
    except OSError:
        return 0


def descendants(pid: int) -> Iterator[int]:
    """Yield the children of a process, theirs, and so on."""
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(child) for child in task.read_text().split()]
        except OSError:
            continue
        for child in children:
            yield child
            yield from descendants(child)


def measured(tracks: int, folder: Path) -> list[Stage]:
    """Make a library of a size and index it whole, then once more with one file changed."""
    library, music = folder / f"library-{tracks}", folder / "music"
    if not library.exists():
        subprocess.run(
            [sys.executable, str(Path(__file__).with_name("make_rows.py")), str(tracks), str(library)], check=True
        )
        shutil.rmtree(music, ignore_errors=True)
        make_demo_library(music)
        prepare(library)
    command = [sys.executable, __file__, "--run", str(library), str(music)]
    stages = watched(command, tracks, "all")
    retag(next(music.rglob("*.flac")))
    return stages + watched([*command, "--no-refit"], tracks, CHANGED)


def retag(path: Path) -> None:
    """Give a file another title and artist."""
    import mutagen

    file = mutagen.File(path, easy=True)
    file["title"], file["artist"] = [f"Retagged {time.time()}"], [f"Somebody {time.time()}"]
    file.save()


def table(stages: list[Stage]) -> str:
    """Lay out as Markdown: one row a size and run with its peak, then one a stage."""
    lines = ["| tracks | run | peak of all processes, MB | main process, MB | CPU s | s |", "|---|---|---|---|---|---|"]
    for tracks, name in dict.fromkeys((stage.tracks, stage.run) for stage in stages):
        of = [stage for stage in stages if (stage.tracks, stage.run) == (tracks, name)]
        peak, main = max(stage.tree_mb for stage in of), max(stage.main_mb for stage in of)
        cpu, seconds = sum(stage.cpu_seconds for stage in of), sum(stage.seconds for stage in of)
        lines.append(f"| {tracks:,} | {name} | {peak:.0f} | {main:.0f} | {cpu:.1f} | {seconds:.1f} |")
    lines += [
        "",
        "| tracks | run | stage | all, MB | processes | main, MB | CPU s | s |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for s in stages:
        memory = f"{s.tree_mb:.0f} | {s.processes} | {s.main_mb:.0f}"
        lines.append(f"| {s.tracks:,} | {s.run} | {s.stage} | {memory} | {s.cpu_seconds:.1f} | {s.seconds:.1f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tracks", type=int, nargs="*", default=SIZES)
    parser.add_argument("--json", type=Path, help="write the stages there too")
    parser.add_argument("--keep", type=Path, help="make the libraries here and leave them, or take those that are here")
    parser.add_argument("--run", type=Path, nargs=2, metavar=("LIBRARY", "MUSIC"), help=argparse.SUPPRESS)
    parser.add_argument("--no-refit", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.run:
        run(*arguments.run, refit=not arguments.no_refit)
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        stages = [stage for tracks in arguments.tracks for stage in measured(tracks, folder)]
    print(table(stages))
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(stage) for stage in stages], indent=1))


if __name__ == "__main__":
    main()
