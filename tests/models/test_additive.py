from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.errors import ModelError
from models.joint.additive import WIDTH, Faders, Head, Space, towards_zero
from models.joint.closed_form import fit_shared_space
from models.modality import MODALITIES, Modality

DIMENSIONS = {
    Modality.AUDIO: 9,
    Modality.LYRICS: 12,
    Modality.TAGS: 12,
    Modality.COVER: 70,
    Modality.GRAPH: 5,
    Modality.PLAYLISTS: 3,
}
WITHOUT_SHARED = {Modality.GRAPH, Modality.PLAYLISTS}
Blocks = tuple[NDArray[np.float16], NDArray[np.bool_]]


def space(modalities: tuple[Modality, ...] = MODALITIES, *, alpha: float = 0.4, seed: int = 0) -> Space:
    rng = np.random.default_rng(seed)
    heads = {}
    for m in modalities:
        width = DIMENSIONS[m]
        mean, shared, private = (
            rng.standard_normal(width),
            rng.standard_normal((width, 64)),
            rng.standard_normal((width, 64)),
        )
        heads[m] = Head(
            encoder=f"{m}@1",
            mean=mean.astype(np.float32),
            shared=None if m in WITHOUT_SHARED else shared.astype(np.float32),
            private=private.astype(np.float32),
            weight=float(rng.uniform(0.5, 2)),
        )
    return Space(heads, alpha=alpha, name="test")


def library(count: int = 12, *, seed: int = 1) -> tuple[dict[Modality, NDArray[np.float64]], NDArray[np.bool_]]:
    rng = np.random.default_rng(seed)
    present = rng.random((count, 6)) < 0.7
    present[:, 0] |= ~present.any(axis=1)
    return {m: rng.standard_normal((count, width)) for m, width in DIMENSIONS.items()}, present


def naive_pairs(s: Space, q: Blocks, t: Blocks, faders: Faders) -> dict[tuple[Modality, Modality], float]:
    """The formula of the design, term by term."""
    g = {m: s.heads[m].weight * faders.get(m, 1.0) for m in s.heads}
    of_query = [m for i, m in enumerate(MODALITIES) if q[1][i] and m in g]
    of_track = [m for i, m in enumerate(MODALITIES) if t[1][i] and m in g]
    sharing = [m for m in s.heads if s.heads[m].shared is not None]
    g_query, g_profile = sum(g[m] for m in of_query if m in sharing), sum(g[m] for m in sharing)
    s_query = sum(g[m] ** 2 for m in of_query)

    def block(blocks: NDArray[np.float16], m: Modality, offset: int) -> NDArray[np.float64]:
        start = 128 * MODALITIES.index(m) + offset
        return blocks[start : start + 64].astype(np.float64)

    pairs = {}
    for m, n in product(of_query, of_track):
        value = 0.0
        if m in sharing and n in sharing and g_query * g_profile > 0:
            value += s.alpha * g[m] * g[n] * float(block(q[0], m, 0) @ block(t[0], n, 0)) / (g_query * g_profile)
        if m is n and s_query > 0:
            value += (1 - s.alpha) * g[m] ** 2 * float(block(q[0], m, 64) @ block(t[0], m, 64)) / s_query
        pairs[m, n] = value
    return pairs


fader_values = st.dictionaries(st.sampled_from(MODALITIES), st.sampled_from([0.0, 1e-3, 0.5, 1.0, 3.0, 1e4]))


