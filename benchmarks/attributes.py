"""Measure tempo and key beside librosa: `python -m benchmarks.attributes [LIBRARY] [--midi FOLDER] [--json FILE]`.

Three sources: generated music (seeds from 0; the weights were fitted on seeds from 100,000), accompaniments that mma
plays and MIDI files, both rendered by fluidsynth where they are installed (`benchmarks/rendered_music.py`). All
are heard in the excerpts that the product would decode, and librosa hears the same.

Tempo: right within 4 %, and within 4 % of a third, half, double or triple too. Key: right, and the weighted score of
MIREX (1, fifth .5, relative .3, parallel .2). Coverage: the share for which an estimate is made; librosa always
makes one. With LIBRARY (labels.csv beside it): how often two renderings of one piece agree. Also the CPU time of all
attributes a track. librosa: beat_track and the Krumhansl profiles on chroma_cqt.
"""

import argparse
import csv
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import librosa
import numpy as np

from benchmarks.generated_music import generate
from benchmarks.rendered_music import Rendered, accompaniments, midi_pieces, missing_programs
from indexer.reading.audio import decode_excerpts
from indexer.reading.excerpts import places
from models.encoders.attributes import describe_attributes
from models.encoders.spectrogram import SAMPLE_RATE, Array, Floats, spectrogram

TOLERANCE = 0.04
OCTAVES = (1 / 3, 1 / 2, 1, 2, 3)
MIDI_FOLDER = Path("/usr/share/games/openttd/baseset/openmsx")
KRUMHANSL_MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
KRUMHANSL_MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)


@dataclass(frozen=True)
class Answer:
    """What one method says about one piece; None where it abstains."""

    tempo_bpm: float | None
    key: int | None


Method = Callable[[list[Array]], Answer]
spent_seconds: list[float] = []


def ours(excerpts: list[Array]) -> Answer:
    spectrum = spectrogram(excerpts)
    spectrum.chroma, spectrum.onset_bands  # noqa: B018 (the descriptor needs them anyway)
    start = time.process_time()
    found = {e.name: e.value for e in describe_attributes(spectrum, channels=[piece[None, :] for piece in excerpts])}
    spent_seconds.append(time.process_time() - start)
    return Answer(found.get("tempo_bpm"), int(found["key"]) if "key" in found else None)


def by_librosa(excerpts: list[Array]) -> Answer:
    tempi = [librosa.beat.beat_track(y=piece, sr=SAMPLE_RATE)[0] for piece in excerpts]
    chroma = np.concatenate([librosa.feature.chroma_cqt(y=piece, sr=SAMPLE_RATE) for piece in excerpts], axis=1)
    fits = [
        np.corrcoef(chroma.mean(axis=1), np.roll(profile, tonic))[0, 1]
        for profile in (KRUMHANSL_MAJOR, KRUMHANSL_MINOR)
        for tonic in range(12)
    ]
    return Answer(float(np.median(np.concatenate([np.atleast_1d(t) for t in tempi]))), int(np.argmax(fits)))


METHODS: dict[str, Method] = {"fairouz-tui": ours, "librosa": by_librosa}


def as_heard(signal: Array) -> list[Array]:
    """Cut a piece as `indexer.reading.audio` reads a file."""
    planned = places(signal.size / SAMPLE_RATE)
    cuts = [(int(p.start_seconds * SAMPLE_RATE), int(p.seconds * SAMPLE_RATE)) for p in planned]
    return [signal[start : start + length] for start, length in cuts] or [signal]


def generated(count: int) -> Iterator[Rendered]:
    for seed in range(count):
        piece = generate(seed, seconds=(60.0, 90.0, 120.0, 180.0)[seed % 4])
        yield Rendered(str(seed), piece.signal, piece.tempo_bpm, piece.key)


def sources(arguments: argparse.Namespace) -> Iterator[tuple[str, Iterable[Rendered]]]:
    """Yield each source that can be had here, and say what is missing for the others."""
    if arguments.only in (None, "generated"):
        yield "generated", generated(arguments.pieces)
    for name, programs, pieces in (
        ("mma, rendered", ("mma", "fluidsynth"), lambda: accompaniments(arguments.pieces)),
        ("MIDI, rendered", ("fluidsynth",), lambda: midi_pieces(arguments.midi)),
    ):
        if arguments.only not in (None, name.split(",")[0]):
            continue
        if missing := missing_programs(*programs):
            print(f"{name}: left out, {', '.join(missing)} not installed\n")
        else:
            yield name, pieces()


