"""Tags first, everything else later: what can be seen when, what a stopped run leaves, and that both ways end alike."""

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import mutagen
import pytest

from indexer import embedding
from indexer.catalogue import Catalogue
from indexer.pipeline import index
from indexer.progress import Progress
from indexer.reading.file import examine_file, read_file, read_tags_alone
from indexer.stages.order import in_turn
from indexer.storing.store import Store
from tests.indexer.reading.audio_files import ENCODINGS, make_audio, picture
from tests.indexer.small_music import DAWN, FILES, LOOSE, RUST, Music, make_music, retag
from tests.indexer.test_resuming import assert_same

CLOSER = "looking closer"


def stop_at(music: Music, stage: str, *, done: int = 0) -> None:
    """Begin a run and stop it at a moment of a stage."""
    moments = index(music.library, [music.folder], workers=1)
    for progress in moments:
        if progress.stage == stage and progress.done >= done:
            break
    moments.close()


def unexamined(music: Music) -> int:
    return int(music.ask("SELECT count(*) FROM tracks WHERE NOT examined")[0][0])


@pytest.fixture
def unread(indexed_music: Music, tmp_path: Path) -> Music:
    """Return the session's music folder with no library of its own yet."""
    return Music(indexed_music.folder, tmp_path / "library")


def test_all_is_to_be_seen_and_found_before_any_file_is_opened_as_sound(unread: Music) -> None:
    stop_at(unread, "graph")
    catalogue = Catalogue(unread.library)
    assert catalogue.count() == len(FILES) == unexamined(unread)
    assert [hit.track.title for hit in catalogue.suggest("rust").hits] == ["Rust"]
    assert {hit.track.title for hit in catalogue.suggest("lyrics:trees").hits} == {"Moss"}
    assert unread.ask("SELECT count(*) FROM tracks WHERE duration_seconds IS NULL OR title = '' OR codec = ''") == [
        (0,)
    ]
    assert unread.ask("SELECT count(content_hash), count(cover_hash) FROM tracks") == [(0, 0)]


@pytest.mark.parametrize(("stage", "done"), [("graph", 0), (CLOSER, 1), (CLOSER, len(FILES)), ("listening", 3)])
def test_stopped_between_the_passes_ends_as_an_unbroken_run(
    unread: Music, indexed_music: Music, stage: str, done: int
) -> None:
    stop_at(unread, stage, done=done)
    run = unread.index()
    assert run.figures == {"unchanged": len(FILES)}
    assert unexamined(unread) == 0
    assert_same(unread, indexed_music)


