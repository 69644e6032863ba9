"""Read words that no track has as those that it has."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.catalogue import Catalogue
from indexer.exploring.find import find_track
from indexer.exploring.query import parse_query
from indexer.exploring.spelling import Reading, distance, read_terms, readings, reread
from tests.indexer.exploring.shelf import Row, shelve

ROWS = (
    Row("Thunderstruck", "AC/DC", "The Razors Edge"),
    Row("Losing My Religion", "R.E.M.", "Out of Time"),
    Row("Yesterday", "The Beatles", "Help!"),
    Row("نسم علينا الهوى", "Fairouz", "Bint El Haress"),
    Row("Crazy", "Jay-Z", "One"),
    Row("Remember", "NWA", "Two"),
    Row("Halo", "Beyoncé", "Three"),
)


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return Catalogue(shelve(tmp_path_factory.mktemp("spelling") / "library", *ROWS))


@pytest.mark.parametrize(
    ("typed", "title", "meant"),
    [
        ("acdc", "Thunderstruck", "ac dc"),
        ("ACDC thunderstruck", "Thunderstruck", "ac dc"),
        ("rem", "Losing My Religion", "r e m"),
        ("jayz", "Crazy", "jay z"),
        ("n.w.a.", "Remember", "nwa"),
        ("beatels", "Yesterday", "beatles"),
        ("fairuz", "نسم علينا الهوى", "fairouz"),
        ("beyoncee", "Halo", "beyonce"),
        ("thunderstuk", "Thunderstruck", "thunderstruck"),
    ],
)
def test_what_no_track_has_is_read_as_what_it_has(catalogue: Catalogue, typed: str, title: str, meant: str) -> None:
    found = readings(catalogue.connection, parse_query(typed))
    assert [" ".join(reading.words) for reading in found] == [meant]
    terms = read_terms(catalogue.connection, parse_query(typed), found)
    assert catalogue.rows([max(terms, key=lambda i: terms[i])])[0].title == title


@pytest.mark.parametrize(("typed", "title"), [("acdc", "Thunderstruck"), ("beatels", "Yesterday"), ("jayz", "Crazy")])
def test_it_is_found_while_typed_and_named_as_a_track(catalogue: Catalogue, typed: str, title: str) -> None:
    suggested = catalogue.suggest(typed)
    assert [hit.track.title for hit in suggested.hits] == [title]
    assert suggested.note == f"{typed} read as {suggested.read_as[typed]}"
    assert find_track(catalogue, typed).track_id == suggested.hits[0].track.id


@pytest.mark.parametrize("typed", ["ac dc", "beatles", "fairou", "struck", "blorp fnord", "rem remember", "ab", "q"])
def test_what_a_track_has_or_nobody_could_mean_stays(catalogue: Catalogue, typed: str) -> None:
    assert readings(catalogue.connection, parse_query(typed)) == ()


@pytest.mark.parametrize(("a", "b", "slips"), [("beatels", "beatles", 1), ("kitten", "sitting", 3), ("", "ab", 2)])
def test_slips_are_counted(a: str, b: str, slips: int) -> None:
    assert distance(a, b, most=5) == slips


@given(st.text("abc", max_size=7), st.text("abc", max_size=7), st.integers(0, 3))
def test_distance_is_that_of_the_whole_table(a: str, b: str, most: int) -> None:
    """Against the textbook's table, every cell of it."""
    table = [[i + j for j in range(len(b) + 1)] for i in range(len(a) + 1)]
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            table[i][j] = min(table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + (a[i - 1] != b[j - 1]))
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
    assert distance(a, b, most=most) == min(table[-1][-1], most + 1)


def test_the_words_are_listed_by_a_connection_that_may_write_nothing(catalogue: Catalogue) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        catalogue.connection.execute("DELETE FROM tracks")
    assert readings(catalogue.connection, parse_query("beatels"))


@pytest.mark.parametrize("typed", ["Don't stop, can't stop!", "C++ & C#", "rock rock rock", "がぎ"])
def test_a_query_that_is_read_as_typed_stays_as_it_was(typed: str) -> None:
    query = parse_query(typed)
    assert reread(query, ()) == query


def test_only_what_is_read_otherwise_changes_in_the_text() -> None:
    query = parse_query("Don't stop the Beatels, R.E.M.!")
    read = (Reading("beatels", ("beatles",), 1), Reading("R.E.M.!", ("rem",)))
    assert reread(query, read).free_text == "Don't stop the beatles rem"
    assert reread(query, read).words == ("dont", "stop", "the", "beatles", "rem")


def test_what_only_a_missing_track_has_is_no_reading(tmp_path: Path) -> None:
    library = shelve(tmp_path / "library", *ROWS)
    with sqlite3.connect(library / "library.db") as connection:
        connection.execute("UPDATE tracks SET missing_since = 1 WHERE artist = 'The Beatles'")
        assert not readings(connection, parse_query("beatels"))
        assert readings(connection, parse_query("fairuz"))
