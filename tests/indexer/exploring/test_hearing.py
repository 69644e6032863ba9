"""Words against sounds in an encoder's own space."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from indexer.exploring.hearing import MOST_DEVIATIONS, TEXT_LAMBDA, ByEncoder, by_encoder
from indexer.storing.store import Store
from indexer.storing.vectors import put_vectors
from models.modality import Modality
from tests.indexer.rows import open_store, put_songs, song

ENCODER = "words-and-sounds@1"
PLACES = {"slow": 0, "loud": 1}


class Axes:
    """An encoder of words: "slow" lies on the first axis, "loud" on the second, a text on the sum of its words."""

    encoder = ENCODER

    def encode_text(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), 4), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.split():
                row[PLACES.get(word, 3)] += 1
            row /= np.linalg.norm(row)
        return rows


@pytest.fixture
def heard(tmp_path: Path) -> ByEncoder:
    with open_store(tmp_path / "library") as store:
        ids = put_songs(store, *(song(f"Song {i}", "Ada") for i in range(12)))
        vectors = np.random.default_rng(5).normal(scale=0.1, size=(12, 4)).astype(np.float32)
        vectors[3, 0] = vectors[7, 1] = 1.0
        _put(store, ids, vectors)
        found = by_encoder(store.connection, Axes(), "slow loud")  # type: ignore[arg-type]
    assert found is not None
    assert found.ids.tolist() == ids
    return found


def _put(store: Store, ids: list[int], vectors: NDArray[np.float32]) -> None:
    with store.writing() as connection:
        put_vectors(connection, Modality.AUDIO, ENCODER, [(i, "x", v) for i, v in zip(ids, vectors, strict=True)])


def test_tracks_like_the_words_come_first_and_match_them(heard: ByEncoder) -> None:
    slow, loud = int(heard.ids[3]), int(heard.ids[7])
    assert set(heard.best(count=2)) == {slow, loud}
    assert heard.matched([slow, loud]) == [("slow",), ("loud",)]
    among = np.array([loud, heard.ids[0]])
    assert heard.best(count=5, among=among)[0] == loud


def test_terms_are_limited_deviations_and_0_for_what_was_not_heard(heard: ByEncoder) -> None:
    terms = heard.terms([*heard.ids.tolist(), 999])
    assert terms[-1] == 0.0
    assert np.abs(terms).max() <= TEXT_LAMBDA * MOST_DEVIATIONS + 1e-12
    deviations = heard.deviations[:, 0]
    assert deviations.mean() == pytest.approx(0, abs=1e-9)
    assert deviations.std() == pytest.approx(1)
    assert terms[0] == pytest.approx(TEXT_LAMBDA * deviations[0])


def test_a_library_that_was_not_heard_adds_nothing(tmp_path: Path) -> None:
    with open_store(tmp_path / "library") as store:
        found = by_encoder(store.connection, Axes(), "slow")  # type: ignore[arg-type]
        assert found is not None
        assert found.best(count=3) == []
        assert found.terms([1]).tolist() == [0.0]
        assert by_encoder(store.connection, Axes(), " ") is None  # type: ignore[arg-type]
