"""Facets: counts against the rows one by one, and every term finds just the tracks that it counts."""

from collections import Counter

import pytest

from indexer.errors import QueryError
from indexer.explorer import Explorer
from indexer.exploring.facets import facets


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
                # A joint credit that is no two names holds the names all the same.
                assert value.tracks == narrowed or (facet.name == "artist" and value.tracks < narrowed), value
            checked.add(facet.name)
    assert checked == {"artist", "album", "genre", "year", "format", "cover", "lyrics"}


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
