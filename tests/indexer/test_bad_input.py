"""A folder as the world has them, indexed whole: each bad file costs itself and one clear line, and the run goes on."""

import os
from pathlib import Path
from typing import Any

import pytest

from indexer.catalogue import Catalogue
from indexer.errors import IndexerError
from indexer.pipeline import index
from indexer.progress import Counts
from tests.indexer.bad_music import write_neighbours, write_sounds, write_tags


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Catalogue, Counts]:
    """Return the whole bad folder, indexed, and what the run counted."""
    home = tmp_path_factory.mktemp("world")
    music = home / "music"
    music.mkdir()
    write_sounds(music)
    write_tags(music)
    write_neighbours(music)
    counts = Counts()
    for _ in index(home / "library", [music], counts=counts, workers=2):
        pass
    return Catalogue(home / "library"), counts


def reasons(catalogue: Catalogue, name: str) -> list[str]:
    """Return what is said of the file of that name, in the order of the stages."""
    return [problem["reason"] for problem in catalogue.problems() if os.path.basename(problem["path"]) == name]


def card(catalogue: Catalogue, name: str) -> dict[str, Any]:
    root = catalogue.roots()[0]["path"]
    found = catalogue.find_path(os.path.join(root, name))
    assert found is not None, name
    return catalogue.card(found)


def modalities(catalogue: Catalogue, name: str) -> frozenset[str]:
    return catalogue.rows([card(catalogue, name)["id"]])[0].modalities


def test_the_run_ends_and_counts_every_file(world: tuple[Catalogue, Counts]) -> None:
    catalogue, counts = world
    assert counts.seen == counts.new + counts.failed
    assert counts.failed == len({p["path"] for p in catalogue.problems() if p["stage"] in ("read", "sound")}) == 8
    assert counts.seen == 26
    assert all("\n" not in note for note in counts.notes)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("zero.wav", "no sound in the file"),
        ("one sample.wav", "the sound is too short to describe"),
        ("noise.mp3", "not audio (damaged, or in a format that is not known here)"),
        ("program.flac", "not audio"),
        ("page.ogg", "not audio"),
        ("list.mp3", "not audio (damaged, or in a format that is not known here)"),
        ("empty.opus", "empty file"),
        ("many.wav", "no sound can be decoded (of a kind that is not known here)"),
    ],
)
def test_what_cannot_be_heard_gets_one_line(world: tuple[Catalogue, Counts], name: str, reason: str) -> None:
    (only,) = reasons(world[0], name)
    assert only.startswith(reason)


@pytest.mark.parametrize("name", ["silence.wav", "offset.wav", "all nan.wav"])
def test_silence_is_kept_and_named(world: tuple[Catalogue, Counts], name: str) -> None:
    assert reasons(world[0], name) == ["the sound is silence"]
    assert card(world[0], name)["attributes"] == []
    assert "audio" in modalities(world[0], name)


@pytest.mark.parametrize("name", ["nan.wav", "loud.wav", "eight.wav", "hours.flac", "folder.mp3/inside.mp3"])
def test_odd_sound_is_heard_without_a_word(world: tuple[Catalogue, Counts], name: str) -> None:
    assert reasons(world[0], os.path.basename(name)) == []
    assert "audio" in modalities(world[0], name)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("wide png.mp3", "embedded cover: over 179 megapixels"),
        ("wide jpeg.mp3", "embedded cover: over 179 megapixels"),
        ("cut.mp3", "embedded cover: cannot be decoded"),
        ("no picture.mp3", "embedded cover: not a picture"),
    ],
)
def test_a_bad_cover_costs_itself(world: tuple[Catalogue, Counts], name: str, reason: str) -> None:
    (only,) = reasons(world[0], name)
    assert only.startswith(reason)
    assert modalities(world[0], f"{name.partition('.')[0]}/{name}") == {"audio", "tags"}


def test_tags_are_cut_cleaned_and_guessed(world: tuple[Catalogue, Counts]) -> None:
    big = card(world[0], "big tag.mp3")
    assert (big["title"], len(big["credits"])) == ("Big", 1)
    assert 9_000 < len(big["comment"]) <= 10_000
    assert card(world[0], "controls.flac")["title"] == "[31mred [bold]x[/bold] gnp.exe"
    assert card(world[0], "controls.flac")["artist"] == "[link=file:///etc]me[/link]"
    assert card(world[0], "coded.mp3")["artist"] == "café"
    assert "\x1b" not in card(world[0], "words.mp3")["lyrics"]
    assert len(card(world[0], "words.mp3")["lyrics"]) <= 256 * 1024


def test_a_name_that_is_no_text_is_shown_in_one_line(world: tuple[Catalogue, Counts]) -> None:
    name = os.fsdecode(b"b\xe9 \x1b[1m\n\xff.ogg")
    assert card(world[0], name)["title"] == "bé [1m ÿ"
    assert "audio" in modalities(world[0], name)


def test_ten_thousand_lines_of_words_are_kept_as_far_as_allowed(world: tuple[Catalogue, Counts]) -> None:
    found = card(world[0], "long words.flac")
    assert found["lyrics"].startswith("line number 0\nline number 1\n")
    assert len(found["lyrics_times"]) == len(found["lyrics"].split("\n")) > 5_000


def test_playlists_say_what_is_not_there(world: tuple[Catalogue, Counts]) -> None:
    assert reasons(world[0], "broken.xspf")[0].startswith("broken playlist: ")
    assert reasons(world[0], "bomb.xspf") == ["broken playlist: it declares a document type"]
    (line,) = reasons(world[0], "list.m3u")
    assert line.endswith("files it names are not there")
    assert card(world[0], "long words.flac")["playlists"] == ["list"]


def test_what_is_no_file_is_passed_over_or_noted(world: tuple[Catalogue, Counts]) -> None:
    notes = "\n".join(world[1].notes)
    assert "dangling.mp3: no such file or directory" in notes
    assert "loop.mp3: too many levels of symbolic links" in notes
    assert ": file name too long" in notes
    for name in ("pipe.mp3", "socket.mp3"):
        assert name not in notes
        assert reasons(world[0], name) == []


def test_every_reason_is_one_plain_line(world: tuple[Catalogue, Counts]) -> None:
    for problem in world[0].problems():
        assert problem["reason"].isprintable(), problem
        assert len(problem["reason"]) < 120
        assert "0x" not in problem["reason"]
        assert str(Path(problem["path"]).parent) not in problem["reason"]


def test_a_second_run_reads_nothing_again(world: tuple[Catalogue, Counts]) -> None:
    catalogue, first = world
    again = Counts()
    stages = {progress.stage for progress in index(catalogue.library, counts=again, workers=2)}
    assert (again.seen, again.failed, again.new, again.changed) == (first.seen, first.failed, 0, 0)
    assert "listening" not in stages


def test_a_folder_that_is_not_there_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(IndexerError, match="is not a folder: give the folder that holds your music"):
        list(index(tmp_path / "library", [tmp_path / "nowhere"]))
    (tmp_path / "song.mp3").write_bytes(b"x")
    with pytest.raises(IndexerError, match="is not a folder"):
        list(index(tmp_path / "library", [tmp_path / "song.mp3"]))
    assert Catalogue(tmp_path / "library").roots() == []
