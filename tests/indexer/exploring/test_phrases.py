"""Words of the sound that are more than one word stay one, where they are read, matched and shown."""

import pytest

from indexer.explorer import Explorer
from indexer.exploring.evidence import Facts, tags_evidence
from indexer.exploring.phrases import joined, places_joined, single
from indexer.exploring.sounding import asked_of


@pytest.mark.parametrize(
    ("spoken", "phrases"),
    [
        (["steady", "beat"], ["steady beat"]),
        (["slow", "free", "rhythm", "free"], ["slow", "free rhythm", "free"]),
        (["mid", "tempo"], ["mid-tempo"]),
        (["beat", "steady"], ["beat", "steady"]),
        ([], []),
    ],
)
def test_phrases_are_joined_in_their_order(spoken: list[str], phrases: list[str]) -> None:
    assert joined(spoken) == phrases
    assert single(phrases) == set(spoken)


def test_what_two_tags_share_is_a_phrase_and_not_its_words() -> None:
    mine = Facts(tag_text="Beat Hotel Hard Rock mid-tempo E minor steady beat")
    theirs = Facts(tag_text="Rock On slow E minor steady beat")
    assert tags_evidence(None, mine, theirs) == {  # type: ignore[arg-type]
        "shared": ["rock", "minor", "steady beat"],
        "a": ["beat", "hotel", "hard", "mid-tempo"],
        "b": ["slow"],
    }


def test_a_phrase_is_heard_whole_and_points_the_way_it_measures() -> None:
    asked, words = asked_of("slow steady beat"), asked_of("slow steady")
    assert asked is not None
    assert words is not None
    assert asked.words == ("slow", "steady beat")
    # "Steady" is short for it.
    assert asked.directions[1].tolist() == words.directions[1].tolist()


def test_words_that_matched_name_the_phrase(explorer: Explorer) -> None:
    answer = explorer.search("steady beat", count=20)
    assert {"steady beat": "sound"} in [hit.matched for hit in answer.hits]
    assert not any({"steady", "beat"} <= set(hit.matched) for hit in answer.hits)
    assert not answer.unreached


def test_words_in_different_places_are_named_apart() -> None:
    together = {"steady": "title", "beat": "title", "moon": "lyrics"}
    assert places_joined(together, ["steady", "beat", "moon"]) == {"moon": "lyrics", "steady beat": "title"}
    apart = {"steady beat": "sound", "beat": "title"}
    assert places_joined(apart, ["steady", "beat"]) == apart
