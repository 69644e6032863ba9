"""The command line: the contract of every command, its exit codes, and one clear line for whatever goes wrong."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import networkx
import pytest

from fairouz_tui import cli
from fairouz_tui.commands.options import seconds
from indexer.reading.playlist_files import read_playlist
from models.modality import MODALITIES

COMMANDS = (
    "demo",
    "index",
    "roots",
    "prune",
    "search",
    "similar",
    "explain",
    "mix",
    "path",
    "playlist",
    "graph",
    "stats",
    "doctor",
    "map",
    "evaluate",
    "spaces",
    "encoders",
    "train",
)
HIT = {"id", "path", "title", "artist", "album", "score", "percentile", "contributions", "matched", "versions"}
NAMES = {m.value for m in MODALITIES} | {"hub", "words"}


class Shell:
    """The program with a library: what it prints, says and returns."""

    def __init__(self, library: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.library = library
        self._capsys = capsys

    def run(self, *arguments: str) -> tuple[int, str, str]:
        self._capsys.readouterr()
        code = cli.run([*arguments, "--library", str(self.library)])
        out, err = self._capsys.readouterr()
        return code, out, err

    def says(self, *arguments: str) -> str:
        code, out, err = self.run(*arguments)
        assert (code, err) == (0, "")
        return out

    def json(self, *arguments: str) -> Any:
        text = self.says(*arguments, "--json")
        assert text.isascii()
        return json.loads(text)

    def fails(self, code: int, *arguments: str) -> str:
        """Return the one line of an error; nothing else may be printed."""
        found, out, err = self.run(*arguments)
        assert (found, out) == (code, "")
        assert err.startswith("fairouz-tui: ")
        assert err.count("\n") == 1
        assert err.endswith("\n")
        return err


@pytest.fixture
def shell(indexed_demo: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Return the program on the demo's library, which these tests only ask."""
    return Shell(indexed_demo / "library", capsys)


def check_hits(hits: list[dict[str, Any]]) -> None:
    assert hits
    for hit in hits:
        assert set(hit) >= HIT
        assert type(hit["id"]) is int
        assert os.path.isabs(hit["path"])
        assert os.path.isfile(hit["path"])
        assert all(type(hit[name]) is str for name in ("title", "artist", "album"))
        if hit["score"] is not None:
            assert type(hit["score"]) is float
            assert hit["score"] == sum(hit["contributions"].values())
            assert set(hit["contributions"]) <= NAMES
            assert all(type(value) is float for value in hit["contributions"].values())
        assert hit["percentile"] is None or 0 <= hit["percentile"] <= 100


def check_ranking(hits: list[dict[str, Any]]) -> None:
    check_hits(hits)
    scores = [hit["score"] for hit in hits]
    assert scores == sorted(scores, reverse=True)


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


