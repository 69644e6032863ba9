"""The commands that make, tend and picture a library: index, demo, roots, prune, stats, doctor, graph, map."""

import json
import os
from pathlib import Path

import networkx
import pytest

from models.modality import MODALITIES
from tests.fairouz_tui.shell import Shell


def test_map(shell: Shell, tmp_path: Path) -> None:
    chart = shell.json("map", "--how", "pca", "--of", "audio")
    assert (chart["of"], chart["how"], chart["outdated"], chart["file"]) == ("audio", "pca", False, None)
    sizes = [cluster["tracks"] for cluster in chart["clusters"]]
    assert sum(sizes) == len(chart["tracks"]) == shell.json("stats")["modalities"]["audio"]["present"]
    for track in chart["tracks"]:
        assert set(track) == {"id", "x", "y", "cluster"}
        assert max(abs(track["x"]), abs(track["y"])) <= 1
    drawn = shell.says("map", "--how", "pca", "--colour", "genre")
    assert "36 tracks by joint, pca" in drawn
    assert sum(0x2800 < ord(character) < 0x2900 for character in drawn) > 20
    page = tmp_path / "map.html"
    assert str(page) in shell.says("map", "--how", "pca", "-o", str(page))
    assert page.read_text().startswith("<!doctype html>")
    assert "none of joint, audio" in shell.fails(2, "map", "--of", "smell")
    assert "none of cluster" in shell.fails(2, "map", "--how", "pca", "--colour", "mood")


def test_stats(shell: Shell) -> None:
    stats = shell.json("stats")
    assert set(stats) >= {"tracks", "artists", "albums", "modalities", "errors", "space"}
    assert all(type(stats[name]) is int for name in ("tracks", "artists", "albums", "errors"))
    assert (stats["tracks"], stats["errors"]) == (36, 0)
    assert set(stats["modalities"]) == {m.value for m in MODALITIES}
    for modality in stats["modalities"].values():
        assert set(modality) == {"present", "encoder"}
        assert 0 < modality["present"] <= 36
        assert type(modality["encoder"]) is str
    assert type(stats["space"]) is str
    said = shell.says("stats", "--problems")
    assert "36 tracks" in said
    assert all(m.value in said for m in MODALITIES)


def test_roots(shell: Shell, indexed_demo: Path) -> None:
    [root] = shell.json("roots")["roots"]
    assert root["path"] == str(indexed_demo / "music")
    assert (root["tracks"], root["missing"]) == (36, 0)
    assert str(indexed_demo / "music") in shell.says("roots")


def test_graph(shell: Shell, tmp_path: Path) -> None:
    told = shell.json("graph", "-o", str(tmp_path / "music.json"))
    data = json.loads((tmp_path / "music.json").read_text())
    assert (len(data["nodes"]), len(data["links"])) == (told["nodes"], told["edges"])
    assert {"track", "artist", "album", "genre", "playlist"} == {node["kind"] for node in data["nodes"]}
    assert "nodes and" in shell.says("graph", "-o", str(tmp_path / "music.graphml"))
    graph = networkx.read_graphml(tmp_path / "music.graphml")
    assert graph.number_of_nodes() == told["nodes"]
    shell.fails(2, "graph", "-o", str(tmp_path / "music.txt"))


def test_doctor(shell: Shell) -> None:
    _, out, err = shell.run("doctor", "--json")
    told = json.loads(out)
    assert err == ""
    assert set(told) == {"ok", "checks"}
    assert told["ok"] is all(check["ok"] for check in told["checks"])
    assert {"python", "torch", "library", "mpv"} <= {check["name"] for check in told["checks"]}
    assert all(check["cure"] for check in told["checks"] if not check["ok"])


def test_index_counts_what_it_sees(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    counts = Shell(library, capsys).json("index")
    keys = {"seen", "new", "changed", "moved", "unchanged", "missing", "failed", "skipped", "seconds"}
    assert set(counts) >= keys
    assert (counts["seen"], counts["unchanged"], counts["new"], counts["failed"]) == (36, 36, 0, 0)
    assert counts["seen"] == sum(counts[name] for name in ("new", "changed", "moved", "unchanged", "failed"))


def test_demo_is_made_in_the_library_that_was_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shell = Shell(tmp_path / "demo", capsys)
    assert "36 demo tracks" in shell.says("demo", "--no-open")
    assert shell.json("stats")["tracks"] == 36
    assert shell.json("roots")["roots"][0]["path"] == str(tmp_path / "demo" / "music")


def test_prune_asks_first_and_forgets_only_what_is_gone(
    library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = Shell(library, capsys)
    assert "Nothing to prune" in shell.says("prune")
    _point_root_at(library, tmp_path / "elsewhere")
    assert shell.json("prune", "--yes") == {"pruned": 0}  # a folder that is not there may only be unmounted
    (tmp_path / "elsewhere").mkdir()
    assert "--yes" in shell.fails(1, "prune", "--json")
    assert shell.json("stats")["tracks"] == 36
    assert shell.json("prune", "--yes") == {"pruned": 36}
    assert shell.json("stats")["tracks"] == 0
    assert shell.json("search", "harbour song")["hits"] == []


def _point_root_at(library: Path, music: Path) -> None:
    from indexer.storing.store import Store

    with Store(library) as store, store.writing() as connection:
        connection.execute("UPDATE roots SET path = ?", (os.fsencode(music),))
