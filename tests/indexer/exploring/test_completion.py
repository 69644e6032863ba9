"""Completions: each begins with what was typed, is in the library and is found by the query it completes."""

import pytest

from indexer.explorer import Explorer
from indexer.exploring.completion import completions
from indexer.exploring.query import parse_query
from indexer.fold import fold


@pytest.mark.parametrize("field", ["artist", "album", "title", "genre"])
def test_every_value_is_found_from_its_first_letters(explorer: Explorer, field: str) -> None:
    connection = explorer.catalogue.connection
    for row in explorer.catalogue.window(0, 100):
        value = explorer.catalogue.card(row.id)[field]
        if not value or '"' in value:
            continue
        names = completions(connection, field, value[:3])
        assert names
        assert all(fold(name).startswith(fold(value[:3])) for name in names)
        assert all(explorer.search(f'{field}:"{name}"', count=1).hits for name in names)


def test_decades_keys_and_things_to_have(explorer: Explorer) -> None:
    connection = explorer.catalogue.connection
    years = {row.year for row in explorer.catalogue.window(0, 100) if row.year}
    assert completions(connection, "year", "") == [f"{max(years) // 10 * 10}..{max(years) // 10 * 10 + 9}"]
    in_nineties = any(1990 <= year < 2000 for year in years)
    assert completions(connection, "year", "199") == (["1990..1999"] if in_nineties else [])
    assert completions(connection, "year", "18") == completions(connection, "year", "x") == []
    assert completions(connection, "year", "1990") == []
    assert completions(connection, "has", "ly") == ["lyrics"]
    assert completions(connection, "key", "f#") == ["F#", "F#m"]
    assert completions(connection, "artist", "") == completions(connection, "lyrics", "love") == []
    for field, typed in (("year", ""), ("has", "b"), ("key", "e"), ("format", "m"), ("bpm", ""), ("length", "")):
        for value in completions(connection, field, typed):
            assert parse_query(f'{field}:"{value}"').conditions
