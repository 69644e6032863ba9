"""Time placing one track, all six vectors given, in the joint space: `embed_one.py [--space F] [--calls N] [--json]`.

Prints the median and the 95th percentile of `Space.blocks` for one row, in microseconds; F is the shipped checkpoint
when left out. Exits 1 when the median is a millisecond or more.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np

import models
from models.checkpoint import load_space
from models.joint.additive import Space
from models.modality import MODALITIES

LIMIT_MICROSECONDS = 1000.0
SHIPPED = Path(models.__file__).parent / "checkpoints" / "embedded.safetensors"


def microseconds(space: Space, *, calls: int) -> np.ndarray:
    """Time so many calls, each with other vectors, after ten that do not count: float64 [calls], rising."""
    random = np.random.default_rng(0)
    spent = []
    for _ in range(calls + 10):
        x = {m: random.standard_normal((1, len(head.mean)), dtype=np.float32) for m, head in space.heads.items()}
        started = time.perf_counter()
        space.blocks(x)
        spent.append(time.perf_counter() - started)
    return np.sort(np.array(spent[10:])) * 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--space", type=Path, default=SHIPPED)
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    space = load_space(arguments.space)
    spent = microseconds(space, calls=arguments.calls)
    found = {"median_us": float(np.median(spent)), "p95_us": float(np.percentile(spent, 95)), "calls": len(spent)}
    missing = [m.value for m in MODALITIES if m not in space.heads]
    if arguments.json:
        print(json.dumps({**found, "modalities": len(space.heads)}))
    else:
        lacking = f", without {', '.join(missing)}" if missing else ""
        print(
            f"one track, {len(space.heads)} modalities{lacking}: median {found['median_us']:.0f} µs, "
            f"95 % under {found['p95_us']:.0f} µs ({len(spent)} calls)"
        )
    return int(found["median_us"] >= LIMIT_MICROSECONDS)


if __name__ == "__main__":
    sys.exit(main())
