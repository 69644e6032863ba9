"""The whole report on small libraries whose answers are known."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import indexer.report.material
from indexer.catalogue import Catalogue
from indexer.errors import IndexerError
from indexer.report.labels import artists_of, read_labels
from indexer.report.library import LibraryReport, library_report
from indexer.report.likeness import CONCATENATION, FUSION, RANDOM, SPACE, TAG_WORDS, own, private
from indexer.report.material import read_material
from indexer.track import Tags
from models.dataset import UNKNOWN
from models.evaluation.folds import artist_folds
from models.joint.closed_form import fit_shared_space
from models.modality import MODALITIES, Modality
from tests.indexer.report.shelf import Vectors, clusters, fill, songs
from tests.indexer.rows import artist_vectors, open_store, song

AUDIO, LYRICS, TAGS = Modality.AUDIO, Modality.LYRICS, Modality.TAGS


def report(library: Path, tags: list[Tags], x: Vectors, **options: Any) -> LibraryReport:
    with fill(library, tags, x, **options) as store:
        found = library_report(store)
    json.dumps(found.to_json(), allow_nan=False)
    return found


def figure(found: LibraryReport, way: str, metric: str = "same artist nDCG@10") -> float:
    (mean,) = (row["mean"] for row in found.to_json()["rows"] if (row["model"], row["metric"]) == (way, metric))
    return float(mean)


def test_perfect_clusters_score_one_and_random_lists_score_chance(tmp_path: Path) -> None:
    artists = np.arange(120) % 20
    x = {AUDIO: clusters(artists.tolist(), seed=0), TAGS: clusters(artists.tolist(), seed=1)}
    found = report(tmp_path, songs(artists.tolist(), albums=3), x)
    for way in (SPACE, own(AUDIO), own(TAGS), private(AUDIO), CONCATENATION, FUSION):
        assert figure(found, way) == pytest.approx(1.0), way
        assert figure(found, way, "same artist P@1") == 1.0
        assert figure(found, way, "other album nDCG@10") == pytest.approx(1.0)
        assert figure(found, way, "same artist in 10") == pytest.approx(0.5)
        assert figure(found, way, "same album in 10") == pytest.approx(0.1)
    assert figure(found, RANDOM, "same artist P@1") == pytest.approx(5 / 119, abs=0.06)
    assert figure(found, RANDOM) < 0.12
    assert found.retrieval is not None
    assert (len(found.retrieval.queries), found.retrieval.candidates) == (120, 120)


def test_embeddings_that_know_the_artist_beat_tags_that_do_not_and_the_other_way_round(tmp_path: Path) -> None:
    artists = (np.arange(100) % 20).tolist()
    knows, blind = {AUDIO: clusters(artists, seed=0)}, {AUDIO: clusters(list(range(100)), seed=0)}
    tags = songs(artists)
    assert report(tmp_path / "a", tags, knows).answer.startswith("Do embeddings beat tags? Yes: nDCG@10 +0.")
    named = [song(f"Signature{artist} {i}", f"Artist {artist}") for i, artist in enumerate(artists)]
    told = report(tmp_path / "b", named, blind)
    assert figure(told, TAG_WORDS) == pytest.approx(1.0)
    assert told.answer.startswith("Do embeddings beat tags? No, the words of the tags find more: nDCG@10 -")
    both = report(tmp_path / "c", named, knows)
    assert both.answer.startswith("Do embeddings beat tags? It cannot be told: nDCG@10 +0.000")
    assert both.answer.endswith("100 queries of 20 artists.")


def test_artist_and_album_are_no_words_of_the_tags(tmp_path: Path) -> None:
    artists = (np.arange(60) % 12).tolist()
    tags = [song(f"Title{i}", f"Artist{a}", album=f"Album{a}", comment="") for i, a in enumerate(artists)]
    assert figure(report(tmp_path, tags, {AUDIO: clusters(artists, seed=0)}), TAG_WORDS) < 0.25


def test_too_few_queries_are_said_to_be_too_few(tmp_path: Path) -> None:
    found = report(tmp_path, songs([0, 0, 1, 1, 2, 3]), {AUDIO: clusters([0, 0, 1, 1, 2, 3], seed=0)})
    assert found.answer.startswith("Do embeddings beat tags? Too few to say (4 queries of 2 artists, 30 queries of 8")


def test_copies_of_a_song_do_not_count_as_found(tmp_path: Path) -> None:
    """Five artists have one song twice and nothing else; what is left to find is by the sixth."""
    tags = [song(f"Song {a}", f"Artist {a}") for a in range(5) for _ in range(2)]
    tags += [song(f"Other {i}", "Artist 5") for i in range(3)]
    found = report(tmp_path, tags, {AUDIO: clusters([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 5], seed=0)})
    assert found.retrieval is not None
    assert found.retrieval.queries.tolist() == [10, 11, 12]


def test_nobody_known_leaves_the_rest_of_the_report(tmp_path: Path) -> None:
    x = {AUDIO: np.random.default_rng(0).normal(size=(20, 8)).astype(np.float32)}
    found = report(tmp_path, songs([""] * 20), x)
    assert found.retrieval is None
    assert found.answer == "Do embeddings beat tags? Nothing to ask: no artist has two songs here."
    assert found.to_json()["rows"] == []
    assert found.to_json()["hubs"]["rows"][0]["skewness"] is not None


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_smallest_libraries_have_a_report(tmp_path: Path, count: int) -> None:
    x = artist_vectors(np.zeros(count, np.int64), seed=0)
    found = report(tmp_path, songs([0] * count), x)
    assert found.coverage.tracks == count
    assert (found.retrieval is None) == (count == 1)
    assert found.to_json()["agreement"] == []


def test_a_library_without_vectors_is_one_line(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, pytest.raises(IndexerError, match="nothing to evaluate yet: run"):
        library_report(store)


def test_without_content_the_graph_is_not_asked_about_artists(tmp_path: Path) -> None:
    found = report(tmp_path, songs([0, 0, 1, 1] * 5), {Modality.GRAPH: clusters([0, 0, 1, 1] * 5, seed=0)})
    assert found.retrieval is None
    assert found.coverage.counts == {Modality.GRAPH: 20}


def test_graph_does_not_help_the_space_to_find_artists(tmp_path: Path) -> None:
    artists = (np.arange(80) % 16).tolist()
    x = {AUDIO: clusters(list(range(80)), seed=0), Modality.GRAPH: clusters(artists, seed=1)}
    assert figure(report(tmp_path, songs(artists), x), SPACE) < 0.2


@pytest.mark.parametrize("recipe", ["refit", "blend"])
def test_a_fit_is_asked_by_spaces_that_have_not_met_the_artist(tmp_path: Path, recipe: str) -> None:
    artists = np.arange(100) % 23
    x = artist_vectors(artists, seed=0)
    present = np.column_stack([np.full(100, m in x) for m in MODALITIES])
    space = fit_shared_space(x, present, encoders={m: f"test-{m}@1" for m in x}, alpha=0.3)
    with fill(tmp_path, songs(artists.tolist()), x, space=space, recipe=recipe) as store:
        material = read_material(store)
    assert material is not None
    asked = np.arange(0, 100, 3)
    met = list(material.unseen(asked))
    assert sorted(np.concatenate([rows for _, rows in met]).tolist()) == asked.tolist()
    assert len(met) == 5
    folds = artist_folds(artists)
    for made, rows in met:
        others = folds != folds[rows[0]]
        assert not set(artists[rows]) & set(artists[others])
        np.testing.assert_allclose(made.heads[AUDIO].mean, x[AUDIO][others].mean(axis=0), atol=0.01)
        assert made is not space


@pytest.mark.parametrize("recipe", ["shipped", "shipped+local", "imported"])
def test_other_spaces_are_asked_as_they_are(tmp_path: Path, recipe: str) -> None:
    x = artist_vectors(np.arange(12), seed=0)
    with fill(tmp_path, songs(list(range(12))), x, recipe=recipe) as store:
        material = read_material(store)
    assert material is not None
    assert [(space is material.space, len(rows)) for space, rows in material.unseen(np.arange(12))] == [(True, 12)]
    assert ("has not met" in material.protocol) == recipe.startswith("shipped")


def test_cross_modal_recall_of_bound_modalities_and_chance_for_others(tmp_path: Path) -> None:
    x = dict(artist_vectors(np.arange(200), seed=4, noise=0.1))
    x[LYRICS] = np.random.default_rng(5).normal(size=(200, 12)).astype(np.float32)
    present = np.column_stack([np.full(200, m in x) for m in MODALITIES])
    space = fit_shared_space(x, present, encoders={m: f"test-{m}@1" for m in x})
    found = report(tmp_path, songs([""] * 200), x, space=space, recipe="refit")
    pairs = {(one.a, one.b): one for one in found.cross_modal}
    assert len(pairs) == 6
    assert pairs[AUDIO, TAGS].recall10 > 0.8
    assert pairs[AUDIO, TAGS].median_rank < 5
    assert pairs[AUDIO, LYRICS].recall10 == pytest.approx(0.05, abs=0.06)
    assert pairs[AUDIO, LYRICS].chance_recall10 == 0.05
    assert pairs[AUDIO, LYRICS].chance_rank == 100.5


def test_without_shared_blocks_everything_is_chance_and_said_so(tmp_path: Path) -> None:
    found = report(tmp_path, songs([""] * 50), artist_vectors(np.arange(50), seed=4))
    assert [one.shared for one in found.cross_modal] == [False, False]
    assert found.cross_modal[0].recall10 == pytest.approx(0.2)
    assert found.cross_modal[0].median_rank == 25.5
    assert any(line.startswith("The space has no shared block for audio and tags") for line in found.advice)


def test_coverage_counts_what_tracks_have(tmp_path: Path) -> None:
    x = artist_vectors(np.arange(30), seed=0)
    x[TAGS][10:] = 0
    x[AUDIO][28:] = 0
    coverage = report(tmp_path, songs([""] * 30), x).to_json()["coverage"]
    assert (coverage["tracks"], coverage["nothing"]) == (30, 2)
    assert coverage["modalities"]["audio"] == {"tracks": 28, "share": 28 / 30, "encoder": "test-audio@1"}
    assert coverage["modalities"]["tags"]["tracks"] == 10
    assert coverage["pairs"] == [{"a": "audio", "b": "tags", "tracks": 10}]


def test_missing_modalities_are_named_with_what_to_do(tmp_path: Path) -> None:
    x = artist_vectors(np.arange(30), seed=0)
    x[TAGS][20:] = 0
    lines = report(tmp_path, songs([""] * 30), x).advice
    assert any(line.startswith("33% of tracks have no tags: ") for line in lines)
    assert any(line.startswith("100% of tracks have no lyrics: ") for line in lines)
    assert not any("no sound" in line for line in lines)


def test_a_modality_that_cannot_answer_gets_a_random_list(tmp_path: Path) -> None:
    artists = (np.arange(120) % 20).tolist()
    x = {AUDIO: clusters(artists, seed=0), TAGS: clusters(artists, seed=1)}
    x[TAGS][60:] = 0
    found = report(tmp_path, songs(artists), x)
    (way,) = (way for way in found.to_json()["retrieval"]["ways"] if way["model"] == own(TAGS))
    assert way["answers"] == 0.5
    # Two of an artist's five fellows have tags and come first; those without any come last.
    discounts = 1 / np.log2(np.arange(2, 7))
    assert way["where_it_answers"] == pytest.approx(discounts[:2].sum() / discounts.sum())
    assert way["space_there"] == pytest.approx(1.0)
    assert figure(found, own(TAGS)) < 0.55


def test_copies_of_the_sound_are_counted(tmp_path: Path) -> None:
    sound = np.random.default_rng(0).normal(size=(40, 16)).astype(np.float32)
    sound[7], sound[9] = sound[3], sound[3]
    sound[20] = sound[21]
    found = report(tmp_path, songs([""] * 40), {AUDIO: sound})
    assert found.duplicates is not None
    assert (found.duplicates.pairs, found.duplicates.tracks) == (4, 5)
    assert found.duplicates.examples == ((3, 7), (3, 9), (7, 9), (20, 21))
    assert any(line.startswith("4 pairs of tracks sound the same") for line in found.advice)


def test_hub_terms_of_the_store_are_counted_in(tmp_path: Path) -> None:
    x = {AUDIO: np.random.default_rng(0).normal(size=(60, 8)).astype(np.float32)}
    with fill(tmp_path, songs([""] * 60), x) as store:
        ids = [row[0] for row in store.connection.execute("SELECT id FROM tracks ORDER BY id")]
        with store.writing() as connection:
            rows = [(i, 1, "", 1, b"", 3.0 if i == ids[5] else 0.0) for i in ids]
            connection.executemany("INSERT INTO blocks VALUES (?, ?, ?, ?, ?, ?)", rows)
        found = library_report(store).to_json()["hubs"]["rows"]
    assert found[0]["worst"][0] == {"id": ids[5], "name": "Song 5", "lists": 59}
    assert all(hub["lists"] < 59 for hub in found[1]["worst"])


def test_the_same_library_gives_the_same_report_by_store_and_catalogue(tmp_path: Path) -> None:
    artists = (np.arange(60) % 12).tolist()
    x = artist_vectors(np.array(artists), seed=0)
    steps: list[str] = []
    with fill(tmp_path, songs(artists), x) as store:
        first = library_report(store, progress=lambda step, done, total: steps.append(step)).to_json()
        before = store.connection.execute("SELECT value FROM facts WHERE name = 'version'").fetchone()[0]
    second = library_report(Catalogue(tmp_path)).to_json()
    first.pop("seconds"), second.pop("seconds")
    assert first == second
    assert Catalogue(tmp_path).version() == before
    assert list(dict.fromkeys(steps)) == ["reading", "retrieval", "hubs", "agreement", "cross-modal", "duplicates"]


def test_large_library_is_measured_on_whole_artists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked is asked of a sample, whose tracks keep their fellows; what is counted is counted over all."""
    artists = [i % 40 for i in range(240)]
    x = {AUDIO: clusters(artists, seed=0), TAGS: clusters(artists, seed=1)}
    x[TAGS][:30] = 0
    x[AUDIO][240 - 1] = x[AUDIO][240 - 41]
    with fill(tmp_path, songs(artists), x) as store:
        whole = library_report(store)
        monkeypatch.setattr(indexer.report.material, "TRACKS", 100)
        report = library_report(store)
        material = read_material(store)
    assert material is not None
    assert 94 < len(material) <= 100
    assert report.protocol.startswith(f"{len(material)} of 240 tracks, by artists drawn at random; ")
    assert "drawn" not in whole.protocol
    drawn_ids = set(report.ids.tolist())
    for artist in range(40):
        members = {i + 1 for i in range(240) if artists[i] == artist}
        assert members <= drawn_ids or not members & drawn_ids
    assert report.coverage == whole.coverage
    assert report.retrieval is not None
    assert report.retrieval.found["space"].artist_ndcg10.mean() > 0.99


