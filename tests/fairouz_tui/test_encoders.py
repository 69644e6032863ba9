"""The command `encoders`: what it prints, asks and returns, against a hub on this machine."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save

from fairouz_tui import cli
from tests.indexer.encoders.local_hub import LocalHub, local_hub

NAME, REPOSITORY, WEIGHTS = "dinov2-base", "facebook/dinov2-base", "model.safetensors"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalHub]:
    weights = save({"w": np.random.default_rng(0).normal(size=(600, 1000)).astype(np.float32)})
    with local_hub() as hub:
        hub.files[REPOSITORY] = {"config.json": b"{}", "preprocessor_config.json": b"{}", WEIGHTS: weights}
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        yield hub


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FAIROUZ_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = cli.run(["encoders", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def listed(capsys: pytest.CaptureFixture[str], name: str = NAME) -> dict[str, Any]:
    code, out, err = run(capsys, "--json")
    assert (code, err) == (0, "")
    answer = json.loads(out)
    assert answer["profile"] == "embedded"
    found: dict[str, Any] = next(one for one in answer["encoders"] if one["name"] == name)
    return found


def test_fits_a_terminal_of_80_columns(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["fairouz_tui.commands.encoders"], "columns", lambda: 80)
    *lines, _ = run(capsys)[1].splitlines()
    assert max(map(len, lines)) == 80
    long = next(number for number, line in enumerate(lines) if "open-clip" in line)
    assert lines[long].split() == ["open-clip:CLIP-ViT-B-32-laion2B-s34B-b79K"]
    assert lines[long + 1].split() == ["cover", "606", "MIT", "512", "not", "fetched"]


def test_lists_what_there_is_without_a_library(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].split() == ["name", "reads", "MB", "licence", "dim", "state", "profile"]
    starred = [line.split()[1].partition("@")[0] for line in lines[1:-1] if line.startswith("*")]
    assert starred == ["fairouz-audio", "all-MiniLM-L6-v2", "fairouz-cover", "randne-hash", "playlist-hash"]
    assert any("mxbai-embed-large-v1" in line and "Apache-2.0" in line and line.endswith("seed") for line in lines)
    assert all(len(line) <= 120 for line in lines[:-1])
    assert str(home / "models") in lines[-1]
    assert run(capsys, "list")[1] == out
    assert not home.exists()
    one = listed(capsys)
    assert one == {
        "name": NAME,
        "kind": "cover",
        "megabytes": 347,
        "licence": "Apache-2.0",
        "dimension": 768,
        "state": "not fetched",
        "problem": "",
        "in_use": False,
        "profiles": [],
        "repository": REPOSITORY,
        "files": ["config.json", "preprocessor_config.json", WEIGHTS],
    }


def test_from_fetching_to_removing(home: Path, hub: LocalHub, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "check")[:2] == (0, "no encoder has been fetched or added: nothing to check\n")
    code, out, err = run(capsys, "fetch", NAME, "--yes")
    assert (code, err) == (0, "")
    assert out.startswith(f"{NAME} is in {home / 'models' / NAME}, pinned.")
    assert listed(capsys)["state"] == "fetched"
    assert run(capsys, "check") == (0, f"{NAME}: as it was pinned\n", "")
    code, out, err = run(capsys, "fetch", NAME, "--yes")
    assert (code, out) == (1, "")
    assert "is here already" in err
    weights = home / "models" / NAME / WEIGHTS
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x00")
    assert listed(capsys)["problem"] == f"{WEIGHTS} differs from what came first"
    assert run(capsys)[1].splitlines()[-2] == f"! {NAME}: {WEIGHTS} differs from what came first"
    code, out, _ = run(capsys, "check", "--json")
    assert (code, json.loads(out)["ok"]) == (1, False)
    code, out, _ = run(capsys, "remove", NAME, "--json")
    assert (code, json.loads(out)["name"]) == (0, NAME)
    assert listed(capsys)["state"] == "pinned"
    assert run(capsys, "remove", NAME, "--forget")[0] == 0
    assert listed(capsys)["state"] == "not fetched"


def test_without_a_terminal_the_licence_must_be_accepted_by_an_option(
    home: Path, hub: LocalHub, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, "fetch", NAME)
    assert (code, out) == (1, "")
    first, last = err.splitlines()
    assert first == f"{NAME}: 347 MB from {REPOSITORY}, licence Apache-2.0, 768 numbers a vector"
    assert "--yes` accepts the licence" in last
    assert hub.asked == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("fetch", "vggish", "--yes"), "vggish is not published in a form that can be fetched: convert its weights"),
        (("fetch", "nothing", "--yes"), 'there is no encoder "nothing": known are mxbai-embed-large-v1, '),
        (("fetch", "all-MiniLM-L6-v2"), "comes with the program: there is nothing to fetch, add or remove"),
        (("add", NAME, "/not/there"), "no folder /not/there: name the one with config.json"),
        (("remove", NAME), "there is nothing to remove"),
        (("use", "seed"), "mxbai-embed-large-v1 is not in"),
        (("use", "clap-music"), "`fairouz-tui encoders fetch clap-music`, or `encoders add clap-music DIR`"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    arguments: tuple[str, ...], said: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (1, "")
    assert said in err
    assert err.count("\n") == 1


def test_stopped_by_the_keyboard_it_goes_on_the_next_time(home: Path, hub: LocalHub) -> None:
    hub.stall_after = [900_000]
    command = [sys.executable, "-m", "fairouz_tui", "encoders", "fetch", NAME, "--yes"]
    environment = {**os.environ, "FAIROUZ_HOME": str(home), "HF_ENDPOINT": hub.address}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not list(home.glob(f"models/.*.partial/{WEIGHTS}.part")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert "interrupted; what was done is kept" in err
    (part,) = home.glob(f"models/.*.partial/{WEIGHTS}.part")
    came = part.stat().st_size
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert hub.gets(f"blob/{WEIGHTS}") == ["", f"bytes={came}-" if came else ""]


def test_choosing_says_what_the_next_run_will_read(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "use", "embedded")
    assert (code, err) == (0, "")
    assert out.startswith("nothing changes: text by all-MiniLM-L6-v2@")
    code, out, _ = run(capsys, "use", "embedded", "--json")
    assert (code, json.loads(out)["changed"], json.loads(out)["profile"]) == (0, {}, "embedded")
