"""Compare the audio encoder with plain MFCCs: `similarity_baseline.py LIBRARY LABELS`.

Protocol: leave one out, cosine after subtracting the library's mean, precision at 1. "artist": queries are the
tracks whose artist (OpenMSX renderings left out) has another track; "piece": the two renderings of one MIDI file.
The gallery is the queries of the same task ("task") or the whole library ("all"). MFCC: librosa's 20, mean,
standard deviation and standard deviation of the slope, z-scored. Prints Markdown, then JSON.
"""

import argparse
import csv
import json
from collections import Counter
from pathlib import Path

import numpy as np

from indexer.reading.audio import decode_excerpts
from models.encoders.audio import BLOCKS, encode_audio
from models.encoders.spectrogram import HOP_SAMPLES, SAMPLE_RATE, Array

LEFT_OUT = "OpenMSX"
"""Two renderings of each piece by a program: one "artist" would be found by its piece."""


def mfcc_baseline(excerpts: list[Array]) -> Array:
    import librosa  # slow, and absent where only the measures are wanted

    frames = [librosa.feature.mfcc(y=y, sr=SAMPLE_RATE, n_mfcc=20, hop_length=HOP_SAMPLES) for y in excerpts]
    slopes = np.concatenate([librosa.feature.delta(piece, mode="nearest") for piece in frames], axis=1)
    cepstra = np.concatenate(frames, axis=1)
    return np.concatenate([cepstra.mean(axis=1), cepstra.std(axis=1), slopes.std(axis=1)])


def nearest_by_cosine(vectors: Array) -> Array:
    """Rank all pairs by cosine after subtracting the mean [shape=(n, n)]: higher is nearer."""
    centred = vectors - vectors.mean(axis=0)
    unit = centred / np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(unit @ unit.T)


def nearest_by_distance(vectors: Array) -> Array:
    """Rank all pairs by Euclidean distance [shape=(n, n)]: higher is nearer."""
    squares = np.square(vectors).sum(axis=1)
    return np.asarray(2 * vectors @ vectors.T - squares[:, None] - squares)


def precision_at_1(nearness: Array, queries: list[int], gallery: list[int], labels: list[str]) -> float:
    hits = 0
    for query in queries:
        others = [track for track in gallery if track != query]
        nearest = others[int(np.argmax(nearness[query, others]))]
        hits += labels[nearest] == labels[query]
    return hits / len(queries) if queries else float("nan")


def precisions(nearness: Array, rows: list[dict[str, str]]) -> dict[str, float]:
    artists = [row["artist"] for row in rows]
    pieces = [row["note"] for row in rows]
    count = Counter(artists)
    by_artist = [i for i, name in enumerate(artists) if name and LEFT_OUT not in name and count[name] > 1]
    by_piece = [i for i, note in enumerate(pieces) if note.startswith("piece:")]
    everything = list(range(len(rows)))
    return {
        "artist task": precision_at_1(nearness, by_artist, by_artist, artists),
        "artist all": precision_at_1(nearness, by_artist, everything, artists),
        "piece task": precision_at_1(nearness, by_piece, by_piece, pieces),
        "piece all": precision_at_1(nearness, by_piece, everything, pieces),
    }


def describe(library: Path, rows: list[dict[str, str]]) -> dict[str, Array]:
    baseline, own = [], []
    for row in rows:
        excerpts = decode_excerpts(str(library / row["path"]))
        baseline.append(mfcc_baseline(excerpts))
        own.append(encode_audio(excerpts))
    mfcc, encoded = np.stack(baseline), np.stack(own)
    models = {"MFCC": (mfcc - mfcc.mean(axis=0)) / mfcc.std(axis=0), "fairouz-audio": encoded}
    return models | {f"  {name} alone": encoded[:, block] for name, block in BLOCKS.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", type=Path)
    parser.add_argument("labels", type=Path)
    arguments = parser.parse_args()
    with arguments.labels.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    described = describe(arguments.library, rows)
    results = {name: precisions(nearest_by_cosine(vectors), rows) for name, vectors in described.items()}
    columns = list(next(iter(results.values())))
    print("| model | " + " | ".join(columns) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for name, figures in results.items():
        print(f"| {name} | " + " | ".join(f"{figures[column]:.3f}" for column in columns) + " |")
    print(json.dumps({"protocol": "leave-one-out precision at 1", "tracks": len(rows), "results": results}))


if __name__ == "__main__":
    main()
