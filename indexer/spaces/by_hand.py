"""Choose the space of a library by hand: activate one, go back, fit one now, or leave the choice to the program.

Each of these takes the lock of the one indexing run. The space in use stays until another one is in place.
"""

from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.catalogue import Catalogue
from indexer.errors import IndexerError
from indexer.spaces.choice import (
    REFIT_TRACKS,
    Choice,
    adopt,
    choose_fit,
    completed,
    misfits,
    start,
    unknown,
)
from indexer.spaces.fits import FITS
from indexer.spaces.inputs import Inputs
from indexer.spaces.shelf import (
    active_row,
    delete_unfinished_spaces,
    find_row,
    open_space,
    row_before,
    set_report,
    shipped_spaces,
    space_rows,
)
from indexer.storing.store import Store
from models.checkpoint import load_space
from models.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.spaces.shelf import SpaceRow

IMPORTED = "imported"
MODEL = "model.safetensors"
"""What `train` calls the model in its run folder."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a command."""

    space: "SpaceRow"
    """The space in use now."""
    changed: bool
    note: str


def activate(library: Path, wanted: str) -> Outcome:
    """Use a space of the library, by id or name, one that comes with the program, or one in a file, until told else.

    Raises
    ------
    IndexerError
        When there is no such space, it cannot be read, or it was made for other encoders; the old one stays in use.

    """
    with _opened(library) as (store, inputs):
        return _use(store, inputs, _chosen(store, wanted))


def rollback(library: Path) -> Outcome:
    """Use the space that was in use before, until told else; twice comes back to where one was.

    Raises
    ------
    IndexerError
        When there was none before, or it cannot be used any more.

    """
    with _opened(library) as (store, inputs):
        row = row_before(store.connection)
        if row is None:
            raise IndexerError("no other space was in use before: `fairouz-tui spaces` lists what there is")
        return _use(store, inputs, _of_row(store, row))


def choose_by_itself(library: Path) -> Outcome:
    """Leave the choice to the program again: the space in use stays until `index` or `fit_now` finds a better one.

    A space from a file does not stay: it may have been trained on this library, and then no honest measurement could
    ever show another one to be better. The space that libraries start from takes its place.
    """
    with _opened(library) as (store, inputs):
        if _in_use(store).recipe == IMPORTED:
            adopt(store, inputs, start(store, inputs))
        with store.writing() as connection:
            connection.execute("UPDATE spaces SET pinned = 0")
            connection.execute("DELETE FROM facts WHERE name = 'refit_tried'")
        return Outcome(_in_use(store), False, "until `fairouz-tui index` or `spaces refit` finds a better one")


def fit_now(library: Path, *, force: bool = False) -> Outcome:
    """Fit a space to the library in every known way and use the best if it is better than the one in use.

    `force` uses the best fit in any case, until told else.

    Raises
    ------
    IndexerError
        When the library has too few tracks, or its space cannot be read.

    """
    with _opened(library) as (store, inputs):
        if len(inputs.ids) < REFIT_TRACKS:
            raise IndexerError(f"a fit needs {REFIT_TRACKS} tracks and this library has {len(inputs.ids)}: index more")
        used = _of_row(store, _in_use(store))
        if used.recipe == IMPORTED and not force:
            # It may have been trained on these tracks: measured on them it would beat any fit that has not seen them.
            note = "kept: a space from a file may have met these tracks, so no fit can be compared with it fairly"
            return Outcome(_in_use(store), False, f"{note}; `spaces auto` or `spaces refit --force` leaves it")
        _refuse_misfit(used, inputs)
        better = choose_fit(store, inputs, used, force=force)
        store.set_fact("refit_tried", len(inputs.ids))
        if better.space is used.space:
            set_report(store, _in_use(store).id, better.report)
        else:
            adopt(store, inputs, better)
        return Outcome(_in_use(store), better.space is not used.space, str(better.report.get("note", "")))


@contextmanager
def _opened(library: Path) -> "Iterator[tuple[Store, Inputs]]":
    Catalogue(library)  # refuses a folder without a library
    with Store(library) as store, store.indexing():
        delete_unfinished_spaces(store)
        yield store, Inputs(store)


def _in_use(store: Store) -> "SpaceRow":
    row = active_row(store.connection)
    if row is None:
        raise IndexerError("the tracks are not embedded yet: let `fairouz-tui index` finish first")
    return row


def _chosen(store: Store, wanted: str) -> Choice:
    """Find what the user named: a space of the library, one that comes with the program, or a file."""
    row = find_row(store.connection, wanted)
    if row is not None:
        return _of_row(store, row)
    if wanted in shipped_spaces():
        return Choice(open_space(wanted, None, store.library), wanted, "shipped")
    file = Path(wanted) / MODEL if Path(wanted).is_dir() else Path(wanted)
    if file.exists() or "/" in wanted or wanted.endswith(".safetensors"):
        try:
            space = load_space(file)
            # A run folder has a telling name, the file in it has not.
            name = file.absolute().parent.name if file.name == MODEL else file.stem
            if name.isdecimal() or name in {*shipped_spaces(), *FITS}:
                name = f"{IMPORTED}-{name}"  # digits are ids, and the others name what is measured beside it
            return Choice(space, name, IMPORTED, {"note": f"from {file.name}"})
        except ModelError as error:
            raise IndexerError(str(error)) from error
    known = dict.fromkeys([*(row.name for row in space_rows(store.connection)), *shipped_spaces()])
    raise IndexerError(f'there is no space "{wanted}": choose one of {", ".join(known)}, or name a file')


def _of_row(store: Store, row: "SpaceRow") -> Choice:
    return Choice(open_space(row.name, row.file, store.library), row.name, row.recipe, row.report, row.pinned, row)


def _use(store: Store, inputs: Inputs, choice: Choice) -> Outcome:
    """Put a space to use for good; modalities that it does not know get a head fitted to this library."""
    _refuse_misfit(choice, inputs)
    choice = replace(choice, pinned=True)
    if choice.row is not None and choice.row.active:
        with store.writing() as connection:
            connection.execute("UPDATE spaces SET pinned = 1 WHERE id = ?", (choice.row.id,))
        return Outcome(_in_use(store), False, "it was in use already and stays until you choose another")
    lacking = unknown(choice.space, inputs.encoded)
    note = ""
    if lacking:
        note = f"{', '.join(sorted(m.value for m in lacking))} fitted to this library, for the space does not know it"
        recipe = choice.recipe if choice.recipe == IMPORTED else f"{choice.recipe}+local"
        choice = Choice(
            completed(choice.space, inputs, lacking), choice.name, recipe, choice.report | {"note": note}, pinned=True
        )
    adopt(store, inputs, choice)
    return Outcome(_in_use(store), True, note)


def _refuse_misfit(choice: Choice, inputs: Inputs) -> None:
    wrong = misfits(choice.space, inputs.encoded)
    if wrong:
        raise IndexerError(
            f'the space "{choice.name}" does not fit this library: {"; ".join(wrong)}; '
            "`fairouz-tui spaces` lists what fits"
        )
