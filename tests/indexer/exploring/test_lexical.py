"""Words and fields in SQLite: what matches, in which order, and the score of words against a loop written from BM25."""

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.catalogue import Catalogue
from indexer.exploring.conditions import matching
from indexer.exploring.lexical import WORDS_HALF, WORDS_LAMBDA, naming, score_words, word_terms, words_term
from indexer.exploring.query import parse_query
from tests.indexer.exploring.shelf import Row, shelve

ROWS = {
    "salt": Row("Salt Wind", "Marisol Vey", "Salt Wind", ("Folk", "Sea Songs"), 2015, 180.0, 1,
                lyrics="Salt wind over the broken wall\nTake my name", attributes={"tempo_bpm": 96.2, "key": 21.0}),
    "ferry": Row("The Ferryman", "Marisol Vey & Paper Lanterns", "Salt Wind", ("Folk",), 2015, 241.5, 2,
                 credits=("Marisol Vey", "Paper Lanterns"), lyrics="Ferryman what is your fare",
                 attributes={"tempo_bpm": 120.4, "key": 0.0}),
    "grid": Row("Night Bus", "Voltaire Grid", "Night Bus", ("Electronic",), 2019, 95.0, 1,
                attributes={"tempo_bpm": 128.0, "key": 18.0}),
    "bare": Row("Untold", "", "", (), None, None),
    "acdc": Row("Back in Black", "AC/DC", "Back in Black", ("Rock",), 1980, 255.0, 6, comment="salt and vinegar"),
    "simon": Row("Mrs. Robinson", "Simon & Garfunkel", "Bookends", ("Folk Rock",), 1968, 244.0, 10),
    "flower": Row("夜来香", "李香蘭", "", ("Pop",), 1944, 188.0),
}  # fmt: skip
NAMES = list(ROWS)


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    return Catalogue(shelve(tmp_path_factory.mktemp("words"), *ROWS.values()))


def chosen(catalogue: Catalogue, text: str) -> set[str]:
    return {NAMES[i - 1] for i in matching(catalogue.connection, parse_query(text).conditions)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("artist:vey", {"salt", "ferry"}),
        ('artist:"lanterns"', {"ferry"}),
        ('artist:"vey & paper"', {"ferry"}),
        ("artist:ac/dc", {"acdc"}),
        ('artist:"SIMON & Garf"', {"simon"}),
        ("artist:bus", set()),
        ("album:wind", {"salt", "ferry"}),
        ("title:BLACK", {"acdc"}),
        ("genre:folk", {"salt", "ferry", "simon"}),
        ('genre:"sea songs"', {"salt"}),
        ('lyrics:"broken wall"', {"salt"}),
        ('lyrics:"wall take"', {"salt"}),
        ("lyrics:ferry", {"ferry"}),
        ("year:2015", {"salt", "ferry"}),
        ("year:1960..1980", {"acdc", "simon"}),
        ("year:>=2015", {"salt", "ferry", "grid"}),
        ("year:..1950", {"flower"}),
        ("-year:>1900", {"bare"}),
        ("bpm:120", {"ferry"}),
        ("bpm:>120", {"ferry", "grid"}),
        ("bpm:<100", {"salt"}),
        ("-bpm:<100", {"ferry", "grid", "bare", "acdc", "simon", "flower"}),
        ("length:<1:36", {"grid"}),
        ("length:4:00..4:05", {"ferry", "simon"}),
        ("-length:>1", {"bare"}),
        ("key:Am", {"salt"}),
        ("key:8A", {"salt"}),
        ('key:"F# minor"', {"grid"}),
        ("-key:C", {"salt", "grid", "bare", "acdc", "simon", "flower"}),
        ("has:key", {"salt", "ferry", "grid"}),
        ("-has:tempo", {"bare", "acdc", "simon", "flower"}),
        ("has:lyrics", {"salt", "ferry"}),
        ("has:audio", set()),
        ('"night bus"', {"grid"}),
        ('"broken wall"', {"salt"}),
        ('"bus night"', set()),
        ('"ight bus"', set()),
        ('"夜来"', {"flower"}),
        ('-"salt wind"', {"grid", "bare", "acdc", "simon", "flower"}),
        ("-salt", {"grid", "bare", "simon", "flower"}),
        ("genre:folk -artist:vey", {"simon"}),
        ("genre:folk year:2015 bpm:<100", {"salt"}),
    ],
)
def test_conditions_choose(catalogue: Catalogue, text: str, expected: set[str]) -> None:
    assert chosen(catalogue, text) == expected


def test_phrase_does_not_reach_from_one_field_into_the_next(catalogue: Catalogue) -> None:
    assert chosen(catalogue, '"ferryman marisol"') == set()


def test_fields_alone_come_in_artist_album_track_order(catalogue: Catalogue) -> None:
    ids = matching(catalogue.connection, ())
    # Folded: ac/dc, marisol vey (1), marisol vey & paper lanterns (2), simon, voltaire; Chinese; no artist last.
    assert [NAMES[i - 1] for i in ids] == ["acdc", "salt", "ferry", "simon", "grid", "flower", "bare"]
    assert matching(catalogue.connection, (), limit=2) == ids[:2]


def best(catalogue: Catalogue, text: str) -> list[str]:
    scores = score_words(catalogue.connection, parse_query(text))
    return [NAMES[i - 1] for i in sorted(scores, key=lambda i: (-scores[i], i))]


