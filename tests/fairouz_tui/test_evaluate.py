"""`fairouz-tui evaluate`, on a data folder written by the test."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fairouz_tui import cli
from models.evaluation.folds import artist_folds
from models.evaluation.paper import nearest, paper
from models.evaluation.protocol_folds import MAIN
from models.evaluation.retrieval import by_inner_product, fold_of, retrieval
from models.modality import Modality
from tests.models.evaluation.datasets import clusters

DATA = clusters(artists=25, tracks_an_artist=6, noise=1.0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("data")
    lines = [
        {
            "id": track_id,
            "title": f"title {i}",
            "artist": f"artist {DATA.artists[i]}",
            "album": f"album {DATA.albums[i]}",
            "genres": DATA.genres[i],
            "positives": [DATA.ids[row] for row in DATA.positives[i]],
        }
        for i, track_id in enumerate(DATA.ids)
    ]
    (place / "tracks.jsonl").write_text("\n".join(map(json.dumps, lines)), "utf-8")
    for m, vectors in DATA.x.items():
        np.save(place / f"{m}.npy", vectors)
    graph = np.eye(25, dtype=np.float32)[DATA.artists]
    np.save(place / "graph.npy", graph)
    return place


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli.run(["evaluate", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def rows_of(out: str) -> dict[tuple[str, str], dict[str, Any]]:
    found = json.loads(out)
    assert set(found) >= {"protocol", "rows"}
    assert all(set(row) == {"model", "metric", "mean", "sd", "seeds"} for row in found["rows"])
    return {(row["model"], row["metric"]): row for row in found["rows"]}


def test_folds_and_vectors_give_the_figures_again(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folds = artist_folds(DATA.artists, folds=3, seed=11)
    (tmp_path / "folds.json").write_text(json.dumps(dict(zip(DATA.ids, folds.tolist(), strict=True))))
    options = ("--protocol", "artist-folds", "--without", "graph", "--recipe", "gcca", "--seeds", "2", "--json")
    files = ("--folds", str(tmp_path / "folds.json"), "--save-vectors", str(tmp_path / "v.npz"))
    code, out, err = answer(capsys, str(folder), *options, *files)
    assert (code, err) == (0, "")
    rows = rows_of(out)
    saved = np.load(tmp_path / "v.npz", allow_pickle=False)
    assert saved["ids"].tolist() == list(DATA.ids)
    assert saved["vectors"].shape[:2] == (3, len(DATA))
    again = [retrieval(DATA, by_inner_product(saved["vectors"][f]), fold_of(DATA, folds, f)) for f in range(3)]
    for metric in MAIN:
        assert rows["gcca", metric]["mean"] == pytest.approx(np.mean([one[metric] for one in again]))
        assert rows["gcca", metric]["sd"] == 0
        assert rows["gcca", metric]["seeds"] == 2
    models = {model for model, _ in rows}
    assert models == {
        "gcca",
        "raw concatenation",
        "centred concatenation",
        "rank fusion",
        "audio alone",
        "lyrics alone",
    }
    asked = {metric for model, metric in rows if model == "gcca"}
    assert {
        "audio to lyrics R@10",
        "lyrics to audio median rank",
        "cross-modal R@1",
        "artist HR@10",
        "genre MAP@10",
        "other album MRR@10",
        "lyrics missing: genre kNN",
        "only audio asked: artist nDCG@10",
        "genre swap P@10",
    } <= asked


def test_with_a_graph_the_folds_are_also_run_without_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = answer(capsys, str(folder), "--recipe", "pca", "--seeds", "1", "--json")
    assert code == 0
    rows = rows_of(out)
    with_graph, without = rows["pca", "artist nDCG@10"], rows["pca", "without graph: artist nDCG@10"]
    assert with_graph["mean"] > without["mean"]
    assert rows["graph alone", "artist nDCG@10"]["mean"] == pytest.approx(1.0)


def test_paper_protocol_and_its_vectors(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "v.npz"
    code, out, _ = answer(
        capsys, str(folder), "--protocol", "paper", "--seeds", "1", "--json", "--save-vectors", str(file)
    )
    assert code == 0
    rows = rows_of(out)
    vectors = np.load(file)["vectors"]
    assert vectors.shape[0] == len(DATA)
    assert vectors.shape[1] <= 256
    everything = np.arange(len(DATA))
    expected = paper(DATA, nearest(vectors, everything), everything)
    assert rows["neighbourhood", "P@10"]["mean"] == pytest.approx(expected["P@10"])
    assert ("neighbourhood", "unseen P@25") in rows
    assert ("rank fusion", "unseen P@10") in rows


def test_the_table_names_every_model_and_says_what_the_figures_are(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = answer(capsys, str(folder), "--recipe", "pca", "--seeds", "1", "--without", "graph")
    assert code == 0
    for word in ("pca", "rank fusion", "centred concatenation", "genre kNN", "cross-modal R@10", "Means over folds"):
        assert word in out
    code, everything, _ = answer(capsys, str(folder), "--recipe", "pca", "--seeds", "1", "--without", "graph", "--all")
    assert code == 0
    assert len(everything.splitlines()) > 3 * len(out.splitlines())


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--protocol", "nothing"], 2, "no protocol"),
        (["--recipe", "nothing"], 2, "no recipe"),
        (["--without", "smell"], 2, "no modality"),
        (["--without", "audio", "--without", "lyrics", "--without", "graph"], 1, "no modality is left"),
        (["--folds", "/nowhere/folds.json"], 1, "not there"),
        (["--recipe", "pca", "--seeds", "1", "--save-vectors", "/nowhere/v.npz"], 1, "could not be written"),
    ],
)
def test_wrong_usage_and_failures_are_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, message: str
) -> None:
    exit_code, _, err = answer(capsys, str(folder), *arguments)
    assert exit_code == code
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "content",
    ["[]", "{", '{"t0": 1}', json.dumps(dict.fromkeys(DATA.ids, 0)), json.dumps(dict.fromkeys(DATA.ids, "a"))],
)
def test_bad_folds_are_refused(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str) -> None:
    (tmp_path / "folds.json").write_text(content)
    code, _, err = answer(capsys, str(folder), "--folds", str(tmp_path / "folds.json"))
    assert code == 1
    assert "folds.json" in err
    assert err.count("\n") == 1


def test_vectors_that_are_not_finite_are_one_clear_error(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    audio = DATA.x[Modality.AUDIO].copy()
    audio[3, 2] = np.nan
    np.save(tmp_path / "audio.npy", audio)
    code, _, err = answer(capsys, str(tmp_path), "--recipe", "pca", "--seeds", "1")
    assert code == 1
    assert "not finite" in err
    assert err.count("\n") == 1
