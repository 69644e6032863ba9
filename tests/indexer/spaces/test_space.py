"""Placing tracks in the joint space: blocks, hub terms, and when a library gets a space of its own."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from indexer.errors import IndexerError
from indexer.report import measure
from indexer.spaces.choice import REFIT_TRACKS
from indexer.spaces.inputs import Inputs
from indexer.spaces.shelf import SHIPPED, open_space
from indexer.stages.space import place
from indexer.storing.store import Store
from indexer.storing.tracks import delete_tracks, mark_missing
from indexer.storing.vectors import drop_vectors, load_blocks
from models.checkpoint import load_space
from models.joint.additive import Space
from models.modality import MODALITIES, Modality
from tests.indexer.placed import active, fill
from tests.indexer.rows import artist_vectors, open_store, put_all, put_songs, song


def run(store: Store) -> None:
    assert [progress.stage for progress in place(store)] == ["joint space"] * 2


def spaces(store: Store) -> list[tuple[str, str | None, int, dict[str, Any]]]:
    rows = store.connection.execute("SELECT name, file, active, report FROM spaces ORDER BY id")
    return [(row[0], row[1], row[2], json.loads(row[3])) for row in rows]


def all_blocks(store: Store) -> dict[int, tuple[bytes, str, int]]:
    rows = store.connection.execute("SELECT track_id, block, source_hash, space_id FROM blocks ORDER BY track_id")
    return {row[0]: tuple(row)[1:] for row in rows}


@pytest.mark.parametrize("count", [0, 1, 2, 12])
def test_small_libraries_are_placed_without_a_refit(tmp_path: Path, count: int) -> None:
    with open_store(tmp_path) as store:
        ids = fill(store, count)
        run(store)
        assert store.fact("refit_tried") == 0
        assert len(spaces(store)) == 1
        blocks, mask, hubs = load_blocks(store.connection, ids)
        assert mask.sum() == 2 * count
        assert np.isfinite(blocks).all()
        assert np.isfinite(hubs).all()
        assert store.fact("blocks_version") == 1


def test_blocks_are_those_of_the_space(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        ids = fill(store, 20)
        drop_vectors(store.connection, Modality.TAGS, ids[:3])
        run(store)
        inputs = Inputs(store)
        assert inputs.ids.tolist() == ids
        expected, expected_mask = active(store).blocks(inputs.x, inputs.present)
        blocks, mask, _ = load_blocks(store.connection, ids)
        np.testing.assert_array_equal(blocks, expected)
        np.testing.assert_array_equal(mask, expected_mask)
        assert not mask[:3, MODALITIES.index(Modality.TAGS)].any()


def test_unchanged_vectors_are_not_placed_again(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        ids = fill(store, 12)
        run(store)
        before = all_blocks(store)
        store.connection.execute("UPDATE blocks SET block = zeroblob(1536) WHERE track_id = ?", (ids[0],))
        run(store)
        assert all_blocks(store)[ids[0]][0] == bytes(1536)
        put_all(store, ids[:1], {m: x[:1] for m, x in artist_vectors(np.arange(12) % 6, seed=0).items()}, revision=1)
        store.connection.execute("UPDATE vectors SET input_hash = 'new' WHERE track_id = ?", (ids[0],))
        run(store)
        now = all_blocks(store)
        assert now[ids[0]][0] == before[ids[0]][0]
        assert {i: now[i] for i in ids[1:]} == {i: before[i] for i in ids[1:]}


def test_tracks_that_lost_their_vectors_lose_their_blocks_and_missing_ones_keep_them(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        ids = fill(store, 8)
        run(store)
        with store.writing() as connection:
            for m in Modality:
                drop_vectors(connection, m, ids[:1])
            mark_missing(connection, ids[1:2])
        run(store)
        assert set(all_blocks(store)) == set(ids[1:])


def naive_hubs(space: Space, blocks: NDArray[np.float16], mask: NDArray[np.bool_]) -> list[float]:
    """Compute minus half of each track's mean score among its ten nearest neighbours, centred, in plain loops."""
    faders = {Modality.GRAPH: 0.0, Modality.PLAYLISTS: 0.0}
    means = []
    for t in range(len(blocks)):
        scores = []
        for q in range(len(blocks)):
            if q != t:
                query = space.query(blocks[q], mask[q], faders=faders)
                scores.append(sum(float(a) * float(b) for a, b in zip(query, blocks[t], strict=True)))
        best = sorted(scores)[-10:]
        means.append(sum(best) / len(best))
    centre = sum(means) / len(means)
    return [-0.5 * (mean - centre) for mean in means]


@pytest.mark.parametrize("count", [3, 8, 25])
def test_hub_terms_are_the_formula(tmp_path: Path, count: int) -> None:
    with open_store(tmp_path) as store:
        ids = fill(store, count)
        run(store)
        blocks, mask, hubs = load_blocks(store.connection, ids)
        np.testing.assert_allclose(hubs, naive_hubs(active(store), blocks, mask), atol=1e-6)
        assert abs(hubs.sum()) < 1e-6


