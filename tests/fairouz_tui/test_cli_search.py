"""`search` at the shell: the contract of its JSON, its table, and what is said when nothing is close."""

import re

import pytest

from tests.fairouz_tui.shell import Shell, check_hits, check_ranking


def test_search(shell: Shell) -> None:
    answer = shell.json("search", "harbour song", "-n", "7")
    assert set(answer) >= {"query", "took_ms", "hits"}
    assert answer["query"] == "harbour song"
    assert type(answer["took_ms"]) is float
    assert len(answer["hits"]) == 7
    check_ranking(answer["hits"])
    assert answer["hits"][0]["title"] == "Harbour Song"
    assert "words" in answer["hits"][0]["contributions"]


def test_search_by_fields_alone(shell: Shell) -> None:
    answer = shell.json("search", 'artist:"marisol vey" genre:folk')
    check_hits(answer["hits"])
    assert all((hit["score"], hit["contributions"]) == (None, {}) for hit in answer["hits"])
    albums = [hit["album"] for hit in answer["hits"]]
    assert albums == sorted(albums)


@pytest.mark.parametrize(
    "query", ["-has:lyrics", "-artist:vey genre:folk", '-"olive trees"', "-harbour sea", "-harbour"]
)
def test_query_may_begin_with_a_minus(shell: Shell, query: str) -> None:
    answer = shell.json("search", query)
    check_hits(answer["hits"])
    assert answer["query"] == query
    assert "Harbour Song" not in {hit["title"] for hit in answer["hits"]} or query == '-"olive trees"'


def test_counts_beyond_reason_are_wrong_usage(shell: Shell) -> None:
    assert "-n" in shell.fails(2, "search", "year:>1900", "-n", "99999999999999999999")


def test_search_weights_change_the_score(shell: Shell) -> None:
    plain, loud = (shell.json("search", "sea", *w)["hits"] for w in ((), ("--weights", "audio=5,lyrics=0")))
    check_ranking(loud)
    assert all("lyrics" not in hit["contributions"] for hit in loud)
    assert [hit["score"] for hit in plain] != [hit["score"] for hit in loud]


def test_nothing_close_is_said_before_the_table(shell: Shell) -> None:
    lines = shell.says("search", "blorp fnord", "-n", "3").splitlines()
    assert lines[0] == "Nothing close: only the least far; no track has blorp, fnord"
    assert len(lines) == 5
    answer = shell.json("search", "blorp fnord", "-n", "3")
    assert (answer["nothing_close"], answer["unreached"]) == (True, ["blorp", "fnord"])
    assert [hit["percentile"] for hit in answer["hits"]] == [0.0, 0.0, 0.0]
    real = shell.json("search", "marisoll", "-n", "3")
    assert (real["nothing_close"], real["read_as"]) == (False, {"marisoll": "marisol"})
    assert shell.says("search", "marisoll", "-n", "3").splitlines()[-1] == "marisoll read as marisol"


def test_tables_fit_a_line_and_show_the_strongest_reasons(shell: Shell) -> None:
    head, *lines = shell.says("search", "harbour song", "-n", "5").splitlines()
    assert head.split() == ["id", "score", "title", "artist", "album", "time", "why"]
    assert len(lines) == 5
    assert all(len(line) <= 130 for line in lines)
    assert re.match(r" +\d+ +\d\.\d\d  Harbour Song +Marisol Vey +Letters from", lines[0])
    assert re.search(r"0:12  words \.\d\d \w+ \.\d\d \(harbour, song\)$", lines[0])
