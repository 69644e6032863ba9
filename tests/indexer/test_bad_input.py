"""A folder as the world has them, indexed whole: each bad file costs itself and one clear line, and the run goes on."""

import os
import socket
import struct
import tempfile
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mutagen.flac import FLAC
from mutagen.id3 import APIC, COMM, ID3, TIT2, TPE1, USLT, Encoding
from numpy.typing import NDArray

from indexer.catalogue import Catalogue
from indexer.errors import IndexerError, ReadError
from indexer.pipeline import index
from indexer.progress import Counts
from indexer.reading.audio import analyse, read_excerpts
from indexer.reading.file import read_file
from indexer.reading.walk import walk
from tests.indexer.reading.audio_files import make_audio, picture

RATE = 44_100
PAST_ANY_PATH = 20
"""Folders of 250 characters, one in the other: 5,000 characters, more than a system call takes."""


def make_wave(path: Path, samples: NDArray[Any], *, rate: int = RATE) -> Path:
    """Write samples [shape=(n, channels)], int16 or float32, as a plain WAV file."""
    frames, channels = samples.shape
    kind, width = (3, 4) if samples.dtype == np.float32 else (1, 2)
    body = samples.tobytes()
    shape = struct.pack("<HHIIHH", kind, channels, rate, rate * channels * width, channels * width, 8 * width)
    head = b"RIFF" + struct.pack("<I", 36 + len(body)) + b"WAVEfmt " + struct.pack("<I", 16) + shape
    path.write_bytes(head + b"data" + struct.pack("<I", len(body)) + body)
    assert frames * channels * width == len(body)
    return path


def tone(seconds: float, *, rate: int = RATE, channels: int = 1) -> NDArray[np.float32]:
    wave = 0.3 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * rate)) / rate)
    return np.tile(wave.astype(np.float32)[:, None], (1, channels))


def make_tags(path: Path, *frames: Any) -> None:
    tags = ID3()
    for frame in frames:
        tags.add(frame)
    tags.save(path)


