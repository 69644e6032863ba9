"""Hub terms of large libraries: by a sample, and after a change only those of the tracks that changed."""

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import indexer.spaces.blocks
import indexer.spaces.hubs
from indexer.spaces.hubs import hub_terms, neighbour_means
from indexer.stages.space import place
from indexer.storing.store import Store
from indexer.storing.tracks import mark_missing
from indexer.storing.vectors import load_blocks
from models.joint.additive import Space
from models.joint.closed_form import fit_private_space
from models.modality import MODALITIES, Modality
from tests.indexer.placed import active, fill
from tests.indexer.rows import artist_vectors, open_store, put_all

Blocks = tuple[NDArray[np.float16], NDArray[np.bool_]]


def drawn(count: int) -> tuple[Space, Blocks]:
    x = artist_vectors(np.arange(count) % 7, seed=3)
    present = np.column_stack([np.full(count, m in x) for m in MODALITIES])
    present[::5, 0] = False
    space = fit_private_space(x, present, encoders={m: f"{m}@1" for m in x})
    return space, space.blocks(x, present)


def naive_means(space: Space, blocks: Blocks, sample: list[int]) -> NDArray[np.float64]:
    """Average each track's ten best scores as asked by the sampled tracks but itself, a track at a time."""
    faders = {Modality.GRAPH: 0.0, Modality.PLAYLISTS: 0.0}
    queries = space.queries(blocks[0][sample], blocks[1][sample], faders=faders)
    means = []
    for track, row in enumerate(blocks[0].astype(np.float64)):
        scores = [float(query @ row) for query, asked in zip(queries, sample, strict=True) if asked != track]
        means.append(np.mean(sorted(scores)[-10:]))
    return np.array(means)


@pytest.mark.parametrize("sampled", [40, 1300])
def test_terms_by_a_sample_are_the_formula(monkeypatch: pytest.MonkeyPatch, sampled: int) -> None:
    monkeypatch.setattr(indexer.spaces.hubs, "_SAMPLE", sampled)
    space, blocks = drawn(1200)
    sample = np.unique(np.linspace(0, 1199, min(sampled, 1200)).round().astype(int)).tolist()
    means = naive_means(space, blocks, sample)
    hubs = hub_terms(space, 1200, lambda rows: (blocks[0][rows], blocks[1][rows]))
    np.testing.assert_allclose(hubs.terms, -0.5 * (means - means.mean()), atol=1e-6)
    assert hubs.centre == pytest.approx(means.mean(), abs=1e-6)
    some = np.array([0, 3, 600, 1199])
    found = neighbour_means(space, 1200, lambda rows: (blocks[0][rows], blocks[1][rows]), some)
    np.testing.assert_allclose(found, means[some], atol=1e-6)


def test_tracks_with_nothing_have_no_term_and_do_not_count() -> None:
    space, (blocks, masks) = drawn(50)
    whole = hub_terms(space, 50, lambda rows: (blocks[rows], masks[rows]))
    more = np.vstack([blocks, np.zeros((1, blocks.shape[1]), np.float16)])
    mask = np.vstack([masks, np.zeros((1, 6), np.bool_)])
    found = hub_terms(space, 51, lambda rows: (more[rows], mask[rows]))
    assert found.terms[50] == 0
    np.testing.assert_allclose(found.terms[:50], whole.terms, atol=1e-6)


def change(store: Store, ids: list[int], *, seed: int) -> None:
    """Give tracks other vectors."""
    put_all(store, ids, artist_vectors(np.arange(len(ids)) % 6, seed=seed))
    store.connection.executemany("UPDATE vectors SET input_hash = ? WHERE track_id = ?", [(f"{seed}", i) for i in ids])


def hubs_of(store: Store, ids: list[int]) -> NDArray[np.float64]:
    return load_blocks(store.connection, ids)[2]


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a library of 200 tracks be a large one."""
    monkeypatch.setattr(indexer.spaces.blocks, "_ALL_HUBS_UP_TO", 100)


def behind(store: Store) -> int:
    return int(json.loads(store.fact("hubs"))["behind"])


@pytest.mark.usefixtures("large")
def test_a_change_of_few_tracks_makes_their_terms_alone(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        ids = fill(store, 200)
        list(place(store, refit=False))
        before = hubs_of(store, ids)
        change(store, ids[5:7], seed=8)
        list(place(store, refit=False))
        after = hubs_of(store, ids)
        assert np.flatnonzero(after != before).tolist() == [5, 6]
        assert behind(store) == 2
        blocks, masks, _ = load_blocks(store.connection, ids)
        means = naive_means(active(store), (blocks, masks), list(range(200)))
        centre = json.loads(store.fact("hubs"))["centre"]
        np.testing.assert_allclose(after[5:7], -0.5 * (means[5:7] - centre), atol=1e-6)
        # What the others' terms, left as they were, are off: far less than what terms differ by, but for one shift.
        whole = -0.5 * (means - means.mean())
        assert (after - whole).std() < 0.1 * whole.std()


@pytest.mark.usefixtures("large")
def test_many_changes_make_all_terms_anew(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        ids = fill(store, 200)
        list(place(store, refit=False))
        for start in (0, 2, 4):
            change(store, ids[start : start + 2], seed=start + 1)
            list(place(store, refit=False))
        assert behind(store) == 0
        blocks, masks, hubs = load_blocks(store.connection, ids)
        means = naive_means(active(store), (blocks, masks), list(range(200)))
        np.testing.assert_allclose(hubs, -0.5 * (means - means.mean()), atol=1e-6)


@pytest.mark.usefixtures("large")
def test_tracks_that_go_missing_count_as_changes(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        ids = fill(store, 200)
        list(place(store, refit=False))
        with store.writing() as connection:
            mark_missing(connection, ids[:3])
        list(place(store, refit=False))
        assert behind(store) == 3
        with store.writing() as connection:
            mark_missing(connection, ids[3:6])
        list(place(store, refit=False))
        assert behind(store) == 0
        assert abs(hubs_of(store, ids[6:]).mean()) < 1e-6


@pytest.mark.usefixtures("large")
def test_a_run_that_died_over_its_blocks_is_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Died(BaseException):
        pass

    def die(*_: object) -> bool:
        raise Died

    with open_store(tmp_path) as store:
        ids = fill(store, 200)
        list(place(store, refit=False))
        change(store, ids[:2], seed=5)
        with monkeypatch.context() as patch:
            patch.setattr(indexer.spaces.blocks, "_refresh_hubs", die)
            with pytest.raises(Died):
                list(place(store, refit=False))
        assert not hubs_of(store, ids[:2]).any()
        list(place(store, refit=False))
        assert hubs_of(store, ids[:2]).all()
        assert abs(hubs_of(store, ids).mean()) < 1e-6


def test_nothing_changed_is_nothing_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(tmp_path) as store:
        fill(store, 30)
        list(place(store))
        version, blocks = store.fact("version"), store.fact("blocks_version")
        monkeypatch.setattr(indexer.spaces.blocks, "hub_terms", None)
        list(place(store))
        assert (store.fact("version"), store.fact("blocks_version")) == (version, blocks)
