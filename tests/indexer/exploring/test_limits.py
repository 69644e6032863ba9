"""Caps on artists and albums against leaving out by hand; versions of one recording under one row."""

import shutil
from collections import Counter
from pathlib import Path

import pytest

from indexer.explorer import Explorer
from indexer.exploring.answer import TrackRow
from indexer.exploring.limits import NONE, Limits, album_key
from indexer.fold import fold
from tests.indexer.exploring.more_takes import add_takes


@pytest.mark.parametrize("limits", [Limits(3, 2), Limits(1, 0), Limits(0, 1), Limits(2, 2, fold_versions=True)])
@pytest.mark.parametrize("count", [1, 5, 100])
def test_rows_are_the_best_that_keep_the_caps(explorer: Explorer, limits: Limits, count: int) -> None:
    for asked in (1, 14, 27):
        kept: list[int] = []
        artists, albums = Counter[str](), Counter[tuple[str, str]]()
        everything = explorer.similar(asked, count=100).hits
        for hit in everything:
            artist, album = fold(hit.track.artist), album_key(hit.track)
            if limits.per_artist and artists[artist] >= limits.per_artist:
                continue
            if limits.per_album and albums[album] >= limits.per_album:
                continue
            kept.append(hit.track.id)
            artists[artist] += 1
            albums[album] += 1
        answer = explorer.similar(asked, count=count, limits=limits)
        assert [hit.track.id for hit in answer.hits] == kept[:count]
        if count == 100:
            assert f"{len(everything) - len(kept)} left out: at most" in answer.note


def test_caps_hold_for_one_modality_and_for_files(explorer: Explorer, tmp_path: Path) -> None:
    row = explorer.catalogue.rows([3])[0]
    copy = tmp_path / "copy.mp3"
    shutil.copy(row.path, copy)
    limits = Limits(1, 1)
    answers = (
        explorer.similar(3, count=100, modality="audio", limits=limits),
        explorer.similar_to_file(str(copy), count=100, limits=limits),
        explorer.similar_to_file(str(copy), count=100, modality="audio", limits=limits),
    )
    for answer in answers:
        counts = Counter(fold(hit.track.artist) for hit in answer.hits)
        assert len(counts) > 3
        assert set(counts.values()) == {1}


@pytest.mark.parametrize(("plus", "minus"), [((3, 20), ()), ((3, 20), (11,))])
def test_a_mix_keeps_the_caps_as_similar_does(
    explorer: Explorer, plus: tuple[int, ...], minus: tuple[int, ...]
) -> None:
    kept: list[int] = []
    artists, albums = Counter[str](), Counter[tuple[str, str]]()
    for hit in explorer.mix(plus, minus, count=100).hits:
        artist, album = fold(hit.track.artist), album_key(hit.track)
        if artists[artist] < 3 and albums[album] < 2:
            kept.append(hit.track.id)
            artists[artist] += 1
            albums[album] += 1
    limits = Limits(per_artist=3, per_album=2, fold_versions=True)
    for count in (1, 5, 100):
        answer = explorer.mix(plus, minus, count=count, limits=limits)
        assert [hit.track.id for hit in answer.hits] == kept[:count]
    assert "left out: at most 3 of an artist and 2 of an album" in answer.note


def test_no_limits_leave_everything(explorer: Explorer) -> None:
    assert explorer.similar(3, count=100, limits=NONE).hits == explorer.similar(3, count=100).hits


def test_versions_share_the_row_of_the_best(indexed_demo: Path, tmp_path: Path) -> None:
    library, music = Path(shutil.copytree(indexed_demo / "library", tmp_path / "library")), tmp_path / "more"
    takes = {
        "a.mp3": {"title": "{title} (Live at Home)", "album": "On Stage"},
        "b.mp3": {"title": "{title} - 2011 Remaster", "album": "The Best"},
        "c.mp3": {"title": "{title} (Club Remix)", "album": "The Club"},
    }
    source = add_takes(library, music, takes)
    explorer = Explorer(library)
    rows = {Path(row.path).name: row for row in explorer.catalogue.window(0, 100) if row.path.startswith(str(music))}
    plain = explorer.similar(source.id, count=100)
    answer = explorer.similar(source.id, count=100, limits=Limits(fold_versions=True))
    assert len(answer.hits) == len(plain.hits) - 1
    mixed = explorer.mix([source.id, 2 if source.id != 2 else 3], count=100, limits=Limits(fold_versions=True))
    assert [len(hit.versions) for hit in mixed.hits if hit.versions] == [1]
    head = next(hit for hit in answer.hits if hit.versions)
    assert {head.track.id, *(version.track.id for version in head.versions)} == {rows["a.mp3"].id, rows["b.mp3"].id}
    assert (head.score or 0) >= (head.versions[0].score or 0)
    assert rows["c.mp3"].id in {hit.track.id for hit in answer.hits}
    assert head.versions[0] in plain.hits


@pytest.mark.parametrize(
    ("path", "album", "same"),
    [
        ("/m/a/cd1/1.mp3", "Box", True),
        ("/m/a/Disc 2/1.mp3", "BOX", True),
        ("/m/a/1.mp3", "Box", True),
        ("/m/b/1.mp3", "Box", False),
        ("/m/a/cd1/1.mp3", "Other", False),
    ],
)
def test_discs_of_a_set_are_one_album(path: str, album: str, same: bool) -> None:
    assert (album_key(TrackRow(1, path, "", "", album)) == ("box", "/m/a")) is same
