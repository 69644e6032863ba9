"""The shape of the whole: layers, light imports, packaging, and nothing of one machine in the repository."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
HEAVY = {
    "av",
    "faiss",
    "librosa",
    "numpy",
    "open_clip",
    "PIL",
    "scipy",
    "sentence_transformers",
    "sqlite_utils",
    "textual",
    "torch",
    "torchvision",
    "transformers",
}


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=120)


def _repository_files() -> list[Path]:
    """List what is in the repository or about to be: tracked files and those that git does not ignore."""
    done = _run("git", "ls-files", "-co", "--exclude-standard", "-z")
    assert done.returncode == 0, done.stderr
    return [path for name in done.stdout.split("\0") if name and (path := PROJECT / name).is_file()]


def _modules_after(code: str) -> set[str]:
    """Run `code` in a fresh Python and return the top-level names of what it imported."""
    report = "import sys; print('\\n'.join({name.split('.')[0] for name in sys.modules}), file=sys.stderr)"
    done = _run(sys.executable, "-c", f"import atexit\natexit.register(lambda: exec({report!r}))\n{code}")
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


def test_layers_hold() -> None:
    done = _run(str(Path(sys.executable).with_name("lint-imports")), "--no-cache")
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(
    "code",
    [
        "import indexer, models, fairouz_tui",
        "import fairouz_tui.config, fairouz_tui.paths, fairouz_tui.player, fairouz_tui.state, fairouz_tui.doctor",
        "import indexer.track, indexer.errors, indexer.health, models.modality",
    ],
)
def test_importing_imports_nothing_heavy(code: str) -> None:
    assert _modules_after(code) & HEAVY == set()


def test_help_imports_nothing_heavy() -> None:
    code = "import sys; sys.argv = ['fairouz-tui', '--help']\nfrom fairouz_tui.__main__ import main\nsys.exit(main())"
    modules = _modules_after(code)
    assert "fairouz_tui" in modules
    assert modules & HEAVY == set()


def test_every_package_is_installed_and_listed() -> None:
    listed = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"]
    found = {
        ".".join(file.parent.relative_to(PROJECT).parts)
        for top in ("fairouz_tui", "indexer", "models")
        for file in (PROJECT / top).rglob("*.py")
    }
    assert set(listed) == found


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    pins = [line for line in (PROJECT / "constraints.txt").read_text("utf-8").splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", pin) for pin in pins), "public versions only"
    pinned = {_plain(pin.split("==")[0]) for pin in pins}
    wanted = {_plain(re.split(r"[<>=!~; \[]", text)[0]) for text in project["dependencies"]}
    wanted |= {_plain(re.split(r"[<>=!~; \[]", text)[0]) for text in project["optional-dependencies"]["dev"]}
    assert wanted - pinned == set()


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_licence_is_the_one_that_is_declared() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["license"] == "GPL-3.0-or-later"
    text = (PROJECT / "LICENSE").read_text("utf-8")
    assert text.split()[:5] == ["GNU", "GENERAL", "PUBLIC", "LICENSE", "Version"]
    assert "END OF TERMS AND CONDITIONS" in text
    assert "GPL-3.0-or-later" in (PROJECT / "README.md").read_text("utf-8")


def test_no_file_speaks_of_one_machine() -> None:
    machine = re.compile(rb"(?<![\w.~])/(?:work|root|home/\w+|Users/\w+)/|\.\./shared|/opt/(?:pypi|wheels)")
    hits = [
        f"{path.relative_to(PROJECT)}: {match.group().decode()}"
        for path in _repository_files()
        if path != Path(__file__).resolve() and (match := machine.search(path.read_bytes()))
    ]
    assert hits == []


def test_no_file_is_large_or_pickled() -> None:
    files = _repository_files()
    assert [path.name for path in files if path.suffix in {".pkl", ".pickle", ".pt", ".pth", ".npy", ".npz"}] == []
    assert [path.name for path in files if path.stat().st_size > 8_000_000] == []


def test_no_source_file_holds_two_ideas() -> None:
    tops = ("fairouz_tui", "indexer", "models", "tests")
    lengths = {
        file: len(file.read_text("utf-8").splitlines()) for top in tops for file in (PROJECT / top).rglob("*.py")
    }
    assert [str(file.relative_to(PROJECT)) for file, lines in lengths.items() if lines > 400] == []


def test_the_map_of_the_code_names_files_that_are_there() -> None:
    there = [f"/{path.relative_to(PROJECT)}" for path in _repository_files()]
    named = re.findall(r"`([\w/]+(?:/|\.py))`", (PROJECT / "docs/architecture.md").read_text("utf-8"))
    assert len(named) > 50
    gone = [name for name in named if not any(f"/{name}" in path for path in there)]
    assert gone == []
