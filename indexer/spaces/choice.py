"""Choose the space of a library: which one fits its encoders, where to start, and when a fit of its own is better."""

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from indexer.errors import IndexerError
from indexer.spaces.blocks import put_to_use
from indexer.spaces.fits import FITS, FITTED_TRACKS, Fitting
from indexer.spaces.inputs import spread
from indexer.spaces.shelf import add_space, next_name, shipped_spaces, space_rows
from indexer.storing.staging import next_moment
from models.checkpoint import load_space
from models.errors import ModelError
from models.joint.additive import Space
from models.joint.closed_form import fit_private_space
from models.modality import MODALITIES, Modality

if TYPE_CHECKING:
    from collections.abc import Collection

    from indexer.spaces.fits import Verdict
    from indexer.spaces.inputs import Encoded, Inputs
    from indexer.spaces.shelf import SpaceRow
    from indexer.storing.store import Store

REFIT_TRACKS = 60
"""Fewer tracks do not tell what goes with what (measured on the Fairouz data)."""


@dataclass(frozen=True, eq=False)
class Choice:
    """A space to put to use, and why."""

    space: Space
    name: str
    recipe: str
    report: dict[str, Any] = field(default_factory=dict)
    pinned: bool = False
    row: "SpaceRow | None" = None
    """Where the library has it already."""
    local: "Collection[Modality]" = ()
    """Modalities whose head was fitted to this library to start with."""


def misfits(space: Space, encoded: "Encoded") -> list[str]:
    """Say, for each modality whose encoder a space was not made for, what does not match; [] when all do."""
    found = []
    for m, (encoder, width) in encoded.items():
        head = space.heads.get(m)
        if head is not None and not head.reads(encoder):
            found.append(f"{m.value} is encoded by {encoder} here and by {head.encoder} there")
        elif head is not None and len(head.mean) != width:
            found.append(f"{m.value} has {width} numbers here and {len(head.mean)} there")
    if encoded and not set(encoded) & set(space.heads):
        found.append(f"it knows none of {', '.join(m.value for m in encoded)}")
    return found


def unknown(space: Space, encoded: "Encoded") -> set[Modality]:
    """Name the modalities of the library that a space has no head for."""
    return {m for m in encoded if m not in space.heads}


def completed(space: Space, inputs: "Inputs", strange: set[Modality]) -> Space:
    """Give a space private heads, fitted to this library, for the modalities `strange`."""
    part = inputs.read(spread(len(inputs.ids), FITTED_TRACKS))
    local = fit_private_space(part.x.only(strange), part.present, encoders=inputs.encoders)
    heads = {m: h for m, h in space.heads.items() if m not in strange} | dict(local.heads)
    return Space({m: heads[m] for m in MODALITIES if m in heads}, alpha=space.alpha, name=f"{space.name}+local")


def start(store: "Store", inputs: "Inputs") -> Choice:
    """Choose the shipped space that knows most of the library's encoders; the others get a head fitted here.

    Raises
    ------
    IndexerError
        When not one shipped space can be read: the program is not installed whole.

    """
    name, shipped, strange = _closest_shipped(inputs)
    if not strange:
        few = len(inputs.ids) < REFIT_TRACKS
        note = "the shipped space; too few tracks for a fit" if few else "the shipped space"
        return Choice(shipped, name, "shipped", {"note": note}, row=_shipped_row(store, name))
    fitted = ", ".join(sorted(m.value for m in strange))
    report = {"note": f"{fitted} fitted to this library", "tracks": len(inputs.ids)}
    return Choice(completed(shipped, inputs, strange), f"{name}-local", "shipped+local", report, local=strange)


def fitting_of(inputs: "Inputs") -> Fitting:
    """Prepare the fits of a library, from the space of `start`."""
    _, shipped, strange = _closest_shipped(inputs)
    return Fitting(inputs, completed(shipped, inputs, strange) if strange else shipped, strange)


