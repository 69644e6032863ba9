"""Try whether a small learned encoder hears better than the audio descriptor, on artists that it never heard.

    python -m scripts.try_learned_sound WORK LIBRARY LABELS [--also FOLDER] [--generated 60] [--seeds 2] [--json FILE]

LIBRARY and LABELS are those of `benchmarks/similarity_baseline.py`; each folder in the folder `--also` counts as one
artist; generated pieces are learned from only. Views are kept in WORK. The tracks are dealt into folds by artist, those
who ever played together in one; an encoder learns from the views of all tracks but a fold's and is asked about that
fold's. Every encoder is compared by cosine after subtracting the collection's mean, and once more after the collection
was whitened as the joint space whitens a library. Prints Markdown.

An artist's other track is looked for among its whole collection (P@1, nDCG@10) and among the fold's tracks alone
(P@1 unheard), the other rendering of a piece among the collection, the original of a changed track among all originals.
Intervals: 95 %, drawn by groups of artists, of the difference from the descriptor on the same queries.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.generated_music import generate
from indexer.report.bootstrap import interval
from models.encoders.audio import encode_audio
from models.encoders.names import AUDIO_ENCODER
from models.encoders.spectrogram import SAMPLE_RATE, Array, spectrogram
from models.evaluation.folds import artist_folds
from models.evaluation.metrics import ndcg_at_k, precision_at_k
from models.evaluation.retrieval import ranked_relevance
from models.joint.whitening import fit_whitening
from scripts.learned_sound import (
    Embed,
    Lesson,
    as_it_is,
    head,
    linear_head,
    network,
    two_layer_head,
    whitened_over_tracks,
    whitened_within_tracks,
)
from scripts.sound_views import TESTS, Heard, Track, by_folder, hear, kept, labelled, linked, log_mel, views_of

LEFT_OUT = "OpenMSX"
"""Renderings by a program: no artist that could be heard."""
FOLDS = 5
CUT = 10
BY_ARTIST = "two layers, by artist"
ENCODERS: dict[str, Callable[[Lesson, int], Embed]] = {
    AUDIO_ENCODER: as_it_is,
    "whitened over tracks": whitened_over_tracks,
    "whitened within tracks": whitened_within_tracks,
    "one layer": head(linear_head, rate=1e-4, steps=200),
    "two layers": head(two_layer_head, rate=1e-3, steps=200),
    BY_ARTIST: head(two_layer_head, rate=1e-3, steps=200),
    "convolutions": network(rate=3e-3, steps=300),
}
"""The layers' settings come from a few tries on folders of games (1,000 steps did worse); the network's are untuned."""
BESIDE = "+ "
"""Before the name of an encoder that stands beside the descriptor, both weighing the same."""
FIGURES = ("P@1", "nDCG@10", "P@1 unheard", "piece P@1", *TESTS)

Figures = dict[str, dict[str, NDArray[np.float64]]]
"""Encoder -> figure -> [n], NaN where a track was not asked."""


def folds_of(tracks: Sequence[Track], *, seed: int) -> NDArray[np.int64]:
    """Deal tracks into folds so that nobody, alone or with others, is in two, int64 [n]."""
    return artist_folds(linked([track.names for track in tracks]), folds=FOLDS, seed=seed)


def labels_of(tracks: Sequence[Track], extra: int) -> dict[bool, NDArray[np.int64]]:
    """Give each track a number of its own (False) and its artist's (True), `extra` nameless ones after them."""
    own = np.arange(len(tracks) + extra)
    names = {name: row for row, track in enumerate(tracks) if (name := track.artist)}
    artist = [names.get(track.artist, row) for row, track in enumerate(tracks)]
    return {False: own, True: np.concatenate([np.array(artist, np.int64), own[len(tracks) :]])}