@given(faders=fader_values, seed=st.integers(0, 20), alpha=st.sampled_from([0.0, 0.5, 1.0]))
def test_score_and_contributions_equal_the_formula(faders: Faders, seed: int, alpha: float) -> None:
    s = space(alpha=alpha, seed=seed)
    blocks, mask = s.blocks(*library(2, seed=seed))
    (q, t) = ((blocks[0], mask[0]), (blocks[1], mask[1]))
    if not any(mask[0][i] and faders.get(m, 1.0) > 0 for i, m in enumerate(MODALITIES)):
        with pytest.raises(ModelError):
            s.query(*q, faders=faders)
        return
    pairs = naive_pairs(s, q, t, faders)
    score = float(s.query(*q, faders=faders) @ t[0].astype(np.float64))
    assert score == pytest.approx(sum(pairs.values()), abs=1e-12)
    assert -1 <= score <= 1

    told = s.contributions(*q, *t, faders=faders)
    assert told.score == pytest.approx(score, abs=1e-12)
    assert {(p.query, p.track) for p in told.pairs} == {
        pair for pair in pairs if all(faders.get(m, 1.0) > 0 for m in pair)
    }
    for p in told.pairs:
        assert p.shared + p.private == pytest.approx(pairs[p.query, p.track], abs=1e-12)
    halves = {m: sum(v * ((m is a) + (m is b)) / 2 for (a, b), v in pairs.items()) for m in MODALITIES}
    whole = {m: sum(v for (_, b), v in pairs.items() if m is b) for m in MODALITIES}
    of_text = s.contributions(*q, *t, faders=faders, text_query=True)
    for m in MODALITIES:
        assert told.by_modality.get(m, 0.0) == pytest.approx(halves[m], abs=1e-12)
        assert of_text.by_modality.get(m, 0.0) == pytest.approx(whole[m], abs=1e-12)


@pytest.mark.parametrize("text_query", [False, True])
def test_many_contributions_equal_one_by_one(text_query: bool) -> None:
    s = space()
    blocks, mask = s.blocks(*library(40))
    faders = {Modality.LYRICS: 2.0, Modality.GRAPH: 0.0}
    many = s.contributions_many(blocks[3], mask[3], blocks, faders=faders, text_query=text_query)
    assert many.shape == (40, 6)
    np.testing.assert_allclose(
        many.sum(axis=1), blocks.astype(float) @ s.query(blocks[3], mask[3], faders=faders), atol=1e-12
    )
    for row, track, present in zip(many, blocks, mask, strict=True):
        one = s.contributions(blocks[3], mask[3], track, present, faders=faders, text_query=text_query)
        np.testing.assert_allclose(row, [one.by_modality.get(m, 0.0) for m in MODALITIES], atol=1e-12)
    assert s.contributions_many(blocks[3], mask[3], blocks[:0]).shape == (0, 6)


@pytest.mark.parametrize("text_query", [False, True])
def test_contributions_are_the_same_to_the_last_digit_among_any_others(text_query: bool) -> None:
    s = space()
    blocks, mask = s.blocks(*library(70))
    together = s.contributions_many(blocks[0], mask[0], blocks, text_query=text_query)
    for count in (1, 2, 3, 7, 64):
        for start in range(0, 70 - count, 5):
            some = s.contributions_many(
                blocks[0], mask[0], np.ascontiguousarray(blocks[start : start + count]), text_query=text_query
            )
            np.testing.assert_array_equal(some, together[start : start + count])


def test_many_queries_equal_one_by_one_and_empty_ones_are_zero() -> None:
    s = space()
    x, present = library(10)
    present[4] = False
    blocks, mask = s.blocks(x, present)
    queries = s.queries(blocks, mask)
    assert not queries[4].any()
    for i in (0, 3, 9):
        np.testing.assert_allclose(queries[i], s.query(blocks[i], mask[i]), atol=1e-15)


def test_layout_is_shared_then_private_per_modality() -> None:
    s = space()
    x, _ = library(3)
    blocks, mask = s.blocks(x)
    assert blocks.shape == (3, WIDTH)
    assert blocks.dtype == np.float16
    assert mask.all()
    head = s.heads[Modality.COVER]
    assert head.shared is not None
    start = 128 * 3
    for offset, projection in ((0, head.shared), (64, head.private)):
        expected = (x[Modality.COVER][0] - head.mean) @ projection
        expected /= np.linalg.norm(expected)
        np.testing.assert_allclose(blocks[0, start + offset : start + offset + 64], expected, atol=1e-3)
    graph = 128 * MODALITIES.index(Modality.GRAPH)
    assert not blocks[:, graph : graph + 64].any()


