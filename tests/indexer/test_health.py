"""The checks of what the indexer stands on."""

from pathlib import Path

import pytest

from indexer.health import check_database, check_disk, check_health, check_import, check_packages, check_torch_pair


def test_this_machine_is_healthy(tmp_path: Path) -> None:
    checks = check_health(tmp_path / "not made yet", database=lambda folder: f"empty at {folder.name}")
    assert [check.name for check in checks if not check.ok] == []
    assert {"python", "torch", "text model", "sound", "nearest", "sqlite", "disk", "library"} <= {
        c.name for c in checks
    }
    assert all(check.detail for check in checks)


@pytest.mark.parametrize(
    ("torch", "torchvision", "ok"),
    [
        ("2.13.0", "0.28.0", True),
        ("2.13.0+cpu", "0.28.0+cpu", True),
        ("2.13.1", "0.28.0", True),
        ("2.9.0", "0.24.1", True),
        ("2.13.0", "0.27.0", False),
        ("2.12.0+cpu", "0.28.0", False),
        ("2.13.0", "1.0", False),
        ("3.0.0", "0.40.0", True),
    ],
)
def test_torch_and_torchvision_must_be_a_pair(torch: str, torchvision: str, ok: bool) -> None:
    check = check_torch_pair(torch, torchvision)
    assert check.ok is ok
    assert torch in check.detail
    assert torchvision in check.detail
    assert bool(check.cure) is not ok


def test_mismatch_names_the_partner_and_builds_are_told() -> None:
    assert "torchvision 0.27" in check_torch_pair("2.12.0", "0.28.0").cure
    assert "CUDA" in check_torch_pair("2.13.0+cu130", "0.28.0+cu130").detail
    assert "builds differ" in check_torch_pair("2.13.0+cpu", "0.28.0").detail


def test_missing_package_is_named() -> None:
    check = check_packages(("mutagen", "no-such-package-here"))
    assert not check.ok
    assert check.detail == "missing: no-such-package-here"


def test_import_that_fails_or_kills_python_is_only_a_line() -> None:
    assert check_import("x", "print('fine')").detail == "fine"
    failed = check_import("x", "import no_such_module_here")
    assert not failed.ok
    assert failed.detail == "ModuleNotFoundError: No module named 'no_such_module_here'"
    killed = check_import("x", "import os; os.kill(os.getpid(), 9)")
    assert not killed.ok
    assert killed.detail == "exit code -9"


def test_import_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.health.PROBE_SECONDS", 0.2)
    assert "no answer" in check_import("x", "import time; time.sleep(30)").detail


def test_library_that_does_not_open_is_told_with_a_cure(tmp_path: Path) -> None:
    def refuse(folder: Path) -> str:
        raise OSError(f"{folder} is made by a newer version")

    check = check_database(tmp_path, refuse)
    assert not check.ok
    assert "newer version" in check.detail
    assert "--library" in check.cure


def test_disk_of_a_folder_not_made_yet_is_that_of_its_parent(tmp_path: Path) -> None:
    assert str(tmp_path) in check_disk(tmp_path / "a" / "b").detail