def _closest_shipped(inputs: "Inputs") -> tuple[str, Space, set[Modality]]:
    """Return name and space of the shipped one that knows most encoders, and the modalities it does not know."""
    spaces, reasons = {}, []
    for name, file in shipped_spaces().items():
        try:
            spaces[name] = load_space(file)
        except ModelError as error:
            reasons.append(str(error))
    if not spaces:
        raise IndexerError(reasons[0] if reasons else "no joint space came with the program: install it again")
    strange = {name: _strange(space, inputs.encoded) for name, space in spaces.items()}
    best = min(spaces, key=lambda name: len(strange[name]))
    return best, spaces[best], strange[best]


def _strange(space: Space, encoded: "Encoded") -> set[Modality]:
    """Name the modalities whose vectors a space cannot take."""
    return {m for m, one in encoded.items() if m not in space.heads or misfits(space, {m: one})}


def _shipped_row(store: "Store", name: str) -> "SpaceRow | None":
    rows = (row for row in space_rows(store.connection) if row.name == name and row.file is None)
    return next(rows, None)


def choose_fit(store: "Store", inputs: "Inputs", used: Choice, *, force: bool = False) -> Choice:
    """Measure the space in use, the one to start from and every fit, and return the best; `used` with the report of it.

    A fit in use is measured by its recipe, fold by fold, since it has seen these tracks; where its recipe is still
    the best it is made again. `force` takes the best fit even if it is no better than what is in use.

    Raises
    ------
    IndexerError
        When a fit is forced and none can be made.

    """
    base = start(store, inputs)
    fitting = Fitting(inputs, base.space, base.local)
    spaces = {base.name: base.space}
    if used.recipe not in FITS:
        spaces = {used.name: used.space} | spaces
    known = used.recipe if used.recipe in FITS else used.name
    verdict = fitting.best(store, known, spaces)
    best = _best_fit(verdict) if force else verdict.best
    if best == used.name:
        return replace(used, report=used.report | verdict.report(f"kept: no fit is better ({verdict.reason})"))
    if best == base.name:
        return replace(
            base, report=base.report | verdict.report(f"better than a fit to this library: {verdict.reason}")
        )
    try:
        space = fitting.whole(best)
    except ModelError as error:
        return replace(used, report=used.report | {"note": f"kept: the fit failed ({error})"})
    forced = best != verdict.best
    note = f"{best} made again: still the best" if best == known else f"{best} adopted: {verdict.reason}"
    report = verdict.report(
        f"{best} adopted because you asked for it" if forced else note,
        tracks=len(inputs.ids),
        figures=verdict.measured[best].figures(),
    )
    return Choice(space, best, best, report, pinned=forced)


def _best_fit(verdict: "Verdict") -> str:
    """Return the best fit, better than what is in use or not."""
    fits = [name for name in FITS if name in verdict.measured]
    if not fits:
        raise IndexerError(f"no space can be fitted to this library: {verdict.reason}")
    best = fits[0]
    for name in fits[1:]:
        if verdict.measured[name].better_than(verdict.measured[best]):
            best = name
    return verdict.best if verdict.best in fits else best


def note_choice(store: "Store", choice: Choice) -> int:
    """Note a space that is passed over at once as one to go back to; return its id."""
    if choice.row is not None:
        return choice.row.id
    return _add(store, choice, activated=next_moment(store.connection))


def adopt(store: "Store", inputs: "Inputs", choice: Choice) -> int:
    """Put a space to use and return its id; see `put_to_use`.

    Raises
    ------
    IndexerError
        When the space does not fit, or cannot be written; the old one stays in use.

    """
    try:
        space_id = choice.row.id if choice.row is not None else _add(store, choice)
        report = json.dumps(choice.report) if choice.report else None
        put_to_use(store, inputs, choice.space, space_id, pinned=choice.pinned, report=report)
    except ModelError as error:
        raise IndexerError(f'the space "{choice.name}" cannot be used: {error}') from error
    return space_id


def _add(store: "Store", choice: Choice, *, activated: float | None = None) -> int:
    shipped = choice.recipe == "shipped"
    return add_space(
        store,
        None if shipped else choice.space,
        name=next_name(store.connection, choice.recipe) if choice.recipe in FITS else choice.name,
        recipe=choice.recipe,
        report=choice.report,
        activated=activated,
    )
