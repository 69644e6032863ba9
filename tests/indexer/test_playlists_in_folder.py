"""Playlist files that lie in the music folder: taken in, tied to tracks, followed when they change or go."""

import os
from pathlib import Path

from tests.indexer.reading.audio_files import make_audio
from tests.indexer.small_music import CLAY, DAWN, FILES, LIST, LONE, RUST, Music


def entries(music: Music, name: str) -> list[tuple[str, int | None]]:
    """Return (path relative to the music, track id) of a playlist in its order."""
    rows = music.ask(
        "SELECT e.path, e.track_id FROM playlist_entries e JOIN playlists p ON p.id = e.playlist_id WHERE p.name = ? "
        "ORDER BY e.position",
        name,
    )
    return [(os.path.relpath(os.fsdecode(path), music.folder), track) for path, track in rows]


def test_entries_are_tied_and_missing_files_named(music: Music) -> None:
    assert entries(music, "evening") == [(DAWN, music.id(DAWN)), (CLAY, music.id(CLAY)), ("Ada/gone.mp3", None)]
    assert music.problems("playlist") == {LIST: "1 of the 3 files it names are not there"}
    members = music.ask("SELECT track_id FROM vectors WHERE modality = 'playlists' ORDER BY track_id")
    assert members == sorted([(music.id(DAWN),), (music.id(CLAY),)])


def test_changed_list_is_read_again_and_nothing_else(music: Music) -> None:
    (music.folder / LIST).write_text(f"../{LONE}\n../{DAWN}\n../{LONE}\n")
    run = music.index()
    assert run.figures == {"unchanged": len(FILES)}
    assert run.stages["reading tags"] == 0
    lone, dawn = music.id(LONE), music.id(DAWN)
    assert entries(music, "evening") == [(LONE, lone), (DAWN, dawn), (LONE, lone)]
    assert music.problems("playlist") == {}
    assert "playlists" in music.vectors(lone)
    assert "playlists" not in music.vectors(music.id(CLAY))
    assert set(music.index().stages) == {"scanning"}


def test_deleted_list_goes_with_its_traces(music: Music) -> None:
    (music.folder / LIST).unlink()
    music.index()
    assert music.ask("SELECT count(*) FROM playlists") == [(0,)]
    assert music.ask("SELECT count(*) FROM playlist_entries") == [(0,)]
    assert music.ask("SELECT count(*) FROM vectors WHERE modality = 'playlists'") == [(0,)]
    assert music.ask("SELECT count(*) FROM nodes WHERE kind = 'playlist'") == [(0,)]
    assert music.problems("playlist") == {}


def test_entry_is_tied_when_its_file_appears(music: Music) -> None:
    make_audio(music.folder / "Ada/gone.mp3", seconds=2.0, seed=77)
    music.index()
    assert entries(music, "evening")[2] == ("Ada/gone.mp3", music.id("Ada/gone.mp3"))


def test_entries_through_another_name_of_the_folder_are_tied(music: Music, tmp_path: Path) -> None:
    (tmp_path / "Music").symlink_to(music.folder)
    (music.folder / "by link.m3u").write_text(f"{tmp_path}/Music/{RUST}\n")
    music.index()
    assert [track for _, track in entries(music, "by link")] == [music.id(RUST)]


def test_broken_list_is_named_once_and_not_read_again(music: Music) -> None:
    (music.folder / "broken.xspf").write_text("<playlist><trackList>")
    music.index()
    (reason,) = (reason for path, reason in music.problems("playlist").items() if path == "broken.xspf")
    assert reason.startswith("broken playlist")
    assert set(music.index().stages) == {"scanning"}
    (music.folder / "broken.xspf").write_text(
        f"<playlist><trackList><track><location>{RUST.replace(' ', '%20')}</location></track></trackList></playlist>"
    )
    music.index()
    assert entries(music, "broken") == [(RUST, music.id(RUST))]
    assert "broken.xspf" not in music.problems("playlist")


def test_retry_reads_a_broken_list_again_and_keeps_remarks(music: Music) -> None:
    (music.folder / "broken.xspf").write_text("<playlist>")
    music.index()
    before = music.problems("playlist")
    assert set(before) == {LIST, "broken.xspf"}
    music.index(retry=True)
    assert music.problems("playlist") == before


def test_lists_of_other_folders_survive_a_scan_of_a_part(music: Music) -> None:
    music.index(music.folder / "Bo")
    assert len(entries(music, "evening")) == 3
    (music.folder / "Bo/mine.m3u").write_text("Red/01 Rust.mp3\n")
    music.index(music.folder / "Bo")
    assert entries(music, "mine") == [(RUST, music.id(RUST))]
    assert len(entries(music, "evening")) == 3
