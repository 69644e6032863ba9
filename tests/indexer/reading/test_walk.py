"""The walk over a folder: every file once, links, loops, hidden folders, odd names."""

import os
import socket
from pathlib import Path

import pytest

from indexer.errors import ReadError
from indexer.reading.walk import Found, kind_of, walk


def names(root: Path) -> list[bytes]:
    return [found.relative for found in walk(root)]


def touch(path: Path, size: int = 3) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x" * size)
    return path


def test_an_empty_folder_yields_nothing(tmp_path: Path) -> None:
    assert names(tmp_path) == []


def test_files_come_sorted_with_their_kinds_and_stat(tmp_path: Path) -> None:
    for name in ("b/2.flac", "b/1.MP3", "a.m3u8", "cover.jpg", "b/c/3.opus"):
        touch(tmp_path / name, size=7)
    found = list(walk(tmp_path))
    assert [(one.relative, one.kind) for one in found] == [
        (b"a.m3u8", "playlist"),
        (b"cover.jpg", "other"),
        (b"b/1.MP3", "audio"),
        (b"b/2.flac", "audio"),
        (b"b/c/3.opus", "audio"),
    ]
    status = os.stat(tmp_path / "b/1.MP3")
    assert found[2] == Found(b"b/1.MP3", "audio", 7, status.st_mtime_ns)


@pytest.mark.parametrize("folder", [".git", "@eaDir", "$RECYCLE.BIN", "lost+found"])
def test_system_folders_are_not_entered(tmp_path: Path, folder: str) -> None:
    touch(tmp_path / folder / "a.mp3")
    touch(tmp_path / "b.mp3")
    assert names(tmp_path) == [b"b.mp3"]


def test_names_that_are_no_utf8_keep_their_bytes(tmp_path: Path) -> None:
    with open(os.path.join(os.fsencode(tmp_path), b"caf\xe9.mp3"), "wb"):
        pass
    assert names(tmp_path) == [b"caf\xe9.mp3"]


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    touch(tmp_path / "a/1.mp3")
    (tmp_path / "a/up").symlink_to(tmp_path)
    (tmp_path / "a/self").symlink_to(tmp_path / "a")
    assert names(tmp_path) == [b"a/1.mp3"]


def test_a_linked_folder_is_entered_once_and_its_real_path_wins(tmp_path: Path) -> None:
    root = tmp_path / "music"
    touch(root / "z/1.mp3")
    touch(tmp_path / "outside/2.mp3")
    (root / "a").symlink_to(root / "z")
    (root / "b").symlink_to(tmp_path / "outside")
    (root / "c").symlink_to(tmp_path / "outside")
    assert names(root) == [b"z/1.mp3", b"b/2.mp3"]


def test_a_linked_file_is_yielded_once_and_only_when_not_seen_in_its_place(tmp_path: Path) -> None:
    root = tmp_path / "music"
    inside, outside = touch(root / "z/1.mp3"), touch(tmp_path / "2.mp3")
    (root / "a.mp3").symlink_to(inside)
    (root / "b.mp3").symlink_to(outside)
    (root / "c.mp3").symlink_to(outside)
    assert names(root) == [b"z/1.mp3", b"b.mp3"]


def test_hard_links_are_files_of_their_own(tmp_path: Path) -> None:
    os.link(touch(tmp_path / "1.mp3"), tmp_path / "2.mp3")
    assert names(tmp_path) == [b"1.mp3", b"2.mp3"]


def test_a_dangling_link_to_sound_is_reported(tmp_path: Path) -> None:
    (tmp_path / "gone.mp3").symlink_to(tmp_path / "nowhere")
    (only,) = walk(tmp_path)
    assert (only.kind, only.reason) == ("unreadable", "no such file or directory")


def test_pipes_and_sockets_are_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe.mp3")
    monkeypatch.chdir(tmp_path)  # a socket's path may hold 108 bytes
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.mp3")
        assert names(tmp_path) == []


def test_a_folder_that_cannot_be_listed_is_reported_and_the_walk_goes_on(tmp_path: Path) -> None:
    touch(tmp_path / "z/1.mp3")
    long = tmp_path
    for _ in range(20):  # a path past PATH_MAX cannot be listed, whoever asks
        long = long / ("d" * 250)
        _make_below(long)
    found = list(walk(tmp_path))
    assert found[-1].relative == b"z/1.mp3"
    assert [one.reason for one in found if one.kind == "unreadable"] == ["file name too long"]


def _make_below(path: Path) -> None:
    """Make a folder by a descriptor of its parent, where its whole path may be too long to name."""
    parts = path.parts
    handle = os.open("/", os.O_RDONLY)
    for part in parts[1:-1]:
        handle, parent = os.open(part, os.O_RDONLY, dir_fd=handle), handle
        os.close(parent)
    os.mkdir(parts[-1], dir_fd=handle)
    os.close(handle)


def test_a_root_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no such file"):
        list(walk(tmp_path / "nowhere"))


def test_a_root_that_is_a_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="not a directory"):
        list(walk(touch(tmp_path / "1.mp3")))


@pytest.mark.parametrize(
    ("name", "kind"), [(b"a.MPC", "audio"), (b"a.xspf", "playlist"), (b"._a.mp3", "other"), (b"mp3", "other")]
)
def test_kind_by_ending(name: bytes, kind: str) -> None:
    assert kind_of(name) == kind