def test_the_long_way_ends_where_the_short_one_does(
    unread: Music, indexed_music: Music, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Libraries with much to hear are placed twice; with a limit of 0 these ten tracks are one."""
    monkeypatch.setattr(embedding, "SMALL", 0)
    monkeypatch.setattr(embedding, "SAMPLE", 2)
    placed: list[set[int]] = []
    moments: list[Progress] = []
    for progress in index(unread.library, [unread.folder], workers=1):
        moments.append(progress)
        if progress.stage == CLOSER and progress.done == 1 and progress.total > 2:
            placed.append({row[0] for row in unread.ask("SELECT mask FROM blocks")})
    order = list(dict.fromkeys(p.stage for p in moments))
    assert order.index("joint space") < order.index("looking at covers")
    assert placed
    assert all(mask & 0b010100 == 0b010100 for mask in placed[0])  # tags and graph
    assert list(dict.fromkeys(p.total for p in moments if p.stage == "listening")) == [2, 8]
    assert_same(unread, indexed_music)


def test_tracks_are_taken_as_they_are_listed(music: Music) -> None:
    with Store(music.library) as store:
        everything = sorted(music.ids().values())
        listed = [row.id for row in Catalogue(music.library).window(0, 100)]
        assert [i for batch in in_turn(store, everything, 3) for i in batch] == listed
        assert list(in_turn(store, listed[:4], 3)) == [listed[:3], listed[3:4]]
        assert list(in_turn(store, [999_999], 3)) == []
        assert list(in_turn(store, [], 3)) == []


def test_retagging_alone_keeps_cover_and_hash_meanwhile(music: Music) -> None:
    before = music.ask("SELECT content_hash, cover_hash FROM tracks WHERE id = ?", music.id(DAWN))
    retag(music.folder / DAWN, title="Sunrise")
    stop_at(music, "graph")
    after = music.ask("SELECT content_hash, cover_hash FROM tracks WHERE id = ?", music.id(DAWN))
    assert after == before
    assert unexamined(music) == 1
    assert music.index().stages["listening"] == 0
    assert unexamined(music) == 0


def test_file_that_moves_after_a_stopped_run_is_the_same_track(unread: Music, tmp_path: Path) -> None:
    music = Music(tmp_path / "music", unread.library)
    shutil.copytree(unread.folder, music.folder)
    stop_at(music, "graph")
    track = music.id(RUST)
    music.tell("INSERT INTO plays (track_id, at) VALUES (?, 1.5)", track)
    (music.folder / RUST).rename(music.folder / "Cy/moved.mp3")
    assert music.index().figures == {"moved": 1, "unchanged": len(FILES) - 1}
    assert music.id("Cy/moved.mp3") == track


def test_file_that_breaks_between_the_passes_is_a_failure_until_it_is_tried_again(
    unread: Music, tmp_path: Path
) -> None:
    music = Music(tmp_path / "music", unread.library)
    shutil.copytree(unread.folder, music.folder)
    stop_at(music, "graph")
    whole, status = (music.folder / LOOSE).read_bytes(), (music.folder / LOOSE).stat()

    def overwrite(content: bytes) -> None:
        (music.folder / LOOSE).write_bytes(content)
        os.utime(music.folder / LOOSE, ns=(status.st_atime_ns, status.st_mtime_ns))

    overwrite(b"no sound at all!"[:16] * (len(whole) // 16) + whole[: len(whole) % 16])
    run = music.index()
    assert run.figures == {"unchanged": len(FILES) - 1, "failed": 1}
    assert set(music.problems("read")) == {LOOSE}
    assert music.ask("SELECT title FROM tracks WHERE id = ?", music.id(LOOSE)) == [("Loose",)]
    again = music.index()
    assert again.figures == {"unchanged": len(FILES) - 1, "failed": 1}
    assert set(again.stages) == {"scanning"}
    overwrite(whole)
    run = music.index(retry=True)
    assert run.figures == {"unchanged": len(FILES)}
    assert (run.stages[CLOSER], run.stages["listening"], unexamined(music)) == (1, 1, 0)


def test_cover_of_an_album_is_stored_once_and_found_in_the_second_pass(tmp_path: Path) -> None:
    music = Music(make_music(tmp_path / "music"), tmp_path / "library")
    (music.folder / "Bo/Red/front.jpg").write_bytes(picture(colour="red"))
    music.index()
    assert music.ask("SELECT count(*) FROM covers") == [(2,)]
    assert music.ask("SELECT count(cover_hash) FROM tracks") == [(6,)]


@pytest.mark.parametrize("ending", sorted(ENCODINGS))
def test_both_readings_agree_but_for_what_the_first_leaves_out(tmp_path: Path, ending: str) -> None:
    path = make_audio(tmp_path / f"01 Song.{ending}", seconds=1.0)
    for tagged in (False, True):
        media = mutagen.File(path, easy=True)
        if tagged and media is not None and ending not in ("wav", "aiff", "tta", "aac", "mka", "wma"):
            retag(path, title="Real Song", artist="Ada feat. Bo", date="1990")
        first = read_tags_alone(str(path), path.name)
        whole, as_before = examine_file(str(path), path.name)
        assert whole == read_file(str(path), path.name)
        if as_before:
            assert (first.tags, first.lyrics) == (whole.tags, whole.lyrics)
        assert first.examined or (first.content_hash, first.cover) == (None, None)
        assert first.stream.duration_seconds == pytest.approx(whole.stream.duration_seconds, abs=0.2)


def test_tags_that_only_the_container_shows_arrive_with_the_second_pass(tmp_path: Path) -> None:
    """A WAV's INFO chunk, which the tag reader does not know."""
    import av
    import numpy as np

    (tmp_path / "music").mkdir()
    with av.open(str(tmp_path / "music/song.wav"), "w", format="wav") as container:
        container.metadata["title"] = "From the Container"
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 16000), np.int16), format="s16", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
    music = Music(tmp_path / "music", tmp_path / "library")
    stop_at(music, "graph")
    assert music.ask("SELECT title FROM tracks") == [("song",)]
    music.index()
    assert music.ask("SELECT title FROM tracks") == [("From the Container",)]
    assert [hit.track.title for hit in Catalogue(music.library).suggest("container").hits] == ["From the Container"]


def test_library_of_the_third_schema_is_taken_as_examined(music: Music) -> None:
    connection = sqlite3.connect(music.library / "library.db")
    with connection:
        connection.execute("DROP INDEX tracks_unexamined")
        connection.execute("ALTER TABLE tracks DROP COLUMN examined")
        connection.execute("DELETE FROM _sqlite_migrations WHERE name = 'm004_a_closer_look'")
        connection.execute("PRAGMA user_version = 3")
    connection.close()
    run = music.index()
    assert run.figures == {"unchanged": len(FILES)}
    assert run.stages[CLOSER] == 0
    assert unexamined(music) == 0


def moments_of(music: Music) -> Iterator[Progress]:
    return index(music.library, [music.folder], workers=1)


def test_time_left_is_told_and_costs_are_remembered(unread: Music) -> None:
    told = [progress.seconds_left for progress in moments_of(unread) if progress.stage == "listening"]
    assert all(left is not None and left >= 0 for left in told)
    retag_costs = unread.ask("SELECT value FROM facts WHERE name = 'unit_costs'")
    assert retag_costs == [] or all(cost > 0 for cost in json.loads(retag_costs[0][0]).values())
    unread.tell("INSERT OR REPLACE INTO facts VALUES ('unit_costs', 'broken')")
    assert unread.index().figures == {"unchanged": len(FILES)}
