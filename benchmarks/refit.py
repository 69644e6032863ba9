"""Time what a new space costs a library: `refit.py [TRACKS ...]` (1000 10000 50000 when none are given).

Vectors are drawn with the widths of the encoders (audio 276, lyrics and tags 384, cover 364, graph 128, playlists 64),
all following 32 hidden numbers of the track; lyrics are present for half of the tracks, playlists for a third. Prints
seconds for the fit (GCCA beside shrunken PCA), a blend on top of it, the blocks, and the hub terms, as Markdown.
"""

import argparse
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from indexer.spaces.fits import Material, blend
from indexer.spaces.hubs import hub_terms
from models.joint.additive import Space
from models.joint.closed_form import fit_private_space
from models.modality import MODALITIES, Modality

WIDTHS = dict(zip(MODALITIES, (276, 384, 384, 364, 128, 64), strict=True))
SHARES = {Modality.LYRICS: 0.5, Modality.PLAYLISTS: 0.33}
HIDDEN = 32
ROWS_AT_ONCE = 4096


def draw(count: int) -> Material:
    generator = np.random.default_rng(count)
    hidden = generator.standard_normal((count, HIDDEN), dtype=np.float32)
    x = {}
    for m, width in WIDTHS.items():
        noise = generator.standard_normal((count, width), dtype=np.float32)
        x[m] = hidden @ generator.standard_normal((HIDDEN, width), dtype=np.float32) + 3 * noise
    present = np.column_stack([generator.random(count) < SHARES.get(m, 1.0) for m in MODALITIES])
    encoders = {m: f"{m.value}@1" for m in MODALITIES}
    some = np.arange(min(count, 500))
    base = fit_private_space({m: rows[some] for m, rows in x.items()}, present[some], encoders=encoders)
    return Material(x, present, encoders, base)


def blocks_of(space: Space, material: Material) -> tuple[NDArray[np.float16], NDArray[np.bool_]]:
    starts = range(0, len(material.present), ROWS_AT_ONCE)
    parts = [
        space.blocks(
            {m: x[i : i + ROWS_AT_ONCE] for m, x in material.x.items()}, material.present[i : i + ROWS_AT_ONCE]
        )
        for i in starts
    ]
    return np.vstack([blocks for blocks, _ in parts]), np.vstack([mask for _, mask in parts])


@contextmanager
def timed(seconds: list[float]) -> Iterator[None]:
    started = time.perf_counter()
    yield
    seconds.append(time.perf_counter() - started)


def measured(material: Material) -> list[float]:
    """Return seconds for fit, blend, blocks and hub terms."""
    seconds: list[float] = []
    with timed(seconds):
        space = material.refit
    with timed(seconds):
        blend(material)
    with timed(seconds):
        blocks, masks = blocks_of(space, material)
    with timed(seconds):
        hub_terms(space, len(blocks), lambda rows: (blocks[rows], masks[rows]))
    return seconds


def main() -> None:
    """Print one row a size."""
    parser = argparse.ArgumentParser(description="Time the fit, the blocks and the hub terms of a library's space.")
    parser.add_argument("tracks", type=int, nargs="*", default=[1_000, 10_000, 50_000])
    sizes = parser.parse_args().tracks
    measured(draw(200))  # loads and warms what the first fit would
    threads = os.environ.get("OMP_NUM_THREADS", "all")
    print(
        f"{os.cpu_count()} cores, {threads} threads\n\n| tracks | fit | blend | blocks | hubs |\n|---|---|---|---|---|"
    )
    for count in sizes:
        print(f"| {count} | {' | '.join(f'{s:.2f}' for s in measured(draw(count)))} |", flush=True)


if __name__ == "__main__":
    main()
