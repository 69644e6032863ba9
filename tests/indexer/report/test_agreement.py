"""Agreement of neighbour lists against plain loops; all for the same vectors, chance for unrelated ones."""

from pathlib import Path

import numpy as np
import pytest

from indexer.report.agreement import Agreement, measure_agreement, overlap
from indexer.report.material import Material, read_material
from models.modality import Modality
from tests.indexer.report.shelf import Vectors, fill, songs

AUDIO, TAGS, COVER = Modality.AUDIO, Modality.TAGS, Modality.COVER


def material(library: Path, x: Vectors) -> Material:
    count = len(x[AUDIO])
    with fill(library, songs([f"{i}" for i in range(count)]), x) as store:
        found = read_material(store)
    assert found is not None
    return found


def pairs(found: list[Agreement]) -> dict[tuple[str, str], Agreement]:
    return {(one.a, one.b): one for one in found}


def test_overlap_is_what_two_sets_have_in_common() -> None:
    a = np.array([[1, 2, 3, 4], [5, 6, -1, -1], [-1, -1, -1, -1]])
    b = np.array([[4, 9, 1, 8], [6, -1, -1, -1], [-1, -1, -1, -1]])
    assert overlap(a, b).tolist() == [0.5, 0.5, 0.0]


def test_overlap_is_that_of_plain_loops(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    sound = generator.normal(size=(60, 8)).astype(np.float32)
    words = (sound @ generator.normal(size=(8, 12)) + 2 * generator.normal(size=(60, 12))).astype(np.float32)
    found = pairs(measure_agreement(material(tmp_path, {AUDIO: sound, TAGS: words})))[AUDIO, TAGS]

    def lists(x: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> list[set[int]]:
        x = x.astype(np.float16).astype(np.float32)  # as stored
        unit = (x - x.mean(axis=0)) / np.linalg.norm(x - x.mean(axis=0), axis=1, keepdims=True)
        return [
            set(sorted((t for t in range(60) if t != q), key=lambda t: -(unit[q] @ unit[t]))[:10]) for q in range(60)
        ]

    shares = [len(a & b) / 10 for a, b in zip(lists(sound), lists(words), strict=True)]
    assert found.overlap.mean == pytest.approx(np.mean(shares), abs=0.002)
    assert found.chance == 10 / 59
    assert found.tracks == 60


def test_the_same_vectors_agree_and_unrelated_ones_by_chance(tmp_path: Path) -> None:
    generator = np.random.default_rng(1)
    sound = generator.normal(size=(300, 16)).astype(np.float32)
    x = {AUDIO: sound, TAGS: sound.copy(), COVER: generator.normal(size=(300, 16)).astype(np.float32)}
    found = pairs(measure_agreement(material(tmp_path, x)))
    assert found[AUDIO, TAGS].overlap.mean > 0.99
    unrelated = found[AUDIO, COVER].overlap
    assert unrelated.low <= found[AUDIO, COVER].chance <= unrelated.high
    assert found[AUDIO, "space"].overlap.mean > found[COVER, "space"].overlap.mean


def test_equal_covers_agree_by_chance(tmp_path: Path) -> None:
    """Tracks that all have one of three covers: who comes first among them is no agreement with the library's order."""
    generator = np.random.default_rng(2)
    covers = np.repeat(generator.normal(size=(3, 8)), 100, axis=0).astype(np.float32)
    x = {AUDIO: covers.copy(), COVER: covers}
    found = pairs(measure_agreement(material(tmp_path, x)))[AUDIO, COVER]
    assert found.overlap.mean == pytest.approx(10 / 99, abs=0.03)


def test_only_tracks_that_have_both_are_asked_and_too_few_are_left_out(tmp_path: Path) -> None:
    generator = np.random.default_rng(3)
    x = {m: generator.normal(size=(40, 8)).astype(np.float32) for m in (AUDIO, TAGS, COVER)}
    x[TAGS][:20] = 0
    x[COVER][11:] = 0
    found = pairs(measure_agreement(material(tmp_path, x)))
    assert found[AUDIO, TAGS].tracks == 20
    assert (AUDIO, COVER) not in found
    assert (TAGS, COVER) not in found
