"""Bind modalities into one vector by a small network: an encoder each, joined, and fused.

Each modality is contracted, Linear(d -> d / c) + ReLU; the results stand side by side and are fused by
Linear(-> e times as wide) + ReLU + Linear(-> size). This is the binding model of the Fairouz paper, with what it
lacked: inputs are standardised by the training data, and a missing modality enters the fusion as zeros, what an
encoder that found nothing gives. (A learned stand-in was decided against: where no training track lacks a modality, it
would stay untrained, and be met for the first time in somebody's library.)

The network's score is no sum over modalities: `models.joint.attribution` explains it approximately.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.errors import ModelError
from models.joint.standardisation import Standardisation
from models.joint.whitening import unit_rows
from models.modality import MODALITIES, Modality

Dropout = Literal["none", "encoders", "everywhere"]

WIDTH_AT_MOST = 1 << 16
"""Numbers in a vector; more is a damaged file, not an encoder."""

ROWS_AT_ONCE = 1024
"""Tracks embedded at a time: the widest layer takes 60 MB."""

TEXT_AND_IMAGE = frozenset({Modality.LYRICS, Modality.TAGS, Modality.COVER})


@dataclass(frozen=True, slots=True)
class BindingConfig:
    """The shape of the network; raises ModelError for one that cannot be."""

    widths: Mapping[Modality, int]
    """Numbers in the vectors of each modality."""
    contraction: int = 2
    """1, 2 or 4; contraction 2 with expansion 4 was the paper's best."""
    expansion: int = 4
    """2 or 4."""
    text_and_image_twice: bool = False
    """Contract lyrics, tags and covers twice as much: their encoders are the wide ones."""
    dropout: Dropout = "none"
    """After the encoders, or after the fused layer too."""
    rate: float = 0.2
    size: int = 128
    """Numbers in a joint vector."""

    def __post_init__(self) -> None:
        """Check every field."""
        numbers = [*self.widths.values(), self.size]
        fits = (
            bool(self.widths)
            and all(m in MODALITIES for m in self.widths)
            and all(type(n) is int and 0 < n <= WIDTH_AT_MOST for n in numbers)
            and all(type(n) is int for n in (self.contraction, self.expansion))
            and (self.contraction in (1, 2, 4) and self.expansion in (2, 4))
            and (type(self.text_and_image_twice) is bool and self.dropout in get_args(Dropout))
            and (type(self.rate) in (int, float) and 0 <= self.rate < 1)
        )
        if not fits:
            raise ModelError(f"no binding model has this shape, choose another one: {self}")

    def contracted(self, modality: Modality) -> int:
        """Return how many numbers the encoder of a modality gives, 1 or more."""
        twice = 2 if self.text_and_image_twice and modality in TEXT_AND_IMAGE else 1
        return max(1, self.widths[modality] // (self.contraction * twice))


class Binding(nn.Module):
    """The network."""

    def __init__(self, config: BindingConfig) -> None:
        super().__init__()
        self.config = config
        encoder_rate = 0.0 if config.dropout == "none" else config.rate
        fusion_rate = config.rate if config.dropout == "everywhere" else 0.0
        self.encoders = nn.ModuleDict(
            {
                m.value: nn.Sequential(
                    nn.Linear(config.widths[m], config.contracted(m)), nn.ReLU(), nn.Dropout(encoder_rate)
                )
                for m in MODALITIES
                if m in config.widths
            }
        )
        joined = sum(config.contracted(m) for m in config.widths)
        self.fusion = nn.Sequential(
            nn.Linear(joined, joined * config.expansion),
            nn.ReLU(),
            nn.Dropout(fusion_rate),
            nn.Linear(joined * config.expansion, config.size),
        )

    def forward(self, x: Mapping[Modality, Tensor], present: Tensor) -> Tensor:
        """Fuse standardised vectors, float [n, d] each, of n tracks: float [n, size], of any length.

        `present`, bool [n, 6] in the order of MODALITIES, says which track has which modality: other rows are not
        looked at, may be anything and get no gradient. Modalities that are not in `x` are missing everywhere. A track
        without any gets the same vector as every other such track.
        """
        encoded = [self.encoded(m, x.get(m), present[:, MODALITIES.index(m)]) for m in self.modalities()]
        fused: Tensor = self.fusion(torch.cat(encoded, dim=1))
        return fused

    def encoded(self, modality: Modality, x: Tensor | None, here: Tensor) -> Tensor:
        """Contract one modality, float [n, d] with mask bool [n], to float [n, d / c]; zeros where it is missing."""
        if x is None:
            return next(self.parameters()).new_zeros(len(here), self.config.contracted(modality))
        # Replaced, not multiplied: what stands in a missing row may be NaN.
        contracted: Tensor = self.encoders[modality](torch.where(here[:, None], x, 0))
        return contracted * here[:, None]

    def modalities(self) -> tuple[Modality, ...]:
        """Return the modalities that the network reads, in order."""
        return tuple(m for m in MODALITIES if m in self.config.widths)


@dataclass(frozen=True, slots=True, eq=False)
class BindingModel:
    """A trained network with the standardisation of its inputs; a JointModel."""

    network: Binding
    inputs: Mapping[Modality, Standardisation]
    """For each modality of the network."""
    encoders: Mapping[Modality, str]
    """The ids, name@revision, of the encoders whose vectors it was trained on."""

    def embed(self, x: Mapping[Modality, NDArray[np.floating]], present: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Return joint vectors of unit length, float32 [n, size]; zeros for a track without any modality.

        For unit vectors the paper's order, by Euclidean distance, and that of inner products are the same.
        Takes `x`, `present` and raises ModelError as `fused` does.
        """
        return unit_rows(self.fused(x, present)).astype(np.float32)

    def fused(self, x: Mapping[Modality, NDArray[np.floating]], present: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Return what the network gives, float32 [n, size], of any length; the paper ranks it by distance.

        `x` holds encoder outputs [n, d]; modalities that the network does not know are left out. `present`, bool
        [n, 6], says which track has which; rows that it rules out are not looked at. A track without any gets zeros.
        Raises ModelError for a width or number of rows that does not fit, or for numbers that are not finite.
        """
        known = self.checked(x, present)
        training = self.network.training
        self.network.eval()
        try:
            starts = range(0, len(present), ROWS_AT_ONCE)
            batches = [self.batch(x, known, slice(start, start + ROWS_AT_ONCE)) for start in starts]
        finally:
            self.network.train(training)
        return np.concatenate([np.zeros((0, self.network.config.size), np.float32), *batches])

    def checked(self, x: Mapping[Modality, NDArray[np.floating]], present: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Check shapes; return which track has which of the modalities at hand and known, bool [n, 6]."""
        known = np.zeros((len(present), len(MODALITIES)), np.bool_)
        for m in (m for m in self.network.modalities() if m in x):
            fitting = (len(present), self.network.config.widths[m])
            if x[m].shape != fitting:
                raise ModelError(f"{m} vectors of shape {x[m].shape}, {self.encoders[m]} gives {fitting}: embed again")
            known[:, MODALITIES.index(m)] = present[:, MODALITIES.index(m)]
        return known

    @torch.no_grad()
    def batch(
        self, x: Mapping[Modality, NDArray[np.floating]], known: NDArray[np.bool_], rows: slice
    ) -> NDArray[np.float32]:
        """Fuse some rows."""
        weight = next(self.network.parameters())
        ready = {}
        for m in (m for m in self.network.modalities() if m in x):
            here = known[rows, MODALITIES.index(m)]
            # Copied only where present: a missing row may hold anything.
            standard = np.zeros((len(here), x[m].shape[1]), np.float32)
            standard[here] = self.inputs[m].apply(x[m][rows][here])
            if not np.isfinite(standard).all():
                raise ModelError(f"{m} vectors that are not finite: embed that modality again")
            ready[m] = torch.from_numpy(standard).to(weight)
        fused = self.network(ready, torch.from_numpy(known[rows]).to(weight.device)).cpu().float().numpy()
        if not np.isfinite(fused).all():
            raise ModelError("vectors too large for the binding model: embed again, or train it again")
        vectors: NDArray[np.float32] = fused * known[rows].any(axis=1, keepdims=True)
        return vectors
