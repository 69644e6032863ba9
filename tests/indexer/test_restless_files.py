"""Files that may not be read, grow, vanish or lie about their size while they are read."""

import os
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from mutagen.id3 import TIT2

from indexer.errors import ReadError
from indexer.reading.audio import analyse, read_excerpts
from indexer.reading.file import read_file
from indexer.reading.walk import walk
from tests.indexer.bad_music import make_tags
from tests.indexer.reading.audio_files import make_audio


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
