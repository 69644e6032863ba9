"""Search by words and by meaning: one additive score, obvious tracks first, answers before anything is embedded."""

import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from indexer.catalogue import Catalogue
from indexer.encoders import text_encoder
from indexer.errors import IndexerError, QueryError
from indexer.explorer import Explorer
from indexer.exploring.lexical import WORDS_LAMBDA, naming, score_words, words_term
from indexer.exploring.query import parse_query
from indexer.exploring.sounding import Lexicon, asked_of, sounds_of
from indexer.pruning import prune
from models.joint.additive import span
from models.modality import MODALITIES, Modality
from tests.indexer.exploring.formula import for_a_text, naive_terms, split, stored_blocks
from tests.indexer.exploring.shelf import Row, shelve

NAMES = ("audio", "lyrics", "tags", "cover", "graph", "playlists", "words")


@pytest.mark.parametrize("faders", [None, {"tags": 2.0, "audio": 0.0}, {"lyrics": 0.0, "graph": 0.5}])
@pytest.mark.parametrize("text", ["slow quiet piano", "harbour song", '"olive trees" jazz', "night bus year:2000.."])
def test_score_is_the_formula_of_a_text_plus_words(
    explorer: Explorer, text: str, faders: dict[str, float] | None
) -> None:
    session = explorer.session()
    query = parse_query(text)
    blocks, mask = session.space.text_blocks(text_encoder().encode([query.free_text])[0])
    spoken = asked_of(query.free_text) if (faders or {}).get("audio", 1.0) else None
    blocks[span(Modality.LYRICS)] *= np.float16(1 - 0.5 * len(spoken.words if spoken else ()) / len(query.words))
    asked = split(np.asarray(blocks), mask.tolist())
    bm25 = score_words(session.connection, query)
    answer = explorer.search(text, count=100, faders=faders)
    assert answer.hits
    for hit in answer.hits:
        theirs, _ = stored_blocks(session.connection, hit.track.id)
        expected = for_a_text(naive_terms(session, asked, theirs, faders))
        described, heard = asked_of(query.free_text), (faders or {}).get("audio", 1.0)
        if described and heard:
            sound = heard * float(Lexicon(sounds_of(session), described).terms([hit.track.id])[0])
            expected["audio"] = expected.get("audio", 0.0) + sound
        if hit.track.id in bm25:
            named = naming(query.free_text, hit.track.artist, hit.track.title)
            expected["words"] = words_term(bm25[hit.track.id], named)
        assert hit.score == sum(hit.contributions.values())
        assert set(hit.contributions) <= set(NAMES)
        for name in expected.keys() | hit.contributions.keys():
            # The text model may round its last digits otherwise each time; the loops themselves agree to 1e-12.
            assert hit.contributions.get(name, 0.0) == pytest.approx(expected.get(name, 0.0), abs=1e-5)
        assert -1 <= hit.score - hit.contributions.get("words", 0.0) <= 1
        assert 0 <= hit.contributions.get("words", 0.0) < 2 * WORDS_LAMBDA
    scores = [hit.score or 0.0 for hit in answer.hits]
    assert scores == sorted(scores, reverse=True)


def test_artist_and_title_words_put_their_track_first(explorer: Explorer) -> None:
    for row in explorer.catalogue.window(0, 100):
        for text in (f"{row.artist} {row.title}", f"{row.title} {row.artist}"):
            for answer in (explorer.search(text, count=1), explorer.catalogue.suggest(text, limit=1)):
                assert (answer.hits[0].track.title, answer.hits[0].track.artist) == (row.title, row.artist)


def test_title_alone_puts_a_track_of_that_title_first(explorer: Explorer) -> None:
    for row in explorer.catalogue.window(0, 100):
        assert explorer.search(row.title, count=1).hits[0].track.title == row.title