def test_title_and_artist_count_more_than_a_comment(catalogue: Catalogue) -> None:
    assert best(catalogue, "salt") == ["salt", "ferry", "acdc"]
    assert best(catalogue, "wind") == ["salt", "ferry"]


def test_whole_word_beats_its_beginning_beats_its_inside(tmp_path: Path) -> None:
    library = shelve(tmp_path, Row("Another"), Row("Therefore"), Row("The Rest"), Row("There"))
    scores = score_words(Catalogue(library).connection, parse_query("there"))
    assert scores[4] > scores[2] > 0
    inside = score_words(Catalogue(library).connection, parse_query("the"))
    assert inside[3] > inside[2] == inside[4] > inside[1] > 0


@pytest.mark.parametrize(
    ("text", "name"),
    [("ac/dc", "acdc"), ("acdc", ""), ("simon garfunkel", "simon"), ("simon & garfunkel", "simon"), ("夜", "flower"),
     ("夜来", "flower"), ("来香", "flower"), ("mrs robinson", "simon"), ("v", "ferry"), ("vol", "grid")],
)  # fmt: skip
def test_short_and_joint_names_are_found(catalogue: Catalogue, text: str, name: str) -> None:
    found = best(catalogue, text)
    assert name in found[:2] if name else found == []


def test_score_equals_bm25_written_out(catalogue: Catalogue) -> None:
    text = "salt wind folk ferryman vey"
    for track_id, score in score_words(catalogue.connection, parse_query(text)).items():
        assert score == pytest.approx(_naive_bm25(text.split(), ROWS[NAMES[track_id - 1]]), rel=1e-12)


def _naive_bm25(terms: list[str], row: Row) -> float:
    def fields(of: Row) -> dict[str, list[str]]:
        named = {
            "title": of.title,
            "artist": " ".join(dict.fromkeys([of.artist, *(of.credits or [of.artist])])),
            "album": of.album,
            "genre": " ".join(of.genres),
            "other": of.comment,
            "lyrics": of.lyrics,
        }
        return {name: value.casefold().replace("&", " ").split() for name, value in named.items()}

    weights = {"title": 3.0, "artist": 3.0, "album": 1.5, "genre": 1.5, "other": 0.7, "lyrics": 0.7}
    score = 0.0
    for term in terms:
        in_words = sum(any(term in v for k, v in fields(r).items() if k != "lyrics") for r in ROWS.values())
        in_lyrics = sum(term in fields(r)["lyrics"] for r in ROWS.values())
        holders = min(in_words + in_lyrics, len(ROWS))
        idf = math.log(1 + (len(ROWS) - holders + 0.5) / (holders + 0.5))
        frequency = sum(weights[name] * value.count(term) for name, value in fields(row).items())
        score += idf * frequency * 2.2 / (frequency + 1.2)
    return score


@given(st.floats(0, 1e6), st.floats(0, 0.99))
def test_words_term_rises_and_stays_below_its_bound(bm25: float, named: float) -> None:
    assert 0 <= words_term(bm25, named) < 2 * WORDS_LAMBDA
    assert words_term(bm25, named) == pytest.approx(WORDS_LAMBDA * (bm25 / (bm25 + WORDS_HALF) + named**4))
    assert words_term(bm25 + 1, named) > words_term(bm25, named)
    assert words_term(bm25, named + 0.01) >= words_term(bm25, named)


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_naming_lies_between_nothing_and_the_name_itself(text: str, artist: str, title: str) -> None:
    assert 0 <= naming(text, artist, title) <= naming(f"{artist} - {title}", artist, title) == 1
    assert naming(title, artist, title) == 1


def test_naming_wants_all_words_and_no_strange_ones() -> None:
    def of(text: str) -> float:
        return naming(text, "Dunya & Rafiq", "Jasmine Gate")

    assert of("jasmine gate") == of("DUNYA & RAFIQ – jasmine  gate") == 1
    assert 1 > of("gate jasmine") == of("jasmine gate rafiq dunya") > of("dunya jasmine gate") > of("jasmine")
    assert of("jasmine") > of("jasm") > of("asmine") == of("") == 0
    assert of("jasmine") > of("jasmine tea")
    assert of("dunya rafiq") > of("dunya rafiq layali")


def test_track_named_in_full_comes_before_those_that_share_words(tmp_path: Path) -> None:
    rows = (Row("Layali", "Dunya", "Layali"), Row("Stars of Layali", "Dunya", "Layali", lyrics="layali " * 50))
    connection = Catalogue(shelve(tmp_path, *rows)).connection
    for text in ("layali", "dunya layali", "layali dunya"):
        terms = word_terms(connection, parse_query(text))
        assert terms[1] > terms[2] + 0.1 > 0.1


def test_conditions_hold_for_free_words_too(catalogue: Catalogue) -> None:
    assert best(catalogue, "salt -artist:marisol") == ["acdc"]
    assert best(catalogue, "salt year:2015 -lyrics:wall") == ["ferry"]


def test_word_in_one_track_alone_still_scores(tmp_path: Path) -> None:
    library = shelve(tmp_path, Row("Alone", "Solo"))
    assert score_words(Catalogue(library).connection, parse_query("alone"))[1] > 0
