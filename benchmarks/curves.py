"""Measure what a library costs as it grows, and draw it: docs/curves.svg.

    python -m benchmarks.curves [TRACKS ...] --folder DIR [--picture docs/curves.svg] [--indexing FILE] [--again]

For each size (1,000 10,000 100,000 250,000 1,000,000 unless given) a library of made-up tracks (make_rows.py) is made
in DIR, or taken where it is there, and measured as latency.py and first_paint.py do it. The figures go to
DIR/curves.json, each kind as soon as it is there; what stands there is not measured again, unless --again. --indexing
takes the JSON of indexing_memory.py in. --clock CPU draws CPU time instead of time on the wall, for a machine that
others use too.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import latency
from benchmarks.first_paint import first_paints
from benchmarks.plot import Panel, Points, write

SIZES = (1_000, 10_000, 100_000, 250_000, 1_000_000)
QUESTIONS, RECALLS, STARTS = 100, 50, 5
PICTURE = Path(__file__).resolve().parent.parent / "docs" / "curves.svg"
Figures = dict[str, dict[str, dict[str, float]]]
"""Kind -> row -> column -> figure, of one size."""


def _paint(library: Path) -> latency.Figures:
    return {"first paint": first_paints(library, starts=STARTS)}


KINDS: dict[str, Callable[[Path], latency.Figures]] = {
    "disk": latency.disk,
    "questions": lambda library: latency.latencies(library, QUESTIONS),
    "commands": latency.commands,
    "memory": latency.memory,
    "first paint": _paint,
    "recall": lambda library: latency.recalls(library, RECALLS),
}


def library_of(folder: Path, tracks: int) -> Path:
    """Return the library of a size, made where it is not there; one half made is made anew."""
    library, making = folder / f"rows-{tracks}", folder / f"rows-{tracks}.part"
    if not library.exists():
        subprocess.run(["rm", "-rf", str(making)], check=True)
        subprocess.run([sys.executable, "-m", "benchmarks.make_rows", str(tracks), str(making)], check=True)
        making.rename(library)
    return library


def measure(folder: Path, sizes: Sequence[int], *, again: bool) -> dict[int, Figures]:
    """Measure what is missing of each size and return all that is known, by rising size."""
    file = folder / "curves.json"
    known = json.loads(file.read_text()) if file.exists() else {}
    for tracks in sizes:
        figures = known.setdefault(str(tracks), {})
        for kind in [kind for kind in KINDS if again or kind not in figures]:
            print(f"\r{tracks:,} tracks: {kind}", file=sys.stderr)
            library = library_of(folder, tracks)
            try:
                figures[kind] = KINDS[kind](library)
            except subprocess.CalledProcessError as error:  # the rest is still worth hours; the next call tries again
                print(f"not measured: {(error.stderr or b'')[-200:]!r}", file=sys.stderr)
            file.write_text(json.dumps(known, indent=1))
    return {tracks: known[str(tracks)] for tracks in sorted(map(int, known))}


def curve(known: Mapping[int, Figures], *path: str) -> Points:
    """Return one figure by size, where it was measured."""
    found = []
    for tracks, figures in known.items():
        value: Any = figures
        for name in path:
            value = value.get(name, {})
        if isinstance(value, int | float):
            found.append((float(tracks), float(value)))
    return found


def dearest(known: Mapping[int, Figures], beginning: str, column: str) -> Points:
    """Return the highest figure of all questions whose name begins so, by size."""
    found = []
    for tracks, figures in known.items():
        values = [row[column] for name, row in figures.get("questions", {}).items() if name.startswith(beginning)]
        if values:
            found.append((float(tracks), max(values)))
    return found


def panels(known: Mapping[int, Figures], indexing: Points, clock: str) -> list[Panel]:
    """Choose what is drawn beside what."""
    p95, seconds = f"{clock} p95 ms", f"{clock} s"
    milliseconds = "ms" if clock == "wall" else "CPU ms"
    answers = {
        "20 most similar": curve(known, "questions", "similar, 20", p95),
        "words": curve(known, "questions", "words, 20", p95),
        "as typed (dearest)": dearest(known, "as typed", p95),
    }
    commands = {
        "by fields": curve(known, "commands", "search by fields", seconds),
        "by words": curve(known, "commands", "search by words", seconds),
        "import numpy, faiss": curve(known, "commands", "python -c 'import numpy, faiss'", seconds),
    }
    paint = {
        "explorer": curve(known, "first paint", "first paint", f"explorer to its first rows, {milliseconds}"),
        "bare Textual app": curve(known, "first paint", "first paint", f"bare Textual app to its word, {milliseconds}"),
    }
    memory = {
        "screen and similar": curve(known, "memory", "after similar", "MB"),
        "and words": curve(known, "memory", "after words", "MB"),
        "indexing": indexing,
    }
    disk = {
        "vectors and index": curve(known, "disk", "vectors and index", "bytes a track"),
        "everything else": curve(known, "disk", "everything else without lyrics and covers", "bytes a track"),
    }
    recall = {"as they come": curve(known, "recall", "as they come", "recall@20")}
    return [
        Panel(f"Answers in the process, {milliseconds}, 95th percentile", answers, log_y=True),
        Panel(f"Cold command `search`, seconds{'' if clock == 'wall' else ' of CPU'}", commands),
        Panel(f"First paint, {milliseconds}", paint),
        Panel("Memory, MB", {name: line for name, line in memory.items() if line}, log_y=bool(indexing)),
        Panel("Disk, bytes a track, without lyrics and covers", disk),
        Panel("recall@20 of the exact answer", recall, least_y=0.8),
    ]


def table(drawn: Sequence[Panel]) -> str:
    """Write what is drawn as Markdown, a column a size."""
    sizes = sorted({x for panel in drawn for line in panel.lines.values() for x, _ in line})
    lines = [f"| | {' | '.join(f'{size:,.0f}' for size in sizes)} |", f"|---|{'---|' * len(sizes)}"]
    for panel in drawn:
        for name, points in panel.lines.items():
            values = dict(points)
            cells = (latency.shown(values[size]) if size in values else "" for size in sizes)
            lines.append(f"| {panel.title}: {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def indexing_peaks(file: Path) -> Points:
    """Return the peak memory of all processes by size, from the JSON of indexing_memory.py."""
    peaks: dict[int, float] = {}
    for stage in json.loads(file.read_text()):
        peaks[stage["tracks"]] = max(peaks.get(stage["tracks"], 0.0), stage["tree_mb"])
    return [(float(tracks), peak) for tracks, peak in sorted(peaks.items())]


def main() -> None:
    """Read the command line, measure, draw, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tracks", type=int, nargs="*", default=SIZES)
    parser.add_argument("--folder", type=Path, required=True, help="where libraries and figures are kept")
    parser.add_argument("--picture", type=Path, default=PICTURE)
    parser.add_argument("--indexing", type=Path, help="the JSON of indexing_memory.py")
    parser.add_argument("--clock", choices=("wall", "CPU"), default="wall")
    parser.add_argument("--again", action="store_true", help="measure anew what is known")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    known = measure(arguments.folder, arguments.tracks, again=arguments.again)
    indexing = indexing_peaks(arguments.indexing) if arguments.indexing else []
    drawn = panels(known, indexing, arguments.clock)
    write(drawn, arguments.picture)
    print(table(drawn))


if __name__ == "__main__":
    main()
