"""Keep the fetched models in one folder that libraries share: which are there, whole, and as they were pinned."""

import fcntl
import shutil
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING

from indexer.encoders.pins import differing, read_pins, write_pin
from indexer.errors import IndexerError
from models.encoders.known import KNOWN, KnownEncoder, known
from models.encoders.names import ENCODERS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOCK = ".lock"
REVISION_DIGITS = 12
"""Of the weights' SHA-256, in the id that is stored with every vector."""


class State(StrEnum):
    """Where an encoder stands on this machine."""

    EMBEDDED = "embedded"
    """It comes with the program."""
    FETCHED = "fetched"
    """It is here, as it was pinned."""
    DAMAGED = "damaged"
    """Files are missing or differ from their pins."""
    PARTIAL = "begun"
    """A download waits to be gone on with."""
    PINNED = "pinned"
    """It was here once; what is fetched again must be the same."""
    ABSENT = "not fetched"


def find_known(name: str) -> KnownEncoder:
    """Return the encoder called `name`, in full or without what stands before the ":".

    Raises
    ------
    IndexerError
        When there is none, or it comes with the program.

    """
    found = known(name) or next((one for one in KNOWN if one.folder == name.partition("@")[0]), None)
    if found is not None:
        return found
    if name.partition("@")[0] in {encoder.partition("@")[0] for encoder in ENCODERS}:
        raise IndexerError(f"{name} comes with the program: there is nothing to fetch, add or remove")
    raise IndexerError(f'there is no encoder "{name}": known are {", ".join(one.name for one in KNOWN)}')


def place(models: "Path", encoder: KnownEncoder) -> "Path":
    """Return the folder of one encoder; it need not exist."""
    return models / encoder.folder


def partial_place(models: "Path", encoder: KnownEncoder, commit: str) -> "Path":
    """Return the folder of a download that is under way; its name ends in the commit that it comes from."""
    return models / f".{encoder.folder}.{commit}.partial"


def adding_place(models: "Path", encoder: KnownEncoder) -> "Path":
    """Return the folder into which files are copied before they take their place."""
    return models / f".{encoder.folder}.adding"


def begun(models: "Path", encoder: KnownEncoder) -> "Path | None":
    """Return the folder of the download that waits to be gone on with."""
    return next(iter(sorted(models.glob(f".{encoder.folder}.*.partial"))), None)


def state(models: "Path", encoder: KnownEncoder, *, thorough: bool = False) -> tuple[State, str]:
    """Say where an encoder stands, and what is wrong with a damaged one; `thorough` hashes every file anew."""
    pin = read_pins(models).get(encoder.name)
    if place(models, encoder).is_dir():
        if pin is None:
            return State.DAMAGED, f"it has no pin in {models / 'pins.json'}"
        wrong = differing(models, place(models, encoder), pin, thorough=thorough)
        return (State.DAMAGED, _complaint(wrong)) if wrong else (State.FETCHED, "")
    if begun(models, encoder) is not None:
        return State.PARTIAL, ""
    return (State.PINNED, "") if pin else (State.ABSENT, "")


def _complaint(wrong: dict[str, str]) -> str:
    first, *rest = sorted(wrong)
    how = "is missing" if wrong[first] == "missing" else "differs from what came first"
    return f"{first} {how}" + (f" (and {len(rest)} more)" if rest else "")


def checked(models: "Path", encoder: KnownEncoder) -> "Path":
    """Return the folder of an encoder whose files are as they were pinned.

    Raises
    ------
    IndexerError
        When it is not here, or something about it differs.

    """
    where, wrong = state(models, encoder)
    if where is State.FETCHED:
        return place(models, encoder)
    if where is State.DAMAGED:
        raise IndexerError(
            f"{encoder.name} is damaged: {wrong}; `fairouz-tui encoders remove {encoder.name}`, then get it again"
        )
    raise IndexerError(f"{encoder.name} is not in {models}: {how_to_get(encoder)}")


def how_to_get(encoder: KnownEncoder) -> str:
    """Say by which command an encoder comes."""
    if encoder.repository:
        return f"`fairouz-tui encoders fetch {encoder.name}`, or `encoders add {encoder.name} DIR`"
    return f"convert its weights (docs/converting.md), then `fairouz-tui encoders add {encoder.name} DIR`"


def encoder_id(models: "Path", encoder: KnownEncoder) -> str:
    """Return name@revision, as it is stored with every vector; the revision begins the weights' SHA-256.

    Raises IndexerError for an encoder that never was here.
    """
    pin = read_pins(models).get(encoder.name)
    if pin is None:
        raise IndexerError(f"{encoder.name} is not in {models}: {how_to_get(encoder)}")
    return f"{encoder.name}@{pin.weights()[:REVISION_DIGITS]}"


def remove(models: "Path", encoder: KnownEncoder, *, forget: bool = False) -> int:
    """Delete the files of an encoder, begun downloads too; return the bytes freed. The pin stays unless `forget`.

    Raises
    ------
    IndexerError
        When there is nothing to remove.

    """
    with changing(models):
        folders = [
            one for one in (place(models, encoder), *models.glob(f".{encoder.folder}.*.partial")) if one.is_dir()
        ]
        pinned = encoder.name in read_pins(models)
        if not folders and not (forget and pinned):
            raise IndexerError(f"{encoder.name} is not in {models}: there is nothing to remove")
        freed = sum(file.stat().st_size for folder in folders for file in folder.rglob("*") if file.is_file())
        for folder in folders:
            shutil.rmtree(folder)
        if forget:
            write_pin(models, encoder.name, None)
    return freed


@contextmanager
def changing(models: "Path") -> "Iterator[None]":
    """Hold the lock of the one command that may change the folder; makes the folder where there is none.

    Raises
    ------
    IndexerError
        When another command holds it, or the folder cannot be written.

    """
    try:
        models.mkdir(parents=True, exist_ok=True)
        lock = (models / _LOCK).open("w")
    except OSError as error:
        raise IndexerError(f"{models} cannot be written ({error.strerror}): see to that folder") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise IndexerError("another command is fetching or adding encoders: wait for it or stop it") from error
        yield
