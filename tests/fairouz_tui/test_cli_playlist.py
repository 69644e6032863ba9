"""`playlist`, `mix` and `path` at the shell: the tracks, the files they are written to, the lengths they take."""

import os
from collections import Counter
from pathlib import Path

import pytest

from fairouz_tui.commands.options import seconds
from indexer.reading.playlist_files import read_playlist
from tests.fairouz_tui.shell import Shell, check_hits


def test_playlist(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "evening.m3u8"
    made = shell.json("playlist", "--seed", "1", "--seed", "salt wind", "-n", "9", "-o", str(file), "--first")
    assert set(made) == {"tracks", "audit", "file"}
    check_hits(made["tracks"])
    assert made["tracks"][0]["id"] == 1
    assert made["tracks"][1]["title"] == "Salt Wind"
    assert made["tracks"][0]["score"] is None
    assert all(type(track["score"]) is float for track in made["tracks"][1:])
    assert made["audit"]
    assert all(type(line) is str for line in made["audit"])
    assert made["file"] == str(file)
    assert [os.fsdecode(e) for e in read_playlist(str(file)).entries if isinstance(e, bytes)] == [
        track["path"] for track in made["tracks"]
    ]
    again = shell.json("playlist", "--seed", "1", "--seed", "salt wind", "-n", "9", "--first")
    assert (again["tracks"], again["file"]) == (made["tracks"], None)


def test_mix(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "mixed.pls"
    mixed = shell.json("mix", "1", "--plus", "salt wind", "--minus", "12", "-n", "6", "-o", str(file), "--first")
    check_hits(mixed["hits"])
    assert len(mixed["hits"]) == 6
    assert mixed["file"] == str(file)
    assert len(read_playlist(str(file)).entries) == 6
    assert not {1, 12} & {hit["id"] for hit in mixed["hits"]}
    assert " - " in shell.says("mix", "1", "--minus", "12").splitlines()[0]
    capped = shell.json("mix", "1", "--plus", "30", "-n", "35")["hits"]
    assert max(Counter(hit["artist"] for hit in capped).values()) == 3
    assert max(Counter(hit["album"] for hit in capped).values()) == 2
    every = ("--per-artist", "0", "--per-album", "0", "--all-versions")
    assert len(shell.json("mix", "1", "--plus", "30", "-n", "35", *every)["hits"]) == 34
    assert "left out: at most 1 of an artist" in shell.says("mix", "1", "--plus", "30", "-n", "35", "--per-artist", "1")
    assert "on one side only" in shell.fails(1, "mix", "1", "--minus", "1")


def test_path(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "bridge.m3u8"
    led = shell.json("path", "1", "salt wind", "-n", "6", "-o", str(file), "--first")
    check_hits(led["hits"])
    assert [hit["score"] is None for hit in led["hits"]] == [True] + (len(led["hits"]) - 1) * [False]
    assert 2 <= len(led["hits"]) <= 6
    assert (led["hits"][0]["id"], led["hits"][-1]["title"], led["file"]) == (1, "Salt Wind", str(file))
    assert [os.fsdecode(e) for e in read_playlist(str(file)).entries if isinstance(e, bytes)] == [
        hit["path"] for hit in led["hits"]
    ]
    assert "the widest step leads to " in shell.says("path", "1", "12", "-n", "3")
    assert "at least two tracks" in shell.fails(2, "path", "1")
    assert "2 is less than the 3 tracks" in shell.fails(2, "path", "1", "2", "3", "-n", "2")


def test_playlist_by_length_and_varied(shell: Shell) -> None:
    made = shell.json("playlist", "--seed", "1", "--length", "1m")
    assert len(made["tracks"]) == 4  # 4 x 12 s and a little of padding are under a minute, 5 are not
    lists = {tuple(t["id"] for t in shell.json("playlist", "--seed", "1", "--vary", v)["tracks"]) for v in "0123"}
    assert len(lists) > 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("60m", 3600),
        ("1h30m", 5400),
        ("45:00", 2700),
        ("1:00:01", 3601),
        ("90s", 90),
        ("1h5s", 3605),
        ("1h30", 5400),
        ("5", 300),
    ],
)
def test_lengths(text: str, expected: int) -> None:
    assert seconds(text) == expected
