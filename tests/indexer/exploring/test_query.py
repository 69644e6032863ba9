"""The query language: what each term means, what is refused, and that nothing typed can break the database."""

import time
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.catalogue import Catalogue
from indexer.errors import QueryError
from indexer.exploring.conditions import matching
from indexer.exploring.lexical import score_words
from indexer.exploring.query import Condition, parse_key, parse_query
from indexer.exploring.query_terms import FIELDS
from indexer.fold import words
from tests.indexer.exploring.shelf import Row, shelve


def only(text: str) -> Condition:
    query = parse_query(text)
    assert len(query.conditions) == 1
    return query.conditions[0]


def test_free_words_rank_and_fields_choose() -> None:
    query = parse_query('Slow  Piano artist:Fairouz -has:lyrics "li Beirut"')
    assert query.words == ("slow", "piano", "li", "beirut")
    assert query.free_text == "Slow Piano li Beirut"
    assert query.conditions == (
        Condition("artist", "fairouz"),
        Condition("has", "lyrics", negated=True),
        Condition("phrase", "li beirut"),
    )


@pytest.mark.parametrize("text", ["", "   ", '""'])
def test_nothing_typed_asks_nothing(text: str) -> None:
    query = parse_query(text)
    assert (query.words, query.conditions) == ((), ())


@pytest.mark.parametrize(
    ("text", "low", "high", "low_open", "high_open"),
    [
        ("year:1990", 1990, 1990, False, False),
        ("year:1990..1999", 1990, 1999, False, False),
        ("year:1990..", 1990, None, False, False),
        ("year:..1999", None, 1999, False, False),
        ("year:<1990", None, 1990, False, True),
        ("year:>1990", 1990, None, True, False),
        ("year:<=1990", None, 1990, False, False),
        ("year:>=1990", 1990, None, False, False),
        ("bpm:120", 119.5, 120.5, False, True),
        ("bpm:90.5..91.5", 90.5, 91.5, False, False),
        ("length:4:30..5:00", 270, 300, False, False),
        ("length:<3m", None, 180, False, True),
        ("length:>1h", 3600, None, True, False),
        ("length:90", 89.5, 90.5, False, True),
    ],
)
def test_ranges(text: str, low: float | None, high: float | None, low_open: bool, high_open: bool) -> None:
    found = only(text)
    assert (found.low, found.high, found.low_open, found.high_open) == (low, high, low_open, high_open)


@pytest.mark.parametrize(
    ("text", "key"),
    [("C", 0), ("Am", 21), ("8A", 21), ("8B", 0), ("F# minor", 18), ("11A", 18), ("f#m", 18), ("Gb", 6), ("gbmaj", 6),
     ("B♭ major", 10), ("6b", 10), ("1A", 20), ("12B", 4), ("5a", 12), ("E_min", 16)],
)  # fmt: skip
def test_keys_by_name_and_by_camelot(text: str, key: int) -> None:
    assert parse_key(text) == key
    assert only(f'key:"{text}"').low == key


