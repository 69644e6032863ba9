"""From one track to another: the program against trying every way, and what a path keeps to."""

import itertools
import re

import numpy as np
import pytest

from indexer.errors import IndexerError
from indexer.explorer import Explorer
from indexer.exploring.path import cheapest


@pytest.mark.parametrize("seed", range(20))
def test_cheapest_way_is_the_one_found_by_trying_all(seed: int) -> None:
    random = np.random.default_rng(seed)
    costs = random.random((12, 12))
    inner = random.permutation(np.arange(1, 11))
    slices = np.array_split(inner, random.integers(1, 5))
    naive = min(
        itertools.product(*(part.tolist() for part in slices)),
        key=lambda way: sum(costs[a, b] for a, b in itertools.pairwise((0, *way, 11))),
    )
    assert cheapest(costs, slices) == list(naive)


@pytest.mark.parametrize(
    ("stops", "count"), [((1, 30), 8), ((1, 30), 2), ((4, 30, 17), 9), ((30, 1), 3), ((1, 30, 1), 6)]
)
def test_path_leads_through_its_stops_and_repeats_nothing(
    explorer: Explorer, stops: tuple[int, ...], count: int
) -> None:
    ids = [hit.track.id for hit in explorer.path(stops, count=count).hits]
    assert len(ids) == count
    assert (ids[0], ids[-1]) == (stops[0], stops[-1])
    places = iter(ids)
    assert all(stop in places for stop in stops)
    between = [i for i in ids if i not in stops]
    assert len(set(between)) == len(between) == len(ids) - len(stops)


def test_each_score_is_to_the_track_before(explorer: Explorer) -> None:
    hits = explorer.path([2, 33], count=7).hits
    assert (hits[0].score, hits[0].contributions) == (None, {})
    for before, hit in itertools.pairwise(hits):
        told = explorer.explain(before.track.id, hit.track.id)
        assert hit.score == sum(hit.contributions.values()) == told.score
        assert hit.percentile is not None


def test_widest_step_is_narrower_than_that_of_any_random_way_and_all_lead_forward(explorer: Explorer) -> None:
    random = np.random.default_rng(0)
    for a, b in ((1, 20), (5, 36), (12, 28)):
        hits = explorer.path([a, b], count=6).hits
        widest = min(hit.score or 0.0 for hit in hits[1:])
        others = [i for i in range(1, 37) if i not in (a, b)]
        for _ in range(20):
            way = [a, *random.choice(others, len(hits) - 2, replace=False).tolist(), b]
            assert widest > min(explorer.explain(x, y).score for x, y in itertools.pairwise(way))
        towards = [explorer.explain(a, h.track.id).score - explorer.explain(b, h.track.id).score for h in hits[1:-1]]
        assert towards == sorted(towards, reverse=True)


@pytest.mark.parametrize(("a", "b"), [(5, 36), (12, 28), (4, 14)])
def test_no_song_comes_twice_and_no_step_is_wider_than_that_of_a_short_cut(explorer: Explorer, a: int, b: int) -> None:
    hits = explorer.path([a, b], count=10, at_most=True).hits
    songs = [(hit.track.artist, re.sub(r" \(.*", "", hit.track.title)) for hit in hits]
    assert len(set(songs)) == len(songs)
    widest = min(hit.score or 0.0 for hit in hits[1:])
    first, last = ({h.track.id: h.score or 0.0 for h in explorer.similar(i, count=40).hits} for i in (a, b))
    # A score is nearly the same from either side: the hub term alone differs.
    assert widest > 0.7 * max(min(first[i], last[i]) for i in first.keys() & last.keys())
    assert widest > first[b]


def test_path_is_short_where_little_lies_between_and_says_so(explorer: Explorer) -> None:
    answer = explorer.path([12, 28], count=30, at_most=True)
    assert len(answer.hits) < 30
    assert answer.note.startswith(f"{len(answer.hits)} tracks instead of 30, for no more lie between; the widest step")
    assert len(explorer.path([12, 28], count=20).hits) == 20
    assert explorer.path([12, 28], count=2).note == f"the widest step leads to {answer.hits[-1].track.title}"


def test_library_that_is_used_up_gives_fewer_and_says_so(explorer: Explorer) -> None:
    answer = explorer.path([1, 30], count=60)
    assert len(answer.hits) <= 36
    assert "instead of 60" in answer.note


@pytest.mark.parametrize(
    ("stops", "count", "said"),
    [
        ((3,), 5, "two different tracks"),
        ((3, 3), 5, "two different tracks"),
        ((3, 4, 5), 2, "larger -n"),
        ((3, 999), 5, "no track has the id 999"),
    ],
)
def test_what_is_no_path_says_why(explorer: Explorer, stops: tuple[int, ...], count: int, said: str) -> None:
    with pytest.raises(IndexerError, match=said):
        explorer.path(stops, count=count)


def test_path_by_what_only_some_tracks_have_leads_through_those(explorer: Explorer) -> None:
    rows = explorer.catalogue.window(0, 100)
    have = [row.id for row in rows if "lyrics" in row.modalities]
    faders = dict.fromkeys(("audio", "tags", "cover", "graph", "playlists"), 0.0)
    ids = [hit.track.id for hit in explorer.path([have[0], have[-1]], count=6, faders=faders).hits]
    assert set(ids) <= set(have)
    lack = next(row.id for row in rows if "lyrics" not in row.modalities)
    with pytest.raises(IndexerError, match="nothing to compare by"):
        explorer.path([have[0], lack], count=4, faders=faders)


@pytest.mark.parametrize("modality", ["lyrics", "cover", "graph", "audio"])
def test_path_by_one_modality_may_have_no_step_above_nothing(explorer: Explorer, modality: str) -> None:
    rows = [row.id for row in explorer.catalogue.window(0, 100) if modality in row.modalities]
    faders = dict.fromkeys(("audio", "lyrics", "tags", "cover", "graph", "playlists"), 0.0) | {modality: 1.0}
    for a, b in itertools.pairwise(rows[::2]):
        loose = [hit.track.id for hit in explorer.path([a, b], count=8, at_most=True, faders=faders).hits]
        strict = [hit.track.id for hit in explorer.path([a, b], count=5, faders=faders).hits]
        assert (loose[0], loose[-1], strict[0], strict[-1]) == (a, b, a, b)
        assert len(loose) <= 8
        assert len(strict) == min(5, len(rows))
