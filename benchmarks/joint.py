"""Print the table of joint models on the Fairouz data: our recipes, the paper's model trained anew, and the baselines.

    python benchmarks/joint.py DATA [--seeds 3] [--paper-model] [--json FILE]

DATA is the published folder; docs/evaluation.md says what is asked. Means over five folds, then over the seeds.
--paper-model also trains the paper's network anew on every fold, which takes hours on two cores.
"""

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from models.evaluation.evaluate import ARTIST_FOLDS, PAPER, WITHOUT_GRAPH, Request, evaluate
from models.evaluation.rows import Row

if TYPE_CHECKING:
    from collections.abc import Generator

T = TypeVar("T")
RECIPES = {PAPER: ("neighbourhood", "hybrid"), ARTIST_FOLDS: ("hybrid", "gcca", "pca", "contrastive")}
PAPER_MODEL = "binding"
MAIN = ("artist nDCG@10", "other album nDCG@10", "genre nDCG@10", "genre kNN", "cross-modal R@10")
COLUMNS = {
    "paper protocol": [f"P@{k}" for k in (10, 15, 20, 25)],
    "paper protocol, unseen queries": [f"unseen P@{k}" for k in (10, 15, 20, 25)],
    "artist folds without graph": [f"{WITHOUT_GRAPH}{metric}" for metric in MAIN],
    "artist folds with graph (it holds the answers)": list(MAIN),
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Print the table of joint models as Markdown.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="also write all rows as JSON")
    parser.add_argument("--paper-model", action="store_true", help="train the paper's network anew, too")
    arguments = parser.parse_args()
    started = time.monotonic()
    rows: list[Row] = []
    for protocol, recipes in RECIPES.items():
        names = (*recipes, PAPER_MODEL) if arguments.paper_model else recipes
        rows += finished(evaluate(Request(arguments.data, protocol, names, seeds=arguments.seeds))).rows
    for title, metrics in COLUMNS.items():
        print_table(title, metrics, rows)
    print(f"\n{arguments.seeds} seeds, {time.monotonic() - started:.0f} s")
    if arguments.json:
        arguments.json.write_text(json.dumps([row.to_json() for row in rows], indent=1))


def finished(run: "Generator[object, None, T]") -> T:
    """Run to the end and return the value."""
    while True:
        try:
            next(run)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]


def print_table(title: str, metrics: list[str], rows: list[Row]) -> None:
    """Print one table."""
    cells = {(row.model, row.metric): row for row in rows}
    print(f"\n| {title} | {' | '.join(metric.split(': ')[-1].removeprefix('unseen ') for metric in metrics)} |")
    print("|---" * (len(metrics) + 1) + "|")
    for model in dict.fromkeys(row.model for row in rows if row.metric in metrics):
        found = [cells.get((model, metric)) for metric in metrics]
        print(f"| {model} | {' | '.join(f'{row.mean:.3f} ± {row.sd:.3f}' if row else '-' for row in found)} |")


if __name__ == "__main__":
    main()
