"""Ask whether all modalities together beat the best one alone: `modalities.py LIBRARY LABELS`.

LIBRARY is a folder that `fairouz-tui index --library LIBRARY` filled from the labelled music, LABELS its labels.csv.
Leave one out, precision at 1, by the answers that `similar` gives; graph and playlists, which hold the answers, are
turned down. "artist": the tracks whose artist (OpenMSX renderings left out) has another track, among each other;
"piece": the two renderings of one MIDI file, among all tracks. Prints Markdown, then JSON.
"""

import argparse
import csv
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from indexer.explorer import Explorer

LEFT_OUT = "OpenMSX"
"""Two renderings of each piece by a program: one "artist" would be found by its piece."""
ALONE = ("audio", "lyrics", "tags", "cover")
CONTENT = {"graph": 0.0, "playlists": 0.0}

Ranking = Callable[[int], list[int]]
"""Track id to the ids of the others, best first."""


def rankings(explorer: Explorer, count: int) -> dict[str, Ranking]:
    def alone(modality: str) -> Ranking:
        return lambda track: [h.track.id for h in explorer.similar(track, count=count, modality=modality).hits]

    def together(hub: bool) -> Ranking:
        return lambda track: [h.track.id for h in explorer.similar(track, count=count, faders=CONTENT, hub=hub).hits]

    found = {f"{name} alone": alone(name) for name in ALONE}
    return found | {"all four": together(hub=True), "all four, without the hub term": together(hub=False)}


def hits_at_1(ranking: Ranking, queries: list[int], gallery: set[int], label: dict[int, str]) -> int:
    hits = 0
    for query in queries:
        try:
            best = next((track for track in ranking(query) if track in gallery), None)
        except Exception as error:  # a track without the modality cannot be asked for by it
            if "has no" not in str(error):
                raise
            best = None
        hits += best is not None and label[best] == label[query]
    return hits


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", type=Path)
    parser.add_argument("labels", type=Path)
    arguments = parser.parse_args()
    with arguments.labels.open(encoding="utf-8", newline="") as lines:
        rows = {row["path"]: row for row in csv.DictReader(lines)}
    explorer = Explorer(arguments.library)
    paths = {
        row["id"]: row["path"]
        for row in explorer.catalogue.connection.execute(
            "SELECT id, CAST(path AS TEXT) AS path FROM tracks WHERE missing_since IS NULL"
        )
    }
    artist = {track: rows[path]["artist"] for track, path in paths.items()}
    piece = {track: rows[path]["note"] for track, path in paths.items()}
    count = Counter(artist.values())
    by_artist = [track for track, name in artist.items() if name and LEFT_OUT not in name and count[name] > 1]
    by_piece = [track for track, note in piece.items() if note.startswith("piece:")]
    results = {
        name: {
            "artist": hits_at_1(ranking, by_artist, set(by_artist), artist),
            "piece": hits_at_1(ranking, by_piece, set(paths), piece),
        }
        for name, ranking in rankings(explorer, len(paths)).items()
    }
    print(f"| ranked by | same artist (of {len(by_artist)}) | same piece (of {len(by_piece)}) | together |")
    print("|---|---|---|---|")
    for name, figures in results.items():
        print(f"| {name} | {figures['artist']} | {figures['piece']} | {sum(figures.values())} |")
    print(json.dumps({"tracks": len(paths), "artist": len(by_artist), "piece": len(by_piece), "hits": results}))


if __name__ == "__main__":
    main()
