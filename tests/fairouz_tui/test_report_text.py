"""The report on a library as lines: all figures are there, names are made safe, gaps are dashes."""

from pathlib import Path
from typing import Any

import numpy as np

from fairouz_tui.report_text import number, report_lines, table
from indexer.report.library import library_report
from models.modality import Modality
from tests.indexer.report.shelf import clusters, fill, songs
from tests.indexer.rows import artist_vectors, song


def made(library: Path, artists: list[object]) -> dict[str, Any]:
    x = artist_vectors(np.arange(len(artists)) % 9, seed=0)
    with fill(library, songs(artists), x) as store:
        return library_report(store).to_json()


def test_every_part_and_every_way_of_comparing_is_there(tmp_path: Path) -> None:
    report = made(tmp_path, [i % 9 for i in range(45)])
    lines = list(report_lines(report))
    text = "\n".join(lines)
    for part in ("Coverage", "Same artist by content alone", "Hubs", "Copies", "What to do"):
        assert part in lines
    assert "45 of 45 tracks with a fellow asked, 9 artists" in text
    for row in report["rows"]:
        (line,) = (one for one in lines if one.startswith(f"  {row['model']}  ") and one.endswith(_there(report)))
        assert number(row["mean"]) in line.split(), row
    for pair in report["cross_modal"]:
        assert any(f"{pair['a']} -> {pair['b']}" in line and f"{pair['recall10']:.3f}" in line for line in lines)
    for pair in report["agreement"]:
        assert any(f"{pair['a']} - {pair['b']} " in line for line in lines)
    assert lines[-1] == report["answer"]


def _there(report: dict[str, Any]) -> str:
    """Return the last cell of every line of the table: all ways can answer every query here."""
    (space,) = (way for way in report["retrieval"]["ways"] if way["model"] == "space")
    return f"{space['space_there']:.3f}"


def test_a_library_with_nothing_to_ask_has_its_lines(tmp_path: Path) -> None:
    text = "\n".join(report_lines(made(tmp_path, ["", ""])))
    assert "nothing to ask: no artist has two songs here" in text
    assert "too few tracks have two modalities" in text


def test_names_from_tags_cannot_move_the_cursor(tmp_path: Path) -> None:
    """A hub whose title rings the bell and turns the line."""
    x = {Modality.AUDIO: np.vstack([np.zeros((1, 24)), clusters(list(range(40)), seed=0, dimension=24)])}
    x = {m: v.astype(np.float32) + np.float32(0.001) for m, v in x.items()}
    tags = [song("evil\x1b[2J\u202e\ntitle\x07")] + [song(f"Song {i}") for i in range(40)]
    with fill(tmp_path, tags, x) as store:
        first = store.connection.execute("SELECT min(id) FROM tracks").fetchone()[0]
        with store.writing() as connection:
            connection.execute("INSERT INTO blocks VALUES (?, 1, '', 1, x'', 9.0)", (first,))
        lines = list(report_lines(library_report(store).to_json()))
    (hub,) = (line for line in lines if "in 40 lists" in line)
    assert "evil" in hub
    for line in lines:
        assert line.isprintable(), line


def test_table_lines_its_columns_up() -> None:
    assert list(table(["", "a"], [["long name", "1"], ["x", "22"]])) == [
        "            a",
        "long name   1",
        "x          22",
    ]
    assert (number(None), number(0.12345)) == ("-", "0.123")
