"""Measure how well words about the sound find tracks whose tags say nothing of it: nDCG@10 on forty judged queries.

    python benchmarks/words_to_sound.py MUSIC LABELS.csv [--json FILE] [--library DIR]

MUSIC is copied, genre and comment tags are taken out of the copy, and it is indexed. LABELS.csv has the columns `path`
and `style`; the judgements stand in words_to_sound.json. Beside ours: the same search without the description of the
sound, the words of the tags alone (bm25), and chance. `--library` keeps the indexed copy for the next time.
"""

import argparse
import csv
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import mutagen
import numpy as np

from indexer.explorer import Explorer
from indexer.exploring import search as searching
from indexer.pipeline import index

DEPTH = 10
HIDDEN = ("genre", "comment", "description", "style", "grouping", "desc", "gnre", "©gen", "©cmt", "©grp")
HIDDEN += ("TCON", "TIT1", "GRP1", "COMM", "TXXX")
"""How the names of tags on genre and style begin, in every format."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("music", type=Path)
    parser.add_argument("labels", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--library", type=Path)
    options = parser.parse_args()
    queries = json.loads(Path(__file__).with_suffix(".json").read_text())["queries"]
    with tempfile.TemporaryDirectory() as folder:
        home = options.library or Path(folder)
        library = home / "library"
        if not library.exists():
            hide_tags(options.music, home / "music")
            for _ in index(library, [home / "music"]):
                pass
        report = measured(Explorer(library), home / "music", styles(options.labels), queries)
    table(report)
    if options.json:
        options.json.write_text(json.dumps(report, indent=1))


def hide_tags(music: Path, copy: Path) -> None:
    """Copy the folder and take the words about genre and style out of the copy's tags."""
    shutil.copytree(music, copy)
    for path in copy.rglob("*"):
        media = mutagen.File(path) if path.is_file() else None
        if media is None or media.tags is None:
            continue
        for key in [key for key in media.tags.keys() if is_hidden(key)]:  # noqa: SIM118  no dict in every format
            del media.tags[key]
        media.save()


def is_hidden(key: str) -> bool:
    return key.startswith(HIDDEN) or key.lower().startswith(HIDDEN)


def styles(labels: Path) -> dict[str, str]:
    with labels.open(newline="", encoding="utf-8") as file:
        return {row["path"]: row["style"] for row in csv.DictReader(file)}


def measured(
    explorer: Explorer, music: Path, style_of: dict[str, str], queries: list[dict[str, Any]]
) -> dict[str, Any]:
    rows = explorer.catalogue.window(0, 100_000)
    styled = {row.id: style_of.get(str(Path(row.path).relative_to(music)), "") for row in rows}
    lines = []
    for query in queries:
        graded = {judged["style"]: judged["grade"] for judged in query["judged"]}
        grades = {i: graded.get(style, 0) for i, style in styled.items()}
        found = {name: ranking(explorer, query["query"]) for name, ranking in RANKINGS.items()}
        lines.append(
            {"query": query["query"]}
            | {name: ndcg(found[name], grades) for name in RANKINGS}
            | {"chance": chance(grades)}
        )
    names = [*RANKINGS, "chance"]
    return {
        "queries": lines,
        "mean": {name: float(np.mean([line[name] for line in lines])) for name in names},
        "paired standard error to ours": {
            name: float(np.std([line["ours"] - line[name] for line in lines], ddof=1) / len(lines) ** 0.5)
            for name in names
        },
    }


def ours(explorer: Explorer, text: str) -> list[int]:
    return [hit.track.id for hit in explorer.search(text, count=DEPTH).hits]


def without_sound(explorer: Explorer, text: str) -> list[int]:
    kept = searching.hear
    searching.hear = lambda session, text: None  # type: ignore[assignment]
    try:
        return ours(explorer, text)
    finally:
        searching.hear = kept


def bm25(explorer: Explorer, text: str) -> list[int]:
    return [hit.track.id for hit in explorer.catalogue.suggest(text, limit=DEPTH).hits]


RANKINGS = {"ours": ours, "without the sound": without_sound, "bm25": bm25}


def ndcg(found: list[int], grades: dict[int, int]) -> float:
    """Return nDCG@10 with gains 2^grade - 1 of a ranking that may be shorter."""
    gains = np.array([2 ** grades.get(i, 0) - 1 for i in found[:DEPTH]], float)
    best = np.sort([2**grade - 1 for grade in grades.values()])[::-1][:DEPTH]
    discount = 1 / np.log2(np.arange(2, DEPTH + 2))
    return float(gains @ discount[: len(gains)] / (best @ discount[: len(best)]))


def chance(grades: dict[int, int]) -> float:
    """Return the expected nDCG@10 of a random order."""
    gains = np.array([2**grade - 1 for grade in grades.values()], float)
    best = np.sort(gains)[::-1][:DEPTH]
    discount = 1 / np.log2(np.arange(2, DEPTH + 2))
    return float(gains.mean() * discount.sum() / (best @ discount[: len(best)]))


def table(report: dict[str, Any]) -> None:
    names = list(report["mean"])
    print("| query | " + " | ".join(names) + " |\n|---|" + "---:|" * len(names))
    for line in report["queries"]:
        print(f"| {line['query']} | " + " | ".join(f"{line[name]:.3f}" for name in names) + " |")
    print("| **mean** | " + " | ".join(f"**{report['mean'][name]:.3f}**" for name in names) + " |")
    errors = report["paired standard error to ours"]
    print("| paired standard error | " + " | ".join(f"{errors[name]:.3f}" for name in names) + " |")


if __name__ == "__main__":
    main()
