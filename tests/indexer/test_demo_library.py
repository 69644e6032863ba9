"""The demo library: complete, tagged, heard apart, the same twice, and never over anybody's files."""

import io
import shutil
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import mutagen
import numpy as np
import pytest
from PIL import Image

from indexer.demo_catalogue import ALBUMS, PLAYLISTS, STYLES
from indexer.demo_cover import draw_cover
from indexer.demo_library import MARK, TRACK_SECONDS, format_lrc, make_demo_library
from indexer.demo_sound import SAMPLE_RATE, play_piece
from indexer.errors import IndexerError

AUDIO = {".mp3", ".flac", ".ogg", ".opus", ".m4a"}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "music"
    assert make_demo_library(folder) == 36
    return folder


def _audio(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in AUDIO)


def test_every_track_decodes_to_its_length(library: Path) -> None:
    files = _audio(library)
    assert len(files) == 36
    assert {path.suffix for path in files} == AUDIO
    for path in files:
        with av.open(str(path)) as container:
            frames = list(container.decode(audio=0))
        seconds = sum(frame.samples / frame.sample_rate for frame in frames)
        assert seconds == pytest.approx(TRACK_SECONDS, abs=0.2), path.name
        assert max(float(np.abs(frame.to_ndarray()).max()) for frame in frames) > 0.05, path.name


def test_tags_covers_and_lyrics_stand_where_the_catalogue_says(library: Path) -> None:
    with_lyrics = sum(1 for album in ALBUMS for track in album.tracks if track.lyrics)
    synced = list(library.rglob("*.lrc"))
    embedded = [path for path in _audio(library) if _lyrics_of(path)]
    assert len(synced) + len(embedded) == with_lyrics
    untagged = [path for path in _audio(library) if not mutagen.File(path).tags]
    assert [path.name for path in untagged] == ["04 Fisherman's Waltz.flac"]
    pictured = [path for path in _audio(library) if _picture_of(path)]
    assert len(pictured) == 4 * sum(album.cover == "embedded" for album in ALBUMS)
    assert len(list(library.rglob("cover.jpg"))) == sum(album.cover == "folder" for album in ALBUMS)
    for path in pictured:
        assert Image.open(io.BytesIO(_picture_of(path))).size == (480, 480)


def test_joint_credits_remixers_and_composers_are_in_the_files(library: Path) -> None:
    artists = {str(mutagen.File(path, easy=True).get("artist", [""])[0]) for path in _audio(library)}
    assert {
        "Marisol Vey & Paper Lanterns",
        "Nula & Marisol Vey",
        "Voltaire Grid feat. Nula",
        "Dunya & Rafiq",
    } <= artists
    remix = next(library.rglob("*Remix*.m4a"))
    assert bytes(mutagen.File(remix)["----:com.apple.iTunes:REMIXER"][0]) == b"Voltaire Grid"
    jazz = next(library.rglob("03 Umbrella Stand.mp3"))
    assert mutagen.File(jazz)["TCOM"].text == ["Leo Marchetti"]


def test_playlists_name_files_that_are_there(library: Path) -> None:
    for name, titles in PLAYLISTS.items():
        lines = (library / f"{name}.m3u8").read_text("utf-8").splitlines()
        entries = [line for line in lines if not line.startswith("#")]
        assert len(entries) == len(titles)
        assert all((library / entry).is_file() for entry in entries)


def test_finished_library_is_kept_and_a_broken_one_made_again(library: Path, tmp_path: Path) -> None:
    shutil.copytree(library, tmp_path / "music")
    first = {path: path.read_bytes() for path in _audio(tmp_path)}
    times = {path: path.stat().st_mtime_ns for path in first}
    make_demo_library(tmp_path / "music")
    assert times == {path: path.stat().st_mtime_ns for path in first}
    next(iter(first)).unlink()
    assert make_demo_library(tmp_path / "music") == 36
    assert first == {path: path.read_bytes() for path in _audio(tmp_path)}


