"""Adding and subtracting tracks: the score against what `similar` gives, and who is left out."""

import shutil
from pathlib import Path

import pytest

from indexer.errors import IndexerError
from indexer.explorer import Explorer


def by_id(explorer: Explorer, asked: int, faders: dict[str, float] | None = None, *, hub: bool) -> dict[int, float]:
    return {h.track.id: h.score or 0.0 for h in explorer.similar(asked, count=100, faders=faders, hub=hub).hits}


def test_one_track_alone_is_more_like_this(explorer: Explorer) -> None:
    mixed, alike = explorer.mix([7], count=12), explorer.similar(7, count=12)
    assert [(hit.track.id, hit.score, hit.percentile) for hit in mixed.hits] == [
        (hit.track.id, hit.score, hit.percentile) for hit in alike.hits
    ]


@pytest.mark.parametrize("faders", [None, {"audio": 2.0, "graph": 0.0}])
@pytest.mark.parametrize("hub", [True, False])
@pytest.mark.parametrize(("plus", "minus"), [((3, 20), ()), ((3, 20), (11,)), ((3,), (11,)), ((3,), (11, 30))])
def test_score_is_the_mean_of_what_similar_gives(
    explorer: Explorer, plus: tuple[int, ...], minus: tuple[int, ...], faders: dict[str, float] | None, hub: bool
) -> None:
    signed = [(by_id(explorer, i, faders, hub=hub), 1) for i in plus]
    signed += [(by_id(explorer, i, faders, hub=hub), -1) for i in minus]
    asked = {*plus, *minus}
    naive = {i: sum(sign * scores[i] for scores, sign in signed) / len(signed) for i in range(1, 37) if i not in asked}
    answer = explorer.mix(plus, minus, count=100, faders=faders, hub=hub)
    assert [hit.track.id for hit in answer.hits] == sorted(naive, key=lambda i: (-naive[i], i))
    for hit in answer.hits:
        assert hit.score == sum(hit.contributions.values())
        assert hit.score == pytest.approx(naive[hit.track.id], abs=1e-12)
    few = explorer.mix(plus, minus, count=3, faders=faders, hub=hub)
    assert [hit.track.id for hit in few.hits] == [hit.track.id for hit in answer.hits[:3]]


def test_percentile_falls_with_the_score(explorer: Explorer) -> None:
    places = [hit.percentile for hit in explorer.mix([3, 20], [11], count=100).hits]
    assert places[0] is not None
    assert places == sorted(places, key=lambda place: -(place or 0.0))
    assert places[-1] == 0.0


def test_file_outside_takes_part_and_is_not_stored(explorer: Explorer, indexed_demo: Path, tmp_path: Path) -> None:
    inside = explorer.catalogue.rows([5])[0]
    copy = tmp_path / "copy.mp3"
    shutil.copy(inside.path, copy)
    answer = explorer.mix([str(copy), 9], count=5)
    assert "copy.mp3 is compared by" in answer.note
    assert 5 in {hit.track.id for hit in answer.hits}
    assert answer.query.endswith(f"+ {explorer.catalogue.rows([9])[0].title}")
    assert explorer.catalogue.count() == 36


@pytest.mark.parametrize(
    ("plus", "minus", "said"),
    [((), (3,), "needs a track"), ((3,), (3,), "added and taken away"), ((3,), (999,), "no track has the id 999")],
)
def test_what_cannot_be_mixed_says_why(
    explorer: Explorer, plus: tuple[int, ...], minus: tuple[int, ...], said: str
) -> None:
    with pytest.raises(IndexerError, match=said):
        explorer.mix(plus, minus)


def test_weights_that_leave_nothing_to_compare_by_are_one_clear_error(explorer: Explorer) -> None:
    nothing = dict.fromkeys(("audio", "lyrics", "tags", "cover", "graph", "playlists"), 0.0)
    with pytest.raises(IndexerError, match="fader"):
        explorer.mix([3, 20], count=5, faders=nothing)
