"""Which file is which track: what moves, copies, retags and unmounts do to a library, and what they cost."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from indexer.errors import IndexerError
from tests.indexer.reading.audio_files import make_audio, picture
from tests.indexer.small_music import (
    BRICK,
    CLAY,
    DAWN,
    FILES,
    LISTENING,
    LONE,
    LOOSE,
    MOSS,
    NOON,
    READING,
    RUST,
    Music,
    copy_music,
    make_music,
    retag,
    shift,
    state_of,
)


def test_first_run_counts_and_reads_everything(tmp_path: Path) -> None:
    music = Music(make_music(tmp_path / "music"), tmp_path / "library")
    run = music.index()
    assert run.figures == {"new": len(FILES)}
    assert (run.stages[READING], run.stages[LISTENING]) == (len(FILES), len(FILES))
    assert {len(music.vectors(track_id)) for track_id in music.ids().values()} >= {3, 4}


def test_second_run_reads_nothing(music: Music) -> None:
    before = music.ask("SELECT * FROM facts"), music.ask("SELECT * FROM vectors ORDER BY track_id, modality")
    run = music.index()
    assert run.figures == {"unchanged": len(FILES)}
    assert set(run.stages) == {"scanning"}
    assert (music.ask("SELECT * FROM facts"), music.ask("SELECT * FROM vectors ORDER BY track_id, modality")) == before


def test_second_run_opens_no_music_and_loads_nothing_that_could(music: Music) -> None:
    code = (
        "import json, sys\n"
        "opened = []\n"
        "sys.addaudithook(lambda name, values: opened.append(str(values[0])) if name == 'open' else None)\n"
        "from fairouz_tui.cli import run\n"
        f"assert run(['index', '--json', '--library', {str(music.library)!r}]) == 0\n"
        f"inside = [path for path in opened if path.startswith({str(music.folder)!r})]\n"
        "print(json.dumps([inside, [name.partition('.')[0] for name in sys.modules]]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    counts, (opened, modules) = (json.loads(line) for line in done.stdout.splitlines())
    assert counts["unchanged"] == len(FILES)
    assert opened == []
    readers = {"av", "mutagen", "PIL", "pebble", "multiprocessing", "scipy", "librosa", "torch", "faiss"}
    assert readers & set(modules) == set()


def test_moved_file_keeps_everything(music: Music) -> None:
    track = music.id(DAWN)
    music.tell("INSERT INTO plays (track_id, at) VALUES (?, 1.5)", track)
    vectors, places = music.vectors(track, but=("graph",)), music.places(track)
    assert {name for name, _ in places} == {"evening", "play"}
    (music.folder / "New").mkdir()
    (music.folder / DAWN).rename(music.folder / "New/Daybreak.mp3")
    run = music.index()
    assert run.figures == {"moved": 1, "unchanged": len(FILES) - 1}
    assert run.stages[LISTENING] == 0
    assert music.id("New/Daybreak.mp3") == track
    # The cover of its old folder is not beside it any more.
    assert music.vectors(track, but=("graph",)) == {name: v for name, v in vectors.items() if name != "cover"}
    assert music.places(track) == places


def test_moved_folder_keeps_everything(music: Music) -> None:
    before = {name: music.id(name) for name in FILES if name.startswith("Ada/")}
    vectors = {track: music.vectors(track) for track in before.values()}
    places = {track: music.places(track) for track in before.values()}
    (music.folder / "Ada").rename(music.folder / "Bo/Guests")
    run = music.index()
    assert run.figures == {"moved": len(before), "unchanged": len(FILES) - len(before)}
    assert run.stages[LISTENING] == 0
    assert {name: music.id(name.replace("Ada/", "Bo/Guests/")) for name in before} == before
    assert {track: music.places(track) for track in before.values()} == places
    for track, kept in vectors.items():
        now = music.vectors(track)
        assert {name: now[name] for name in kept if name != "graph"} == {
            name: vector for name, vector in kept.items() if name != "graph"
        }
    music.index()
    assert music.missing() == set()


def test_moved_and_retagged_file_is_the_same_track(music: Music) -> None:
    track = music.id(NOON)
    audio = music.vectors(track)["audio"]
    retag(music.folder / NOON, title="High Noon", album="Westerns")
    (music.folder / NOON).rename(music.folder / "Cy/elsewhere.mp3")
    run = music.index()
    assert run.figures == {"moved": 1, "unchanged": len(FILES) - 1}
    assert (run.stages[READING], run.stages[LISTENING]) == (1, 0)
    assert music.id("Cy/elsewhere.mp3") == track
    assert music.vectors(track)["audio"] == audio
    assert music.ask("SELECT title, album FROM tracks WHERE id = ?", track) == [("High Noon", "Westerns")]


def test_edited_playlist_keeps_the_place_of_a_track_that_moved(music: Music) -> None:
    track = music.id(CLAY)
    (music.folder / CLAY).rename(music.folder / "Bo/Clay.flac")
    with (music.folder / "lists/evening.m3u8").open("a") as file:
        file.write(f"../{RUST}\n")
    music.index()
    assert music.places(track) == [("evening", 1)]
    assert music.places(music.id(RUST)) == [("evening", 3)]


@pytest.mark.parametrize("name", [DAWN, "Ada/Blue/03 Dusk.flac", MOSS])
def test_retag_in_place_decodes_no_sound(music: Music, name: str) -> None:
    track = music.id(name)
    audio = music.vectors(track)["audio"]
    retag(music.folder / name, title="Renamed", artist="Dora")
    run = music.index()
    assert run.figures == {"changed": 1, "unchanged": len(FILES) - 1}
    assert (run.stages[READING], run.stages[LISTENING]) == (1, 0)
    assert music.id(name) == track
    assert music.vectors(track)["audio"] == audio
    assert music.ask("SELECT title, artist FROM tracks WHERE id = ?", track) == [("Renamed", "Dora")]


def test_other_sound_in_place_is_heard_again(music: Music) -> None:
    track = music.id(LONE)
    audio = music.vectors(track)["audio"]
    make_audio(music.folder / LONE, seconds=2.5, seed=99)
    run = music.index()
    assert run.figures == {"changed": 1, "unchanged": len(FILES) - 1}
    assert run.stages[LISTENING] == 1
    assert music.id(LONE) == track
    assert music.vectors(track)["audio"] != audio


def test_live_copy_is_a_new_track_with_the_same_vector(music: Music) -> None:
    track = music.id(RUST)
    words = music.ask("SELECT words FROM sounds WHERE track_id = ?", track)
    shutil.copy(music.folder / RUST, music.folder / "Cy/Copy.mp3")
    run = music.index()
    assert run.figures == {"new": 1, "unchanged": len(FILES)}
    assert (run.stages[READING], run.stages[LISTENING]) == (1, 0)
    copy = music.id("Cy/Copy.mp3")
    assert music.id(RUST) == track != copy
    assert music.vectors(copy)["audio"] == music.vectors(track)["audio"]
    assert music.ask("SELECT words FROM sounds WHERE track_id = ?", copy) == words


def test_moved_twins_find_their_own_rows_by_name(music: Music) -> None:
    for name in ("Cy/a.mp3", "Cy/b.mp3", "Bo/same.mp3", "Bo/Red/same.mp3"):
        shutil.copy(music.folder / LOOSE, music.folder / name)
    music.index()
    ids = {name: music.id(name) for name in ("Cy/a.mp3", "Cy/b.mp3", "Bo/same.mp3", "Bo/Red/same.mp3")}
    (music.folder / "New/Red").mkdir(parents=True)
    for old, new in (
        ("Cy/b.mp3", "New/b.mp3"),
        ("Cy/a.mp3", "New/c.mp3"),
        ("Bo/Red/same.mp3", "New/Red/same.mp3"),
        ("Bo/same.mp3", "New/same.mp3"),
    ):
        (music.folder / old).rename(music.folder / new)
    run = music.index()
    assert run.figures == {"moved": 4, "unchanged": len(FILES)}
    assert music.id("New/b.mp3") == ids["Cy/b.mp3"]
    assert music.id("New/c.mp3") == ids["Cy/a.mp3"]
    assert music.id("New/Red/same.mp3") == ids["Bo/Red/same.mp3"]
    assert music.id("New/same.mp3") == ids["Bo/same.mp3"]


def test_other_inodes_are_not_looked_at(music: Music) -> None:
    for name in FILES:
        other = (music.folder / name).with_name("other")
        shutil.copy2(music.folder / name, other)
        assert other.stat().st_ino != (music.folder / name).stat().st_ino
        other.replace(music.folder / name)
    run = music.index()
    assert run.figures == {"unchanged": len(FILES)}
    assert set(run.stages) == {"scanning"}


@pytest.mark.parametrize("seconds", [1.5, -2.0, 3600, -7200.5, 86400])
def test_clock_habits_are_no_change(music: Music, seconds: float) -> None:
    """A disk of another time zone shifts every file, pictures and lyrics too."""
    for path in music.folder.rglob("*"):
        if path.is_file():
            shift(path, seconds)
    vectors = music.ask("SELECT * FROM vectors ORDER BY track_id, modality")
    run = music.index()
    assert run.figures == {"unchanged": len(FILES)}
    assert run.stages[LISTENING] == 0
    assert music.ask("SELECT * FROM vectors ORDER BY track_id, modality") == vectors
    assert set(music.index().stages) == {"scanning"}


@pytest.mark.parametrize("field", ["title", "composer", "discnumber"])
def test_retag_within_two_seconds_of_the_same_size_is_seen(music: Music, field: str) -> None:
    path = music.folder / DAWN
    retag(path, **{field: "11"})
    music.index()
    before = path.stat()
    retag(path, **{field: "12"})
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1_000_000_000))
    assert path.stat().st_size == before.st_size
    run = music.index()
    assert run.figures == {"changed": 1, "unchanged": len(FILES) - 1}
    assert run.stages[LISTENING] == 0
    track = music.id(DAWN)
    now = music.ask(
        "SELECT title, disc_number, (SELECT name FROM credits WHERE track_id = id AND role = 'composer') FROM tracks "
        "WHERE id = ?",
        track,
    )
    assert now == [
        {"title": ("12", None, None), "composer": ("Dawn", None, "12"), "discnumber": ("Dawn", 12, None)}[field]
    ]


def test_time_off_by_minutes_is_a_change(music: Music) -> None:
    shift(music.folder / DAWN, 300)
    run = music.index()
    assert run.figures == {"changed": 1, "unchanged": len(FILES) - 1}
    assert run.stages[LISTENING] == 0


def test_vanished_file_is_missing_and_comes_back(music: Music, tmp_path: Path) -> None:
    track, vectors = music.id(CLAY), music.vectors(music.id(CLAY))
    shutil.move(music.folder / CLAY, tmp_path / "away.flac")
    run = music.index()
    assert run.figures == {"unchanged": len(FILES) - 1, "missing": 1}
    assert music.missing() == {CLAY}
    assert music.vectors(track) == vectors
    assert len(music.places(track)) == 1
    shutil.move(tmp_path / "away.flac", music.folder / CLAY)
    run = music.index()
    assert run.figures == {"unchanged": len(FILES)}
    assert (run.stages[READING], run.stages[LISTENING]) == (0, 0)
    assert music.missing() == set()
    assert music.id(CLAY) == track
    assert music.vectors(track, but=("graph",)) == {name: v for name, v in vectors.items() if name != "graph"}


def test_missing_file_that_comes_back_elsewhere_is_the_same_track(music: Music, tmp_path: Path) -> None:
    track = music.id(CLAY)
    shutil.move(music.folder / CLAY, tmp_path / "away.flac")
    music.index()
    shutil.move(tmp_path / "away.flac", music.folder / "Cy/back.flac")
    run = music.index()
    assert run.figures == {"moved": 1, "unchanged": len(FILES) - 1}
    assert run.stages[LISTENING] == 0
    assert music.id("Cy/back.flac") == track
    assert music.missing() == set()


def test_absent_root_changes_nothing_and_is_told(music: Music) -> None:
    before = music.ask("SELECT * FROM tracks"), music.ask("SELECT * FROM playlist_entries")
    music.folder.rename(music.folder.with_name("unplugged"))
    run = music.index()
    assert run.figures == {}
    assert run.counts.notes == [f"{music.folder} is not there: its {len(FILES)} tracks are kept as they are"]
    assert set(run.stages) == {"scanning"}
    assert (music.ask("SELECT * FROM tracks"), music.ask("SELECT * FROM playlist_entries")) == before
    assert music.ask("SELECT note FROM roots") == [(run.counts.notes[0],)]
    music.folder.with_name("unplugged").rename(music.folder)
    assert music.index().figures == {"unchanged": len(FILES)}


@pytest.mark.parametrize("left", [0, 7])
def test_many_losses_at_once_change_nothing_and_are_told(music: Music, left: int) -> None:
    """With 0 left, the empty folder on which a disk is mounted otherwise."""
    before = music.ask("SELECT * FROM tracks"), music.ask("SELECT * FROM playlist_entries")
    aside = music.folder.with_name("aside")
    shutil.copytree(music.folder, aside)
    for name in [*FILES[left:], "lists/evening.m3u8"]:
        (music.folder / name).unlink()
    run = music.index()
    assert run.figures == ({"unchanged": left} if left else {})
    (note,) = run.counts.notes
    assert note.startswith(f"{len(FILES) - left} of {len(FILES)} files in {music.folder} are gone at once")
    assert (music.ask("SELECT * FROM tracks"), music.ask("SELECT * FROM playlist_entries")) == before
    shutil.rmtree(music.folder)
    aside.rename(music.folder)
    run = music.index()
    assert run.figures == {"unchanged": len(FILES)}
    assert run.counts.notes == []
    assert run.stages[LISTENING] == 0


def test_losses_of_a_fifth_are_believed(music: Music) -> None:
    for name in FILES[:2]:
        (music.folder / name).unlink()
    assert music.index().figures == {"unchanged": len(FILES) - 2, "missing": 2}


def test_absent_part_of_a_root_is_kept(music: Music) -> None:
    (music.folder / LONE).unlink()
    (music.folder / "Cy").rmdir()
    run = music.index(music.folder / "Cy")
    assert run.counts.notes == [f"{music.folder / 'Cy'} is not there: its 1 tracks are kept as they are"]
    assert music.missing() == set()


def test_library_on_another_mount_analyses_nothing(music: Music, tmp_path: Path) -> None:
    ids = {name: music.id(name) for name in FILES}
    other = tmp_path / "mount/music"
    other.parent.mkdir()
    music.folder.rename(other)
    run = music.index(other)
    assert run.figures == {"moved": len(FILES)}
    assert (run.stages[READING], run.stages[LISTENING]) == (len(FILES), 0)
    assert {name: music.ids()[str(other / name)] for name in FILES} == ids
    assert len(music.ids()) == len(FILES)


def test_library_copied_to_another_mount_analyses_nothing(music: Music, tmp_path: Path) -> None:
    ids = {name: music.id(name) for name in FILES}
    other = tmp_path / "mount"
    shutil.copytree(music.folder, other, copy_function=shutil.copy)
    run = music.index(other)
    assert run.figures == {"new": len(FILES)}
    assert (run.stages[READING], run.stages[LISTENING]) == (len(FILES), 0)
    assert {name: music.id(name) for name in FILES} == ids
    for name in FILES:
        assert music.vectors(music.ids()[str(other / name)])["audio"] == music.vectors(ids[name])["audio"]
    assert music.index(music.folder, other).figures == {"unchanged": 2 * len(FILES)}


def test_folder_around_a_root_takes_it_in(indexed_music: Music, tmp_path: Path) -> None:
    folder = tmp_path / "music"
    shutil.copytree(indexed_music.folder, folder)
    music = Music(folder, tmp_path / "library")
    assert music.index(folder / "Ada").figures == {"new": 5}
    before = music.ids()
    run = music.index()
    assert run.figures == {"new": len(FILES) - 5, "unchanged": 5}
    assert run.stages[READING] == len(FILES) - 5
    assert {path: track for path, track in music.ids().items() if path in before} == before
    assert len(music.ids()) == len(FILES)
    assert music.ask("SELECT path FROM roots") == [(os.fsencode(folder),)]
    assert set(music.index().stages) == {"scanning"}


def test_folder_inside_a_root_is_a_part_of_it(music: Music) -> None:
    retag(music.folder / RUST, title="Inside")
    retag(music.folder / LONE, title="Outside")
    run = music.index(music.folder / "Bo")
    assert run.figures == {"changed": 1, "unchanged": 3}
    run = music.index(music.folder / "Ada")
    assert run.figures == {"unchanged": 5}
    assert set(run.stages) == {"scanning"}
    run = music.index()
    assert run.figures == {"changed": 1, "unchanged": len(FILES) - 1}
    assert len(music.ids()) == len(FILES)
    assert len(music.ask("SELECT id FROM roots")) == 1


@pytest.mark.parametrize("inner_first", [True, False])
def test_folders_in_one_another_are_counted_once(indexed_music: Music, tmp_path: Path, inner_first: bool) -> None:
    folder = tmp_path / "music"
    shutil.copytree(indexed_music.folder, folder)
    (tmp_path / "link").symlink_to(folder)
    music = Music(folder, tmp_path / "library")
    folders = [folder / "lists", folder, tmp_path / "link", folder / "Ada/Blue"]
    run = music.index(*(folders if inner_first else folders[::-1]))
    assert run.figures == {"new": len(FILES)}
    assert len(music.ask("SELECT id FROM roots")) == 1


def test_symlinks_that_loop_or_repeat_list_nothing_twice(music: Music, tmp_path: Path) -> None:
    (music.folder / "Ada/up").symlink_to(music.folder)
    (music.folder / "Bo/again").symlink_to(music.folder / "Ada")
    (music.folder / "Bo/self").symlink_to("self")
    (music.folder / "Bo/twin.mp3").symlink_to(music.folder / DAWN)
    run = music.index()
    assert run.figures == {"unchanged": len(FILES), "skipped": 1}
    assert run.counts.notes == [f"{music.folder}/Bo/self: too many levels of symbolic links"]
    outside = tmp_path / "outside"
    outside.mkdir()
    make_audio(outside / "far.mp3", seconds=2.0, seed=50)
    (music.folder / "far").symlink_to(outside)
    (outside / "back").symlink_to(music.folder)
    assert music.index().figures == {"new": 1, "unchanged": len(FILES), "skipped": 1}
    assert music.id("far/far.mp3")


def test_folder_that_cannot_be_entered_loses_nothing(music: Music) -> None:
    """A link in a circle is a folder that nobody can enter, whatever their rights."""
    shutil.rmtree(music.folder / "Cy")
    (music.folder / "Cy").symlink_to("Cy")
    run = music.index()
    assert run.figures == {"unchanged": len(FILES) - 1, "skipped": 1}
    assert music.missing() == set()
    (music.folder / "Cy").unlink()
    assert music.index().figures == {"unchanged": len(FILES) - 1, "missing": 1}
    assert music.missing() == {LONE}


def test_new_folder_that_is_not_there_is_refused(music: Music, tmp_path: Path) -> None:
    with pytest.raises(IndexerError, match="is not a folder"):
        music.index(tmp_path / "nowhere")
    assert len(music.ask("SELECT id FROM roots")) == 1


def test_lyrics_beside_a_file_are_noticed(music: Music) -> None:
    words = music.folder / "Bo/Red/01 Rust.lrc"
    track = music.id(RUST)
    assert "lyrics" not in music.vectors(track)
    words.write_text("[00:00.50]rust on the iron gate\n[00:01.00]rust on the rail\n")
    run = music.index()
    assert run.figures == {"changed": 1, "unchanged": len(FILES) - 1}
    assert (run.stages[READING], run.stages[LISTENING]) == (1, 0)
    first = music.vectors(track)["lyrics"]
    words.write_text("[00:00.50]an altogether different song about the winter sea\n")
    assert music.index().figures == {"changed": 1, "unchanged": len(FILES) - 1}
    assert music.vectors(track)["lyrics"] != first
    words.unlink()
    assert music.index().figures == {"changed": 1, "unchanged": len(FILES) - 1}
    assert "lyrics" not in music.vectors(track)
    assert music.ask("SELECT count(*) FROM lyrics_index WHERE rowid = ?", track) == [(0,)]


def test_cover_beside_files_is_noticed(music: Music) -> None:
    cover = music.folder / "Bo/Red/cover.jpg"
    tracks = [music.id(name) for name in (RUST, CLAY, BRICK)]
    cover.write_bytes(picture(colour="red"))
    run = music.index()
    assert run.figures == {"changed": 3, "unchanged": len(FILES) - 3}
    assert run.stages[LISTENING] == 0
    red = [music.vectors(track)["cover"] for track in tracks]
    assert len(set(red)) == 1
    cover.write_bytes(picture(colour="green", width=50))
    assert music.index().figures == {"changed": 3, "unchanged": len(FILES) - 3}
    assert all(music.vectors(track)["cover"] != red[0] for track in tracks)
    cover.unlink()
    assert music.index().figures == {"changed": 3, "unchanged": len(FILES) - 3}
    assert all("cover" not in music.vectors(track) for track in tracks)


def test_music_is_never_written(indexed_music: Music, tmp_path: Path) -> None:
    music = copy_music(indexed_music, tmp_path)
    (music.folder / "broken.mp3").write_bytes(b"\xff\xfb" + bytes(500))
    (music.folder / DAWN).rename(music.folder / "Cy/moved.mp3")
    (music.folder / RUST).unlink()
    before = state_of(music.folder)
    folders = {path: path.stat().st_mtime_ns for path in music.folder.rglob("*") if path.is_dir()}
    music.index()
    music.index(retry=True)
    music.index(music.folder / "Ada")
    assert state_of(music.folder) == before
    assert {path: path.stat().st_mtime_ns for path in folders} == folders