def one_run(
    tracks: Sequence[Track], heard: Sequence[Heard], *, seed: int, say: Callable[[str], None]
) -> tuple[Figures, Figures]:
    """Train every encoder on all folds but one and ask about that one, by plain cosine and as the space compares.

    `heard` are the tracks' and then those of generated pieces.
    """
    folds = folds_of(tracks, seed=seed)
    labels = labels_of(tracks, len(heard) - len(tracks))
    names = [*ENCODERS, *(BESIDE + name for name in list(ENCODERS)[1:])]
    plain, space = ({n: {f: np.full(len(tracks), np.nan) for f in FIGURES} for n in names} for _ in range(2))
    for fold in range(FOLDS):
        rows = np.concatenate([np.flatnonzero(folds != fold), np.arange(len(tracks), len(heard))])
        lesson = Lesson.of([heard[row] for row in rows], labels[False][rows])
        by_artist = replace(lesson, labels=torch.from_numpy(labels[True][rows]))
        first: dict[tuple[str, bool], tuple[Array, Array]] = {}
        for name, fit in ENCODERS.items():
            start = time.process_time()
            embed = fit(by_artist if name == BY_ARTIST else lesson, seed)
            for collection in sorted({track.collection for track in tracks}):
                of = np.array([row for row, track in enumerate(tracks) if track.collection == collection])
                asked = folds[of] == fold
                vectors, changed = embedded(embed, [heard[row] for row in of], asked)
                for in_space, figures in ((False, plain), (True, space)):
                    near, found = nearness(vectors, changed, in_space=in_space)
                    base = first.setdefault((collection, in_space), (near, found))
                    ask(figures[name], tracks, of, asked, near, found)
                    if name != AUDIO_ENCODER:
                        ask(figures[BESIDE + name], tracks, of, asked, near + base[0], found + base[1])
            say(f"seed {seed}, fold {fold}, {name}: {time.process_time() - start:.0f} s")
    return plain, space


