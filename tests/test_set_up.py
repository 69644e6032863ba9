"""The set-up of `make demo` and `make test`, up to what needs a package index."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / "scripts" / "set_up.py"


@pytest.fixture(scope="module")
def set_up() -> ModuleType:
    spec = importlib.util.spec_from_file_location("set_up", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_broken_environment_is_made_again_and_a_sound_one_kept(set_up: ModuleType, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    set_up.make_venv(venv)
    (venv / "kept").touch()
    set_up.make_venv(venv)
    assert (venv / "kept").exists()
    (venv / "bin" / "python").unlink()
    assert not set_up.is_installed(venv)
    set_up.make_venv(venv)
    assert not (venv / "kept").exists()
    assert not set_up.is_installed(venv)
    (venv / set_up.STAMP).write_text("older pins")
    assert not set_up.is_installed(venv)
    (venv / set_up.STAMP).write_text(set_up.fingerprint())
    assert set_up.is_installed(venv)


def test_folder_that_is_no_environment_is_not_cleared(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    done = subprocess.run([sys.executable, SCRIPT, "--venv", tmp_path], capture_output=True, text=True)
    assert done.returncode == 1
    assert "no virtual environment" in done.stderr
    assert (tmp_path / "mine").exists()


def test_full_disk_and_old_python_are_one_clear_line(
    set_up: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SystemExit, match=r"GB of free disk are needed"):
        set_up.check_disk(tmp_path / "not made" / "venv", 1e9)
    set_up.check_disk(tmp_path / "not made" / "venv", 0.0)
    monkeypatch.setattr(set_up, "NEEDED_PYTHON", (99, 0))
    with pytest.raises(SystemExit, match=r"Python 99\.0 or newer is needed.*make PYTHON="):
        set_up.check_python()
