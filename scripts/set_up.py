"""Make the virtual environment and install the pinned packages, or find that it is done.

Run by `make demo` and `make test` with the system's Python; needs nothing but the standard library. It first checks the
Python version and the free disk. A broken run is resumed: an environment whose Python runs is kept, and pip goes on.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
NEEDED_PYTHON = (3, 11)
NEEDED_GB = 3.0
"""Measured: 2.0 GB installed with the CPU build of torch, and the wheels beside it while pip unpacks them."""
NEEDED_GB_TO_RUN = 0.2
"""For the demo library and its index once everything is installed."""
PINNED_BY = ("pyproject.toml", "constraints.txt")
STAMP = "installed.txt"


def main() -> None:
    """Set up the environment named on the command line."""
    parser = argparse.ArgumentParser(description="Make the virtual environment and install the pinned packages.")
    parser.add_argument("--venv", type=Path, default=PROJECT / ".venv")
    parser.add_argument("--torch-index", default="", help="address of a package index with the build of torch you want")
    wanted = parser.parse_args()
    venv = wanted.venv.absolute()
    check_python()
    installed = is_installed(venv)
    check_disk(venv, NEEDED_GB_TO_RUN if installed else NEEDED_GB)
    if installed:
        return
    make_venv(venv)
    install(venv, wanted.torch_index)
    (venv / STAMP).write_text(fingerprint(), "utf-8")


def check_python() -> None:
    """Stop unless this Python is new enough."""
    if sys.version_info < NEEDED_PYTHON:
        needed = ".".join(map(str, NEEDED_PYTHON))
        found = ".".join(map(str, sys.version_info[:3]))
        sys.exit(
            f"Python {needed} or newer is needed, this is {found}: install one and run `make PYTHON=python{needed}`"
        )


def check_disk(folder: Path, needed_gb: float) -> None:
    """Stop unless the disk under `folder` has `needed_gb` free."""
    present = next(place for place in (folder, *folder.parents) if place.exists())
    free_gb = shutil.disk_usage(present).free / 1e9
    if free_gb < needed_gb:
        place = f"{needed_gb:g} GB of free disk are needed in {folder.parent}"
        sys.exit(f"{place}, {free_gb:.1f} are free: make room and run it again")


def is_installed(venv: Path) -> bool:
    """Tell whether the last installation ended well, with the pins of today, and its Python still runs."""
    stamp = venv / STAMP
    return stamp.is_file() and stamp.read_text("utf-8") == fingerprint() and _runs(venv)


def fingerprint() -> str:
    """Return a hash of all that decides what is installed."""
    digest = hashlib.sha256(f"{PROJECT} {sys.version_info[:2]}".encode())
    for name in PINNED_BY:
        digest.update((PROJECT / name).read_bytes())
    return digest.hexdigest()


def make_venv(venv: Path) -> None:
    """Make the environment, unless one is there whose Python runs."""
    if _runs(venv):
        return
    if venv.exists() and not (venv / "pyvenv.cfg").exists():
        sys.exit(f"{venv} is no virtual environment: name another with `make VENV=...`")
    print(f"Making {venv} with Python {sys.version.split()[0]}", flush=True)
    if subprocess.run([sys.executable, "-m", "venv", "--clear", venv]).returncode:
        sys.exit("The virtual environment cannot be made: on Debian and Ubuntu, sudo apt install python3-venv")


def install(venv: Path, torch_index: str) -> None:
    """Install the project, editable, with its development tools, at the pinned versions."""
    (venv / STAMP).unlink(missing_ok=True)
    print("Installing about 2 GB of packages; this takes a few minutes", flush=True)
    command: list[str | Path] = [
        venv / "bin" / "python",
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--quiet",
    ]
    command += ["--constraint", PROJECT / "constraints.txt"]
    command += ["--extra-index-url", torch_index] if torch_index else []
    if subprocess.run([*command, "--editable", f"{PROJECT}[dev]"], env=_environment()).returncode:
        sys.exit("The installation broke off; what went wrong stands above. Run the same command again to go on.")


def _runs(venv: Path) -> bool:
    """Tell whether the environment's Python starts, is this version and has pip."""
    python = venv / "bin" / "python"
    code = f"import sys, pip; sys.exit(sys.version_info[:2] != {tuple(sys.version_info[:2])})"
    return python.exists() and subprocess.run([python, "-c", code], stderr=subprocess.DEVNULL).returncode == 0


def _environment() -> dict[str, str]:
    """Leave pip's own settings alone, but not a Python path that could shadow the new environment."""
    return {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}


if __name__ == "__main__":
    main()
