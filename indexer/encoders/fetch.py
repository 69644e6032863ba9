"""Bring an encoder to the folder of models, from the hub or from a folder on disk, and pin what came.

What is under way lies in a folder of its own and takes its place in one step when it is whole and as pinned.
"""

import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.encoders.folder import adding_place, begun, changing, partial_place, place
from indexer.encoders.hub import NotOnHubError, Remote, download, look_up
from indexer.encoders.pins import Pin, differing, hash_files, read_pins, write_pin
from indexer.errors import IndexerError
from indexer.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from models.encoders.known import KnownEncoder

SPARE_BYTES = 200_000_000
"""Disk space that must stay free beside a model."""
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".h5", ".npz")
"""Weights in forms that may run code or that the loaders do not read."""


def free_bytes(folder: Path) -> int:
    """Return how many bytes the disk under a folder has left."""
    return shutil.disk_usage(folder).free


def fetch(models: Path, encoder: "KnownEncoder") -> "Generator[Progress, None, None]":
    """Fetch an encoder's files from the hub, going on with what was begun; progress is in bytes.

    Of a model that was here before, the pinned revision is fetched, and must be what it was.

    Raises
    ------
    IndexerError
        When it is here already, the hub does not give it, the disk is full, or what came is not what was pinned.

    """
    with changing(models):
        pin = _pin_to_meet(models, encoder)
        waiting = begun(models, encoder)
        wanted = pin.revision if pin and pin.revision else waiting.suffixes[-2][1:] if waiting else encoder.revision
        yield Progress(f"asking for {encoder.name}", 0, 0)
        remotes = _look_up(encoder, wanted)
        commit = next(iter(remotes.values())).commit
        folder = partial_place(models, encoder, commit)
        if waiting is not None and waiting != folder:
            shutil.rmtree(waiting)
        folder.mkdir(parents=True, exist_ok=True)
        total = sum(remote.size for remote in remotes.values())
        _see_room(models, total - _bytes(folder), encoder)
        yield from _bring(encoder, remotes, folder, total)
        yield Progress(f"checking {encoder.name}", total, total)
        _settle(models, encoder, folder, Pin(commit, encoder.repository, hash_files(folder, tuple(remotes))), pin)


def _pin_to_meet(models: Path, encoder: "KnownEncoder") -> Pin | None:
    """Return the pin of an encoder that was here before; refuses one that is here, whole."""
    pin = read_pins(models).get(encoder.name)
    if pin and place(models, encoder).is_dir() and not differing(models, place(models, encoder), pin):
        raise IndexerError(f"{encoder.name} is here already, in {place(models, encoder)}")
    return pin


def _look_up(encoder: "KnownEncoder", revision: str) -> dict[str, Remote]:
    """Ask for every file, all of one commit; optional ones that the repository lacks are left out."""
    remotes: dict[str, Remote] = {}
    for file in (*encoder.files, *encoder.optional):
        try:
            remotes[file] = look_up(encoder.repository, file, revision=revision)
        except NotOnHubError:
            if file not in encoder.optional:
                raise
            continue
        revision = remotes[file].commit
    return remotes


def _bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def _see_room(models: Path, needed: int, encoder: "KnownEncoder") -> None:
    free = free_bytes(models)
    if free < needed + SPARE_BYTES:
        raise IndexerError(
            f"{encoder.name} needs {max(needed, 0) / 1e6:.0f} MB more and {SPARE_BYTES / 1e6:.0f} MB to spare, "
            f"{free / 1e6:.0f} MB are free at {models}: free some space, or set FAIROUZ_HOME to another disk"
        )