def test_camelot_wheel_names_every_key_once() -> None:
    assert sorted(parse_key(f"{hour}{ring}") for hour in range(1, 13) for ring in "AB") == list(range(24))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("yeer:1990", "yeer"),
        ("year:abc", "year:abc"),
        ("year:199x", "year:199x"),
        ("year:..", "year:.."),
        ("year:4:30", "year:4:30"),
        ("bpm:fast", "bpm:fast"),
        ("bpm:3m", "bpm:3m"),
        ("length:4:3:2", "length:4:3:2"),
        ("length:<", "length:<"),
        ("key:H", "key:H"),
        ("key:13A", "key:13A"),
        ("has:soul", "has:soul"),
        ('artist:""', "artist"),
        ("artist:", "artist:"),
        ("title:\N{ARABIC TATWEEL}", "title:"),
        ('lyrics:"!!!"', "lyrics:"),
        ("warm -Title:", "Title:"),
        ("http://x", "http"),
    ],
)
def test_what_is_no_query_is_named(text: str, named: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(text)
    field, _, value = named.lower().partition(":")
    assert field in str(caught.value).lower()
    assert value in str(caught.value).lower()
    assert "\n" not in str(caught.value)


def test_colon_after_a_word_that_is_no_field_is_only_a_colon() -> None:
    assert parse_query("Wars: A New Hope").words == ("wars", "a", "new", "hope")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('genre:="Hard  Rock"', Condition("genre", "hard rock", whole=True)),
        ("-artist:=Fairouz", Condition("artist", "fairouz", whole=True, negated=True)),
        ('title:"=Rock"', Condition("title", "=rock")),
        ('title:"="', Condition("title", "=")),
        ("genre:= jazz", Condition("genre", "jazz", whole=True)),
        ('album:="The Album: Part II"', Condition("album", "the album: part ii", whole=True)),
        ("year:=1990", Condition("year", low=1990, high=1990)),
    ],
)
def test_equals_names_the_whole_of_a_text(text: str, found: Condition) -> None:
    assert only(text) == found


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("year:1990-1999", "year:1990..1999"),
        ("year:1990\u20131999", "year:1990..1999"),
        ("-year:1990s", "-year:1990..1999"),
        ("year:90s", "year:1990..1999"),
        ("year:10s", "year:2010..2019"),
        ("bpm:110-130", "bpm:110..130"),
        ("length:2m-4:30", "length:2m..4:30"),
        ("artist: nina slow", "artist:nina slow"),
        ('genre:  "hard rock"', 'genre:"hard rock"'),
        ("key:a minor", 'key:"a minor"'),
        ("-key: F# min", '-key:"F# min"'),
        ("format:.mp3", "format:mp3"),
        ('title:"an album: x" slow', 'slow title:"an album: x"'),
        ('"x album: y"', '"x album y"'),
        ('title: "key: a minor"', 'title:"key: a minor"'),
        ('title:"c" minor', 'minor title:"c"'),
        ('lyrics:"x OR title:y"', 'lyrics:"x or title y"'),
    ],
)
def test_what_is_typed_another_way_means_the_same(text: str, meant: str) -> None:
    assert parse_query(text).conditions == parse_query(meant).conditions
    assert parse_query(text).words == parse_query(meant).words


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("artist:x OR artist:y", "there is no OR"),
        ("year:1999 slow OR -genre:jazz", "there is no OR"),
        ("artist: title:x", "artist: needs a value"),
        ("artist: -has:lyrics", "artist: needs a value"),
        ("slow artist:=", "artist: needs a value"),
        ("year:=", "year: needs a value"),
        ('title:x "or" OR genre:=y', "there is no OR"),
        ("lyrics:=moon", 'lyrics: has no ":="'),
        ("year:1990-", "year: wants"),
        ("year:1999-1990", "smaller end first: 1990..1999"),
    ],
)
def test_what_cannot_be_meant_is_said(text: str, said: str) -> None:
    with pytest.raises(QueryError, match=said):
        parse_query(text)
    assert parse_query("love OR hate").words == ("love", "or", "hate")


@pytest.mark.parametrize("piece", ["title:a ", "artist: ", "title:a OR ", "OR ", "key:a ", " "])
def test_reading_a_query_costs_as_much_as_it_is_long(piece: str) -> None:
    def seconds(pieces: int) -> float:
        started = time.process_time()
        with suppress(QueryError):
            parse_query(piece * pieces)
        return time.process_time() - started

    # Of what grows with the square, 16 times as much takes 256 times as long.
    assert min(seconds(16_000) for _ in range(3)) < 64 * min(seconds(1_000) for _ in range(3)) + 0.05


def test_symbols_without_letters_must_be_there() -> None:
    assert only("!!!") == Condition("symbols", "!!!")
    assert parse_query("!!! live").conditions == ()


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    rows = (
        Row("Nassam Alayna", "Fairouz", "Bint El Haress", ("Tarab",), 1968, 251.0, lyrics="nassam alayna el hawa"),
        Row("夜来香", "李香蘭", year=1944, attributes={"key": 21.0, "tempo_bpm": 96.2}),
        Row('"quoted" AND (NEAR*) ^: -', "!!!", "a:b", comment="NOT OR"),
        Row(),
    )
    return Catalogue(shelve(tmp_path_factory.mktemp("queries"), *rows))


