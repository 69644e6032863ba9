"""What is looked up quickly is what looking at every track, and ranking every match, gives."""

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from indexer.catalogue import Catalogue
from indexer.exploring import conditions, lexical
from indexer.exploring.conditions import matching
from indexer.exploring.lexical import score_words
from indexer.exploring.query import parse_query
from indexer.fold import fold
from tests.indexer.exploring.shelf import Row, shelve

WORDS = [
    *("love", "night", "nightfall", "river", "rain", "lo", "lover", "of", "the", "then", "theme"),
    *("a", "ab", "abbey", "blue", "bluebird", "k", "s"),
]
NAMES = ["The Lovers", "Theo", "Abba", "Ka & Vi", "Vi", "Kate Bush", "Bath", "!!!", "Zed The Last", "أم كلثوم", ""]


def rows_of(count: int) -> list[Row]:
    """Draw tracks whose words are few and common, and whose artists are many, a third of them credited apart."""
    rng = np.random.default_rng(11)
    odds = 1 / np.arange(1, len(WORDS) + 1)

    def line(most: int) -> str:
        return " ".join(rng.choice(WORDS, size=int(rng.integers(1, most)), p=odds / odds.sum())).title()

    rows = []
    for number in range(count):
        artist, guest = (NAMES[int(i)] for i in rng.integers(len(NAMES), size=2))
        artist = f"{artist} {int(rng.integers(30))}" if artist and rng.random() < 0.5 else artist
        apart = (artist, guest) if artist and guest and rng.random() < 0.3 else ()
        lyrics = line(40) if rng.random() < 0.3 else ""
        rows.append(
            Row(line(5), artist, line(3), year=1990 + number % 3, number=number % 9, credits=apart, lyrics=lyrics)
        )
    return rows


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> sqlite3.Connection:
    return Catalogue(shelve(tmp_path_factory.mktemp("lookups"), *rows_of(900))).connection


def looked_at(connection: sqlite3.Connection, held: str, *, year: int | None = None) -> list[int]:
    """Ask every track whether its credits, or its artist as shown, hold a text."""
    people: dict[int, list[str]] = {}
    for track_id, name in connection.execute("SELECT track_id, name FROM credits"):
        people.setdefault(track_id, []).append(fold(name))
    order = "sort_artist, sort_album, disc_number, track_number, sort_title, id"
    found = []
    for track_id, artist, of_year in connection.execute(f"SELECT id, artist, year FROM tracks ORDER BY {order}"):
        shown = [] if held.isalnum() else [fold(artist)]
        if any(held in name for name in [*people.get(track_id, []), *shown]) and year in (None, of_year):
            found.append(track_id)
    return found


@pytest.mark.parametrize(("few", "walked"), [(400, (2_500, 20_000)), (10, (30, 200)), (0, (5, 40)), (0, (0, 10**6))])
@pytest.mark.parametrize("artist", ["a", "the", "theo", "zed", "lovers", "vi", "ka & v", "!!!", "!", "كلثوم", "nobody"])
def test_tracks_of_an_artist_come_in_the_order_of_the_list(
    connection: sqlite3.Connection, artist: str, few: int, walked: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conditions, "_FEW", few)
    monkeypatch.setattr(conditions, "_WALKED", walked)
    for year in (None, 1991):
        asked = parse_query(f'artist:"{artist}"' + (f" year:{year}" if year else "")).conditions
        expected = looked_at(connection, artist, year=year)
        for limit in (1, 7, 60, 2_000):
            assert matching(connection, asked, limit=limit) == expected[:limit]
        assert matching(connection, asked) == expected
    assert artist == "nobody" or looked_at(connection, artist)


@pytest.mark.parametrize("text", ["!!!", "!", "&", "?", "!!!!"])
def test_signs_are_looked_for_in_every_line(connection: sqlite3.Connection, text: str) -> None:
    every = connection.execute("SELECT id, title, artist, album FROM tracks")
    expected = {row[0] for row in every if any(text in fold(line) for line in row[1:])}
    assert set(matching(connection, parse_query(text).conditions)) == expected


