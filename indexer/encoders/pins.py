"""Remember what each model's files were when they first came, and refuse others ever after.

`<models>/pins.json` holds the SHA-256 of every file and the revision; it outlives the files, so that what is fetched
again must be the same. `<models>/seen.json` remembers the hash of a file as long as its size, time and inode stay:
a model of a gigabyte is hashed once, not at every query.
"""

import json
import os
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from indexer.errors import IndexerError

PINS = "pins.json"
SEEN = "seen.json"
_FORMAT = "fairouz-tui pins"
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Pin:
    """What one model was when it first came."""

    revision: str
    """The repository's commit; "" for one that was added from a folder."""
    source: str
    """The address or the folder that it came from."""
    files: dict[str, str] = field(default_factory=dict)
    """Name of each file -> SHA-256, hex."""

    def weights(self) -> str:
        """Return the SHA-256 of the weights: the first safetensors file by name; "" without one."""
        return next((self.files[name] for name in sorted(self.files) if name.endswith(".safetensors")), "")


def read_pins(models: Path) -> dict[str, Pin]:
    """Return the pin of every model that ever came; {} before the first.

    Raises
    ------
    IndexerError
        When the file of pins is damaged: nothing can be checked then.

    """
    path = models / PINS
    if not path.exists():
        return {}
    try:
        stored = json.loads(path.read_text("utf-8"))
        if stored["format"] != _FORMAT:
            raise ValueError(f"its format is {stored['format']!r}")
        return {str(name): _pin(entry) for name, entry in stored["models"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexerError(
            f"{path} cannot be read ({type(error).__name__}): restore it, or remove it and get the encoders anew"
        ) from error


def _pin(entry: dict[str, Any]) -> Pin:
    files = {str(name): str(value) for name, value in entry["files"].items()}
    return Pin(str(entry["revision"]), str(entry["source"]), files)


def write_pin(models: Path, name: str, pin: Pin | None) -> None:
    """Store the pin of one model, or forget it when None; the others stay."""
    pins = read_pins(models)
    if pin is None:
        pins.pop(name, None)
    else:
        pins[name] = pin
    stored = {"format": _FORMAT, "models": {key: asdict(value) for key, value in sorted(pins.items())}}
    try:
        _write(models / PINS, stored)
    except OSError as error:
        raise IndexerError(f"{models / PINS} cannot be written ({error.strerror}): see to its folder") from error


def _write(path: Path, content: Any) -> None:
    """Write JSON in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.", delete=False, encoding="utf-8") as file:
        temporary = Path(file.name)
        try:
            json.dump(content, file, indent=1)
            file.close()
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def digest(path: Path) -> str:
    """Compute the SHA-256 of a file, hex; some 2 s a GB."""
    total = sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            total.update(block)
    return total.hexdigest()


def hash_files(folder: Path, files: "tuple[str, ...]") -> dict[str, str]:
    """Return name -> SHA-256 of those files that are there."""
    return {name: digest(folder / name) for name in files if (folder / name).is_file()}


def differing(models: Path, folder: Path, pin: Pin, *, thorough: bool = False) -> dict[str, str]:
    """Return the pinned files that are not as they were: name -> "missing" or "changed".

    A file that has size, time and inode as when it was last hashed counts as unchanged unless `thorough`.
    """
    seen = {} if thorough else _seen(models)
    fresh: dict[str, list[Any]] = {}
    wrong = {}
    for name, expected in pin.files.items():
        path = folder / name
        try:
            mark = _mark(path)
            known = seen.get(str(path))
            found = known[-1] if known is not None and known[:-1] == mark else digest(path)
        except OSError:
            wrong[name] = "missing"
            continue
        fresh[str(path)] = [*mark, found]
        if found != expected:
            wrong[name] = "changed"
    if any(seen.get(path) != entry for path, entry in fresh.items()):
        _remember(models, fresh)
    return wrong


def _mark(path: Path) -> list[int]:
    status = os.stat(path)
    return [status.st_size, status.st_mtime_ns, status.st_ino]


def _seen(models: Path) -> dict[str, list[Any]]:
    """Return what is remembered; {} where that cannot be read: it is only a shortcut."""
    try:
        stored = json.loads((models / SEEN).read_text("utf-8"))
        return {path: entry for path, entry in stored.items() if isinstance(entry, list) and len(entry) == 4}
    except (OSError, ValueError, AttributeError):
        return {}


def _remember(models: Path, fresh: dict[str, list[Any]]) -> None:
    try:
        _write(models / SEEN, {path: one for path, one in {**_seen(models), **fresh}.items() if os.path.exists(path)})
    except OSError:
        return  # a folder that may not be written: the next check takes as long again
