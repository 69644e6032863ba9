"""Say that nothing is close: made-up words find nothing, real ones do, and what is listed is marked as weak."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save

from indexer.explorer import Explorer
from indexer.exploring.nonsense import COUNT, FILE, deviations, made_up, says_nothing, script_of
from indexer.exploring.rank import FAR

NONSENSE = (
    "asdfgh qwerty zxcv",
    "blorp fnord",
    "xkcdqz wvbn",
    "flurbity gnargle",
    "hjkl hjkl hjkl",
    "wubbalumpit skreezle",
    "quibzortle",
    "the blorp of zzkt",
    "blivvet snarf wozzle",
    "pqowieuryt alskdj",
)
SENSE = (
    "harbour song",
    "walking home in the rain at night",
    "slow dark piano",
    "the sea and sailing home",
    "marisol",
    "fast electronic",
    "lanterns in the window",
    "loud drums",
)


@pytest.mark.parametrize("text", NONSENSE)
def test_made_up_words_find_nothing_close(explorer: Explorer, text: str) -> None:
    answer = explorer.search(text)
    assert answer.nothing_close
    assert answer.note.startswith(f"{FAR}; no track has ")
    assert answer.hits
    assert {hit.percentile for hit in answer.hits} == {0.0}


@pytest.mark.parametrize("text", SENSE)
def test_words_that_mean_something_here_find_it(explorer: Explorer, text: str) -> None:
    answer = explorer.search(text)
    assert not answer.nothing_close
    assert "nothing close" not in answer.note
    assert (answer.hits[0].percentile or 0) >= 5


def test_a_typing_error_in_a_name_finds_the_name(explorer: Explorer) -> None:
    answer = explorer.search("marisoll vey")
    assert "Marisol Vey" in answer.hits[0].track.artist
    assert answer.hits[0].matched == {"marisoll": "artist", "vey": "artist"}
    assert (answer.read_as, answer.note) == ({"marisoll": "marisol"}, "marisoll read as marisol")


def test_one_real_word_among_made_up_ones_is_found_and_the_others_named(explorer: Explorer) -> None:
    answer = explorer.search("blorp harbour fnord")
    assert not answer.nothing_close
    assert answer.hits[0].track.title.startswith("Harbour")
    assert answer.unreached == ("blorp", "fnord")


def test_moved_faders_are_judged_with_their_own_scale(explorer: Explorer) -> None:
    assert explorer.search("blorp fnord", faders={"lyrics": 0.0}).nothing_close
    assert not explorer.search("harbour song", faders={"tags": 2.0}).nothing_close


def test_made_up_words_are_kept_beside_the_library_and_grow_back(explorer: Explorer, tmp_path: Path) -> None:
    library = tmp_path / "library"
    shutil.copytree(explorer.catalogue.library, library)
    file = library / FILE.format("latin")
    kept = file.read_bytes()
    with safe_open(file, framework="numpy") as stored:
        about = stored.metadata()
    vectors = np.ones((COUNT, 384), np.float16)
    wrong = [save(tensors, metadata=about) for tensors in ({"vectors": vectors[:, :5]}, {"vectors": vectors[:, 0]})]
    wrong += [save({"vectors": vectors * np.float16(np.nan)}, metadata=about), save({"vectors": vectors})]
    for damaged in (b"", b"{}", None, *wrong):
        if damaged is None:
            file.unlink()
        else:
            file.write_bytes(damaged)
        assert Explorer(library).search("blorp fnord").nothing_close
        assert file.read_bytes() == kept


@pytest.mark.parametrize("script", ["latin", "arabic"])
def test_words_are_made_up_in_a_script_the_same_every_time(script: str) -> None:
    texts = made_up(script)
    assert len(texts) == COUNT
    assert texts == made_up(script)
    assert {script_of(text) for text in texts} == {script}
    assert {len(text.split()) for text in texts} == {1, 2, 3}


@pytest.mark.parametrize(("text", "script"), [("Oud", "latin"), ("نسيم", "arabic"), ("1984", None), ("夜来香", None)])
def test_script_of_a_text(text: str, script: str | None) -> None:
    assert script_of(text) == script


def test_deviations_count_from_what_made_up_words_score_with_the_same_track() -> None:
    theirs = np.array([[0.3, 0.3, 0.3], [0.0, 0.2, 0.1]])
    found = deviations(np.array([0.32, 0.1]), theirs)
    assert found == pytest.approx([1.0, 0.0])  # where they agree, the least deviation counts


def test_a_question_in_the_midst_of_made_up_words_says_nothing() -> None:
    random = np.random.default_rng(0)
    near = random.normal(size=(50, 8)) * 0.1 + np.eye(8)[0]
    near /= np.linalg.norm(near, axis=1, keepdims=True)
    assert says_nothing(near.astype(np.float32), np.eye(8)[0])
    assert not says_nothing(near.astype(np.float32), np.eye(8)[1])


@pytest.mark.parametrize("text", ["blorp fnord", "harbour song"])
@pytest.mark.parametrize("count", [1, 3, 30])
def test_as_many_are_listed_as_were_asked_for_and_the_verdict_is_the_same(
    explorer: Explorer, text: str, count: int
) -> None:
    answer = explorer.search(text, count=count)
    assert len(answer.hits) == count
    assert answer.nothing_close == (text == "blorp fnord")
