"""The command `train`: options, exit codes, Ctrl-C and going on, on data folders and on a library."""

import inspect
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from fairouz_tui import cli
from fairouz_tui.commands.train import losses, split_arguments, train
from models.checkpoint import load_space
from models.dataset import load_dataset
from models.training.options import defaults_of
from models.training.recipes import RECIPES
from tests.models.training.small_data import write_folder

SHORT = ("--epochs", "3", "--batch", "40")
CONTRASTIVE = ("--recipe", "contrastive", "--least-inputs", "2", *SHORT)


@pytest.fixture(autouse=True)
def _one_thread() -> Any:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


class Trainer:
    """The command, run in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: object) -> tuple[int, str, str]:
        self._capsys.readouterr()
        code = cli.run(["train", *map(str, arguments), "--threads", "1"])
        out, err = self._capsys.readouterr()
        return code, out, err

    def json(self, *arguments: object) -> Any:
        code, out, err = self(*arguments, "--json")
        assert (code, err) == (0, "")
        return json.loads(out)

    def fails(self, code: int, *arguments: object) -> str:
        found, out, err = self(*arguments)
        assert (found, out) == (code, ""), err
        assert err.startswith("fairouz-tui: ")
        assert err.count("\n") == 1
        return err


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Trainer:
    return Trainer(capsys)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "data", positives=True)


def test_training_says_where_the_model_is(run: Trainer, data: Path, tmp_path: Path) -> None:
    code, out, err = run(data, *CONTRASTIVE, "--out", tmp_path / "run")
    assert (code, err) == (0, "")
    assert str(tmp_path / "run" / "model.safetensors") in out
    assert "3 epochs, best after" in out
    assert load_space(tmp_path / "run" / "model.safetensors").name == "contrastive"


def test_json(run: Trainer, data: Path, tmp_path: Path) -> None:
    told = run.json(data, *CONTRASTIVE, "--out", tmp_path / "run", "--seed", 4, "--temperature=0.2")
    assert (told["recipe"], told["tracks"], told["seed"], told["epochs"]) == ("contrastive", 120, 4, 3)
    assert told["model"] == str(tmp_path / "run" / "model.safetensors")
    card = json.loads(Path(told["card"]).read_text("utf-8"))
    assert (card["options"]["temperature"], card["options"]["batch"], card["source"]) == (0.2, 40, str(data))
    assert card["figures"]["validation_loss"] == told["validation_loss"]


@pytest.mark.parametrize("recipe", ["pca", "gcca"])
def test_closed_form(run: Trainer, data: Path, tmp_path: Path, recipe: str) -> None:
    told = run.json(data, "--recipe", recipe, "--out", tmp_path / "run", "--exponent", "0.3")
    assert load_space(Path(told["model"])).name == recipe
    assert "epochs" not in told


def test_library_is_copied_and_trained_on(
    run: Trainer, indexed_demo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    how = ("--library", indexed_demo / "library", "--out", tmp_path / "run")
    told = run.json(*CONTRASTIVE, *how)
    dataset = load_dataset(tmp_path / "run" / "data")
    assert told["tracks"] == len(dataset) > 30
    space = load_space(Path(told["model"]))
    assert set(space.heads) == set(dataset.modalities())
    assert all(space.heads[m].encoder == dataset.encoders[m] for m in space.heads)
    # Resuming asks the copy, not the library, which may have changed.
    again = run.json("--resume", "--out", tmp_path / "run", "--epochs", 4, "--library", tmp_path / "nowhere")
    assert again["epochs"] == 4
    assert "holds a run already" in run.fails(1, *CONTRASTIVE, *how)


def test_failed_start_leaves_nothing_in_the_way_of_the_next(run: Trainer, indexed_demo: Path, tmp_path: Path) -> None:
    how = ("--recipe", "contrastive", *SHORT, "--library", indexed_demo / "library", "--out", tmp_path / "run")
    assert "lower --least-inputs" in run.fails(1, *how)
    assert run(*how, "--least-inputs", "2")[0] == 0


def test_every_option_is_listed_with_its_default(run: Trainer) -> None:
    code, out, _ = run("--recipes")
    assert code == 0
    for recipe in RECIPES.values():
        assert f"{recipe.name}: {recipe.summary}" in out
        for name, default in defaults_of(recipe.options).items():
            value = {True: "yes", False: "no"}[default] if isinstance(default, bool) else str(default)
            assert any(line.split()[:2] == [f"--{name.replace('_', '-')}", value] for line in out.splitlines())
    code, out, _ = run("--recipes", "--recipe", "pca")
    assert out.count("\n") == 2
    assert run.json("--recipes")["binding"]["options"]["contraction"] == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--recipe", "transformer", "--out", "run"), "choose hybrid, pca, gcca"),
        (("--out", "run"), "--recipe"),
        (("--recipe", "pca"), "--out"),
        (("--recipe", "pca", "--epochs", "3", "--out", "run"), '"epochs" is no option'),
        (("--recipe", "binding", "--epochs", "none", "--out", "run"), "whole number"),
        (("--recipe", "binding", "--loss", "hinge", "--out", "run"), "choose margin"),
        (("--recipe", "binding", "--out", "run", "--epochs"), "--epochs needs a value"),
        (("--recipe", "binding", "--epochs", "--batch", "3", "--out", "run"), "--epochs needs a value"),
        (("one", "two", "--recipe", "pca", "--out", "run"), "one data folder at most"),
        (("--recipe", "pca", "-x", "--out", "run"), '"-x" is no option'),
        (("--recipe", "pca", "--out", "run", "--seed", "-1"), "--seed"),
        (("--recipes", "--recipe", "transformer"), "choose hybrid, pca, gcca"),
    ],
)
def test_wrong_usage(
    run: Trainer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert said in run.fails(2, *arguments)
    assert list(tmp_path.iterdir()) == []


def test_device_that_is_none(run: Trainer, data: Path, tmp_path: Path) -> None:
    how = (data, "--recipe", "pca", "--out", tmp_path / "run", "--device")
    assert "choose auto, cpu, cuda" in run.fails(2, *how, "abacus")
    if not torch.cuda.is_available():
        assert "--device cpu" in run.fails(1, *how, "cuda")


def test_what_cannot_be_trained_is_one_line(run: Trainer, data: Path, tmp_path: Path) -> None:
    out = ("--out", tmp_path / "run")
    assert "no data folder" in run.fails(1, tmp_path / "nowhere", *CONTRASTIVE, *out)
    assert "no library" in run.fails(1, *CONTRASTIVE, *out, "--library", tmp_path / "nowhere")
    assert "two modalities" in run.fails(1, write_folder(tmp_path / "one", count=1), *CONTRASTIVE, *out)
    assert not (tmp_path / "run").exists()
    assert "holds no run to resume" in run.fails(1, data, "--resume", *out)
    tags = np.load(data / "tags.npy")
    tags[5, 0] = np.nan
    np.save(data / "tags.npy", tags)
    assert "the tags vector of track t5 has numbers that are not finite" in run.fails(1, data, *CONTRASTIVE, *out)


def test_resume_knows_what_was_begun(run: Trainer, data: Path, tmp_path: Path) -> None:
    out = ("--out", tmp_path / "run")
    run(data, *CONTRASTIVE, *out, "--seed", 7)
    assert run.json("--resume", *out, "--epochs", 5)["seed"] == 7
    assert "begun with --batch 40, not 50" in run.fails(1, "--resume", *out, "--batch", 50)
    assert "begun with --seed 7, not 8" in run.fails(1, "--resume", *out, "--seed", 8)
    assert "holds a run already" in run.fails(1, data, *CONTRASTIVE, *out)
    other = write_folder(tmp_path / "other", seed=3, positives=True)
    assert "the data is not that" in run.fails(1, other, "--resume", *out)


def test_ctrl_c_saves_and_resume_gives_the_same_weights(run: Trainer, data: Path, tmp_path: Path) -> None:
    how = ("--recipe", "binding", "--epochs", "40", "--batch", "100", "--size", "32", "--patience", "0")
    assert run(data, *how, "--out", tmp_path / "whole")[0] == 0
    command = [sys.executable, "-m", "fairouz_tui", "train", str(data), *how, "--out", str(tmp_path / "run")]
    command += ["--threads", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        curves = tmp_path / "run" / "curves.jsonl"
        while child.poll() is None and not (curves.is_file() and curves.read_text().count("\n") >= 2):
            pass
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=60)
    assert (child.returncode, out) == (130, "")
    assert f"resume with `fairouz-tui train --resume --out {tmp_path / 'run'}`" in err
    assert "Traceback" not in err
    assert not (tmp_path / "run" / "model.safetensors").exists()
    told = run.json("--resume", "--out", tmp_path / "run")
    assert told["epochs"] == 40
    whole, resumed = (load_file(tmp_path / name / "model.safetensors") for name in ("whole", "run"))
    assert all((whole[name] == resumed[name]).all() for name in whole)


def test_no_recipe_has_an_option_that_the_command_takes_for_itself() -> None:
    own = {name.replace("_", "-") for name in inspect.signature(train).parameters} | {"json", "help"}
    for recipe in RECIPES.values():
        assert not own & {name.replace("_", "-") for name in defaults_of(recipe.options)}


def test_arguments_are_told_apart() -> None:
    assert split_arguments([]) == (None, {})
    assert split_arguments(["--a", "1", "data", "--b=x=y", "--c", "-2"]) == (
        Path("data"),
        {"a": "1", "b": "x=y", "c": "-2"},
    )


def test_losses_that_were_not_measured_are_left_out() -> None:
    assert losses(0.03124, 0.5) == "loss 0.03124, validation 0.5"
    assert losses(0.5, None) == losses(0.5, float("nan")) == "loss 0.5"


def test_progress_is_drawn_on_a_terminal(data: Path, tmp_path: Path) -> None:
    import pty

    master, slave = pty.openpty()
    command = [sys.executable, "-m", "fairouz_tui", "train", str(data), *CONTRASTIVE, "--out", str(tmp_path / "run")]
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "120"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=slave, env=environment) as child:
        os.close(slave)
        said = b""
        try:
            while part := os.read(master, 65536):
                said += part
        except OSError:  # the child has closed its end
            pass
        os.close(master)
        child.communicate(timeout=60)
    assert child.returncode == 0
    assert b"epoch" in said
    assert b"3.0/3" in said or b"3/3" in said
    assert b"loss " in said
    assert b"validation " in said
