"""A run in its folder: what it leaves there, how it is resumed, and what it refuses."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from models.checkpoint import load_space
from models.dataset import load_dataset
from models.errors import ModelError
from models.joint.binding_file import load_binding
from models.modality import Modality
from models.training.binding_recipe import BindingOptions
from models.training.curves import read_curves
from models.training.fingerprint import fingerprint
from models.training.fit import fitting
from models.training.recipes import RECIPES
from models.training.run import CARD, CHECKPOINT, MODEL, Run, device_named
from models.training.run_file import RUN, begun, resumed_options
from tests.models.evaluation.datasets import clusters
from tests.models.training.small_data import small_dataset, write_folder

SMALL: dict[str, dict[str, Any]] = {
    "pca": {},
    "gcca": {},
    "contrastive": {"epochs": 6, "batch": 40, "least_inputs": 2, "checkpoint_every": 2},
    "binding": {"epochs": 6, "batch": 100, "size": 16, "checkpoint_every": 2, "dropout": "everywhere"},
}
GRADIENT = ("contrastive", "binding")


def make_run(folder: Path, data: Path, name: str, *, resume: bool = False, seed: int = 0, **values: Any) -> Run:
    options = RECIPES[name].options(**SMALL[name] | values)
    return Run(folder, load_dataset(data), RECIPES[name], options, resume=resume, seed=seed, threads=1, device="cpu")


def work(run: Run, *, stop_at: int | None = None) -> Run:
    for moment in run.train():
        if moment.steps == stop_at:
            run.stop()
    return run


def same_tensors(a: Path, b: Path) -> bool:
    first, second = load_file(a), load_file(b)
    return first.keys() == second.keys() and all((first[name] == second[name]).all() for name in first)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "data", positives=True, missing=0.2)


@pytest.mark.parametrize("name", SMALL)
def test_run_leaves_a_model_and_its_card(tmp_path: Path, data: Path, name: str) -> None:
    run = work(make_run(tmp_path / "run", data, name, seed=3))
    assert run.finished
    dataset = load_dataset(data)
    load: Any = load_binding if name == "binding" else load_space
    read = load(tmp_path / "run" / MODEL).embed(dataset.x, dataset.present)
    made = fitting(RECIPES[name], SMALL[name])(dataset, 3).embed(dataset.x, dataset.present)
    np.testing.assert_allclose(read, made, atol=1e-5)
    card = json.loads((tmp_path / "run" / CARD).read_text("utf-8"))
    assert (card["recipe"], card["seed"], card["tracks"]) == (name, 3, 120)
    assert card["data"] == fingerprint(dataset)
    assert card["options"].items() >= SMALL[name].items()
    assert card["present"] == {"audio": 120, "tags": int(dataset.present[:, 2].sum())}
    assert card["encoders"] == {m.value: dataset.encoders[m] for m in (Modality.AUDIO, Modality.TAGS)}
    points = read_curves(tmp_path / "run")
    if name in GRADIENT:
        assert [point.epoch for point in points] == [1, 2, 3, 4, 5, 6]
        losses = {point.epoch: point.validation_loss for point in points}
        assert card["figures"]["validation_loss"] == losses[card["figures"]["best_epoch"]] == min(losses.values())  # type: ignore[type-var]
    else:
        assert (points, card["figures"]) == ([], {})
    kinds = {path.suffix for path in (tmp_path / "run").iterdir() if path.is_file()}
    assert kinds <= {".json", ".jsonl", ".safetensors"}


@pytest.mark.parametrize("stop_at", [1, 5, 6, 11])
@pytest.mark.parametrize("name", GRADIENT)
def test_interrupted_run_is_resumed_to_the_same_bytes(tmp_path: Path, data: Path, name: str, stop_at: int) -> None:
    work(make_run(tmp_path / "whole", data, name))
    stopped = work(make_run(tmp_path / "run", data, name), stop_at=stop_at)
    assert not stopped.finished
    assert not (tmp_path / "run" / MODEL).exists()
    work(make_run(tmp_path / "run", data, name, resume=True))
    for file in (MODEL, CHECKPOINT):
        assert same_tensors(tmp_path / "run" / file, tmp_path / "whole" / file)
    curves = [
        [(point.step, point.epoch, point.loss, point.validation_loss) for point in read_curves(tmp_path / run)]
        for run in ("run", "whole")
    ]
    assert curves[0] == curves[1]


KILLED = """
import sys, time
from pathlib import Path
from tests.models.training.test_run import make_run
for moment in make_run(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]).train():
    print(moment.steps, flush=True)
    time.sleep(0.02)
