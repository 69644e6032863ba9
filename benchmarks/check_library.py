"""Index a labelled library and compare what the store then holds: `check_library.py LIBRARY LABELS [--store DIR]`.

LABELS is a CSV with the columns path, artist, title, tagged, embedded_cover, folder_cover and lyrics, the last four 0
or 1. Artists may be one name, or several that the store holds one by one. Everything is read back from SQLite. Prints
Markdown with the files that are wanting below it, and exits 1 when there are any.
"""

import argparse
import csv
import os
import re
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from indexer.fold import fold
from indexer.pipeline import index
from indexer.progress import Counts
from indexer.storing.version import DATABASE

JOINTS = re.compile(r"\s*(?:;|,|&| feat\.? | ft\.? | and )\s*", re.IGNORECASE)
"""What may stand between the names of one label."""

Row = dict[str, str]
Held = dict[str, str | int | None]
"""A track as the store holds it; `names` are its artists, folded, with a line feed after each."""


def read_store(library: Path) -> dict[str, Held]:
    """Return every track by its path below its root."""
    with sqlite3.connect(library / DATABASE) as connection:
        connection.row_factory = sqlite3.Row
        tracks = connection.execute(
            "SELECT t.path, t.title, t.artist, t.cover_source, t.cover_hash, l.text AS lyrics, "
            "(SELECT group_concat(c.folded, char(10)) FROM credits c "
            "WHERE c.track_id = t.id AND c.role IN ('artist', 'featured')) AS names FROM tracks t "
            "LEFT JOIN lyrics l ON l.hash = t.lyrics_hash WHERE t.missing_since IS NULL"
        )
        return {os.fsdecode(row["path"]): {key: row[key] for key in row.keys()[1:]} for row in tracks}


def is_credited(held: Held, label: str) -> bool:
    """Tell whether the label is an artist of the track, or its parts all are."""
    names = str(held["names"] or "").split("\n")
    parts = [fold(part) for part in JOINTS.split(label) if part]
    return fold(label) in (fold(str(held["artist"])), *names) or all(part in names for part in parts)


def checks(row: Row, held: Held) -> Iterator[tuple[str, bool]]:
    """Yield each thing that the label promises, and whether the store has it."""
    if row["tagged"] == "1":
        yield "artist of a tagged file", is_credited(held, row["artist"])
        yield "title of a tagged file", fold(str(held["title"])) == fold(row["title"])
    if row["embedded_cover"] == "1":
        yield "embedded cover", held["cover_hash"] is not None and held["cover_source"] == "embedded"
    if row["folder_cover"] == "1":
        yield "folder cover", held["cover_hash"] is not None
    if row["lyrics"] == "1":
        yield "lyrics", bool(held["lyrics"])


def compare(rows: list[Row], store: dict[str, Held]) -> tuple[dict[str, list[int]], list[str]]:
    """Return [found, promised] by name, and a line for each thing that is not there."""
    figures: dict[str, list[int]] = {}
    wanting: list[str] = []
    for row in rows:
        held = store.get(row["path"])
        for name, found in [("file", held is not None), *(checks(row, held) if held else ())]:
            figure = figures.setdefault(name, [0, 0])
            figure[0] += found
            figure[1] += 1
            if not found:
                wanting.append(f"{row['path']}: {name}: {row['artist']} - {row['title']}; the store: {held}")
    return figures, wanting


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", type=Path, help="the music folder")
    parser.add_argument("labels", type=Path, help="a CSV with one row per file")
    parser.add_argument("--store", type=Path, help="index into this folder, or use what is there (default: a new one)")
    wanted = parser.parse_args()
    with wanted.labels.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    with tempfile.TemporaryDirectory() as temporary:
        library = wanted.store or Path(temporary)
        counts = Counts()
        for _ in index(library, [wanted.library], counts=counts):
            pass
        store = read_store(library)
    figures, wanting = compare(rows, store)
    print(f"{counts.seen} seen, {counts.failed} failed, {counts.seconds:.1f} s\n")
    print("| in the store | found | of |\n|---|---|---|")
    for name, (found, promised) in figures.items():
        print(f"| {name} | {found} | {promised} |")
    print("\n".join(["", *wanting]))
    sys.exit(1 if wanting else 0)


if __name__ == "__main__":
    main()