def test_labels_of_a_few_tracks_are_those_of_all(tmp_path: Path) -> None:
    artists = [*(i % 7 for i in range(60)), "", ""]
    tags = [
        *songs(artists[:60], albums=2),
        song("Guest", "featured: Artist 3", "Artist 1", "Artist 2", genres=("Folk", "Other")),
        song("Nobody", genres=("Rock",)),
    ]
    with fill(tmp_path, tags, {AUDIO: clusters([0] * 62, seed=0)}) as store:
        ids = np.arange(1, 63)
        whole, some = read_labels(store.connection, ids), np.array([2, 9, 16, 60, 61])
        part = read_labels(store.connection, ids[some])
        numbers = artists_of(store.connection, ids)
        few = artists_of(store.connection, ids[some])
    rows = np.arange(5)
    for name in ("itself", "same_artist", "same_album", "maybe_same_album", "shared_genre"):
        np.testing.assert_array_equal(getattr(part, name)(rows), getattr(whole, name)(some)[:, some])
    for one in (numbers, whole.artists):
        np.testing.assert_array_equal(one[:, None] == one, whole.artists[:, None] == whole.artists)
    np.testing.assert_array_equal(numbers == UNKNOWN, whole.artists == UNKNOWN)
    np.testing.assert_array_equal(few[:, None] == few, numbers[some][:, None] == numbers[some])
