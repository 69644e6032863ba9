"""Playlists: seeds first, the same again on request, caps and lengths kept, and files that other programs can read."""

import os
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from indexer.errors import IndexerError
from indexer.explorer import Explorer
from indexer.exploring.answer import Playlist
from indexer.exploring.playlist import save_playlist
from indexer.reading.playlist_files import read_playlist


def ids_of(made: Playlist) -> list[int]:
    return [item.hit.track.id for item in made.items]


def test_seeds_come_first_and_nothing_twice(explorer: Explorer) -> None:
    made = explorer.playlist([7, 3, 7], count=12)
    assert ids_of(made)[:2] == [7, 3]
    assert len(ids_of(made)) == len(set(ids_of(made))) == 12


def test_same_question_gives_the_same_answer_and_vary_another(explorer: Explorer) -> None:
    assert ids_of(explorer.playlist([7], count=15)) == ids_of(explorer.playlist([7], count=15))
    varied = explorer.playlist([7], count=15, seed=5)
    assert ids_of(varied) == ids_of(explorer.playlist([7], count=15, seed=5))
    assert ids_of(varied)[0] == 7
    others = [ids_of(explorer.playlist([7], count=15, seed=seed)) for seed in range(4)]
    assert len({tuple(other) for other in others}) > 1
    assert any("order number 5" in line for line in varied.audit)


def test_artists_are_capped_and_never_follow_themselves(explorer: Explorer) -> None:
    made = explorer.playlist([1], count=14)
    artists = [item.hit.track.artist for item in made.items]
    assert max(Counter(artist for artist in artists if artist).values()) <= 3
    assert all(a != b for a, b in pairwise(artists) if a)
    assert not any("relaxed" in line for line in made.audit)


def test_small_library_is_used_up_and_the_audit_says_what_was_relaxed(explorer: Explorer) -> None:
    made = explorer.playlist([1], count=100)
    assert len(made.items) == 36
    assert any(line.startswith("relaxed") for line in made.audit)
    assert any("36 tracks" in line and "of the 100 tracks asked for" in line for line in made.audit)


@pytest.mark.parametrize("seconds", [20.0, 60.0, 150.0])
def test_length_is_a_limit(explorer: Explorer, seconds: float) -> None:
    made = explorer.playlist([1], seconds=seconds)
    length = sum(item.hit.track.duration_seconds or 0.0 for item in made.items)
    assert length <= seconds
    assert length > seconds - 60 - 13


def test_seed_longer_than_asked_stays_alone_and_is_said(explorer: Explorer) -> None:
    made = explorer.playlist([1], seconds=5.0)
    assert ids_of(made) == [1]
    assert "what it starts from is longer by itself than asked for" in made.audit


def test_scores_are_those_to_the_track_before(explorer: Explorer) -> None:
    made = explorer.playlist([9], count=8)
    first, *rest = made.items
    assert (first.to_previous, first.hit.score, first.hit.contributions) == (None, None, {})
    for before, item in pairwise(made.items):
        why = explorer.explain(before.hit.track.id, item.hit.track.id)
        assert item.to_previous == item.hit.score == why.score
        assert item.hit.contributions == why.contributions
    assert len(rest) == 7


@pytest.mark.parametrize("ending", [".m3u8", ".m3u", ".pls", ".xspf"])
def test_written_file_leads_back_to_the_same_files(explorer: Explorer, tmp_path: Path, ending: str) -> None:
    rows = [item.hit.track for item in explorer.playlist([1, 18], count=36).items]
    file = save_playlist(tmp_path / f"evening{ending}", rows)
    entries = read_playlist(str(file)).entries
    assert [os.fsdecode(entry) for entry in entries if isinstance(entry, bytes)] == [row.path for row in rows]
    assert all(os.path.isfile(entry) for entry in entries)


def test_name_without_an_ending_becomes_m3u8(explorer: Explorer, tmp_path: Path) -> None:
    assert save_playlist(tmp_path / "evening", explorer.catalogue.rows([1])) == tmp_path / "evening.m3u8"
    assert (tmp_path / "evening.m3u8").read_text().startswith("#EXTM3U\n")


def test_what_cannot_be_made_or_written_says_why(explorer: Explorer, tmp_path: Path) -> None:
    for question in ({"count": 0}, {"seconds": 0.0}, {"seconds": float("nan")}):
        with pytest.raises(IndexerError, match="at least one"):
            explorer.playlist([1], **question)
    with pytest.raises(IndexerError, match="seed"):
        explorer.playlist([])
    with pytest.raises(IndexerError, match="999"):
        explorer.playlist([999])
    with pytest.raises(IndexerError, match="cannot write"):
        save_playlist(tmp_path / "nowhere" / "x.m3u8", explorer.catalogue.rows([1]))
    with pytest.raises(IndexerError, match=r"\.m3u8"):
        save_playlist(tmp_path / "x.txt", explorer.catalogue.rows([1]))
    assert list(tmp_path.iterdir()) == []