def mirex_score(answer: int, truth: int) -> float:
    """Score a key as MIREX does: 1, a fifth off .5, the relative .3, the parallel .2."""
    same_mode, interval = (answer < 12) == (truth < 12), (answer - truth) % 12
    if same_mode:
        return {0: 1.0, 5: 0.5, 7: 0.5}.get(interval, 0.0)
    relative = 9 if truth < 12 else 3
    return {relative: 0.3, 0: 0.2}.get(interval, 0.0)


def figures(answers: list[Answer], pieces: list[Rendered]) -> dict[str, float]:
    tempi = [(a.tempo_bpm, p.tempo_bpm) for a, p in zip(answers, pieces, strict=True) if p.tempo_bpm]
    keys = [(a.key, p.key) for a, p in zip(answers, pieces, strict=True) if p.key is not None]
    row = {}
    if tempi:
        ratios = np.array([answer / truth for answer, truth in tempi if answer])
        row |= {
            "tempo n": len(tempi),
            "coverage": len(ratios) / len(tempi),
            "within 4 %": _share(np.abs(ratios - 1) < TOLERANCE),
            "or octave": _share(np.min(np.abs(ratios[:, None] / OCTAVES - 1), axis=1) < TOLERANCE),
        }
    if keys:
        kept = [(answer, truth) for answer, truth in keys if answer is not None]
        row |= {
            "key n": len(keys),
            "key coverage": len(kept) / len(keys),
            "right": _share(np.array([answer == truth for answer, truth in kept])),
            "MIREX": _share(np.array([mirex_score(answer, truth) for answer, truth in kept])),
        }
    return row


def _share(values: Floats) -> float:
    return float(values.mean()) if values.size else float("nan")


def agreement(library: Path) -> dict[str, dict[str, float]]:
    """Compare the answers for the two renderings of each piece named in labels.csv, where both have one."""
    pairs = defaultdict(list)
    with (library.parent / "labels.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if row["note"].startswith("piece:"):
                excerpts = decode_excerpts(str(library / row["path"]))
                pairs[row["note"]].append({name: method(excerpts) for name, method in METHODS.items()})
    result = {}
    for name in METHODS:
        both = [(pair[0][name], pair[1][name]) for pair in pairs.values() if len(pair) == 2]
        tempi = [(a.tempo_bpm, b.tempo_bpm) for a, b in both if a.tempo_bpm and b.tempo_bpm]
        keys = [(a.key, b.key) for a, b in both if a.key is not None and b.key is not None]
        result[name] = {
            "pieces": len(both),
            "both with a tempo": len(tempi),
            "same tempo": _share(np.array([abs(a / b - 1) < TOLERANCE for a, b in tempi])),
            "both with a key": len(keys),
            "same key": _share(np.array([a == b for a, b in keys])),
        }
    return result


def table(rows: dict[str, dict[str, float]]) -> str:
    columns = list(dict.fromkeys(column for row in rows.values() for column in row))
    lines = ["| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for name, row in rows.items():
        cells = [_cell(row.get(column)) for column in columns]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _cell(value: float | None) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", type=Path, nargs="?")
    parser.add_argument("--midi", type=Path, default=MIDI_FOLDER)
    parser.add_argument("--pieces", type=int, default=150)
    parser.add_argument("--only", choices=("generated", "mma", "MIDI", "library"), help="one source; all by default")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    rows: dict[str, dict[str, float]] = {}
    for source, pieces in sources(arguments):
        known, answers = [], defaultdict(list)
        for piece in pieces:
            excerpts = as_heard(piece.signal)
            known.append(piece)
            for name, method in METHODS.items():
                answers[name].append(method(excerpts))
        rows |= {f"{source}: {name}": figures(answers[name], known) for name in METHODS}
    if rows:
        print(table(rows))
    results: dict[str, object] = {"truth": rows}
    if arguments.library:
        results["agreement"] = same = agreement(arguments.library)
        print(table(same))
    results["attributes_ms"] = 1000 * float(np.median(spent_seconds))
    print(f"All attributes of a track: {results['attributes_ms']:.1f} ms of CPU time (median)")
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
