"""Measure how long questions take, what they hold in memory and what a track costs on disk, for libraries of any size.

    python benchmarks/latency.py [TRACKS ...] [--library DIR] [--json FILE] [--questions 200]

Without --library a library of made-up tracks (make_rows.py) is written for each size (10,000 and 100,000 unless given)
into a temporary folder: 1.1 GB and a minute for 100,000, 11 GB for a million. Questions are asked in one process, each
kind warmed up first; both wall and CPU milliseconds are given, for on a busy machine only the latter mean anything.
Recall is the share of the 20 truly nearest, by all stored blocks, that an answer of 20 has. Commands are timed as whole
processes, the best of five, beside the bare imports of numpy and faiss.
"""

import argparse
import json
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.explorer import Explorer
from indexer.exploring.session import Session, parse_faders
from indexer.storing.vectors import each_vectors, encoder_read_by, vectors_of
from indexer.storing.version import DATABASE
from models.joint.whitening import unit_rows
from models.modality import Modality

HERE = Path(__file__).parent
SIZES = (10_000, 100_000)
WORDS = (
    "love night",
    "rain river",
    "slow piano",
    "heart of the night",
    "world in summer",
    "dream street",
    "the",
    "blue",
)
TYPED = ("l", "k", "حب", "lo", "th", "lov", "love", "love n", "love night", "artist:the", "year:1980..1990")
FADERS: dict[str, dict[str, float] | None] = {
    "as they come": None,
    "audio=2 cover=0": {"audio": 2.0, "cover": 0.0},
    "lyrics=3": {"lyrics": 3.0},
    "graph=0": {"graph": 0.0},
    "audio alone": dict.fromkeys(("lyrics", "tags", "cover", "graph", "playlists"), 0.0),
    "tags alone": dict.fromkeys(("lyrics", "audio", "cover", "graph", "playlists"), 0.0),
}
COMMANDS = {
    "search by fields": ["search", "artist:the", "--json"],
    "search in Arabic": ["search", "حب", "--json"],
    "search by words": ["search", "love night", "--json"],
    "similar": ["similar", "77", "--json"],
    "similar by covers alone": ["similar", "77", "--modality", "cover", "--json"],
}
VECTORS = ("vectors", "blocks", "staged_blocks", "staged_vectors")
LEFT_OUT = ("lyrics", "covers", "lyrics_index_content", "lyrics_index_data")
"""Texts of lyrics with the index of their words, and pictures."""
Figures = dict[str, dict[str, float]]


def timed(ask: Callable[[Any], object], arguments: Iterable[Any]) -> dict[str, float]:
    """Return median and 95th percentile, wall and CPU, in milliseconds."""
    wall, cpu = [], []
    for argument in arguments:
        began, busy = time.perf_counter(), time.process_time()
        ask(argument)
        wall.append((time.perf_counter() - began) * 1000)
        cpu.append((time.process_time() - busy) * 1000)
    return {
        "wall p50 ms": statistics.median(wall),
        "wall p95 ms": float(np.percentile(wall, 95)),
        "CPU p50 ms": statistics.median(cpu),
        "CPU p95 ms": float(np.percentile(cpu, 95)),
    }


