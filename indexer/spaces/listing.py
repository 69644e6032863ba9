"""List and compare the joint spaces that a library may use. Reads only."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from indexer.errors import IndexerError
from indexer.spaces.choice import fitting_of, misfits
from indexer.spaces.fits import FITS
from indexer.spaces.inputs import Inputs, encoded_by
from indexer.spaces.shelf import find_row, open_space, shipped_spaces, space_rows
from models.modality import MODALITIES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from indexer.catalogue import Catalogue
    from indexer.spaces.inputs import Encoded
    from models.joint.additive import Space

NEIGHBOURS = 10
QUERIES, CANDIDATES = 200, 10_000
"""Tracks asked for their neighbours, and tracks among which these are looked for; more change the mean by under .02."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A space as it is listed."""

    id: int | None
    """None for one that comes with the program and was never used here."""
    name: str
    recipe: str
    active: bool
    pinned: bool
    created: float | None
    activated: float | None
    tracks: int | None
    """Tracks that it was fitted on, where that was here."""
    figures: dict[str, float | None]
    encoders: dict[str, str]
    problem: str | None
    """Why it cannot be used here; None when it fits."""


def list_spaces(catalogue: "Catalogue") -> list[Listed]:
    """Return the library's spaces, oldest first, and those that come with the program and were not used yet."""
    encoded = encoded_by(catalogue)
    rows = space_rows(catalogue.connection)
    # A space that was passed over for a fit was measured with it.
    measured = {name: one for row in rows for name, one in row.report.get("measured", {}).items() if name not in FITS}
    listed = []
    for row in rows:
        report = row.report
        encoders, problem = _state(row.name, row.file, catalogue, encoded)
        listed.append(
            Listed(
                row.id, row.name, row.recipe, row.active, row.pinned, row.created, row.activated,
                report.get("tracks"), report.get("figures") or measured.get(row.name, {}), encoders, problem,
            )
        )  # fmt: skip
    used = {row.name for row in rows if row.file is None}
    for name in (name for name in shipped_spaces() if name not in used):
        encoders, problem = _state(name, None, catalogue, encoded)
        listed.append(
            Listed(None, name, "shipped", False, False, None, None, None, measured.get(name, {}), encoders, problem)
        )
    return listed


def _state(
    name: str, file: str | None, catalogue: "Catalogue", encoded: "Encoded"
) -> tuple[dict[str, str], str | None]:
    try:
        space = open_space(name, file, catalogue.library)
    except IndexerError as error:
        return {}, str(error)
    return {m.value: head.encoder for m, head in space.heads.items()}, "; ".join(misfits(space, encoded)) or None


def compare(catalogue: "Catalogue", a: str, b: str, *, seed: int = 0) -> dict[str, Any]:
    """Say how two spaces, by id or name, differ on this library: figures, neighbours, weights and alpha.

    Returns {"a", "b": {"id", "name", "recipe", "alpha", "figures"}, "better", "overlap", "queries", "modalities":
    {name: {"weight_a", "weight_b", "shared_a", "shared_b"}}}. A space fitted to this library is measured by its recipe,
    each fold by a fit that has not seen it. "overlap" is the mean share of the ten nearest neighbours that both have,
    over a seeded sample of tracks, in [0, 1]; None with fewer than two tracks.

    Raises
    ------
    IndexerError
        When there is no such space, or one of them was made for other encoders.

    """
    inputs = Inputs(catalogue)
    sides = [_Side.open(catalogue, inputs, name) for name in (a, b)]
    fitting = fitting_of(inputs)
    figures = [fitting.measured(catalogue, side.recipe if side.recipe in FITS else side.space) for side in sides]
    queries, overlap = _overlap(inputs, sides[0].space, sides[1].space, seed=seed)
    verdict = figures[1].compared_with(figures[0])
    return {
        "a": sides[0].described(figures[0].figures()),
        "b": sides[1].described(figures[1].figures()),
        "b_better": verdict.adopt,
        "reason": verdict.reason,
        "queries": queries,
        "overlap": overlap,
        "modalities": _heads(sides[0].space, sides[1].space),
    }


@dataclass(frozen=True, eq=False)
class _Side:
    id: int | None
    name: str
    recipe: str
    space: "Space"

    @classmethod
    def open(cls, catalogue: "Catalogue", inputs: Inputs, wanted: str) -> "_Side":
        row = find_row(catalogue.connection, wanted)
        if row is None and wanted not in shipped_spaces():
            raise IndexerError(f'there is no space "{wanted}": `fairouz-tui spaces` lists them')
        name, file = (row.name, row.file) if row else (wanted, None)
        space = open_space(name, file, catalogue.library)
        wrong = misfits(space, inputs.encoded)
        if wrong:
            raise IndexerError(f'the space "{name}" cannot be measured here: {"; ".join(wrong)}')
        return cls(row.id if row else None, name, row.recipe if row else "shipped", space)

    def described(self, figures: dict[str, float | None]) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "recipe": self.recipe,
            "alpha": self.space.alpha,
            "figures": figures,
        }


def _heads(a: "Space", b: "Space") -> dict[str, dict[str, Any]]:
    """Return weights and shared blocks of each modality that either knows; None where a space does not know it."""
    found = {}
    for m in (m for m in MODALITIES if m in a.heads or m in b.heads):
        one, other = a.heads.get(m), b.heads.get(m)
        found[m.value] = {
            "weight_a": one.weight if one else None,
            "weight_b": other.weight if other else None,
            "shared_a": bool(one and one.shared is not None),
            "shared_b": bool(other and other.shared is not None),
        }
    return found


def _overlap(inputs: Inputs, a: "Space", b: "Space", *, seed: int) -> tuple[int, float | None]:
    """Return how many tracks were asked, and the mean share of nearest neighbours that they have in both spaces."""
    generator = np.random.default_rng(seed)
    count = len(inputs.ids)
    if count < 2:
        return 0, None
    rows = np.sort(generator.choice(count, size=min(count, CANDIDATES), replace=False))
    asked = np.sort(generator.choice(len(rows), size=min(len(rows), QUERIES), replace=False))
    near_a, near_b = _nearest(inputs, a, rows, asked), _nearest(inputs, b, rows, asked)
    shares = [len(set(x) & set(y)) / len(x) for x, y in zip(near_a.tolist(), near_b.tolist(), strict=True)]
    return len(asked), float(np.mean(shares))


def _nearest(
    inputs: Inputs, space: "Space", rows: "NDArray[np.int64]", asked: "NDArray[np.int64]"
) -> "NDArray[np.int64]":
    """Return the nearest of `rows` to each of those that `asked` names, [q, 10] or fewer columns."""
    part = inputs.read(rows)
    blocks, masks = space.blocks(part.x, part.present)
    scores = space.queries(blocks[asked], masks[asked]).astype(np.float32) @ blocks.astype(np.float32).T
    scores[np.arange(len(asked)), asked] = -np.inf
    most = min(NEIGHBOURS, len(rows) - 1)
    nearest: NDArray[np.int64] = np.argsort(-scores, axis=1, kind="stable")[:, :most]
    return nearest