def wide_png(side: int) -> bytes:
    """Encode a whole black picture of one bit a pixel: few bytes on disk, side * side / 8 in memory."""
    deflate = zlib.compressobj()
    row = bytes(1 + side // 8)
    rows = b"".join(deflate.compress(row * 100) for _ in range(side // 100)) + deflate.flush()
    chunks = {b"IHDR": struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0), b"IDAT": rows, b"IEND": b""}
    parts = (struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in chunks.items())
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def wide_jpeg(side: int) -> bytes:
    """Make a JPEG whose header says side x side."""
    data = bytearray(picture())
    at = data.index(b"\xff\xc0") + 5  # start of frame: marker, length, precision, height, width
    data[at : at + 4] = struct.pack(">HH", side, side)
    return bytes(data)


def promise_hours(path: Path, hours: int) -> None:
    """Set the sample count in a FLAC's header (36 bits at byte 21) to so many hours."""
    data = bytearray(path.read_bytes())
    word = int.from_bytes(data[18:26]) & ~((1 << 36) - 1)
    data[18:26] = (word | hours * 3600 * 48_000).to_bytes(8)
    path.write_bytes(data)


def write_sounds(folder: Path) -> None:
    """Write sound that is odd and no tags."""
    make_wave(folder / "zero.wav", np.zeros((0, 1), np.int16))
    make_wave(folder / "one sample.wav", np.full((1, 1), 9000, np.int16))
    make_wave(folder / "silence.wav", np.zeros((2 * RATE, 2), np.int16))
    make_wave(folder / "offset.wav", np.full((2 * RATE, 1), 9000, np.int16))
    sound = tone(2)
    sound[9000:9100] = np.nan
    make_wave(folder / "nan.wav", sound)
    make_wave(folder / "all nan.wav", np.full((2 * RATE, 1), np.nan, np.float32))
    make_wave(folder / "loud.wav", tone(2) * np.float32(1e30))
    make_wave(folder / "eight.wav", tone(1, rate=192_000, channels=8), rate=192_000)
    make_wave(folder / "many.wav", tone(1, rate=8_000, channels=40), rate=8_000)
    promise_hours(make_audio(folder / "hours.flac", seconds=3.0, seed=5), 12)
    (folder / "noise.mp3").write_bytes(bytes(50_000))
    (folder / "program.flac").write_bytes(b"#!/bin/sh\nexit 1\n" * 40)
    (folder / "page.ogg").write_bytes(b"<html><body>404 not found</body></html>" * 9)
    (folder / "list.mp3").write_bytes(b"#EXTM3U\nhttp://127.0.0.1:9/a.mp3\n")
    (folder / "empty.opus").write_bytes(b"")
    (folder / "folder.mp3").mkdir()
    make_audio(folder / "folder.mp3" / "inside.mp3", seconds=1.0, seed=6)


def write_tags(folder: Path) -> None:
    """Write sound that is well, with tags and covers that are not."""
    big = make_audio(folder / "big tag.mp3", seed=10)
    make_tags(big, TIT2(3, ["Big"]), TPE1(3, ["A"] * 200_000), COMM(3, "eng", "", ["word " * 2_000_000]))
    coded = "Земфира".encode("cp1251").decode("latin-1")
    make_tags(make_audio(folder / "coded.mp3", seed=11), TIT2(Encoding.LATIN1, [coded]), TPE1(0, ["caf\xe9"]))
    title = "\x1b[31mred\x07\x00 [bold]x[/bold] \u202egnp.exe\r\n\ud800"
    controls = make_audio(folder / "controls.flac", seed=12)
    media = FLAC(controls)
    media["title"], media["artist"] = title.replace("\ud800", "").replace("\x00", ""), "[link=file:///etc]me[/link]"
    media.save()
    words = make_audio(folder / "words.mp3", seed=13)
    make_tags(words, USLT(3, "eng", "", "la\x1b[2Jla\n" * 100_000))
    os.rename(make_audio(folder / "x.ogg", seed=14), os.path.join(os.fsencode(folder), b"b\xe9 \x1b[1m\n\xff.ogg"))
    for name, data in (
        ("wide png.mp3", wide_png(30_000)),
        ("wide jpeg.mp3", wide_jpeg(30_000)),
        ("cut.mp3", picture(width=900, height=900)[:3000]),
        ("no picture.mp3", b"nothing of the kind"),
    ):
        album = folder / name.partition(".")[0]  # of its own, so that no folder's cover serves instead
        album.mkdir()
        make_tags(make_audio(album / name, seed=15), APIC(3, "image/jpeg", 3, "", data))


def write_neighbours(folder: Path) -> None:
    """Write what lies between the sound: words, lists, things that are no files."""
    make_audio(folder / "long words.flac", seed=20)
    lines = [f"[{i // 60:02}:{i % 60:02}.00]line number {i}" for i in range(10_000)]
    (folder / "long words.lrc").write_text("\n".join(lines))
    entries = [
        "long words.flac",
        "gone.mp3",
        "http://example.org/a.mp3",
        "list.m3u",
        "../../../etc/passwd",
        "\0",
        "x" * 9,
    ]
    (folder / "list.m3u").write_text("\n".join(entries))
    (folder / "broken.xspf").write_text("<playlist><trackList><track>")
    (folder / "bomb.xspf").write_text('<!DOCTYPE x [<!ENTITY a "aaaa">]><playlist><title>&a;</title></playlist>')
    (folder / "dangling.mp3").symlink_to(folder / "nowhere")
    (folder / "loop.mp3").symlink_to(folder / "loop.mp3")
    os.mkfifo(folder / "pipe.mp3")
    with socket.socket(socket.AF_UNIX) as listener:
        here = os.getcwd()
        os.chdir(folder)  # a socket's path may hold 108 bytes
        listener.bind("socket.mp3")
        os.chdir(here)
    handle = os.open(folder, os.O_RDONLY)
    for _ in range(PAST_ANY_PATH):
        os.mkdir("d" * 250, dir_fd=handle)
        handle, parent = os.open("d" * 250, os.O_RDONLY, dir_fd=handle), handle
        os.close(parent)
    os.close(handle)


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


@contextmanager
def nobody() -> Iterator[None]:
    """Give up the rights that pass by every permission, where this process has them."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def public() -> Iterator[Path]:
    """Return a folder that everybody may enter, which pytest's own are not."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


def test_what_may_not_be_read_is_said_and_the_walk_goes_on(public: Path) -> None:
    closed, inner = make_audio(public / "closed.mp3"), public / "inner"
    inner.mkdir()
    make_audio(public / "open.mp3", seed=1)
    read_file(str(public / "open.mp3"), "open.mp3")  # imports what it needs while it may
    closed.chmod(0)
    inner.chmod(0)
    with nobody():
        with pytest.raises(ReadError, match="permission denied"):
            read_file(str(closed), "closed.mp3")
        with pytest.raises(ReadError, match="permission denied"):
            read_excerpts(str(closed))
        found = {one.relative: one for one in walk(public)}
    assert found[b"inner"].kind == "unreadable"
    assert found[b"inner"].reason == "permission denied"
    assert found[b"open.mp3"].kind == "audio"
    inner.chmod(0o755)


@pytest.mark.parametrize("ending", ["mp3", "flac", "wav", "ogg"])
def test_a_file_that_grows_while_it_is_read(tmp_path: Path, ending: str) -> None:
    whole = make_audio(tmp_path / f"whole.{ending}", seconds=8.0, seed=30).read_bytes()
    path = tmp_path / f"growing.{ending}"
    path.write_bytes(whole[: len(whole) // 2])
    done = threading.Event()

    def grow() -> None:
        step = max(1, len(whole) // 400)
        with path.open("ab") as file:
            for start in range(len(whole) // 2, len(whole), step):
                file.write(whole[start : start + step])
                file.flush()
                time.sleep(0.002)
        done.set()

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        while not done.is_set():
            assert read_file(str(path), path.name).content_hash
            assert np.isfinite(analyse(str(path)).vector).all()
    finally:
        writer.join()
    assert path.read_bytes() == whole
    assert sum(piece.shape[1] for piece in read_excerpts(str(path)).signals) == pytest.approx(8 * 22_050, rel=0.02)


def test_a_file_that_vanishes_between_two_looks_is_an_error(tmp_path: Path) -> None:
    path = make_audio(tmp_path / "song.mp3")
    read_file(str(path), "song.mp3")
    path.unlink()
    with pytest.raises(ReadError, match="no such file or directory"):
        analyse(str(path))


def test_a_tag_that_lies_about_its_size_takes_no_time(tmp_path: Path) -> None:
    path = make_audio(tmp_path / "song.mp3", seed=40)
    make_tags(path, TIT2(3, ["Title"]))
    data = bytearray(path.read_bytes())
    data[6:10] = b"\x7f\x7f\x7f\x7f"  # 256 MB
    path.write_bytes(data)
    started = time.monotonic()
    with pytest.raises(ReadError, match="not audio"):
        read_file(str(path), "song.mp3")
    assert time.monotonic() - started < 5
