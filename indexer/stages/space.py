"""Place every track in the joint space: choose the space, fit one where that helps, store blocks and hub terms.

Whatever takes long is computed outside of any transaction; see indexer/spaces/blocks.py.
"""

from typing import TYPE_CHECKING

from indexer.errors import IndexerError
from indexer.progress import Pace, Progress
from indexer.spaces.blocks import update, vectors_left_out
from indexer.spaces.choice import (
    REFIT_TRACKS,
    Choice,
    adopt,
    choose_fit,
    completed,
    misfits,
    note_choice,
    start,
    unknown,
)
from indexer.spaces.inputs import Inputs
from indexer.spaces.shelf import SpaceRow, active_row, delete_unfinished_spaces, open_space, set_report
from models.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.storing.store import Store

_GROWTH = 1.2
"""A fit is tried again when the library grew by a fifth."""


def place(store: "Store", *, refit: bool = True) -> "Iterator[Progress]":
    """Bring blocks, hub terms and the space itself up to date with the stored vectors.

    `refit` False never fits a space to the library: for runs that follow every change of a folder.

    Raises
    ------
    IndexerError
        When a space cannot be read or written; the one in use stays.

    """
    pace = Pace("joint space", 2)
    delete_unfinished_spaces(store)
    inputs = Inputs(store)
    yield pace.advance()
    used = _usable(store, inputs)
    chosen = used if used is not None else _start_anew(store, inputs)
    if refit and not chosen.pinned and _due(store, inputs):
        chosen = _fitted(store, inputs, chosen)
        store.set_fact("refit_tried", len(inputs.ids))
    try:
        if used is not None and used.row is not None and chosen.space is used.space:
            update(store, inputs, used.space, used.row.id)
        else:
            adopt(store, inputs, chosen)
    except ModelError as error:
        raise IndexerError(f'the space "{chosen.name}" cannot be used: {error}') from error
    damaged = vectors_left_out(store, inputs)
    yield pace.advance(note=f"{damaged} damaged vectors are left out" if damaged else "")


def _usable(store: "Store", inputs: Inputs) -> Choice | None:
    """Return the space in use; None when it fits the encoders no more, lacks a modality, or its file is lost."""
    row = active_row(store.connection)
    if row is None or _problem(store, row, inputs) is not None:
        return None
    space = open_space(row.name, row.file, store.library)
    return Choice(space, row.name, row.recipe, row.report, row.pinned, row)


def _problem(store: "Store", row: SpaceRow, inputs: Inputs) -> str | None:
    """Say why the space in use cannot stay; None when it can."""
    try:
        space = open_space(row.name, row.file, store.library)
    except IndexerError as error:
        return str(error)
    wrong = misfits(space, inputs.encoded) or [f"it lacks {m.value}" for m in sorted(unknown(space, inputs.encoded))]
    return "; ".join(wrong) or None


def _start_anew(store: "Store", inputs: Inputs) -> Choice:
    """Choose a space where there is none that can stay; one that the user chose stays where heads can be added."""
    # Whatever made the old space unfit also makes an old verdict on fits void.
    store.set_fact("refit_tried", 0)
    row = active_row(store.connection)
    choice = start(store, inputs)
    if row is None or not row.pinned:
        return choice
    problem = _problem(store, row, inputs)
    try:
        space = open_space(row.name, row.file, store.library)
    except IndexerError:
        space = None
    if space is not None and not misfits(space, inputs.encoded):
        whole = completed(space, inputs, unknown(space, inputs.encoded))
        return Choice(whole, row.name, row.recipe, row.report | {"note": f"{problem}: fitted here"}, pinned=True)
    note = f'the space "{row.name}" that you chose cannot be used any more ({problem}): chosen by itself again'
    return Choice(choice.space, choice.name, choice.recipe, {**choice.report, "note": note}, row=choice.row)


def _due(store: "Store", inputs: Inputs) -> bool:
    tried = store.fact("refit_tried") or 0
    return len(inputs.ids) >= REFIT_TRACKS and len(inputs.ids) >= _GROWTH * tried


def _fitted(store: "Store", inputs: Inputs, chosen: Choice) -> Choice:
    """Return the best space by the report; one to start from that is passed over is noted, to go back to."""
    better = choose_fit(store, inputs, chosen)
    if better.space is not chosen.space and chosen.row is None:
        note_choice(store, chosen)
    if better.space is chosen.space and chosen.row is not None:
        set_report(store, chosen.row.id, better.report)
    return better
