"""Are explanations true, not only additive? `faithfulness.py [--library DIR] [--pairs N] [--seed S] [--json]`.

Planted pairs: tracks of a generated library are alike in exactly one modality (cosine about .95) and independent in all
others; `fit_shared_space` fits a space to the whole library. "named": how often the planted modality contributes most.
"costs most": how often the fader of the modality named first, put to 0, costs the other track the most places among all
tracks, of all faders put to 0 one at a time; "alone": no other costs as much; "first two": one of the two named first
costs the most; "where 10": "costs most" where some fader costs ten places or more.

"independent": the modalities of a track have nothing in common; "correlated": half of the variance of each comes from
one latent style, as sound, words and artists of music have it; "missing": each modality but the planted one is absent
with probability .4; "weighted": with the weights that libraries get; "text": the question is a text vector, and the
track's TAGS or LYRICS are like it. With --library also the first hits of `similar` for every track of a library.
"""

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.explorer import Explorer
from models.joint.additive import Space
from models.joint.closed_form import fit_shared_space
from models.modality import MODALITIES, Modality

DIMENSIONS = dict(zip(MODALITIES, (128, 384, 384, 276, 128, 128), strict=True))
"""About those of the embedded profile."""
LATENT = 24
NOISE = 0.33
"""Length of what is added to a unit vector for its twin: cosine .95."""
ABSENT = 0.4
WEIGHTS = dict(zip(MODALITIES, (1.0, 0.7, 0.7, 0.7, 0.5, 0.5), strict=True))
MATTERS = 10
"""Places that turning a modality off must cost for the order of costs to say something."""
HITS = 10
"""Hits of a track that are looked at in a real library."""

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Planted:
    """A generated library; pair i is tracks (2 i, 2 i + 1), alike in `shared[i]`, the rest has no twin."""

    x: Mapping[Modality, Array]
    present: NDArray[np.bool_]
    shared: tuple[Modality, ...]
    texts: Array
    """Text vectors [pairs, 384] that each first track was given as TAGS and LYRICS; only for text questions."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one explanation."""

    named: tuple[Modality, ...]
    """The largest contribution first; modalities that either side has."""
    planted: Modality | None
    costs: Mapping[Modality, int]
    """Places lost when a modality is turned off; negative where the track gains."""

    @property
    def worst(self) -> int:
        """Return the most places that any modality costs."""
        return max(self.costs.values())

    @property
    def costs_most(self) -> bool:
        """Tell whether no modality costs more than the one named first."""
        return self.costs[self.named[0]] == self.worst

    @property
    def alone(self) -> bool:
        """Tell whether every other modality costs less than the one named first."""
        return all(self.costs[self.named[0]] > self.costs[m] for m in self.named[1:])


def plant(*, tracks: int, pairs: int, style: float, absent: float, seed: int, text: bool = False) -> Planted:
    """Generate a library; `style` in [0, 1) is the part of each modality's variance that its track's latent gives."""
    random = np.random.default_rng(seed)
    kinds = (Modality.LYRICS, Modality.TAGS) if text else MODALITIES
    shared = tuple(kinds[i % len(kinds)] for i in range(pairs))
    latent = random.standard_normal((tracks, LATENT))
    mixing = {m: random.standard_normal((LATENT, d)) / np.sqrt(d) for m, d in DIMENSIONS.items()}
    mixing[Modality.LYRICS] = mixing[Modality.TAGS]  # both are read by the same encoder
    present = np.ones((tracks, len(MODALITIES)), np.bool_)
    x = {}
    for column, m in enumerate(MODALITIES):
        own = random.standard_normal((tracks, DIMENSIONS[m])) * spectrum(DIMENSIONS[m])
        rows = np.sqrt(style) * unit(latent @ mixing[m]) + np.sqrt(1 - style) * unit(own)
        x[m] = unit(rows)
        twins = np.array([2 * i for i in range(pairs) if shared[i] is m], np.int64)
        noise = unit(random.standard_normal((len(twins), DIMENSIONS[m]))) * NOISE
        x[m][twins + 1] = unit(x[m][twins] + noise)
        present[:, column] = random.random(tracks) >= absent
        present[np.concatenate([twins, twins + 1]), column] = True
    texts = np.stack([x[shared[i]][2 * i] for i in range(pairs)]) if text else np.zeros((0, 384))
    return Planted(x, present, shared, texts)


def spectrum(width: int) -> Array:
    """Return falling spreads, as encoders have them: few directions carry much."""
    spread: Array = 1 / np.sqrt(np.arange(1, width + 1))
    return spread


def unit(rows: Array) -> Array:
    scaled: Array = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return scaled


