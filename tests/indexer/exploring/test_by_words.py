"""Answers by words alone: the same with and without a session, and light where no text model reads the query."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.explorer import Explorer
from indexer.exploring.by_words import search_by_words
from indexer.exploring.search import search
from tests.indexer.exploring.shelf import Row, shelve


@pytest.mark.parametrize("text", ["نسم علينا", "نسم year:1900..2100", "日本語", "хорошая песня"])
def test_a_script_that_the_model_does_not_read_is_answered_the_same_without_a_session(
    explorer: Explorer, text: str
) -> None:
    light = search_by_words(explorer.catalogue, text, count=20)
    assert light is not None
    whole = search(explorer, text, count=20)
    assert replace(light, took_ms=0) == replace(whole, took_ms=0)
    assert replace(explorer.search(text, count=20), took_ms=0) == replace(whole, took_ms=0)


def test_a_query_that_the_model_reads_is_left_to_it(explorer: Explorer) -> None:
    assert search_by_words(explorer.catalogue, "slow piano", count=20) is None
    assert search_by_words(explorer.catalogue, "نسم slow piano", count=20) is None


def test_before_anything_is_embedded_words_answer_alone(tmp_path: Path) -> None:
    explorer = Explorer(shelve(tmp_path, Row(title="Rain", artist="Ann"), Row(title="Sun", artist="Rain")))
    answer = explorer.search("rain", count=5)
    assert [hit.track.title for hit in answer.hits] == ["Rain", "Sun"]
    assert all(hit.score == hit.contributions["words"] and hit.percentile is None for hit in answer.hits)
    assert answer.note.startswith("not embedded yet")
    assert replace(answer, took_ms=0) == replace(search(explorer, "rain", count=5), took_ms=0)


def test_a_script_that_the_model_does_not_read_loads_nothing_heavy(indexed_demo: Path) -> None:
    code = (
        "import sys; from fairouz_tui.cli import run; code = run(sys.argv[1:]); "
        "heavy = {'torch', 'numpy', 'faiss', 'textual', 'sqlite_utils', 'onnxruntime'} & set(sys.modules); "
        "sys.exit(f'imports {heavy}' if heavy else code)"
    )
    command = [sys.executable, "-c", code, "search", "نسم", "--library", str(indexed_demo / "library"), "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
