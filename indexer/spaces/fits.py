"""Fit spaces to a library in every way we know, by name, and choose the best by the library's own report."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from indexer.report import Measured, measure
from indexer.spaces.inputs import spread
from models.errors import ModelError
from models.joint.additive import Head, Space
from models.joint.closed_form import fit_shared_space
from models.joint.whitening import unit_rows
from models.modality import MODALITIES, Modality

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from numpy.typing import NDArray

    from indexer.spaces.inputs import Connected, Inputs, Part

FITTED_TRACKS, MEASURED_TRACKS = 20_000, 10_000
"""Tracks that a fit and its report look at: more would change neither, and memory must not grow with the library."""
ENOUGH_DISTINCT = 200
"""Distinct vectors of a modality from which the library's own data suffice for a shared block: the rule that the
shipped checkpoint was made by."""


@dataclass(frozen=True, eq=False)
class Material:
    """What a fit is made from: tracks, and the space that the library would use without one."""

    x: "Mapping[Modality, NDArray[np.float32]]"
    """[n, d] by modality."""
    present: "NDArray[np.bool_]"
    """[n, 6]."""
    encoders: "Mapping[Modality, str]"
    base: Space
    local: "Collection[Modality]" = ()
    """Modalities whose head in the base was fitted to this library: nothing that came from elsewhere."""
    key: bytes = b""
    """Names the tracks among those of `refits`, which several fits share."""
    refits: dict[bytes, Space] = field(default_factory=dict)

    @property
    def refit(self) -> Space:
        """Fit every head to the library; the weights stay those of the base."""
        if self.key not in self.refits:
            weights = {m: head.weight for m, head in self.base.heads.items()}
            self.refits[self.key] = fit_shared_space(
                self.x, self.present, encoders=self.encoders, weights=weights, name="refit"
            )
        return self.refits[self.key]

    def rows_of(self, m: Modality) -> "NDArray[np.float32]":
        """Return the vectors of the tracks that have a modality."""
        return self.x[m][self.present[:, MODALITIES.index(m)]]


def refit(material: Material) -> Space:
    """Fit everything to the library (GCCA beside shrunken PCA)."""
    return material.refit


def blend(material: Material) -> Space:
    """Fit shared blocks where the library's data suffice; keep the shipped ones elsewhere, and private blocks always.

    A shared block means something only in the frame of the others: the shipped ones are turned into that of the
    fitted ones by the rotation that brings both closest on the modalities that have both (orthogonal Procrustes:
    Schoenemann, 1966). All are centred on the library's own mean. Without a shipped head it is the refit.
    """
    rich = {m for m in material.refit.heads if _distinct(material.rows_of(m)) >= ENOUGH_DISTINCT}
    rich |= set(material.local)
    turn = _turn(material, rich)
    heads = {}
    for m, fitted in material.refit.heads.items():
        known = material.base.heads[m]
        if m in material.local:
            heads[m] = fitted
            continue
        shared = fitted.shared if m in rich else None if known.shared is None or turn is None else known.shared @ turn
        heads[m] = Head(fitted.encoder, fitted.mean, shared, known.private, known.weight)
    alpha = material.refit.alpha if rich else material.base.alpha
    return Space(heads, alpha=alpha if any(h.shared is not None for h in heads.values()) else 0.0, name="blend")


FITS: "Mapping[str, Callable[[Material], Space]]" = {"refit": refit, "blend": blend}
"""The ways to fit a space to a library; a new one is a function here. Earlier ones are preferred to equals."""


def _distinct(rows: "NDArray[np.float32]") -> int:
    """Count distinct vectors, up to ENOUGH_DISTINCT."""
    seen: set[bytes] = set()
    for row in rows:
        seen.add(row.tobytes())
        if len(seen) == ENOUGH_DISTINCT:
            break
    return len(seen)


def _turn(material: Material, rich: set[Modality]) -> "NDArray[np.float32] | None":
    """Return the rotation [64, 64] from the base's shared blocks to the fitted ones; None where none has both.

    Where nothing is fitted, all stay in the frame of the base.
    """
    if not rich:
        return np.eye(next(iter(material.base.heads.values())).private.shape[1], dtype=np.float32)
    products = []
    for m in rich:
        old, new = material.base.heads[m].shared, material.refit.heads[m].shared
        if old is not None and new is not None:
            centred = material.rows_of(m) - material.refit.heads[m].mean
            products.append(unit_rows(centred @ old).T @ unit_rows(centred @ new))
    if not products:
        return None
    left, _, right = np.linalg.svd(np.sum(products, axis=0))
    turn: NDArray[np.float32] = (left @ right).astype(np.float32)
    return turn


@dataclass(frozen=True)
class Verdict:
    """What was measured and which of it is best."""

    best: str
    """A name of `measured`."""
    measured: "Mapping[str, Measured]"
    reason: str
    failed: "Mapping[str, str]" = field(default_factory=dict)
    """Fits that could not be made, with the reason."""

    def report(self, note: str, **more: object) -> dict[str, Any]:
        """Return the report that is stored with the space."""
        figures = {name: measured.figures() for name, measured in self.measured.items()}
        return {"note": note, "reason": self.reason, "measured": figures, "failed": dict(self.failed), **more}


class Fitting:
    """The fits of one library, each made once for the same tracks."""

    def __init__(self, inputs: "Inputs", base: Space, local: "Collection[Modality]" = ()) -> None:
        self._inputs, self._base, self._local = inputs, base, local
        self.asked = spread(len(inputs.ids), MEASURED_TRACKS)
        """Rows of the inputs that are asked when a space is measured."""
        self._refits: dict[bytes, Space] = {}

    @cached_property
    def _measured(self) -> "Part":
        return self._inputs.read(self.asked)

    def whole(self, name: str) -> Space:
        """Fit to the whole library (at most 20,000 tracks of it)."""
        rows = spread(len(self._inputs.ids), FITTED_TRACKS)
        return FITS[name](self._material(rows.tobytes(), self._inputs.read(rows)))

    def without(self, name: str, part: "Part", *, key: bytes) -> Space:
        """Fit to some tracks only, which `key` names; where they are too few for a fit, return the base."""
        try:
            return FITS[name](self._material(key, part))
        except ModelError:
            return self._base

    def measured(self, store: "Connected", space: "Space | str") -> Measured:
        """Measure a space as it is, or a fit by name: then each fold by a fit that has not seen it."""
        ids, part = self._inputs.ids[self.asked], self._measured
        if isinstance(space, str):
            fit = FITS[space]
            return measure(store.connection, ids, part.x, part.present, lambda rows: fit(self._fold(rows)))
        return measure(store.connection, ids, part.x, part.present, lambda _: space)

    def best(self, store: "Connected", used: str, spaces: "Mapping[str, Space]") -> Verdict:
        """Measure `spaces` and every fit; the one in use, named `used`, stays unless another is better."""
        measured, failed = {name: self.measured(store, space) for name, space in spaces.items()}, {}
        for name in FITS:
            try:
                measured[name] = self.measured(store, name)
            except (ModelError, np.linalg.LinAlgError) as error:
                failed[name] = str(error)
        best = used if used in measured else next(iter(measured))
        verdicts = {name: one.compared_with(measured[best]) for name, one in measured.items() if name != best}
        better = [name for name, verdict in verdicts.items() if verdict.adopt]
        reasons = [*failed.values(), *(f"{name}: {verdict.reason}" for name, verdict in verdicts.items())]
        if not better:
            return Verdict(best, measured, "; ".join(reasons), failed)
        # Among those that are better than what is in use, a later one must be better than an earlier one as well.
        best = better[0]
        for name in better[1:]:
            if measured[name].better_than(measured[best]):
                best = name
        return Verdict(best, measured, verdicts[best].reason, failed)

    def _fold(self, rows: "NDArray[np.bool_]") -> Material:
        return self._material(self.asked[rows].tobytes(), self._measured.taken(np.flatnonzero(rows)))

    def _material(self, key: bytes, part: "Part") -> Material:
        return Material(part.x, part.present, self._inputs.encoders, self._base, self._local, key, self._refits)