def judge_planted(library: Planted, *, weights: Mapping[Modality, float] | None = None) -> Iterator[Verdict]:
    """Fit a space to the library and judge the explanation of every pair."""
    encoders = {m: f"generated-{m}@1" for m in MODALITIES}
    space = fit_shared_space(library.x, library.present, encoders=encoders, weights=weights)
    blocks, mask = space.blocks(library.x, library.present)
    hubs = np.zeros(len(blocks))
    for i, planted in enumerate(library.shared):
        here, there = 2 * i, 2 * i + 1
        if len(library.texts):
            query, query_mask = space.text_blocks(library.texts[i])
            yield judge(space, query, query_mask, blocks, mask, hubs, there, left_out=here, planted=planted, text=True)
        else:
            yield judge(space, blocks[here], mask[here], blocks, mask, hubs, there, left_out=here, planted=planted)


def judge(
    space: Space,
    query: NDArray[np.float16],
    query_mask: NDArray[np.bool_],
    blocks: NDArray[np.float16],
    mask: NDArray[np.bool_],
    hubs: Array,
    track: int,
    *,
    left_out: int,
    planted: Modality | None = None,
    text: bool = False,
) -> Verdict:
    """Rank the contributions to the score of row `track`, and turn off one modality after the other."""
    [shares] = space.contributions_many(query, query_mask, blocks[track][None], text_query=text)
    rows = blocks.astype(np.float64)

    def place(off: Modality | None) -> int:
        faders = {off: 0.0} if off else None
        [vector] = space.queries(query[None], query_mask[None], faders=faders)
        scores = rows @ vector + hubs
        scores[left_out] = -np.inf
        return int((scores > scores[track]).sum())

    at_first = place(None)
    ranked = [
        MODALITIES[i] for i in np.argsort(-shares) if (query_mask | mask[track])[i] and MODALITIES[i] in space.heads
    ]
    return Verdict(tuple(ranked), planted, {m: place(m) - at_first for m in ranked})


def judge_library(folder: Path, *, hits: int = HITS) -> Iterator[Verdict]:
    """Judge the first hits of `similar` for every track of an indexed library."""
    explorer = Explorer(folder)
    session = explorer.session()
    ids = [int(i) for i in session.nearest.ids]
    rows = {track_id: row for row, track_id in enumerate(ids)}
    blocks, mask, hubs = session.blocks(ids)
    for row, track_id in enumerate(ids):
        for hit in explorer.similar(track_id, count=hits).hits:
            there = rows[hit.track.id]
            yield judge(session.space, blocks[row], mask[row], blocks, mask, hubs, there, left_out=row)


def figures(verdicts: list[Verdict]) -> dict[str, float]:
    """Sum up: shares in [0, 1] of the verdicts, and the mean places that the modality named first costs."""
    planted = [v for v in verdicts if v.planted is not None]
    matter = [v for v in verdicts if v.worst >= MATTERS]
    found = {"named": share([v.named[0] is v.planted for v in planted])} if planted else {}
    return found | {
        "costs most": share([v.costs_most for v in verdicts]),
        "alone": share([v.alone for v in verdicts]),
        "first two": share([v.worst in [v.costs[m] for m in v.named[:2]] for v in verdicts]),
        "where 10": share([v.costs_most for v in matter]),
        "places lost": float(np.mean([v.costs[v.named[0]] for v in verdicts])),
        "n": len(verdicts),
    }


def share(held: list[bool]) -> float:
    return sum(held) / len(held) if held else 0.0


SETTINGS: dict[str, dict[str, float | bool]] = {
    "independent": {"style": 0.0, "absent": 0.0},
    "correlated": {"style": 0.5, "absent": 0.0},
    "correlated, missing": {"style": 0.5, "absent": ABSENT},
    "correlated, weighted": {"style": 0.5, "absent": 0.0, "weighted": True},
    "text": {"style": 0.5, "absent": 0.0, "text": True},
    "text, missing": {"style": 0.5, "absent": ABSENT, "text": True},
}


def run(name: str, *, tracks: int, pairs: int, seed: int) -> list[Verdict]:
    """Judge the planted pairs of one setting."""
    chosen = SETTINGS[name]
    library = plant(
        tracks=tracks,
        pairs=pairs,
        style=float(chosen["style"]),
        absent=float(chosen["absent"]),
        text=bool(chosen.get("text")),
        seed=seed,
    )
    return list(judge_planted(library, weights=WEIGHTS if chosen.get("weighted") else None))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--library", type=Path)
    parser.add_argument("--tracks", type=int, default=2000)
    parser.add_argument("--pairs", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    judged = {name: run(name, tracks=arguments.tracks, pairs=arguments.pairs, seed=arguments.seed) for name in SETTINGS}
    if arguments.library is not None:
        judged["hits of the library"] = list(judge_library(arguments.library))
    results = {name: figures(verdicts) for name, verdicts in judged.items()}
    if arguments.json:
        print(json.dumps({"protocol": "planted pairs", "tracks": arguments.tracks, "results": results}))
        return
    columns = ("named", "costs most", "alone", "first two", "where 10", "places lost", "n")
    print("| setting | " + " | ".join(columns) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for name, found in results.items():
        cells = (f"{found[c]:.4g}" if c in found else "" for c in columns)
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
