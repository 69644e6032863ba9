"""Facets: counts against the rows one by one, and every term finds just the tracks that it counts."""

import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from indexer.catalogue import Catalogue
from indexer.errors import QueryError
from indexer.explorer import Explorer
from indexer.exploring.conditions import all_matching, matching
from indexer.exploring.facets import facets
from indexer.exploring.query import parse_query
from tests.indexer.exploring.shelf import Row, shelve


def test_counts_are_those_of_the_rows(explorer: Explorer) -> None:
    connection = explorer.catalogue.connection
    rows = explorer.catalogue.window(0, 100)
    found = {facet.name: {value.label: value.tracks for value in facet.values} for facet in facets(connection)}
    credits: dict[str, set[int]] = {}
    for track_id, name, role in connection.execute("SELECT track_id, name, role FROM credits"):
        if role != "album artist":
            credits.setdefault(name, set()).add(track_id)
    assert found["artist"] == {name: len(tracks) for name, tracks in credits.items()}
    assert found["album"] == Counter(row.album for row in rows if row.album)
    assert found["year"] == Counter(f"{row.year // 10 * 10}s" for row in rows if row.year)
    assert sum(found["format"].values()) == len(rows)


def test_terms_find_the_tracks_they_count(explorer: Explorer) -> None:
    connection = explorer.catalogue.connection
    some = [row.id for row in explorer.catalogue.window(0, 20)]
    checked = set()
    for ids in (None, some):
        for facet in facets(connection, ids):
            for value in facet.values:
                found = {hit.track.id for hit in explorer.search(value.term, count=100).hits}
                narrowed = len(found if ids is None else found & set(ids))
                assert value.tracks == narrowed, value
            checked.add(facet.name)
    assert checked == {"artist", "album", "genre", "year", "format", "cover", "lyrics"}


def test_terms_of_names_that_look_like_queries_find_them(tmp_path: Path) -> None:
    names = ("The Album: Part II", "Key: A minor", "Lost Title: x OR genre: y", "=", "100% has: been")
    connection = Catalogue(shelve(tmp_path / "library", *(Row("Song", "Singer", name) for name in names))).connection
    [albums] = [facet for facet in facets(connection) if facet.name == "album"]
    assert {value.label for value in albums.values} == set(names)
    assert [len(matching(connection, parse_query(value.term).conditions)) for value in albums.values] == [1] * 5


def test_years_are_in_order_the_rest_by_number(explorer: Explorer) -> None:
    for facet in facets(explorer.catalogue.connection):
        if facet.name == "year":
            assert [value.label for value in facet.values] == sorted(value.label for value in facet.values)
        else:
            counts = [value.tracks for value in facet.values]
            assert counts == sorted(counts, reverse=True)


def test_no_track_has_no_facet(explorer: Explorer) -> None:
    assert facets(explorer.catalogue.connection, []) == ()


def test_what_is_like_a_track_keeps_to_the_fields_it_is_narrowed_to(explorer: Explorer) -> None:
    term = next(value.term for value in facets(explorer.catalogue.connection)[2].values)
    allowed = {hit.track.id for hit in explorer.search(term, count=100).hits}
    for narrowed, whole in (
        (explorer.similar(3, count=100, within=term), explorer.similar(3, count=100)),
        (explorer.mix([3, 5], [9], count=100, within=term), explorer.mix([3, 5], [9], count=100)),
    ):
        assert narrowed.hits == tuple(hit for hit in whole.hits if hit.track.id in allowed)
        assert 0 < len(narrowed.hits) < len(whole.hits)
    assert explorer.similar(3, within="year:1800").hits == ()
    with pytest.raises(QueryError, match="only fields"):
        explorer.similar(3, within="slow")


def test_a_value_that_is_part_of_others_finds_itself_alone(tmp_path: Path) -> None:
    long = "a name that goes on " * 15
    rows = (
        Row("One", "Ann", "Rain", ("Rock",)),
        Row("Two", "Ann & Co (Bob)", "Rain Again", ("Hard Rock",), credits=("Ann & Co (Bob)",)),
        Row("Three", "Bob", f"{long} one", ("rock", "Hard Rock")),
        Row("Four", "Bob", f"{long} two", ('Sea "and" Salt Songs',)),
    )
    connection = Catalogue(shelve(tmp_path, *rows)).connection
    for facet in facets(connection):
        for value in facet.values:
            found = all_matching(connection, parse_query(value.term).conditions)
            assert len(found) == value.tracks, value
    assert _found(connection, "genre:=rock") == {1, 3}
    assert _found(connection, "-genre:=rock") == {2, 4}
    assert _found(connection, 'artist:="bob" title:=three') == {3}
    assert _found(connection, "artist:=ann") == {1}
    assert _found(connection, "album:=rain format:=mp3") == {1}
    assert _found(connection, "genre:rock") == {1, 2, 3}


def _found(connection: sqlite3.Connection, text: str) -> set[int]:
    conditions = parse_query(text).conditions
    first = matching(connection, conditions, limit=9)
    assert set(first) == set(all_matching(connection, conditions))
    return set(first)