def embedded(embed: Embed, heard: Sequence[Heard], asked: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Embed all tracks [n, e], and the asked ones as changed by each test [TESTS, q, e]."""
    vectors = embed(np.stack([one.descriptor for one in heard]), [one.mel for one in heard])
    queries = [one for one, is_asked in zip(heard, asked, strict=True) if is_asked]
    changed = [
        embed(np.stack([q.test_descriptors[test] for q in queries]), [q.test_mels[test] for q in queries])
        for test in range(len(TESTS))
    ]
    return vectors, np.stack(changed)


def nearness(vectors: Array, changed: Array, *, in_space: bool) -> tuple[Array, Array]:
    """Return cosines of all tracks [n, n] and of the changed ones with all [TESTS, q, n], about the mean of all.

    `in_space` first balances the directions in which the collection's tracks differ, as the joint space does.
    """
    if in_space:
        fitted = fit_whitening(vectors)
        vectors, changed = fitted.apply(vectors), fitted.apply(changed)
    mean = vectors.mean(axis=0)
    gallery = _unit(vectors - mean)
    return gallery @ gallery.T, _unit(changed - mean) @ gallery.T


def _unit(rows: Array) -> Array:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9))


def ask(
    figures: dict[str, NDArray[np.float64]], tracks: Sequence[Track], of: NDArray[np.int64],
    asked: NDArray[np.bool_], near: Array, found: Array,
) -> None:  # fmt: skip
    """Fill in the figures of the asked tracks of one collection, whose rows are `of`."""
    artists = np.array([track.artist for track in tracks])[of]
    pieces = np.array([track.piece for track in tracks])[of]
    known = np.array([bool(name) and LEFT_OUT not in name for name in artists])
    itself = np.eye(len(of), dtype=bool)
    same = (artists[:, None] == artists) & known
    for wanted, names in ((same, ("P@1", "nDCG@10")), ((pieces[:, None] == pieces) & (pieces != ""), ("piece P@1",))):
        queries = np.flatnonzero(asked & (wanted & ~itself).any(axis=1))
        ranked = ranked_relevance(near[queries].astype(np.float64), wanted[queries], itself[queries])
        figures[names[0]][of[queries]] = precision_at_k(ranked, k=1)
        if len(names) > 1:
            figures[names[1]][of[queries]] = ndcg_at_k(ranked, k=CUT)
            unheard = ranked_relevance(near[queries].astype(np.float64), wanted[queries], itself[queries] | ~asked)
            figures["P@1 unheard"][of[queries]] = precision_at_k(unheard, k=1)
    for name, cosines in zip(TESTS, found, strict=True):
        figures[name][of[asked]] = cosines.argmax(axis=1) == np.flatnonzero(asked)


def milliseconds(lesson: Lesson) -> dict[str, float]:
    """Measure the CPU time that each encoder takes for 30 s of sound, from the samples on; the median of 20."""
    excerpts = np.array_split(generate(0).signal, 3)
    seconds: dict[str, list[float]] = {}
    for name, fit in ENCODERS.items():
        embed = fit(lesson, 0)
        for _ in range(20):
            start = time.process_time()
            spectrum = spectrogram(excerpts)
            if name == "convolutions":
                embed(np.zeros((1, 0), np.float32), [log_mel(spectrum.power)])
            else:
                embed(encode_audio(spectrum)[None], [])
            seconds.setdefault(name, []).append(time.process_time() - start)
    return {name: 1000 * float(np.median(times)) for name, times in seconds.items()}


def table(runs: Sequence[Figures], tracks: Sequence[Track], collection: str) -> dict[str, dict[str, object]]:
    """Average the figures of one collection over the runs, with spread over runs and difference from the descriptor."""
    of = np.array([row for row, track in enumerate(tracks) if track.collection == collection])
    groups = linked([track.names for track in tracks])[of]
    rows: dict[str, dict[str, object]] = {}
    for name in runs[0]:
        row: dict[str, object] = {}
        for figure in FIGURES:
            own, base = (np.stack([run[which][figure][of] for run in runs]) for which in (name, AUDIO_ENCODER))
            if np.isnan(own).all():
                continue
            row[figure] = float(np.nanmean(own))
            row[f"{figure} runs"] = [float(mean) for mean in np.nanmean(own, axis=1)]
            row[f"{figure} beyond"] = interval((own - base).mean(axis=0), groups).to_json()
        rows[name] = row
    return rows


def markdown(rows: dict[str, dict[str, object]]) -> str:
    """Write one collection's table."""
    columns = [figure for figure in FIGURES if figure in rows[AUDIO_ENCODER]]
    lines = ["| encoder | " + " | ".join([*columns, "nDCG@10 beyond", "P@1 beyond"]) + " |"]
    lines.append("|---" * (len(columns) + 3) + "|")
    for name, row in rows.items():
        cells = [f"{row[figure]:.3f}" for figure in columns]
        for figure in ("nDCG@10", "P@1"):
            found = row[f"{figure} beyond"]
            assert isinstance(found, dict)
            cells.append(f"{found['mean']:+.3f} [{found['low']:+.3f}, {found['high']:+.3f}]")
        lines.append("| " + " | ".join([name, *cells]) + " |")
    return "\n".join(lines)


def main() -> None:
    """Hear, learn, ask and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("library", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--also", type=Path)
    parser.add_argument("--generated", type=int, default=60)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    say = partial(print, file=sys.stderr, flush=True)
    found = hear([*labelled(options.library, options.labels), *(by_folder(options.also) if options.also else [])],
                 options.work, say=say)  # fmt: skip
    tracks, heard = list(found), list(found.values())
    for seed in range(options.generated):
        heard.append(kept(options.work / f"{AUDIO_ENCODER} {seed}.npz", partial(generated_views, seed)))
    say(f"{time.process_time():.0f} s of CPU time so far")
    runs = [one_run(tracks, heard, seed=seed, say=say) for seed in range(options.seeds)]
    tables = {
        f"{name}, {how}": table([run[which] for run in runs], tracks, name)
        for name in dict.fromkeys(track.collection for track in tracks)
        for which, how in enumerate(("plain cosine", "as the space compares"))
    }
    took = milliseconds(Lesson.of(heard[:80], np.arange(80)))
    for name, rows in tables.items():
        print(f"\n{name}\n\n{markdown(rows)}")
    print("\nms for 30 s of sound: " + ", ".join(f"{name} {ms:.1f}" for name, ms in took.items()))
    say(f"{time.process_time():.0f} s of CPU time")
    if options.json:
        options.json.write_text(json.dumps({"tables": tables, "ms": took}, indent=1))


def generated_views(seed: int) -> Heard:
    """Make the views of one generated piece."""
    signal = generate(seed).signal
    return views_of([signal[: 10 * SAMPLE_RATE]], signal, seed=seed)


if __name__ == "__main__":
    main()
