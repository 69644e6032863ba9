"""Which file is which track: what moves, copies, other mounts and a second run do to a library, and what they cost."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from tests.indexer.small_music import (
    CLAY,
    DAWN,
    FILES,
    LISTENING,
    LOOSE,
    NOON,
    READING,
    RUST,
    Music,
    copy_music,
    make_music,
    retag,
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
