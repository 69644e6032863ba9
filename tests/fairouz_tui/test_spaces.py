"""The command `spaces`: its verbs, tables, JSON, and what `stats` says of the space in use."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from indexer.catalogue import Catalogue
from indexer.spaces.inputs import Inputs
from indexer.spaces.listing import compare, list_spaces
from indexer.spaces.shelf import find_row, open_space
from tests.fairouz_tui.shell import Shell
from tests.indexer.placed import placed, write_space

SHIPPED = Path(__file__).parents[2] / "models/checkpoints/embedded.safetensors"
DOCS = Path(__file__).parents[2] / "docs/spaces.md"
VERBS = ("list", "compare", "activate", "rollback", "auto", "refit", "export")


@pytest.fixture
def shell(library: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    """Return the program on a copy of the demo's library."""
    return Shell(library, capsys)


def test_list(shell: Shell) -> None:
    table = shell.says("spaces")
    assert table == shell.says("spaces", "list")
    head, first, *_, last = table.splitlines()
    assert head.split()[:3] == ["id", "name", "made"]
    assert first.split()[:4] == ["*", "1", "embedded", "shipped"]
    assert "activate" in last
    ((space, *_),) = shell.json("spaces").values()
    assert space["active"]
    assert not space["pinned"]
    assert space["problem"] is None
    assert space["encoders"]["audio"].startswith("fairouz-audio@")


def test_activate_stats_rollback_auto(shell: Shell, tmp_path: Path) -> None:
    before = shell.json("similar", "1")["hits"]
    file = shutil.copy(SHIPPED, tmp_path / "mine.safetensors")
    assert "mine (id 2) now in use, chosen by you" in shell.says("spaces", "activate", str(file))
    assert shell.json("similar", "1")["hits"] == before
    said = shell.says("stats")
    assert "joint space (what decides which tracks are alike): mine\n  chosen by you, in use since " in said
    assert "  back to embedded: fairouz-tui spaces rollback\n" in said
    assert "fairouz-tui spaces auto" in said
    stats = shell.json("stats")
    assert stats["space"] == "mine"
    use = stats["space_use"]
    assert (use["recipe"], use["pinned"], use["before"]) == ("imported", True, "embedded")
    assert use["since"] > 1e9
    listed = {space["name"]: space for space in shell.json("spaces")["spaces"]}
    assert (listed["mine"]["active"], listed["embedded"]["active"]) == (True, False)
    assert "chosen by you" in shell.says("spaces")
    outcome = shell.json("spaces", "rollback")
    assert (outcome["space"]["name"], outcome["changed"]) == ("embedded", True)
    assert "stays in use" in shell.says("spaces", "auto")
    assert "chosen by the program" in shell.says("stats")


def test_space_that_does_not_fit_is_marked(shell: Shell, tmp_path: Path) -> None:
    other = tmp_path / "other"
    placed(other, 12)
    file = write_space(other, tmp_path / "other.safetensors")
    error = shell.fails(1, "spaces", "activate", str(file))
    assert "audio is encoded by fairouz-audio@2 here and by test-audio@1 there" in error
    shell.says("spaces", "activate", str(shutil.copy(SHIPPED, tmp_path / "mine.safetensors")))
    (shell.library / "spaces/mine.safetensors").unlink()
    table = shell.says("spaces")
    assert "! mine: " in table


def test_compare(shell: Shell, tmp_path: Path) -> None:
    shell.says("spaces", "activate", str(shutil.copy(SHIPPED, tmp_path / "mine.safetensors")))
    found = shell.json("spaces", "compare", "embedded", "2")
    assert found["a"]["figures"] == found["b"]["figures"]
    assert found["overlap"] == 1.0
    assert not found["b_better"]
    assert set(found["modalities"]) == {"audio", "lyrics", "tags", "cover", "graph", "playlists"}
    said = shell.says("spaces", "compare", "embedded", "mine")
    assert "100% of the ten nearest neighbours are the same (36 tracks asked)" in said
    assert "mine is not better than embedded here" in said
    assert "no space" in shell.fails(1, "spaces", "compare", "embedded", "nowhere")


def test_overlap_is_the_share_of_common_neighbours(tmp_path: Path) -> None:
    library = tmp_path / "library"
    placed(library, 90)
    catalogue = Catalogue(library)
    found = compare(catalogue, "embedded-local", "refit-2")
    near = []
    for name in ("embedded-local", "refit-2"):
        row = find_row(catalogue.connection, name)
        assert row is not None
        space, inputs = open_space(row.name, row.file, library), Inputs(catalogue)
        blocks, masks = space.blocks(inputs.x, inputs.present)
        sets = []
        for q in range(90):
            query = space.query(blocks[q], masks[q])
            scores = sorted((-float(query @ blocks[t].astype(float)), t) for t in range(90) if t != q)
            sets.append({t for _, t in scores[:10]})
        near.append(sets)
    expected = np.mean([len(a & b) / 10 for a, b in zip(*near, strict=True)])
    assert found["queries"] == 90
    assert found["overlap"] == pytest.approx(expected, abs=0.01)
    assert 0.1 < found["overlap"] < 1.0
    assert found["a"]["alpha"] != found["b"]["alpha"]
    assert found["modalities"]["audio"]["shared_b"]
    figures = {space.name: space.figures for space in list_spaces(catalogue)}
    assert figures["refit-2"] == found["b"]["figures"]
    assert figures["embedded-local"] == found["a"]["figures"]


def test_compare_in_a_library_of_one_track(tmp_path: Path) -> None:
    library = tmp_path / "library"
    placed(library, 1)
    found = compare(Catalogue(library), "embedded-local", "1")
    assert (found["queries"], found["overlap"]) == (0, None)


def test_export(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "out.npz"
    assert shell.json("spaces", "export", "-o", str(file)) == {"file": str(file), "tracks": 36}
    assert shell.says("spaces", "export", "embedded", "-o", str(file), "--blocks") == f"36 tracks written to {file}\n"
    with np.load(file) as arrays:
        assert arrays["cover_private"].shape == (36, 64)
    assert "-o" in shell.fails(2, "spaces", "export")


def test_refit_of_a_small_library(shell: Shell) -> None:
    assert "needs 60 tracks" in shell.fails(1, "spaces", "refit")


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_and_stands_in_the_docs(shell: Shell, verb: str) -> None:
    assert f"spaces {verb}" in DOCS.read_text("utf-8")
    _, out, _ = shell.run("spaces", verb, "--help")
    assert "--library" in out


def test_library_may_be_named_before_the_verb(
    library: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from fairouz_tui import cli

    for arguments in (["--library", str(library), "spaces", "list"], ["spaces", "--library", str(library), "list"]):
        monkeypatch.setenv("FAIROUZ_HOME", "/nowhere")
        assert cli.run([*arguments, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["spaces"]
