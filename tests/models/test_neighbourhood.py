from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from models.dataset import Dataset
from models.errors import ModelError
from models.evaluation.paper import nearest, paper
from models.joint.neighbourhood import SIZE, TRACKS_AT_MOST, fit_neighbourhood
from models.joint.neighbourhood_file import load_neighbourhood, save_neighbourhood
from models.modality import MODALITIES, Modality
from tests.models.evaluation.datasets import clusters


def either(seed: int = 0) -> Dataset:
    """Make tracks that belong together when near in sound or in words, which are independent of each other."""
    data = clusters(artists=30, tracks_an_artist=4, seed=seed)
    shuffled = np.random.default_rng(seed).permutation(len(data))
    x = {Modality.AUDIO: data.x[Modality.AUDIO], Modality.LYRICS: data.x[Modality.LYRICS][shuffled]}
    words = data.artists[shuffled]
    positives = tuple(
        np.flatnonzero(((data.artists == data.artists[i]) | (words == words[i])) & (np.arange(len(data)) != i))
        for i in range(len(data))
    )
    return Dataset(
        data.ids, x, data.present, data.encoders, data.artists, data.albums, data.titles, data.genres, positives
    )


def precision(data: Dataset, vectors: np.ndarray, queries: np.ndarray) -> float:
    """Return the share of true pairs among the nearest ones, as many as there are (the query itself is near too)."""
    distances = ((vectors[queries, None].astype(float) - vectors[None]) ** 2).sum(axis=2)
    distances[np.arange(len(queries)), queries] = np.inf
    hits = [
        np.isin(np.argsort(row, kind="stable")[: len(data.positives[query])], data.positives[query]).mean()
        for row, query in zip(distances, queries, strict=True)
    ]
    return float(np.mean(hits))


def test_finds_what_is_near_in_any_one_modality_where_a_sum_cannot() -> None:
    data = either()
    model = fit_neighbourhood(data)
    vectors = model.embed(data.x, data.present)
    assert vectors.shape == (len(data), SIZE)
    assert vectors.dtype == np.float32
    assert precision(data, vectors, np.arange(len(data))) > 0.8
    summed = np.hstack([x / np.linalg.norm(x, axis=1, keepdims=True) for x in data.x.values()])
    assert precision(data, summed, np.arange(len(data))) < 0.75
    assert paper(data, nearest(vectors, np.arange(120)), np.arange(120))["P@10"] > 0.4


def test_places_tracks_it_never_saw() -> None:
    data = either(1)
    seen = np.flatnonzero(np.arange(len(data)) % 4 != 0)
    unseen = np.flatnonzero(np.arange(len(data)) % 4 == 0)
    vectors = fit_neighbourhood(data.take(seen)).embed(data.x, data.present)
    assert precision(data, vectors, unseen) > 0.35  # chance is .05
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_links_by_itself_where_no_pairs_are_listed() -> None:
    data = either(2)
    bare = Dataset(data.ids, data.x, data.present, data.encoders, data.artists, data.albums, data.titles, data.genres)
    vectors = fit_neighbourhood(bare).embed(data.x, data.present)
    assert precision(data, vectors, np.arange(len(data))) > 0.5


def test_a_track_alone_gets_what_it_gets_among_others_also_when_covers_are_equal() -> None:
    data = either(3)
    covers = np.repeat(np.random.default_rng(0).normal(size=(len(data) // 4, 8)).astype(np.float32), 4, axis=0)
    present = data.present.copy()
    present[:, MODALITIES.index(Modality.COVER)] = True
    x = {**data.x, Modality.COVER: covers}
    whole = Dataset(data.ids, x, present, data.encoders, data.artists, data.albums, data.titles, data.genres)
    model = fit_neighbourhood(whole.take(np.arange(60)))
    together = model.embed(x, present)
    alone = [model.embed({m: v[i : i + 1] for m, v in x.items()}, present[i : i + 1])[0] for i in range(len(data))]
    np.testing.assert_allclose(np.stack(alone), together, atol=1e-6)


def test_takes_any_subset_of_modalities() -> None:
    data = either(4)
    model = fit_neighbourhood(data)
    only = data.present.copy()
    only[:, MODALITIES.index(Modality.LYRICS)] = False
    vectors = model.embed({Modality.AUDIO: data.x[Modality.AUDIO]}, only)
    assert precision(data, vectors, np.arange(len(data))) > 0.3
    assert not model.embed({}, np.zeros((2, 6), np.bool_)).any()
    assert model.embed({}, np.zeros((0, 6), np.bool_)).shape == (0, SIZE)


def test_many_tracks_are_sampled() -> None:
    count = TRACKS_AT_MOST + 7
    generator = np.random.default_rng(0)
    unknown = np.full(count, -1)
    present = np.zeros((count, 6), np.bool_)
    present[:, 0] = True
    x = {Modality.AUDIO: generator.normal(size=(count, 3)).astype(np.float32)}
    data = Dataset(tuple(map(str, range(count))), x, present, {}, unknown, unknown, unknown, ((),) * count)
    assert len(data.take(np.arange(10))) == 10
    sampled = fit_neighbourhood(data.take(np.arange(40)))
    assert len(sampled.present) == 40


def test_bad_input_is_one_clear_error() -> None:
    data = either()
    model = fit_neighbourhood(data)
    with pytest.raises(ModelError, match="three tracks"):
        fit_neighbourhood(data.take(np.arange(2)))
    with pytest.raises(ModelError, match="not finite"):
        model.embed({Modality.AUDIO: np.full((1, 10), np.nan)}, data.present[:1])
    with pytest.raises(ModelError, match="embed again"):
        model.embed({Modality.AUDIO: np.ones((1, 11))}, data.present[:1])


def test_a_file_gives_the_same_vectors(tmp_path: Path) -> None:
    data = either()
    model = fit_neighbourhood(data)
    save_neighbourhood(model, tmp_path / "n.safetensors")
    again = load_neighbourhood(tmp_path / "n.safetensors")
    np.testing.assert_array_equal(again.embed(data.x, data.present), model.embed(data.x, data.present))


def test_damaged_and_foreign_files_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "n.safetensors"
    save_neighbourhood(fit_neighbourhood(either()), file)
    whole, arrays = file.read_bytes(), load_file(file)
    for name, content in (("cut", whole[:5000]), ("empty", b""), ("text", b"hello")):
        (tmp_path / name).write_bytes(content)
    save_file(arrays, tmp_path / "foreign")
    for name in ("cut", "empty", "text", "foreign", "absent"):
        with pytest.raises(ModelError, match="neighbourhood"):
            load_neighbourhood(tmp_path / name)