def test_meaning_finds_what_words_do_not(explorer: Explorer) -> None:
    """No track has the word "ocean" or "robot"; some sing of the sea, one of machines."""
    assert score_words(explorer.catalogue.connection, parse_query("ocean")) == {}
    sea = {hit.track.title for hit in explorer.search("ocean and sailors", count=6).hits}
    assert sea & {"Harbour Song", "Salt Wind", "The Ferryman", "Two Lamps", "Low Tide"}
    assert "Machine Heart" in {hit.track.title for hit in explorer.search("robot love", count=6).hits}


def test_fields_choose_among_what_words_rank(explorer: Explorer) -> None:
    answer = explorer.search("sea artist:nula", count=100)
    assert {hit.track.artist for hit in answer.hits} == {"Nula", "Nula & Marisol Vey", "Voltaire Grid feat. Nula"}
    assert all(hit.score is not None for hit in answer.hits)


def test_quoted_phrase_must_be_there(explorer: Explorer) -> None:
    titles = {hit.track.title for hit in explorer.search('"olive trees"', count=100).hits}
    assert titles == {"Olive Trees"}
    assert explorer.search('"trees olive"', count=100).hits == ()


@pytest.mark.parametrize("text", ["", "genre:folk", "-has:lyrics year:2000..", "!!!"])
def test_fields_alone_have_no_score_and_list_order(explorer: Explorer, text: str) -> None:
    answer = explorer.search(text, count=100)
    assert all((hit.score, hit.percentile, hit.contributions) == (None, None, {}) for hit in answer.hits)
    chosen = [hit.track.id for hit in answer.hits]
    assert chosen == [row.id for row in explorer.catalogue.window(0, 100) if row.id in chosen]
    assert bool(chosen) is (text != "!!!")


def test_search_and_suggest_agree_on_what_fields_choose(explorer: Explorer) -> None:
    for text in ("genre:jazz", "year:<2005", "-artist:vey", "bpm:>100 -has:lyrics"):
        asked = [hit.track.id for hit in explorer.search(text, count=100).hits]
        assert asked == [hit.track.id for hit in explorer.catalogue.suggest(text, limit=100).hits]


def test_unknown_field_is_named(explorer: Explorer) -> None:
    with pytest.raises(QueryError, match="colour"):
        explorer.search("colour:red")


def test_all_faders_down_says_so(explorer: Explorer) -> None:
    with pytest.raises(IndexerError, match="turn up"):
        explorer.search("sea", faders={m.value: 0.0 for m in MODALITIES})


def test_script_that_the_model_cannot_read_is_searched_by_words(explorer: Explorer) -> None:
    answer = explorer.search("نسيم")
    assert [hit.track.title for hit in answer.hits] == ["نسيم الصباح"]
    assert list(answer.hits[0].contributions) == ["words"]
    nothing = explorer.search("李香蘭")
    assert nothing.hits == ()
    assert "does not read this script" in nothing.note


def test_words_answer_before_anything_is_embedded(tmp_path: Path) -> None:
    library = shelve(tmp_path, Row("Salt Wind", "Marisol Vey", year=2015), Row("Salt", "Nula"))
    explorer = Explorer(library)
    answer = explorer.search("salt wind")
    assert [hit.track.id for hit in answer.hits] == [1, 2]
    assert all(hit.score == hit.contributions["words"] for hit in answer.hits)
    assert "not embedded yet" in answer.note
    assert [hit.track.id for hit in explorer.search("year:2015").hits] == [1]
    with pytest.raises(IndexerError, match="not embedded yet"):
        explorer.similar(1)
    summary = Catalogue(library).summary()
    assert (summary["tracks"], summary["space"]) == (2, None)


def test_changes_of_the_library_are_noticed(indexed_demo: Path, tmp_path: Path) -> None:
    library = Path(shutil.copytree(indexed_demo / "library", tmp_path / "library"))
    explorer = Explorer(library)
    assert len(explorer.similar(1, count=100).hits) == 35
    with sqlite3.connect(library / "library.db") as connection:
        connection.execute("UPDATE tracks SET path = CAST('gone' || id AS BLOB) WHERE id IN (2, 3)")
    connection.close()
    assert prune(library, [2, 3]) == 2
    assert {hit.track.id for hit in explorer.similar(1, count=100).hits} == set(range(4, 37))
