"""Playlists read and written: names of any bytes, addresses, other systems' paths, XML that means harm."""

import os
import resource
import signal
from pathlib import Path
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.errors import IndexerError, ReadError
from indexer.reading.playlist_files import read_playlist
from indexer.reading.playlist_saving import Line, PlaylistPathError, m3u8, write_playlist


def write(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


def inside(folder: Path, *names: bytes) -> tuple[bytes, ...]:
    return tuple(os.path.join(os.fsencode(folder), name) for name in names)


def test_m3u_lines(tmp_path: Path) -> None:
    data = "\ufeff#EXTM3U\r\n#PLAYLIST:Late night\r\n#EXTINF:3,A - B\r\nsub/ä.mp3\r\n\r\n../up.ogg\r\n/abs.flac\r\nhttp://radio/x\r\n"
    playlist = read_playlist(write(tmp_path / "list.m3u8", data.encode()))
    assert playlist.name == "Late night"
    assert playlist.entries == (
        *inside(tmp_path, "sub/ä.mp3".encode()),
        *inside(tmp_path.parent, b"up.ogg"),
        b"/abs.flac",
        "http://radio/x",
    )


def test_names_that_are_no_utf8_keep_their_bytes(tmp_path: Path) -> None:
    assert read_playlist(write(tmp_path / "l.m3u", b"caf\xe9.mp3\n")).entries == inside(tmp_path, b"caf\xe9.mp3")


@pytest.mark.parametrize(
    "line", [b"d\\caf\xe9.mp3", b"d/caf%C3%A9.mp3", "d\\café.mp3".encode(), b"file://%s/d/caf%%C3%%A9.mp3"]
)
def test_other_spellings_of_a_file_that_exists_are_understood(tmp_path: Path, line: bytes) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d/café.mp3").touch()
    line = line.replace(b"%s", quote_from_bytes(os.fsencode(tmp_path)).encode()).replace(b"%%", b"%")
    assert read_playlist(write(tmp_path / "l.m3u", line)).entries == inside(tmp_path, "d/café.mp3".encode())


def test_pls_in_the_order_of_its_numbers(tmp_path: Path) -> None:
    data = b"[playlist]\nFile2=b.mp3\nTitle2=B\nfile1=a.mp3\nLength1=-1\nNumberOfEntries=2\n"
    playlist = read_playlist(write(tmp_path / "mix.pls", data))
    assert (playlist.name, playlist.entries) == ("mix", inside(tmp_path, b"a.mp3", b"b.mp3"))


def test_xspf(tmp_path: Path) -> None:
    data = (
        b'<?xml version="1.0"?><playlist xmlns="http://xspf.org/ns/0/"><title>T &amp; U</title><trackList>'
        b"<track><location>a%20b%ff.mp3</location><title>x</title></track>"
        b"<track><location>file:///m/c.mp3</location></track></trackList></playlist>"
    )
    playlist = read_playlist(write(tmp_path / "l.xspf", data))
    assert (playlist.name, playlist.entries) == ("T & U", (*inside(tmp_path, b"a b\xff.mp3"), b"/m/c.mp3"))


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><playlist><title>&b;</title></playlist>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><playlist/>',
        b"<playlist><trackList>",
        b"",
    ],
)
def test_broken_or_harmful_xspf_is_an_error(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(ReadError, match="broken playlist"):
        read_playlist(write(tmp_path / "l.xspf", data))


def test_a_playlist_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="no such file"):
        read_playlist(str(tmp_path / "gone.m3u"))


@pytest.mark.parametrize("ending", ["m3u", "pls"])
def test_an_empty_file_has_no_entries(tmp_path: Path, ending: str) -> None:
    assert read_playlist(write(tmp_path / f"l.{ending}", b"")).entries == ()


NAMES = st.binary(min_size=1, max_size=20).filter(
    lambda name: not set(name) & set(b"/\0\r\n\\%") and name.strip() == name and name.strip(b".") != b""
)


@pytest.mark.parametrize("relative", [True, False])
@pytest.mark.parametrize("ending", ["m3u8", "pls", "xspf"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(names=st.lists(NAMES, max_size=6), title=st.text(max_size=20))
def test_what_is_written_is_read_back(
    tmp_path: Path, names: list[bytes], title: str, ending: str, relative: bool
) -> None:
    paths = inside(tmp_path / "music", *names)
    path = str(tmp_path / f"list.{ending}")
    write_playlist(path, [Line(one, title, 61.5) for one in paths], name=title, relative=relative)
    assert read_playlist(path).entries == paths


@pytest.mark.parametrize("ending", ["m3u", "pls", "xspf"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(data=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_give_a_playlist_or_an_error(tmp_path: Path, data: bytes, ending: str) -> None:
    try:
        playlist = read_playlist(write(tmp_path / f"l.{ending}", data))
    except ReadError:
        return
    assert playlist.name
    assert all(isinstance(entry, str) or entry.startswith(b"/") for entry in playlist.entries)


def test_the_extended_lines_of_an_m3u8() -> None:
    lines = [Line(b"/m/a.mp3", "A\n#EXTINF -\x1b[0m B", 61.5), Line(b"/m/#b.mp3", "C")]
    assert m3u8(lines, name="mix", relative_to=b"/m") == (
        b"#EXTM3U\n#PLAYLIST:mix\n#EXTINF:62,A #EXTINF -[0m B\na.mp3\n#EXTINF:-1,C\n./#b.mp3\n"
    )


def test_a_failed_write_leaves_the_old_playlist_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "l.m3u8"
    write_playlist(str(path), [Line(b"/m/a.mp3")])
    old = path.read_bytes()
    with pytest.raises(PlaylistPathError):
        write_playlist(str(path), [Line(b"/m/b\nc.mp3")])
    with pytest.raises(OSError, match="No such file"):
        write_playlist(str(tmp_path / "gone/l.m3u8"), [])
    assert path.read_bytes() == old
    assert [one.name for one in tmp_path.iterdir()] == ["l.m3u8"]


def test_a_full_disk_leaves_the_old_playlist(tmp_path: Path) -> None:
    path = tmp_path / "l.m3u8"
    write_playlist(str(path), [Line(b"/m/a.mp3")])
    old, limits = path.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))  # a write past it fails as on a full disk
    try:
        with pytest.raises(OSError, match="File too large"):
            write_playlist(str(path), [Line(b"/m/b.mp3")] * 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, ignored)
    assert path.read_bytes() == old
    assert [one.name for one in tmp_path.iterdir()] == ["l.m3u8"]


def test_an_unknown_ending_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(IndexerError, match="m3u8"):
        write_playlist(str(tmp_path / "l.doc"), [])