def test_what_is_missing_is_zero_and_adds_nothing() -> None:
    s = space()
    x, present = library(8)
    blocks, mask = s.blocks(x, present)
    np.testing.assert_array_equal(mask, present)
    by_modality = blocks.reshape(8, 6, 128).any(axis=2)
    np.testing.assert_array_equal(by_modality, present)
    # Rows that are ruled out are not looked at, not even when they are no numbers.
    spoiled = {m: np.where(present[:, [i]], x[m], np.nan) for i, m in enumerate(MODALITIES)}
    np.testing.assert_array_equal(s.blocks(spoiled, present)[0], blocks)
    # Taking a modality from a track takes away exactly what it contributed, and nothing is made up for.
    full, everything = s.blocks(x)
    less_mask = everything[0].copy()
    less_mask[1] = False
    less = full[0].copy()
    less[128:256] = 0
    before = s.contributions(full[1], everything[1], full[0], everything[0], text_query=True)
    after = s.contributions(full[1], everything[1], less, less_mask, text_query=True)
    assert after.score == pytest.approx(before.score - before.by_modality[Modality.LYRICS], abs=1e-12)


def test_with_equal_blocks_having_more_never_loses() -> None:
    s = space()
    x, _ = library(1)
    blocks, mask = s.blocks({m: np.repeat(rows, 2, axis=0) for m, rows in x.items()})
    blocks[1, 128:256] = 0
    query = s.query(blocks[0], mask[0])
    rich, poor = blocks.astype(np.float64) @ query
    assert rich > poor


def test_a_track_is_closest_to_itself_and_no_block_is_longer_than_one() -> None:
    s = space(tuple(m for m in MODALITIES if m not in WITHOUT_SHARED))
    x, _ = library(200)
    blocks, mask = s.blocks(x)
    scores = s.queries(blocks, mask) @ blocks.astype(np.float64).T
    assert np.linalg.norm(blocks.astype(np.float64).reshape(200, 12, 64), axis=2).max() <= 1
    assert (np.abs(scores) <= 1).all()
    assert (scores.argmax(axis=1) == np.arange(200)).all()
    np.testing.assert_allclose(scores, scores.T, atol=1e-12)  # with everything present the score is symmetric


def test_a_fader_at_zero_removes_the_modality_from_both_sides() -> None:
    s = space()
    x, _ = library(6)
    blocks, mask = s.blocks(x)
    without = {m: x[m] for m in MODALITIES[1:]}
    reduced = Space({m: head for m, head in s.heads.items() if m is not Modality.AUDIO}, s.alpha, s.name)
    blocks_without, mask_without = reduced.blocks(without)
    faded = s.query(blocks[0], mask[0], faders={Modality.AUDIO: 0.0})
    np.testing.assert_allclose(
        blocks.astype(float) @ faded,
        blocks_without.astype(float) @ reduced.query(blocks_without[0], mask_without[0]),
        atol=1e-12,
    )
    told = s.contributions(blocks[0], mask[0], blocks[1], mask[1], faders={Modality.AUDIO: 0.0})
    assert Modality.AUDIO not in told.by_modality
    assert all(Modality.AUDIO not in (p.query, p.track) for p in told.pairs)


def test_only_the_ratios_of_the_faders_count() -> None:
    s = space()
    blocks, mask = s.blocks(*library(4))
    one = s.query(blocks[0], mask[0], faders={m: 1.0 for m in MODALITIES})
    for factor in (1e-200, 7.0, 1e200):
        np.testing.assert_allclose(s.query(blocks[0], mask[0], faders={m: factor for m in MODALITIES}), one, rtol=1e-12)