PIECES = st.one_of(
    st.text(max_size=12),
    st.text(st.characters(codec=None), max_size=6),
    st.sampled_from(['"', "'", "-", "*", "^", ":", "(", ")", "\0", "%", "_", "{", "}", "+", " ", "\ud800", "ﷺ", "İ"]),
    st.sampled_from(["AND", "OR", "NOT", "NEAR", "NEAR(a b, 2)", "title : x", "rowid:1", "'; DROP TABLE tracks; --"]),
    st.sampled_from([f"{field}:" for field in FIELDS]),
    st.sampled_from(["1990..1999", "<4:30", ">", "..", "8A", "lyrics", "9" * 400, "٣", "²", "1e999", "nan", "inf"]),
)


@given(st.lists(PIECES, max_size=8).map("".join))
@example('"')
@example("-")
@example('-"')
@example("artist:\ud800")
@example("title:\0")
@example("year:" + "9" * 400)
@example("has:\N{LATIN SMALL LETTER DOTLESS I}")
@example("a" * 5000)
@example(" ".join(str(i) for i in range(3000)))
def test_nothing_typed_breaks_the_parser_or_the_database(catalogue: Catalogue, text: str) -> None:
    answer = catalogue.suggest(text)
    assert all(hit.track.id in (1, 2, 3, 4) for hit in answer.hits)
    if answer.note and not answer.read_as:
        with pytest.raises(QueryError) as caught:
            parse_query(text)
        assert answer.note == str(caught.value)
        return
    query = parse_query(text)
    chosen = set(matching(catalogue.connection, query.conditions))
    assert set(score_words(catalogue.connection, query)) <= chosen
    assert {hit.track.id for hit in answer.hits} <= chosen


@given(st.text(max_size=20))
def test_negated_condition_is_exactly_the_rest(catalogue: Catalogue, text: str) -> None:
    everything = set(matching(catalogue.connection, ()))
    for field in ("artist", "album", "title", "genre", "lyrics"):
        value = text.replace('"', "")
        if not words(value):
            continue
        yes = parse_query(f'{field}:"{value}"').conditions
        no = parse_query(f'-{field}:"{value}"').conditions
        assert set(matching(catalogue.connection, no)) == everything - set(matching(catalogue.connection, yes))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("year:abc", 'year: wants 1999, 1990..1999 or <2000, not "abc"'),
        ("year:1999..1990", "year: wants the smaller end first: 1990..1999"),
        ("length:5m..3m", "length: wants the smaller end first: 3m..5m"),
        ("bpm:very-very-fast", 'bpm: wants 120, 110..130 or >120, not "very-ver…"'),
        ("key:H", 'key: wants Am, "F# minor" or 8A, not "H"'),
        ("has:lyric", 'has: wants lyrics, not "lyric"'),
        ("has:xyz", 'has: wants lyrics, cover or tempo, not "xyz"'),
        ("gnre:jazz", 'no field "gnre:"; try genre:'),
        ("averylongfieldname:x", 'no field "averylon…:"; try genre: year: or "quotes"'),
        ("artist:", 'artist: needs a value, like artist:"nina simone"'),
        *((f"{field}:", f"{field}: needs a value, like ") for field in FIELDS),
        *((f"{field}:what-is-no-value", f"{field}: wants ") for field in ("year", "bpm", "length", "key", "has")),
    ],
)
def test_errors_say_what_to_type_and_are_whole_on_a_narrow_screen(text: str, said: str) -> None:
    """A screen of 60 columns leaves 54 to the border of the list."""
    with pytest.raises(QueryError) as caught:
        parse_query(text)
    assert str(caught.value).startswith(said)
    assert len(str(caught.value)) <= 54


def test_quotes_that_are_not_closed_reach_to_the_end() -> None:
    assert parse_query('slow "olive trees').conditions == parse_query('slow "olive trees"').conditions