def test_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(IndexerError, match="is not empty"):
        make_demo_library(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_file_in_place_of_the_folder_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "music").write_text("a file")
    with pytest.raises(IndexerError, match="cannot be written"):
        make_demo_library(tmp_path / "music")


def test_mark_is_hidden_from_a_scan(library: Path) -> None:
    assert (library / MARK).is_file()
    assert MARK.startswith(".")


def test_pieces_repeat_for_a_seed_and_differ_between_seeds() -> None:
    for style in STYLES.values():
        one, two = (play_piece(style, seed=seed, seconds=6.0) for seed in (1, 2))
        assert np.array_equal(one, play_piece(style, seed=1, seconds=6.0))
        assert not np.array_equal(one, two)
        assert one.shape == (2, 6 * SAMPLE_RATE)
        assert one.dtype == np.float32
        assert np.abs(one).max() <= 0.81


def test_another_piece_of_the_same_artist_sounds_nearest() -> None:
    pieces = [[play_piece(style, seed=seed, seconds=12.0) for style in STYLES.values()] for seed in (1, 2)]
    first, second = (np.stack([_sound_of(piece) for piece in row]) for row in pieces)
    spread = np.concatenate([first, second]).std(axis=0)
    distances = np.linalg.norm((first[:, None] - second[None]) / spread, axis=2)
    assert distances.argmin(axis=1).tolist() == list(range(len(STYLES)))


def test_no_time_gives_no_samples() -> None:
    assert play_piece(STYLES["Nula"], seed=0, seconds=0.0).shape == (2, 0)


def test_covers_differ_by_title_and_repeat_by_seed() -> None:
    assert draw_cover("A", title="x") == draw_cover("A", title="x")
    assert draw_cover("A", title="x") != draw_cover("A", title="y")
    assert draw_cover("A", title="x") != draw_cover("A", title="x", seed=1)


def test_lrc_times_count_up_and_pass_the_minute() -> None:
    lines = format_lrc(tuple(str(place) for place in range(30))).splitlines()
    assert lines[0] == "[00:01.00]0"
    assert lines[24] == "[01:01.00]24"


def _sound_of(piece: np.ndarray) -> np.ndarray:
    """Return mean and spread over time of the log power in 24 bands of equal ratio [shape=(48,)]."""
    frames = piece.mean(axis=0)[: len(piece[0]) // 1024 * 1024].reshape(-1, 1024) * np.hanning(1024)
    power = np.abs(np.fft.rfft(frames)) ** 2
    edges = np.geomspace(2, 512, 25).astype(int)
    edges = np.maximum.accumulate(np.maximum(edges, np.arange(2, 27)))
    bands = np.log(np.stack([power[:, a:b].mean(axis=1) for a, b in pairwise(edges)]) + 1e-4)
    return np.concatenate([bands.mean(axis=1), bands.std(axis=1)])


def _lyrics_of(path: Path) -> str:
    tags: Any = mutagen.File(path).tags or {}
    if path.suffix == ".mp3":
        return "".join(frame.text for frame in tags.getall("USLT"))
    key = "©lyr" if path.suffix == ".m4a" else "LYRICS"
    return "".join(tags[key]) if key in tags else ""


def _picture_of(path: Path) -> bytes:
    file = mutagen.File(path)
    if path.suffix == ".mp3":
        pictures = [frame.data for frame in file.tags.getall("APIC")]
    elif path.suffix == ".m4a":
        pictures = [bytes(cover) for cover in file.get("covr", [])]
    elif path.suffix == ".flac":
        pictures = [picture.data for picture in file.pictures]
    else:
        pictures = _ogg_pictures(file)
    return pictures[0] if pictures else b""


def _ogg_pictures(file: mutagen.FileType) -> list[bytes]:
    import base64

    from mutagen.flac import Picture

    return [Picture(base64.b64decode(block)).data for block in file.get("METADATA_BLOCK_PICTURE", [])]