def test_playlist(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "evening.m3u8"
    made = shell.json("playlist", "--seed", "1", "--seed", "salt wind", "-n", "9", "-o", str(file), "--first")
    assert set(made) == {"tracks", "audit", "file"}
    check_hits(made["tracks"])
    assert made["tracks"][0]["id"] == 1
    assert made["tracks"][1]["title"] == "Salt Wind"
    assert made["tracks"][0]["score"] is None
    assert all(type(track["score"]) is float for track in made["tracks"][1:])
    assert made["audit"]
    assert all(type(line) is str for line in made["audit"])
    assert made["file"] == str(file)
    assert [os.fsdecode(e) for e in read_playlist(str(file)).entries if isinstance(e, bytes)] == [
        track["path"] for track in made["tracks"]
    ]
    again = shell.json("playlist", "--seed", "1", "--seed", "salt wind", "-n", "9", "--first")
    assert (again["tracks"], again["file"]) == (made["tracks"], None)


def test_mix(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "mixed.pls"
    mixed = shell.json("mix", "1", "--plus", "salt wind", "--minus", "12", "-n", "6", "-o", str(file), "--first")
    check_hits(mixed["hits"])
    assert len(mixed["hits"]) == 6
    assert mixed["file"] == str(file)
    assert len(read_playlist(str(file)).entries) == 6
    assert not {1, 12} & {hit["id"] for hit in mixed["hits"]}
    assert " - " in shell.says("mix", "1", "--minus", "12").splitlines()[0]
    capped = shell.json("mix", "1", "--plus", "30", "-n", "35")["hits"]
    assert max(Counter(hit["artist"] for hit in capped).values()) == 3
    assert max(Counter(hit["album"] for hit in capped).values()) == 2
    every = ("--per-artist", "0", "--per-album", "0", "--all-versions")
    assert len(shell.json("mix", "1", "--plus", "30", "-n", "35", *every)["hits"]) == 34
    assert "left out: at most 1 of an artist" in shell.says("mix", "1", "--plus", "30", "-n", "35", "--per-artist", "1")
    assert "on one side only" in shell.fails(1, "mix", "1", "--minus", "1")


def test_path(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "bridge.m3u8"
    led = shell.json("path", "1", "salt wind", "-n", "6", "-o", str(file), "--first")
    check_hits(led["hits"])
    assert [hit["score"] is None for hit in led["hits"]] == [True] + (len(led["hits"]) - 1) * [False]
    assert 2 <= len(led["hits"]) <= 6
    assert (led["hits"][0]["id"], led["hits"][-1]["title"], led["file"]) == (1, "Salt Wind", str(file))
    assert [os.fsdecode(e) for e in read_playlist(str(file)).entries if isinstance(e, bytes)] == [
        hit["path"] for hit in led["hits"]
    ]
    assert "the widest step leads to " in shell.says("path", "1", "12", "-n", "3")
    assert "at least two tracks" in shell.fails(2, "path", "1")
    assert "larger -n" in shell.fails(1, "path", "1", "2", "3", "-n", "2")


def test_map(shell: Shell, tmp_path: Path) -> None:
    chart = shell.json("map", "--how", "pca", "--of", "audio")
    assert (chart["of"], chart["how"], chart["outdated"], chart["file"]) == ("audio", "pca", False, None)
    sizes = [cluster["tracks"] for cluster in chart["clusters"]]
    assert sum(sizes) == len(chart["tracks"]) == shell.json("stats")["modalities"]["audio"]["present"]
    for track in chart["tracks"]:
        assert set(track) == {"id", "x", "y", "cluster"}
        assert max(abs(track["x"]), abs(track["y"])) <= 1
    drawn = shell.says("map", "--how", "pca", "--colour", "genre")
    assert "36 tracks by joint, pca" in drawn
    assert sum(0x2800 < ord(character) < 0x2900 for character in drawn) > 20
    page = tmp_path / "map.html"
    assert str(page) in shell.says("map", "--how", "pca", "-o", str(page))
    assert page.read_text().startswith("<!doctype html>")
    assert "choose one of joint" in shell.fails(1, "map", "--of", "smell")
    assert "choose one of cluster" in shell.fails(1, "map", "--how", "pca", "--colour", "mood")


def test_playlist_by_length_and_varied(shell: Shell) -> None:
    made = shell.json("playlist", "--seed", "1", "--length", "1m")
    assert len(made["tracks"]) == 4  # 4 x 12 s and a little of padding are under a minute, 5 are not
    lists = {tuple(t["id"] for t in shell.json("playlist", "--seed", "1", "--vary", v)["tracks"]) for v in "0123"}
    assert len(lists) > 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("60m", 3600),
        ("1h30m", 5400),
        ("45:00", 2700),
        ("1:00:01", 3601),
        ("90s", 90),
        ("1h5s", 3605),
        ("1h30", 5400),
        ("5", 300),
    ],
)
def test_lengths(text: str, expected: int) -> None:
    assert seconds(text) == expected


def test_stats(shell: Shell) -> None:
    stats = shell.json("stats")
    assert set(stats) >= {"tracks", "artists", "albums", "modalities", "errors", "space"}
    assert all(type(stats[name]) is int for name in ("tracks", "artists", "albums", "errors"))
    assert (stats["tracks"], stats["errors"]) == (36, 0)
    assert set(stats["modalities"]) == {m.value for m in MODALITIES}
    for modality in stats["modalities"].values():
        assert set(modality) == {"present", "encoder"}
        assert 0 < modality["present"] <= 36
        assert type(modality["encoder"]) is str
    assert type(stats["space"]) is str
    said = shell.says("stats", "--problems")
    assert "36 tracks" in said
    assert all(m.value in said for m in MODALITIES)


def test_roots(shell: Shell, indexed_demo: Path) -> None:
    [root] = shell.json("roots")["roots"]
    assert root["path"] == str(indexed_demo / "music")
    assert (root["tracks"], root["missing"]) == (36, 0)
    assert str(indexed_demo / "music") in shell.says("roots")


def test_graph(shell: Shell, tmp_path: Path) -> None:
    told = shell.json("graph", "-o", str(tmp_path / "music.json"))
    data = json.loads((tmp_path / "music.json").read_text())
    assert (len(data["nodes"]), len(data["links"])) == (told["nodes"], told["edges"])
    assert {"track", "artist", "album", "genre", "playlist"} == {node["kind"] for node in data["nodes"]}
    assert "nodes and" in shell.says("graph", "-o", str(tmp_path / "music.graphml"))
    graph = networkx.read_graphml(tmp_path / "music.graphml")
    assert graph.number_of_nodes() == told["nodes"]
    shell.fails(1, "graph", "-o", str(tmp_path / "music.txt"))


def test_doctor(shell: Shell) -> None:
    _, out, err = shell.run("doctor", "--json")
    told = json.loads(out)
    assert err == ""
    assert set(told) == {"ok", "checks"}
    assert told["ok"] is all(check["ok"] for check in told["checks"])
    assert {"python", "torch", "library", "mpv"} <= {check["name"] for check in told["checks"]}
    assert all(check["cure"] for check in told["checks"] if not check["ok"])


def test_index_counts_what_it_sees(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    counts = Shell(library, capsys).json("index")
    keys = {"seen", "new", "changed", "moved", "unchanged", "missing", "failed", "skipped", "seconds"}
    assert set(counts) >= keys
    assert (counts["seen"], counts["unchanged"], counts["new"], counts["failed"]) == (36, 36, 0, 0)
    assert counts["seen"] == sum(counts[name] for name in ("new", "changed", "moved", "unchanged", "failed"))


def test_demo_is_made_in_the_library_that_was_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shell = Shell(tmp_path / "demo", capsys)
    assert "36 demo tracks" in shell.says("demo", "--no-open")
    assert shell.json("stats")["tracks"] == 36
    assert shell.json("roots")["roots"][0]["path"] == str(tmp_path / "demo" / "music")


def test_prune_asks_first_and_forgets_only_what_is_gone(
    library: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = Shell(library, capsys)
    assert "Nothing to prune" in shell.says("prune")
    _point_root_at(library, tmp_path / "elsewhere")
    assert shell.json("prune", "--yes") == {"pruned": 0}  # a folder that is not there may only be unmounted
    (tmp_path / "elsewhere").mkdir()
    assert "--yes" in shell.fails(1, "prune", "--json")
    assert shell.json("stats")["tracks"] == 36
    assert shell.json("prune", "--yes") == {"pruned": 36}
    assert shell.json("stats")["tracks"] == 0
    assert shell.json("search", "harbour song")["hits"] == []


def _point_root_at(library: Path, music: Path) -> None:
    from indexer.storing.store import Store

    with Store(library) as store, store.writing() as connection:
        connection.execute("UPDATE roots SET path = ?", (os.fsencode(music),))


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("search", "colour:red"), "colour"),
        (("search", "year:abc"), 'year: wants 1999, 1990..1999 or <2000, not "abc"'),
        (("search", "key:H"), 'not "H"'),
        (("search",), "QUERY"),
        (("search", "x", "-n", "0"), "--count"),
        (("search", "x", "-n", "ten"), "--count"),
        (("search", "x", "--bogus"), "--bogus"),
        (("search", "x", "--weights", "smell=1"), "smell"),
        (("search", "x", "--weights", "audio=-1"), "audio"),
        (("search", "x", "--weights", "audio=nan"), "audio"),
        (("search", "x", "--weights", "audio"), "audio"),
        (("similar", "1", "--modality", "smell"), "smell"),
        (("similar", "1", "--modality", "audio", "--weights", "audio=1"), "not both"),
        (("explain", "1"), "TRACK"),
        (("playlist",), "--seed"),
        (("playlist", "--seed", "1", "--length", "soon"), "soon"),
        (("playlist", "--seed", "1", "--length", "0"), "--length"),
        (("playlist", "--seed", "1", "--length", "5m", "-n", "3"), "not both"),
        (("graph",), "--output"),
        (("nonsense",), "nonsense"),
    ],
)
def test_wrong_usage_is_two_and_names_what_is_wrong(shell: Shell, arguments: tuple[str, ...], named: str) -> None:
    said = shell.fails(2, *arguments)
    assert named in said
    if arguments[0] in COMMANDS and ":" not in arguments[-1]:
        assert f"fairouz-tui {arguments[0]} --help" in said


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("similar", "9999"), "9999"),
        (("similar", "zzz"), "zzz"),
        (("similar", "/not/there.mp3"), "/not/there.mp3"),
        (("similar", "/tmp"), "/tmp"),
        (("similar", "turnstile", "--modality", "lyrics"), "lyrics"),
        (("explain", "1", "9999"), "9999"),
        (("explain", "1", "2", "--weights", ",".join(f"{m}=0" for m in MODALITIES)), "turn up"),
        (("playlist", "--seed", "1", "-o", "/not/there/x.m3u8"), "/not/there/x.m3u8"),
        (("playlist", "--seed", "1", "-o", "x.doc"), ".m3u8"),
        (("index", "/not/there"), "/not/there"),
    ],
)
def test_failure_is_one_and_says_why(shell: Shell, arguments: tuple[str, ...], named: str) -> None:
    assert named in shell.fails(1, *arguments)