def latencies(library: Path, questions: int) -> Figures:
    """Time every kind of question."""
    explorer = Explorer(library)
    began = time.process_time()
    explorer.prepare()
    figures: Figures = {"index and scales, built or read": {"CPU p50 ms": (time.process_time() - began) * 1000}}
    ids = np.random.default_rng(0).choice(explorer.session().nearest.ids, questions).tolist()
    catalogue, total = explorer.catalogue, explorer.catalogue.count()
    moved = {"audio": 2.0, "cover": 0.0}
    kinds: dict[str, tuple[Callable[[Any], object], Sequence[Any]]] = {
        "similar, 20": (lambda i: explorer.similar(i, count=20), ids),
        "similar, 200": (lambda i: explorer.similar(i, count=200), ids),
        "similar, faders moved": (lambda i: explorer.similar(i, count=20, faders=moved), ids),
        "similar, no hub": (lambda i: explorer.similar(i, count=20, hub=False), ids),
        **{
            f"similar by {name} alone": (lambda i, name=name: explorer.similar(i, count=20, modality=name), some)
            for name, some in _with(library).items()
        },
        "words, 20": (lambda text: explorer.search(text, count=20), WORDS * 5),
        "words, 200": (lambda text: explorer.search(text, count=200), WORDS * 5),
        "words and a field": (lambda text: explorer.search(f"{text} year:1980..1990", count=20), WORDS * 2),
        "explain": (lambda i: explorer.explain(ids[0], i), ids[:60]),
        "list, far in": (lambda at: catalogue.window(at, 50), [total // 2, total - 60] * 10),
        "list by length, far in": (
            lambda at: catalogue.window(at, 50, order="-duration"),
            [total // 2, total - 60] * 5,
        ),
    }
    for text in TYPED:
        kinds[f"as typed: {text}"] = (catalogue.suggest, [text] * 10)
    for name, (ask, arguments) in kinds.items():
        ask(arguments[0])
        figures[name] = timed(ask, arguments)
        say(name)
    return figures


def _with(library: Path) -> dict[str, list[int]]:
    """Return, for each modality, forty tracks that have it."""
    query = "SELECT track_id FROM vectors WHERE modality = ? ORDER BY track_id * 7919 % 100003 LIMIT 40"
    with sqlite3.connect(library / DATABASE) as connection:
        found = {m.value: [row[0] for row in connection.execute(query, (m.value,))] for m in Modality}
    return {name: some for name, some in found.items() if some}


def recalls(library: Path, asked: int) -> Figures:
    """Compare answers with the exact order by all stored blocks, for every setting of the faders."""
    explorer = Explorer(library)
    session = explorer.session()
    sample = np.random.default_rng(1).choice(session.nearest.ids, asked, replace=False)
    cases = [(faders, hub) for faders in FADERS for hub in (True, False)]
    best: dict[tuple[str, bool], Ranking] = {case: Ranking(session, sample, *case) for case in cases}
    rows = session.connection.execute("SELECT track_id, block, hub FROM blocks ORDER BY track_id")
    while batch := rows.fetchmany(20_000):
        blocks = np.frombuffer(b"".join(row[1] for row in batch), np.float16).reshape(len(batch), -1).astype(np.float32)
        ids, hubs = np.array([row[0] for row in batch]), np.array([row[2] for row in batch], np.float32)
        for ranking in best.values():
            ranking.add(ids, blocks, hubs)
    found = {
        f"{faders}{'' if hub else ', no hub'}": {"recall@20": ranking.recall(explorer)}
        for (faders, hub), ranking in best.items()
    }
    alone = {
        f"by {name} alone": {"recall@20": recall_alone(explorer, name, some)} for name, some in _with(library).items()
    }
    return found | alone


def recall_alone(explorer: Explorer, name: str, asked: Sequence[int]) -> float:
    """Return the share of the exact 20 by a modality's own vectors among the answered 20; ties count as found."""
    session, m = explorer.session(), Modality(name)
    head = session.space.heads.get(m)
    encoder = encoder_read_by(session.connection, m, head)
    if head is None or not encoder:
        return float("nan")
    order, vectors = vectors_of(session.connection, m, encoder, asked)
    units = unit_rows(vectors - head.mean)
    best = np.full((len(order), 20), -np.inf)
    for ids, rows in each_vectors(session.connection, m, encoder):
        cosines = units @ unit_rows(rows - head.mean).T
        cosines[order[:, None] == ids[None]] = -np.inf
        best = -np.sort(-np.hstack([best, cosines]), axis=1)[:, :20]
    found = []
    for track, exact in zip(order.tolist(), best, strict=True):
        hits = explorer.similar(track, count=20, modality=name).hits
        found.append(np.mean([(hit.score or 0.0) >= exact[len(hits) - 1] - 1e-6 for hit in hits]))
    return float(np.mean(found))


class Ranking:
    """The exact 20 nearest of some tracks with one setting, found batch by batch."""

    def __init__(self, session: Session, asked: NDArray[np.int64], faders: str, hub: bool) -> None:
        self._faders, self._hub = FADERS[faders], hub
        blocks, masks, _ = session.blocks(asked.tolist())
        gains = session.space.gains(parse_faders(self._faders))
        usable = (masks & (gains > 0)).any(axis=1)
        self._asked = asked[usable]
        self._queries = session.space.queries(blocks[usable], masks[usable], faders=parse_faders(self._faders))
        self._ids = np.zeros((len(self._asked), 0), np.int64)
        self._scores = np.zeros((len(self._asked), 0), np.float32)

    def add(self, ids: NDArray[np.int64], blocks: NDArray[np.float32], hubs: NDArray[np.float32]) -> None:
        """Take the tracks of a batch in."""
        scores = self._queries.astype(np.float32) @ blocks.T + (hubs if self._hub else 0)
        scores[self._asked[:, None] == ids[None]] = -np.inf
        scores = np.hstack([self._scores, scores])
        all_ids = np.hstack([self._ids, np.broadcast_to(ids, (len(self._asked), len(ids)))])
        order = np.argsort(-scores, axis=1, kind="stable")[:, :20]
        self._scores = np.take_along_axis(scores, order, axis=1)
        self._ids = np.take_along_axis(all_ids, order, axis=1)

    def recall(self, explorer: Explorer) -> float:
        """Return the mean share of the exact 20 among the answered 20; a tie with the twentieth counts as found."""
        shares = []
        for track, scores in zip(self._asked.tolist(), self._scores, strict=True):
            answer = explorer.similar(track, count=20, faders=self._faders, hub=self._hub)
            shares.append(sum((hit.score or 0.0) >= scores[-1] - 1e-5 for hit in answer.hits) / 20)
        return float(np.mean(shares))


def commands(library: Path) -> Figures:
    """Time whole commands, the best of five, beside the imports that none can do without."""
    figures = {"python -c 'import numpy, faiss'": whole([sys.executable, "-c", "import numpy, faiss"])}
    for name, arguments in COMMANDS.items():
        command = [sys.executable, "-m", "fairouz_tui", *arguments, "--library", str(library)]
        figures[name] = whole(command)
        say(name)
    return figures


def whole(command: Sequence[str]) -> dict[str, float]:
    """Return the seconds of a process, the best of five."""
    wall, cpu = [], []
    for _ in range(5):
        began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        wall.append(time.perf_counter() - began)
        cpu.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return {"wall s": min(wall), "CPU s": min(cpu)}


MEMORY = """
import sys
from pathlib import Path
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096 / 1e6
import fairouz_tui.app, fairouz_tui.screens.explore
print("the screen's imports", resident())
from indexer.explorer import Explorer
explorer = Explorer(Path(sys.argv[1]))
for track in (5, 77, 400, 999):
    explorer.similar(track, count=200)
print("after similar", resident())
for text in ("love night", "warm piano", "rain"):
    explorer.search(text, count=200)
print("after words", resident())
assert "torch" not in sys.modules
"""


def memory(library: Path) -> Figures:
    """Return resident megabytes of a process with the screen loaded, after some questions."""
    command = [sys.executable, "-c", MEMORY, str(library)]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return {name: {"MB": float(size)} for name, size in (line.rsplit(" ", 1) for line in lines)}


PAINT = """
import asyncio, sys
from pathlib import Path
if len(sys.argv) > 1:
    from fairouz_tui.app import FairouzApp
    app = FairouzApp(Path(sys.argv[1]))
else:
    from textual.app import App
    app = App()
async def main():
    async with app.run_test(size=(120, 40)):
        pass
asyncio.run(main())
"""


def paint(library: Path) -> Figures:
    """Time a process that ends at its first paint, ours and a bare Textual app; then what explorer.py measures."""
    python = [sys.executable, "-c", PAINT]
    started = {"bare Textual, whole process": whole(python), "explorer, whole process": whole([*python, str(library)])}
    command = [sys.executable, str(HERE / "explorer.py"), "--library", str(library)]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]
    return started | {name: {"ms": float(figure)} for name, figure in cells}


def disk(library: Path) -> Figures:
    """Return the bytes a track of every table with its indexes, and the sums that matter."""
    with sqlite3.connect(library / DATABASE) as connection:
        tracks = connection.execute("SELECT count(*) FROM tracks").fetchone()[0]
        query = (
            "SELECT coalesce(m.tbl_name, s.name), sum(s.pgsize) FROM dbstat s "
            "LEFT JOIN sqlite_master m ON m.name = s.name GROUP BY 1 ORDER BY 2 DESC"
        )
        tables = {name: size / tracks for name, size in connection.execute(query)}
    beside = sum(file.stat().st_size for file in library.glob("*.safetensors")) / tracks
    vectors = sum(tables.get(name, 0.0) for name in VECTORS)
    rest = sum(size for name, size in tables.items() if name not in (*VECTORS, *LEFT_OUT))
    sums = {"vectors and index": vectors + beside, "everything else without lyrics and covers": rest}
    return {name: {"bytes a track": size} for name, size in {**sums, "index": beside, **tables}.items() if size >= 0.5}


def measure(library: Path, questions: int) -> Iterator[tuple[str, Figures]]:
    """Yield the tables of one library, each when it is measured."""
    yield "questions", latencies(library, questions)
    yield "recall", recalls(library, 50)
    yield "disk", disk(library)
    yield "first paint", paint(library)
    yield "whole commands", commands(library)
    yield "memory", memory(library)


def say(what: str) -> None:
    print(f"\r{what:40}", end="", flush=True, file=sys.stderr)


def shown(figure: float) -> str:
    return f"{figure:.3g}" if figure < 100 else f"{figure:.0f}"


def table(title: str, figures: Figures) -> str:
    """Write one table as Markdown."""
    columns = list(dict.fromkeys(column for row in figures.values() for column in row))
    lines = [f"| {title} | {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}"]
    for name, row in figures.items():
        cells = (shown(row[column]) if column in row else "" for column in columns)
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tracks", type=int, nargs="*", default=SIZES)
    parser.add_argument("--library", type=Path, help="measure this one, and make none")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    parser.add_argument("--questions", type=int, default=200)
    arguments = parser.parse_args()
    measured: dict[str, dict[str, Figures]] = {}
    for tracks in [0] if arguments.library else arguments.tracks:
        with tempfile.TemporaryDirectory() as temporary:
            library = arguments.library or Path(temporary)
            if arguments.library is None:
                subprocess.run([sys.executable, str(HERE / "make_rows.py"), str(tracks), str(library)], check=True)
            name = f"{Explorer(library).catalogue.count():,} tracks"
            measured[name] = {}
            for title, figures in measure(library, arguments.questions):
                measured[name][title] = figures
                print(f"\n{table(f'{name}: {title}', figures)}", flush=True)
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(measured, indent=1))


if __name__ == "__main__":
    main()