"""


@pytest.mark.parametrize(("name", "after"), [("binding", 1), ("binding", 19), ("contrastive", 10)])
def test_killed_run_goes_on_from_its_last_checkpoint_to_the_same_bytes(
    tmp_path: Path, data: Path, name: str, after: int
) -> None:
    work(make_run(tmp_path / "whole", data, name))
    command = [sys.executable, "-c", KILLED, str(tmp_path / "run"), str(data), name]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, cwd=Path(__file__).parents[3]) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if int(line) == after:
                child.send_signal(signal.SIGKILL)
                break
    assert child.returncode == -signal.SIGKILL
    assert not (tmp_path / "run" / MODEL).exists()
    assert (tmp_path / "run" / CHECKPOINT).exists() == (after > 1)
    work(make_run(tmp_path / "run", data, name, resume=True))
    assert same_tensors(tmp_path / "run" / MODEL, tmp_path / "whole" / MODEL)
    assert [point.epoch for point in read_curves(tmp_path / "run")] == [1, 2, 3, 4, 5, 6]


def test_finished_run_may_be_given_more_epochs(tmp_path: Path, data: Path) -> None:
    work(make_run(tmp_path / "run", data, "binding", epochs=2))
    work(make_run(tmp_path / "run", data, "binding", resume=True))
    work(make_run(tmp_path / "whole", data, "binding"))
    assert same_tensors(tmp_path / "run" / MODEL, tmp_path / "whole" / MODEL)


def test_resuming_a_finished_run_changes_nothing(tmp_path: Path, data: Path) -> None:
    work(make_run(tmp_path / "run", data, "contrastive"))
    before = (tmp_path / "run" / MODEL).read_bytes()
    run = work(make_run(tmp_path / "run", data, "contrastive", resume=True))
    assert (tmp_path / "run" / MODEL).read_bytes() == before
    assert run.figures()["epochs"] == 6


def refused(said: str, folder: Path, data: Path, name: str = "contrastive", **how: Any) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(ModelError, match=said) as caught:
        make_run(folder, data, name, **how)
    assert "\n" not in str(caught.value)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_run_is_not_resumed_with_anything_else(tmp_path: Path, data: Path) -> None:
    folder = tmp_path / "run"
    refused("holds no run to resume", folder, data, resume=True)
    work(make_run(folder, data, "contrastive"), stop_at=2)
    refused("holds a run already", folder, data)
    refused("other options \\(batch, temperature\\)", folder, data, resume=True, batch=30, temperature=0.35)
    refused("begun with --seed 0, not 1", folder, data, resume=True, seed=1)
    refused("begun with --recipe contrastive, not binding", folder, data, "binding", resume=True)
    other = write_folder(tmp_path / "other", positives=True, missing=0.2, seed=1)
    refused("the data is not that which", folder, other, resume=True)


def test_options_of_a_run_need_not_be_repeated(tmp_path: Path, data: Path) -> None:
    run = make_run(tmp_path, data, "binding", loss="info_nce")
    described = run.plan.description()
    assert resumed_options(described, {}) == run.plan.options
    assert resumed_options(described, {"loss": "info_nce", "epochs": 50}) == replace(run.plan.options, epochs=50)  # type: ignore[call-arg]
    with pytest.raises(ModelError, match="begun with --loss info_nce, not margin"):
        resumed_options(described, {"loss": "margin"})
    with pytest.raises(ModelError, match="by another version"):
        resumed_options(described | {"options": {"heads": 4}}, {})


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"recipe": "pca"}', '{"recipe": 1, "options": {}, "seed": 0, "data": ""}']
)
def test_damaged_run_file_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / RUN).write_text(text)
    with pytest.raises(ModelError, match="is damaged: start a new run"):
        begun(tmp_path)


def test_folder_that_cannot_be_made_is_one_line(tmp_path: Path, data: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match="choose another folder with --out"):
        work(make_run(tmp_path / "file" / "run", data, "pca"))


def test_vectors_that_are_not_numbers_are_told_before_training(tmp_path: Path, data: Path) -> None:
    tags = np.load(data / "tags.npy")
    mask = np.load(data / "mask.npy")
    absent, here = int(np.flatnonzero(~mask[:, 2])[0]), int(np.flatnonzero(mask[:, 2])[5])
    tags[absent] = np.nan
    np.save(data / "tags.npy", tags)
    make_run(tmp_path / "run", data, "binding")  # nobody looks at the vector of an absent modality
    tags[here, 3] = np.inf
    np.save(data / "tags.npy", tags)
    for name in SMALL:
        with pytest.raises(ModelError, match=f"the tags vector of track t{here} has numbers that are not finite"):
            make_run(tmp_path / "run", data, name)


def test_digest_sees_every_part_of_the_data(tmp_path: Path) -> None:
    dataset = small_dataset(tmp_path, missing=0.3, positives=True)
    x = {m: np.array(vectors) for m, vectors in dataset.x.items()}
    row = int(np.flatnonzero(dataset.present[:, 2])[0])
    x[Modality.TAGS][row, 0] += 1
    near = list(dataset.positives)
    near[4] = near[4][:-1]
    present = dataset.present.copy()
    present[row, 2] = False
    changed = [
        replace(dataset, x=x),
        replace(dataset, present=present),
        replace(dataset, artists=np.roll(dataset.artists, 1)),
        replace(dataset, positives=tuple(near)),
        replace(dataset, ids=(*dataset.ids[:-1], "other")),
        replace(dataset, encoders={m: f"{name}x" for m, name in dataset.encoders.items()}),
    ]
    digests = {fingerprint(one) for one in [dataset, *changed]}
    assert len(digests) == len(changed) + 1
    absent = {m: np.array(vectors) for m, vectors in dataset.x.items()}
    absent[Modality.TAGS][~dataset.present[:, 2]] = 7.0
    assert fingerprint(replace(dataset, x=absent)) == fingerprint(dataset)


def test_devices() -> None:
    import torch

    assert device_named("cpu") == "cpu"
    assert device_named("auto") == ("cuda" if torch.cuda.is_available() else "cpu")
    with pytest.raises(ModelError, match="choose auto, cpu, cuda"):
        device_named("tpu")
    if not torch.cuda.is_available():
        with pytest.raises(ModelError, match="--device cpu"):
            device_named("cuda")


def test_seconds_leave_pauses_out(tmp_path: Path, data: Path) -> None:
    started = time.monotonic()
    work(make_run(tmp_path / "run", data, "contrastive"), stop_at=3)
    trained = time.monotonic() - started
    time.sleep(trained + 0.5)
    run = work(make_run(tmp_path / "run", data, "contrastive", resume=True))
    assert 0 < run.figures()["seconds"] < time.monotonic() - started - trained - 0.5


def test_two_threads_give_the_same_weights_every_time(tmp_path: Path) -> None:
    data = clusters(artists=20, tracks_an_artist=40)  # 31,200 pairs: enough for torch to share the work out
    weights = []
    for name in ("one", "two"):
        run = Run(tmp_path / name, data, RECIPES["binding"], BindingOptions(epochs=2, validation_share=0.0), threads=2)
        for _ in run.train():
            pass
        weights.append((tmp_path / name / "model.safetensors").read_bytes())
    assert weights[0] == weights[1]
