"""Record the moments of a real run, and replay them against the forecast of the time left.

    python -m benchmarks.forecast record FOLDER LIBRARY TRACE.jsonl
    python -m benchmarks.forecast replay TRACE.jsonl...

A trace holds what the forecast was given and when: the costs known before, what lies ahead, every moment of every
stage, the end. Replayed, the same forecast says the same again, and a changed one what it would have said.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from benchmarks.scan import judge
from indexer import pipeline
from indexer.forecast import Forecast
from indexer.progress import Progress
from indexer.underway import Step

Told = list[tuple[float, str, float | None]]


@dataclass
class Clock:
    """The clock of a replay, set to the time of each line."""

    now: float = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


class Recorder(Forecast):
    """A forecast that writes down all it is given."""

    file: IO[str]

    def __init__(self, costs: Mapping[str, float], *, so_far: Callable[[str], Sequence[float]]) -> None:
        super().__init__(costs, so_far=self._sized_by)
        self._given = so_far
        self._sizes: Sequence[float] = ()
        self._write(costs=dict(costs))

    def expect(self, steps: Sequence[Step]) -> None:
        """Write down what lies ahead."""
        self._write(expect=[asdict(step) for step in steps])
        super().expect(steps)

    def told(self, progress: Progress) -> Progress:
        """Write down a moment, and at the beginning of a stage how its items differ."""
        at = time.monotonic()
        self._sizes = ()
        told = super().told(progress)
        shape: dict[str, Any] = {"so_far": [round(size, 1) for size in self._sizes]} if self._sizes else {}
        self._write(at=at, told=[progress.stage, progress.done, progress.total], **shape)
        return told

    def finish(self) -> None:
        """Write down the end, which is the time of the last line."""
        super().finish()
        self._write()

    def _sized_by(self, stage: str) -> Sequence[float]:
        self._sizes = self._given(stage)
        return self._sizes

    def _write(self, **what: Any) -> None:
        self.file.write(json.dumps({"at": time.monotonic(), **what}) + "\n")


def record(folder: Path, library: Path, trace: Path) -> None:
    """Index a folder and write the trace."""
    with trace.open("w") as file:
        Recorder.file = file
        vars(pipeline)["Forecast"] = Recorder  # the name by which the pipeline makes its forecast
        for _ in pipeline.index(library, [folder]):
            pass


def replay(lines: Sequence[Mapping[str, Any]]) -> tuple[Told, float]:
    """Return what the forecast says to a trace, and when the run ended."""
    clock, begin = Clock(), lines[0]["at"]
    sizes: list[Sequence[float]] = [()]
    forecast = Forecast(lines[0]["costs"], so_far=lambda _: sizes[0], clock=clock)
    told: Told = []
    for line in lines[1:]:
        clock.now, sizes[0] = line["at"] - begin, line.get("so_far", ())
        if "expect" in line:
            forecast.expect([Step(**step) for step in line["expect"]])
        elif "told" in line:
            told.append((clock.now, line["told"][0], forecast.told(Progress(*line["told"])).seconds_left))
    return told, clock.now


def table(traces: Sequence[Path]) -> Iterator[str]:
    """Yield a row a trace, as Markdown."""
    yield "| trace | run, s | moments | within 25 % | at first | middle | worst |\n|---|---|---|---|---|---|---|"
    for trace in traces:
        told, end = replay([json.loads(line) for line in trace.read_text().splitlines()])
        if not (error := judge(told, end)):
            yield f"| {trace.stem} | {end:.0f} | 0 | | | | |"
            continue
        shares = " | ".join(f"{error[name]:.0%}" for name in ("within", "first", "median", "worst"))
        yield f"| {trace.stem} | {end:.0f} | {error['moments']} | {shares} |"


def main() -> None:
    """Read the command line; record or replay."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    recording = commands.add_parser("record")
    for name in ("folder", "library", "trace"):
        recording.add_argument(name, type=Path)
    commands.add_parser("replay").add_argument("traces", type=Path, nargs="+")
    arguments = parser.parse_args()
    if arguments.command == "record":
        record(arguments.folder, arguments.library, arguments.trace)
    else:
        print("\n".join(table(arguments.traces)))


if __name__ == "__main__":
    main()
