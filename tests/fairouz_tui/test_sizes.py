"""Libraries of hardly anything, wholly untagged, or full of hostile tags: every command answers, nothing gets out."""

import json
import re
from pathlib import Path

import mutagen
import pytest

from fairouz_tui import cli
from indexer.pipeline import index
from tests.indexer.reading.audio_files import make_audio

CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def run(capsys: pytest.CaptureFixture[str], library: Path, *arguments: str, code: int = 0) -> str:
    """Run a command and return what it prints, or its one line of error."""
    capsys.readouterr()
    found = cli.run([*arguments, "--library", str(library)])
    out, err = capsys.readouterr()
    assert found == code, err
    assert (err == "") is (code == 0)
    assert err.count("\n") == bool(code)
    return out if code == 0 else err


@pytest.fixture(scope="module")
def untagged(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Index libraries of files without any tag, in one folder that says nothing."""
    libraries = {}
    for count in (0, 1, 2, 12):
        folder = tmp_path_factory.mktemp(f"of{count}")
        (folder / "music").mkdir()
        for number in range(count):
            make_audio(folder / "music" / f"{number:04}.wav", seconds=1.0 + number / 10, seed=number)
        for _ in index(folder / "library", [folder / "music"], workers=1):
            pass
        libraries[count] = folder / "library"
    return libraries


@pytest.mark.parametrize("count", [0, 1, 2, 12])
def test_every_command_answers(
    untagged: dict[int, Path], capsys: pytest.CaptureFixture[str], count: int, tmp_path: Path
) -> None:
    library = untagged[count]
    stats = json.loads(run(capsys, library, "stats", "--json"))
    assert stats["tracks"] == count
    assert (stats["artists"], stats["albums"]) == (0, 0)
    for query in ("0001", "slow piano", "year:1990", "-has:cover", "x artist:y", "夜"):
        answer = json.loads(run(capsys, library, "search", query, "--json"))
        assert len(answer["hits"]) <= count
        assert all(hit["percentile"] is None for hit in answer["hits"])
        run(capsys, library, "search", query)
    assert len(json.loads(run(capsys, library, "search", "-has:cover", "--json"))["hits"]) == count
    run(capsys, library, "roots")
    run(capsys, library, "prune")
    run(capsys, library, "graph", "-o", str(tmp_path / "graph.graphml"))
    assert "audio" in run(capsys, library, "stats")


@pytest.mark.parametrize("count", [1, 2, 12])
def test_tracks_are_compared_as_far_as_there_are_any(
    untagged: dict[int, Path], capsys: pytest.CaptureFixture[str], count: int, tmp_path: Path
) -> None:
    library = untagged[count]
    answer = json.loads(run(capsys, library, "similar", "1", "--json"))
    assert len(answer["hits"]) == count - 1
    assert all(hit["percentile"] is None for hit in answer["hits"])
    assert ("too few tracks" in answer["note"]) is (count > 1)
    said = run(capsys, library, "similar", "1")
    assert ("too few tracks" if count > 1 else "no other track") in said
    assert len(json.loads(run(capsys, library, "similar", "1", "--modality", "audio", "--json"))["hits"]) == count - 1
    assert json.loads(run(capsys, library, "explain", "1", str(count), "--json"))["b"]["id"] == count
    run(capsys, library, "explain", "1", str(count))
    file = tmp_path / "all.m3u8"
    made = json.loads(run(capsys, library, "playlist", "--seed", "1", "-n", "20", "-o", str(file), "--json"))
    assert len(made["tracks"]) == count
    assert file.read_text().count(".wav") == count


def test_nothing_to_ask_about_says_so(untagged: dict[int, Path], capsys: pytest.CaptureFixture[str]) -> None:
    library = untagged[0]
    assert "Nothing found" in run(capsys, library, "search", "anything")
    for command in (("similar", "1"), ("explain", "1", "2"), ("playlist", "--seed", "1")):
        assert "no track has the id 1" in run(capsys, library, *command, code=1)


@pytest.mark.parametrize("count", [1, 2, 12])
def test_refit_is_not_tried_and_stats_say_so(
    untagged: dict[int, Path], capsys: pytest.CaptureFixture[str], count: int
) -> None:
    stats = json.loads(run(capsys, untagged[count], "stats", "--json"))
    assert stats["space"].startswith("embedded")
    assert "too few tracks for a fit" in stats["space_report"]["note"]
    assert "too few tracks for a fit" in run(capsys, untagged[count], "stats")


HOSTILE = {
    "title": "\x1b[31mRed\x1b[0m [bold]bold[/bold]\x07\x9b2J\r\nsecond line\ttab",
    "artist": "\u202egnp.exe\u202c \u2066isolated\u2069",
    "album": "x" * 10_000,
    "genre": "[link=file:///etc/passwd]click[/link]",
    "lyrics": "\x1b]0;owned\x07 oh\nline two \x1b[2J" + "long " * 3000,
}


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "music").mkdir()
    for number in range(3):
        name = f"{number}\x1b[31m\u202e.flac" if number else "plain.flac"
        file = mutagen.File(make_audio(folder / "music" / name, seed=number))
        file.update({key: [f"{value} {number}"] for key, value in HOSTILE.items()})
        file.save()
    (folder / "music" / "bad\x1b[31m\n.flac").write_bytes(b"no sound")
    for _ in index(folder / "library", [folder / "music"], workers=1):
        pass
    return folder / "library"


@pytest.mark.parametrize(
    "arguments",
    [("search", "red"), ("search", "album:xxx"), ("similar", "1"), ("similar", "1", "--modality", "audio"),
     ("explain", "1", "2"), ("playlist", "--seed", "1"), ("stats", "--problems"), ("roots",)],
    ids=" ".join,
)  # fmt: skip
def test_hostile_tags_reach_the_terminal_as_plain_short_lines(
    hostile: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    said = run(capsys, hostile, *arguments)
    assert said
    assert CONTROLS.findall(said) == []
    assert all(len(line) < 300 for line in said.splitlines())
    if arguments[0] in ("search", "similar", "playlist"):
        assert "[bold]bold[/bold]" in said  # shown as it stands, not obeyed
        rows = [line for line in said.splitlines() if re.match(r" {3,}\d+ ", line)]
        assert 2 <= len(rows) <= 3


def test_hostile_names_in_errors_are_one_plain_line(
    hostile: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    several = run(capsys, hostile, "similar", "gnp exe", code=1)
    assert "several tracks match" in several
    (tmp_path / "e\x1b[31m\nvil.mp3").write_text("no sound")
    unread = run(capsys, hostile, "similar", str(tmp_path / "e\x1b[31m\nvil.mp3"), code=1)
    for said in (several, unread):
        assert CONTROLS.findall(said) == []


def test_json_is_ascii_and_keeps_what_tables_hide(hostile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, hostile, "search", "red", "--json")
    assert out.isascii()
    hits = json.loads(out)["hits"]
    assert len(hits) == 3
    assert all(Path(hit["path"]).is_file() for hit in hits)
    assert any("\x1b" in hit["path"] for hit in hits)


def test_undecodable_names_travel_as_surrogates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import os

    (tmp_path / "music").mkdir()
    made = make_audio(tmp_path / "a.mp3")
    name = os.path.join(os.fsencode(tmp_path), b"music", b"caf\xe9 \xff.mp3")
    os.rename(made, name)
    for _ in index(tmp_path / "library", [tmp_path / "music"], workers=1):
        pass
    [hit] = json.loads(run(capsys, tmp_path / "library", "search", "café", "--json"))["hits"]
    assert os.fsencode(hit["path"]) == name
    assert json.loads(run(capsys, tmp_path / "library", "similar", hit["path"], "--json"))["hits"] == []
    run(capsys, tmp_path / "library", "similar", os.fsdecode(name))
    said = run(capsys, tmp_path / "library", "search", os.fsdecode(b"title:caf\xe9"))
    assert "Nothing found" in said