def test_hub_terms_go_where_too_few_are_left(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        ids = fill(store, 6)
        run(store)
        assert load_blocks(store.connection, ids)[2].any()
        with store.writing() as connection:
            delete_tracks(connection, ids[2:])
        run(store)
        assert load_blocks(store.connection, ids[:2])[2].tolist() == [0.0, 0.0]


def test_refit_comes_with_the_sixtieth_track(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        fill(store, REFIT_TRACKS - 1)
        run(store)
        assert not store.fact("refit_tried")
        fill(store, 1)
        run(store)
        assert store.fact("refit_tried") == REFIT_TRACKS


def test_better_fit_is_adopted_and_everything_placed_in_it(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        ids = fill(store, 90)
        run(store)
        (_, _, was_active, _), (name, file, is_active, report) = spaces(store)
        assert (was_active, is_active) == (0, 1)
        assert report["note"].startswith("refit adopted: ")
        assert report["tracks"] == 90
        assert report["figures"] == report["measured"]["refit"]
        before, after = report["measured"]["embedded-local"], report["measured"]["refit"]
        assert after["cross_modal_recall10"] > before["cross_modal_recall10"]
        assert name == "refit-2"
        assert load_space(tmp_path / "spaces" / str(file)).alpha > 0
        assert {space for _, _, space in all_blocks(store).values()} == {2}
        inputs = Inputs(store)
        blocks, _, _ = load_blocks(store.connection, ids)
        np.testing.assert_array_equal(blocks, active(store).blocks(inputs.x, inputs.present)[0])


def test_refit_that_is_no_better_is_not_adopted(tmp_path: Path) -> None:
    """Two modalities that have nothing to do with each other, one of which knows the artist."""
    artists = np.arange(100) % 10
    with open_store(tmp_path) as store:
        ids = put_songs(store, *(song(f"Song {i}", f"Artist {artist}") for i, artist in enumerate(artists)))
        x = artist_vectors(artists, seed=1, noise=0.2)
        x[Modality.TAGS] = np.random.default_rng(2).normal(size=x[Modality.TAGS].shape).astype(np.float32)
        put_all(store, ids, x)
        run(store)
        ((name, _, is_active, report),) = spaces(store)
        assert (name, is_active) == ("embedded-local", 1)
        assert report["note"].startswith("kept: no fit is better (")
        before, refit = report["measured"]["embedded-local"], report["measured"]["refit"]
        assert refit["same_artist_ndcg10"] < before["same_artist_ndcg10"]
        assert store.fact("refit_tried") == 100


def test_refit_is_tried_again_after_growing_by_a_fifth(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        fill(store, 60)
        run(store)
        number = len(spaces(store))
        fill(store, 11)
        run(store)
        assert (len(spaces(store)), store.fact("refit_tried")) == (number, 60)
        fill(store, 1)
        run(store)
        assert store.fact("refit_tried") == 72


def test_exchanged_encoder_starts_anew_and_places_everything(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        ids = fill(store, 70)
        run(store)
        before = all_blocks(store)
        x = artist_vectors(np.arange(70) % 6, seed=9, dimension=40)
        put_all(store, ids, {Modality.AUDIO: x[Modality.AUDIO]}, revision=2)
        run(store)
        assert active(store).heads[Modality.AUDIO].encoder == "test-audio@2"
        assert len(active(store).heads[Modality.AUDIO].mean) == 40
        now = all_blocks(store)
        assert all(now[i] != before[i] for i in ids)
        # A refit was considered for the new encoder, though the library has not grown.
        assert store.fact("refit_tried") == 70
        assert spaces(store)[-1][0].startswith("refit") or "kept" in spaces(store)[-1][3]["note"]


@pytest.mark.parametrize("damage", ["deleted", "truncated"])
def test_lost_space_is_made_again(tmp_path: Path, damage: str) -> None:
    with open_store(tmp_path) as store:
        ids = fill(store, 90)
        run(store)
        before = all_blocks(store)
        file = tmp_path / "spaces/refit-2.safetensors"
        file.unlink() if damage == "deleted" else file.write_bytes(file.read_bytes()[:100])
        run(store)
        assert active(store).heads.keys() == {Modality.AUDIO, Modality.TAGS}
        now = all_blocks(store)
        assert all(now[i][0] == before[i][0] for i in ids)


def test_shipped_space_opens_and_a_damaged_one_is_one_line(tmp_path: Path) -> None:
    assert set(open_space(SHIPPED, None, tmp_path).heads) == set(Modality)
    with pytest.raises(IndexerError, match='the space "mine" cannot be used: '):
        open_space("mine", "mine.safetensors", tmp_path)


def test_report_measures_in_the_library(tmp_path: Path) -> None:
    """The figures of the store's own report are those of `measure` on the same inputs."""
    with open_store(tmp_path) as store:
        fill(store, 90)
        run(store)
        report = spaces(store)[-1][3]
        inputs = Inputs(store)
        before = open_space("embedded-local", "embedded-local.safetensors", tmp_path)
        measured = measure(store.connection, inputs.ids, inputs.x, inputs.present, lambda _: before)
        assert report["measured"]["embedded-local"] == measured.figures()
