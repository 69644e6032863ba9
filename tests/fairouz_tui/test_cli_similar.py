"""`similar` and `explain` at the shell: they agree, keep the caps, and take a track by id, path or words."""

import re
import shutil
from collections import Counter
from collections.abc import Callable
from inspect import signature
from pathlib import Path

import pytest

from fairouz_tui.commands.mix import mix
from fairouz_tui.commands.similar import similar
from fairouz_tui.config import Config
from models.modality import MODALITIES
from tests.fairouz_tui.shell import NAMES, Shell, check_ranking


@pytest.mark.parametrize(
    "options", [(), ("--no-hub",), ("--weights", "audio=2,cover=0"), ("--weights", "graph=0,playlists=0", "--no-hub")]
)
def test_similar_and_explain_agree(shell: Shell, options: tuple[str, ...]) -> None:
    caps = ("--per-artist", "0", "--per-album", "0")
    answer = shell.json("similar", "two lamps", "-n", "35", *caps, *options)
    check_ranking(answer["hits"])
    assert len(answer["hits"]) == 35
    me = shell.json("search", 'title:"two lamps"')["hits"][0]["id"]
    for hit in answer["hits"][::9]:
        why = shell.json("explain", str(me), str(hit["id"]), *options)
        assert set(why) == {"a", "b", "score", "contributions", "pairs", "evidence"}
        assert (why["a"]["id"], why["b"]["id"]) == (me, hit["id"])
        assert why["score"] == hit["score"] == sum(why["contributions"].values())
        assert why["contributions"] == hit["contributions"]
        assert ("hub" in why["contributions"]) is ("--no-hub" not in options)
        for pair in why["pairs"]:
            assert set(pair) == {"a", "b", "shared", "private", "value"}
            assert pair["value"] == pair["shared"] + pair["private"]
        assert set(why["evidence"]) <= NAMES
        assert all(type(facts) is dict for facts in why["evidence"].values())


def test_similar_holds_artists_and_albums_to_their_caps(shell: Shell) -> None:
    hits = shell.json("similar", "two lamps", "-n", "35")["hits"]
    assert max(Counter(hit["artist"] for hit in hits).values()) == 3
    assert max(Counter(hit["album"] for hit in hits).values()) == 2
    assert all(hit["versions"] == [] for hit in hits)
    said = shell.says("similar", "two lamps", "-n", "35", "--per-artist", "1", "--all-versions")
    assert "left out: at most 1 of an artist" in said


@pytest.mark.parametrize("command", [similar, mix])
def test_usual_limits_are_those_of_the_commands(command: Callable[..., None]) -> None:
    usual, taken = Config(), signature(command).parameters
    assert (usual.per_artist, usual.per_album) == (taken["per_artist"].default, taken["per_album"].default) == (3, 2)
    assert usual.fold_versions is not taken["all_versions"].default


def test_similar_by_one_modality(shell: Shell) -> None:
    answer = shell.json("similar", "1", "--modality", "audio", "-n", "3")
    check_ranking(answer["hits"])
    assert all(set(hit["contributions"]) == {"audio"} for hit in answer["hits"])


def test_track_by_id_path_words_and_file_outside(shell: Shell, tmp_path: Path) -> None:
    track = shell.json("search", "title:layali")["hits"][0]
    asked = [shell.json("similar", text)["hits"] for text in (str(track["id"]), track["path"], "dunya rafiq layali")]
    assert asked[0] == asked[1] == asked[2]
    outside = shutil.copy(track["path"], tmp_path / "outside.mp3")
    answer = shell.json("similar", str(outside), "-n", "3")
    check_ranking(answer["hits"])
    assert answer["hits"][0]["id"] == track["id"]
    assert shell.json("stats")["tracks"] == 36


def test_ambiguous_words_list_ids_and_first_takes_the_best(shell: Shell) -> None:
    said = shell.fails(1, "similar", "olive trees")
    ids = re.findall(r"(\d+) [^;]+ - Olive Trees", said)
    assert len(ids) == 2
    assert "--first" in said
    for number in ids:
        assert shell.json("similar", number)["hits"]
    assert shell.json("similar", "olive trees", "--first")["hits"]
    assert len(re.findall(r"\d+ [^;]+ - ", shell.fails(1, "similar", "voltaire grid"))) <= 5


def test_explanation_fits_and_its_printed_parts_add_up(shell: Shell) -> None:
    lines = shell.says("explain", "two lamps", "lake unlit").splitlines()
    assert lines[0].startswith("Two Lamps - Marisol Vey & Paper Lanterns  [")
    assert lines[1].startswith("~ Lake, Unlit")
    assert all(len(line) <= 100 for line in lines)
    parts = {m[1]: float(m[2]) for line in lines if (m := re.match(r" +(\w+) ([+-]\d\.\d{3})", line))}
    assert parts.pop("score") == pytest.approx(sum(parts.values()), abs=1e-9)
    assert {m.value for m in MODALITIES} <= set(parts)
    text = "\n".join(lines)
    assert "Evening walk" in text
    assert "Marisol Vey" in text