def candidates(connection: sqlite3.Connection, terms: tuple[str, ...], text: str) -> list[int]:
    """Choose what to look at closely as `lexical` says it does, counting and ranking each expression anew."""
    ids: dict[int, None] = {}

    def take(index: str, expression: str, order: str = "") -> None:
        query = f"SELECT rowid FROM {index} WHERE {index} MATCH ? {order} LIMIT ?"
        ids.update(dict.fromkeys(r[0] for r in connection.execute(query, (expression, lexical._CANDIDATES))))

    def is_rare(index: str, expression: str) -> bool:
        rows = connection.execute(f"SELECT count(*) FROM {index} WHERE {index} MATCH ?", (expression,))
        return int(rows.fetchone()[0]) <= lexical._RANKED_AT_MOST

    whole = [f'"{term}"' for term in terms]
    common = not is_rare("word_index", " OR ".join(f"{term}*" for term in whole))
    if common:
        ids.update(dict.fromkeys(lexical._beginning(connection, text, "{row} > 0", [])))
    for index, asked in (("word_index", [f"{term}*" for term in whole]), ("lyrics_index", whole)):
        any_of, all_of = " OR ".join(asked), " AND ".join(asked)
        if is_rare(index, any_of):
            take(index, any_of, "ORDER BY rank")
            continue
        if len(asked) > 1 and is_rare(index, all_of):
            take(index, all_of, "ORDER BY rank")
        rare = [term for term in asked if is_rare(index, term)]
        if len(asked) > 1 and rare:
            take(index, " OR ".join(rare), "ORDER BY rank")
    if common and len(ids) < lexical._CANDIDATES:
        take("word_index", " OR ".join(f"title : {term}*" for term in whole))
    if common and len(ids) < lexical._CANDIDATES:
        take("word_index", " OR ".join(f"{term}*" for term in whole))
    inside = " OR ".join(f'"{term}"' for term in terms if len(term) > 2)
    if inside and len(ids) < lexical._CANDIDATES:
        take("substring_index", inside, "ORDER BY rank" if is_rare("substring_index", inside) else "")
    return list(ids)[: lexical._SCORED_AT_MOST]


LIMITS = [(200, 1_500, 400), (20, 60, 40), (40, 150, 50), (10, 400, 35)]


@pytest.mark.parametrize(("taken", "ranked", "scored"), LIMITS)
def test_the_tracks_looked_at_closely_are_those_of_ranking_every_match(
    connection: sqlite3.Connection, taken: int, ranked: int, scored: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("_CANDIDATES", taken), ("_RANKED_AT_MOST", ranked), ("_SCORED_AT_MOST", scored)):
        monkeypatch.setattr(lexical, name, value)
    rng = np.random.default_rng(5)
    texts = [" ".join(rng.choice(WORDS, size=int(rng.integers(1, 5)), replace=False)) for _ in range(80)]
    for text in [*texts, "l", "th", "xyz", "love xyz", "xyz night"]:
        query = parse_query(text)
        # A word of one or two letters inside another one counts nothing.
        assert set(score_words(connection, query)) <= set(candidates(connection, query.words, text)), text
        held = lexical._candidates(
            connection,
            query.words,
            query,
            lexical._Index(connection, "word_index"),
            lexical._Index(connection, "lyrics_index"),
        )
        assert set(held[:scored]) == set(candidates(connection, query.words, text)), text


def test_what_is_said_of_every_track_stays_said(tmp_path: Path) -> None:
    """Words that all tracks have are ranked by what sets tracks apart."""
    library = shelve(tmp_path, *(Row("The Night" if i % 50 else "The Night Rain", "A") for i in range(200)))
    connection = Catalogue(library).connection
    scores = score_words(connection, parse_query("the night rain"))
    best = sorted(scores, key=lambda i: (-scores[i], i))[:4]
    assert best == [1, 51, 101, 151]
