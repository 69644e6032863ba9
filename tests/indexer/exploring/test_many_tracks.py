"""What changes where there are many tracks: codes instead of blocks, common words, kept scales, paging."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlite_utils import Database

from benchmarks.make_rows import make_library
from indexer.catalogue import ORDERS, Catalogue
from indexer.explorer import Explorer
from indexer.exploring import lexical
from indexer.exploring.scale import track_scale
from indexer.exploring.session import parse_faders
from indexer.fold import fold, words
from indexer.storing import nearest
from indexer.storing.nearest_file import read_kept
from indexer.storing.schema import migrations
from indexer.storing.store import Store
from indexer.storing.tracks import mark_missing
from indexer.storing.version import DATABASE

TRACKS = 1_200
FADERS: tuple[dict[str, float] | None, ...] = (
    None,
    {"audio": 2.0, "cover": 0.0},
    {"lyrics": 3.0},
    {"audio": 0.0, "tags": 0.0, "cover": 0.0},
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a made-up library that counts as large: its index holds codes, and words in 20 tracks are common."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nearest, "FLAT_UP_TO", 500)
        patch.setattr(lexical, "_RANKED_AT_MOST", 20)
        folder = tmp_path_factory.mktemp("many")
        make_library(folder, TRACKS)
        yield folder


@pytest.fixture(scope="module")
def explorer(library: Path) -> Explorer:
    return Explorer(library)


def test_made_up_library_is_whole(explorer: Explorer) -> None:
    summary = explorer.catalogue.summary()
    assert summary["tracks"] == TRACKS
    assert summary["artists"] > 20
    assert all(summary["modalities"][m]["present"] for m in summary["modalities"])
    kept = read_kept(explorer.catalogue.library)
    assert kept is not None
    assert kept.trained == TRACKS


@pytest.mark.parametrize("hub", [True, False])
@pytest.mark.parametrize("faders", FADERS)
def test_answers_hold_nearly_all_of_the_truly_nearest(
    explorer: Explorer, faders: dict[str, float] | None, hub: bool
) -> None:
    session = explorer.session()
    blocks, masks, hubs = session.blocks(list(range(1, TRACKS + 1)))
    queries = session.space.queries(blocks, masks, faders=parse_faders(faders))
    found = []
    for track in range(1, TRACKS, 40):
        if not queries[track - 1].any():
            continue
        scores = blocks.astype(np.float64) @ queries[track - 1] + (hubs if hub else 0.0)
        scores[track - 1] = -np.inf
        twentieth = np.sort(scores)[-20]
        answer = explorer.similar(track, count=20, faders=faders, hub=hub)
        assert [hit.score for hit in answer.hits] == pytest.approx(
            [scores[hit.track.id - 1] for hit in answer.hits], abs=1e-9
        )
        found.append(np.mean([scores[hit.track.id - 1] >= twentieth - 1e-9 for hit in answer.hits]))
    assert len(found) > 20
    assert np.mean(found) >= 0.95


def test_track_has_the_same_score_to_the_last_digit_asked_for_alone(explorer: Explorer) -> None:
    session = explorer.session()
    for faders in FADERS:
        for hit in explorer.similar(600, count=60, faders=faders).hits:
            [alone] = session.contributions(session.point(600), [hit.track.id], faders=parse_faders(faders), hub=True)
            assert alone == hit.contributions


def test_scale_is_kept_beside_the_library_until_the_blocks_change(library: Path) -> None:
    session = Explorer(library).session()
    scale = track_scale(session, None, hub=True)
    file = library / "nearest.scales.json"
    kept = json.loads(file.read_text())
    assert kept["scales"]["track"] == scale.tolist()
    assert scale.tolist() == sorted(scale)
    file.write_text(json.dumps({"mark": kept["mark"], "scales": {"track": [1.0, 2.0]}}))
    assert track_scale(Explorer(library).session(), None, hub=True).tolist() == [1.0, 2.0]
    for damaged in (json.dumps({"mark": "another", "scales": {"track": [1.0]}}), "[]", "{", '{"mark": 1}'):
        file.write_text(damaged)
        assert track_scale(Explorer(library).session(), None, hub=True).tolist() == scale.tolist()
    moved = track_scale(session, parse_faders({"audio": 2.0}), hub=True)
    assert 20 <= len(moved) < len(scale)
    assert set(json.loads(file.read_text())["scales"]) == {"track"}


def test_title_typed_in_full_comes_first_however_common_its_words(explorer: Explorer) -> None:
    asked = 0
    for row in explorer.catalogue.window(0, TRACKS)[::60]:
        first = explorer.catalogue.suggest(row.title, limit=1).hits[0].track
        assert fold(first.title) == fold(row.title)
        asked += 1
    assert asked == 20


@pytest.mark.parametrize("text", ["l", "lo", "lov", "love", "love n", "night of", "ا", "حب", "the"])
def test_beginnings_that_many_tracks_have_are_answered(explorer: Explorer, text: str) -> None:
    hits = explorer.catalogue.suggest(text, limit=50).hits
    assert hits
    for hit in hits:
        card = explorer.catalogue.card(hit.track.id)
        spoken = words(" ".join([card["title"], card["artist"], card["album"], card["genre"], card["lyrics"] or ""]))
        named = words(" ".join(credit["name"] for credit in card["credits"]))
        assert any(word.startswith(words(text)[-1]) or words(text)[0] in word for word in [*spoken, *named])
    scores = [hit.score or 0.0 for hit in hits]
    assert scores == sorted(scores, reverse=True)


def test_fields_hold_among_common_words(explorer: Explorer) -> None:
    answer = explorer.catalogue.suggest("love year:1980..1990", limit=50)
    assert answer.hits
    assert all(hit.track.year is not None and 1980 <= hit.track.year <= 1990 for hit in answer.hits)
    title = next(row.title for row in explorer.catalogue.window(0, TRACKS) if len(words(row.title)) == 3)
    phrase = " ".join(words(title)[:2])
    assert title in {hit.track.title for hit in explorer.catalogue.suggest(f'"{phrase}"', limit=200).hits}


def test_search_by_fields_alone_loads_nothing_heavy(library: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from indexer.explorer import Explorer; "
        "assert Explorer(Path(sys.argv[1])).search('year:1980..1990', count=5).hits; "
        "print(sorted({'numpy', 'faiss', 'torch', 'safetensors', 'sqlite_utils'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", script, str(library)], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("order", ORDERS)
def test_paging_reads_no_rows_on_its_way(explorer: Explorer, order: str) -> None:
    catalogue = explorer.catalogue
    everything = [row.id for row in catalogue.window(0, TRACKS, order=order)]
    assert sorted(everything) == list(range(1, TRACKS + 1))
    assert [row.id for row in catalogue.window(TRACKS - 7, 50, order=order)] == everything[-7:]
    statements: list[str] = []
    catalogue.connection.set_trace_callback(statements.append)
    catalogue.window(900, 10, order=order)
    catalogue.connection.set_trace_callback(None)
    [paging] = [text for text in statements if "OFFSET" in text]
    plan = [row[3] for row in catalogue.connection.execute(f"EXPLAIN QUERY PLAN {paging}")]
    assert plan == [f"SCAN t USING INDEX tracks_{order}"]


def test_library_of_an_older_schema_keeps_its_words_and_lists(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / DATABASE, isolation_level=None)
    migrations.apply(Database(connection), stop_before="m005_lists_of_present_tracks")
    connection.execute("PRAGMA user_version = 4")
    connection.execute("INSERT INTO roots (id, path, added) VALUES (1, CAST('m' AS BLOB), 0)")
    for number, title in enumerate(("salt wind", "night bus", "gone"), start=1):
        connection.execute(
            "INSERT INTO tracks (root_id, path, size, mtime_ns, title, artist, album, album_artist, genre, work, "
            "movement, comment, compilation, guessed, codec, cover_source, sort_artist, sort_album, sort_title, added) "
            "VALUES (1, ?, 1, 1, ?, '', '', '', '', '', '', '', 0, '[]', '', '', '', '', ?, 0)",
            (b"%d" % number, title, title),
        )
        connection.execute(
            "INSERT INTO word_index (rowid, title, artist, album, genre, other) VALUES (?, ?, '', '', '', '')",
            (number, title),
        )
    connection.close()
    with Store(tmp_path) as store, store.writing() as writing:
        mark_missing(writing, [3])
    catalogue = Catalogue(tmp_path)
    assert [hit.track.id for hit in catalogue.suggest("sa").hits] == [1]
    assert [hit.track.id for hit in catalogue.suggest("n").hits] == [2]
    assert catalogue.suggest("gone").hits == ()
    assert [row.id for row in catalogue.window(0, 9, order="title")] == [2, 1]