def _bring(encoder: "KnownEncoder", remotes: dict[str, Remote], folder: Path, total: int) -> "Iterator[Progress]":
    """Download what is not there yet; rate and time left count this run's bytes alone."""
    stage = f"fetching {encoder.name}"
    started, before = time.monotonic(), _bytes(folder)
    done = 0
    for file, remote in remotes.items():
        target = folder / file
        if not target.is_file():
            for here in download(remote, target):
                elapsed = time.monotonic() - started
                rate = (done + here - before) / elapsed if elapsed > 1 else None
                left = (total - done - here) / rate if rate and rate > 0 else None
                yield Progress(stage, done + here, total, note=file, rate_per_second=rate, seconds_left=left)
        done += remote.size
        yield Progress(stage, done, total, note=file)


def add(models: Path, encoder: "KnownEncoder", source: Path) -> None:
    """Copy an encoder's files from a folder, in the hub's form or as the converter wrote them, and pin them.

    They are copied, not referred to: a folder that goes, or is written to, would take the library's encoder with it.

    Raises
    ------
    IndexerError
        When files are missing or of another form, differ from what was pinned, or the disk is full.

    """
    _see_files(encoder, source)
    with changing(models):
        pin = _pin_to_meet(models, encoder)
        names = [name for name in (*encoder.files, *encoder.optional) if (source / name).is_file()]
        _see_room(models, sum((source / name).stat().st_size for name in names), encoder)
        folder = adding_place(models, encoder)
        shutil.rmtree(folder, ignore_errors=True)
        try:
            for name in names:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source / name, folder / name)
            made = Pin("", str(source.absolute()), hash_files(folder, tuple(names)))
            _settle(models, encoder, folder, made, pin)
        except OSError as error:
            raise IndexerError(f"{source} cannot be copied to {models} ({error.strerror or error})") from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _see_files(encoder: "KnownEncoder", source: Path) -> None:
    """Refuse a folder that has not what the encoder's loader reads."""
    if not source.is_dir():
        raise IndexerError(f"no folder {source}: name the one with {', '.join(encoder.files)}")
    missing = [name for name in encoder.files if not (source / name).is_file()]
    others = sorted(path.name for path in source.iterdir() if path.suffix in PICKLES)
    if any(name.endswith(".safetensors") for name in missing) and others:
        raise IndexerError(
            f"{source / others[0]} is no safetensors file and may run code when loaded: convert it "
            "(docs/converting.md) and add the converted folder"
        )
    if missing:
        raise IndexerError(
            f"{source} lacks {', '.join(missing)}: {encoder.name} consists of {', '.join(encoder.files)}"
        )


def _settle(models: Path, encoder: "KnownEncoder", folder: Path, made: Pin, pin: Pin | None) -> None:
    """Put a whole model in its place and pin it; drops the files that are not what was pinned before.

    Optional files may come and go with the source; what both have must be equal.
    """
    for name in made.files:
        if name.endswith(".safetensors"):
            _see_tensors(folder / name)
    if pin is not None:
        other = sorted(name for name in encoder.files if made.files.get(name) != pin.files.get(name))
        if other:
            for name in other:
                (folder / name).unlink(missing_ok=True)
            raise IndexerError(
                f"{other[0]} of {encoder.name} is not what was pinned when it first came: what is there now stays; "
                f"`fairouz-tui encoders remove {encoder.name} --forget` gives the pin up"
            )
    target = place(models, encoder)
    if target.is_dir():
        shutil.rmtree(target)
    # The pin first: files without a pin would count as damaged, a pin without files is only a model to fetch.
    write_pin(models, encoder.name, made if pin is None else Pin(pin.revision, pin.source, made.files))
    folder.replace(target)
    differing(models, target, made, thorough=True)


def _see_tensors(path: Path) -> None:
    """Refuse weights that are no safetensors file, whatever they are called."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            empty = not list(file.keys())
    except (SafetensorError, OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:100]
        path.unlink(missing_ok=True)
        raise IndexerError(f"{path.name} is no safetensors file ({reason}): get it from another source") from error
    if empty:
        raise IndexerError(f"{path.name} holds no weights: get it from another source")