def test_faders_that_leave_nothing_say_what_to_do() -> None:
    s = space((Modality.AUDIO, Modality.TAGS))
    x, _ = library(2)
    blocks, mask = s.blocks({Modality.AUDIO: x[Modality.AUDIO]})
    with pytest.raises(ModelError, match=r"all faders are 0: turn up at least one of audio, tags"):
        s.query(blocks[0], mask[0], faders={m: 0.0 for m in MODALITIES})
    with pytest.raises(ModelError, match=r"the query has audio; turn up"):
        s.query(blocks[0], mask[0], faders={Modality.AUDIO: 0.0})
    with pytest.raises(ModelError, match="has nothing"):
        s.query(np.zeros(WIDTH), np.zeros(6, dtype=np.bool_))
    for bad in (-1.0, np.nan, np.inf):
        with pytest.raises(ModelError, match="from 0 upwards"):
            s.query(blocks[0], mask[0], faders={Modality.AUDIO: bad})


def test_text_enters_as_tags_and_lyrics() -> None:
    s = space()
    x, _ = library(1)
    vector = x[Modality.TAGS][0]
    blocks, mask = s.text_blocks(vector)
    assert [m for m, here in zip(MODALITIES, mask, strict=True) if here] == [Modality.LYRICS, Modality.TAGS]
    expected, _ = s.blocks({Modality.TAGS: vector[None], Modality.LYRICS: vector[None]})
    np.testing.assert_array_equal(blocks, expected[0])
    assert space((Modality.AUDIO, Modality.TAGS)).text_blocks(vector)[1].sum() == 1
    with pytest.raises(ModelError, match="reads no text"):
        space((Modality.AUDIO,)).text_blocks(vector)


def test_a_space_of_private_blocks_alone_scores_up_to_one() -> None:
    s = space((Modality.GRAPH, Modality.PLAYLISTS), alpha=0.0)
    blocks, mask = s.blocks({m: rows for m, rows in library(3)[0].items() if m in WITHOUT_SHARED})
    assert s.query(blocks[0], mask[0]) @ blocks[0].astype(float) == pytest.approx(1, abs=2e-3)


def test_bad_vectors_are_refused() -> None:
    s = space()
    with pytest.raises(ModelError, match="embed again"):
        s.blocks({Modality.AUDIO: np.zeros((2, 10))})
    with pytest.raises(ModelError, match="finite"):
        s.blocks({Modality.AUDIO: np.full((2, 9), np.inf)})
    with pytest.raises(ModelError, match="different numbers"):
        s.blocks({Modality.AUDIO: np.zeros((2, 9)), Modality.TAGS: np.zeros((3, 12))})
    blocks, mask = s.blocks({})
    assert (blocks.shape, mask.shape) == ((0, WIDTH), (0, 6))


def test_rounding_never_grows_a_number() -> None:
    x = np.random.default_rng(0).standard_normal(10_000) * 10.0 ** np.random.default_rng(1).integers(-9, 1, 10_000)
    halves = towards_zero(x).astype(np.float64)
    assert (np.abs(halves) <= np.abs(x)).all()
    np.testing.assert_allclose(halves, x, rtol=2**-10, atol=6e-8)


def test_joint_vectors_rank_like_the_score() -> None:
    generator = np.random.default_rng(4)
    x = {m: generator.normal(size=(40, 20)).astype(np.float32) for m in (Modality.AUDIO, Modality.TAGS, Modality.COVER)}
    present = np.zeros((40, 6), np.bool_)
    present[:, [0, 2, 3]] = True
    space = fit_shared_space(x, present, encoders=dict.fromkeys(x, "e"), weights={Modality.TAGS: 0.5}, alpha=0.4)
    vectors = space.embed(x, present)
    assert vectors.shape == (40, 64 * 7)
    blocks, mask = space.blocks(x, present)
    scores = space.queries(blocks, mask) @ blocks.astype(np.float64).T
    np.testing.assert_allclose(vectors @ vectors.T, scores, atol=1e-6)