@pytest.mark.parametrize("command", ["roots", "prune", "stats", "search x", "similar 1", "explain 1 2",
                                     "playlist --seed 1", "graph -o x.json"])  # fmt: skip
def test_without_a_library_every_command_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    said = Shell(tmp_path / "none", capsys).fails(1, *command.split())
    assert "fairouz-tui index" in said
    assert not (tmp_path / "none").exists()


def test_damaged_database_is_one_line(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = bytearray((library / "library.db").read_bytes())
    data[4096 * 2 :] = os.urandom(len(data) - 4096 * 2)
    (library / "library.db").write_bytes(data)
    assert "database" in Shell(library, capsys).fails(1, "search", "sea")


def test_newer_database_is_refused(library: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from indexer.storing.store import Store

    with Store(library) as store:
        store.connection.execute("PRAGMA user_version = 999")
    assert "newer" in Shell(library, capsys).fails(1, "stats")


def test_library_may_stand_before_the_command(indexed_demo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--library", str(indexed_demo / "library"), "stats", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["tracks"] == 36


def test_home_variable_chooses_the_library(
    library: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FAIROUZ_HOME", str(library))
    assert cli.run(["stats", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["tracks"] == 36


def test_interruption_is_130(indexed_demo: Path) -> None:
    """Ctrl-C while the search is being loaded, at the moment when its first module comes in."""
    code = (
        "import os, signal, sys, threading, time; from fairouz_tui.cli import run\n"
        "def strike():\n"
        "    while 'indexer.exploring.search' not in sys.modules: time.sleep(0.001)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "threading.Thread(target=strike, daemon=True).start(); sys.exit(run(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "search", "x", "--library", str(indexed_demo / "library")],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "fairouz-tui: interrupted; what was done is kept\n"


def test_explorer_without_a_terminal_says_so(indexed_demo: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fairouz_tui", "--library", str(indexed_demo / "library")],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "terminal" in done.stderr


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_shows_an_example_and_is_light(command: str) -> None:
    code = (
        "import sys; from fairouz_tui.cli import run; code = run(sys.argv[1:]); "
        "heavy = {'torch', 'numpy', 'faiss', 'textual', 'sqlite_utils', 'rich'} & set(sys.modules); "
        "sys.exit(f'imports {heavy}' if heavy else code)"
    )
    done = subprocess.run([sys.executable, "-c", code, *command.split(), "--help"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"Example.*fairouz-tui", done.stdout, re.DOTALL)
    assert "--library" in done.stdout
    for other in COMMANDS if not command else ():
        assert f"  {other} " in done.stdout


@pytest.mark.parametrize("command", ["search", "similar", "explain", "mix", "path", "playlist", "stats", "roots"])
def test_example_of_the_help_runs_on_the_demo(
    shell: Shell, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = " ".join(shell.says(command, "--help").replace("\n\n", "|").split())
    examples = re.findall(r"Example: fairouz-tui ([^|]*?) ?\|", said)
    assert examples
    for example in examples:
        if "~/" not in example:  # a file that only the reader has
            assert shell.says(*shlex.split(example))


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
