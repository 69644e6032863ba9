"""Train the shared blocks of the additive space by gradient; the private ones stay as the closed form fits them."""

from itertools import combinations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.dataset import UNKNOWN, Dataset
from models.errors import ModelError
from models.joint.additive import Head, Space
from models.joint.closed_form import fit_shared_space
from models.joint.gcca import ROWS_AT_MOST, sampled
from models.joint.modality_dropout import drop_modalities
from models.joint.whitening import Whitening, fit_whitening
from models.losses.info_nce import info_nce
from models.losses.supervised_contrastive import supervised_contrastive
from models.losses.unit import unit
from models.modality import MODALITIES, Modality
from models.training.batches import read_rows
from models.training.contrastive_recipe import ContrastiveOptions
from models.training.split import held_out_rows

Rows = NDArray[np.int64]


class SharedHeads(nn.Module):
    """For each trained modality z = unit((x - mean) @ whitening @ weight); only the weight [r, 64] is learned."""

    def __init__(self, whitenings: dict[Modality, Whitening], starts: dict[Modality, NDArray[np.float64]]) -> None:
        super().__init__()
        self.modalities = tuple(whitenings)
        for m, whitening in whitenings.items():
            self.register_buffer(f"{m}_mean", torch.from_numpy(whitening.mean), persistent=False)
            self.register_buffer(f"{m}_whitening", torch.from_numpy(whitening.projection), persistent=False)
        self.weights = nn.ParameterDict(
            {m.value: nn.Parameter(torch.from_numpy(start).float()) for m, start in starts.items()}
        )

    def forward(self, x: dict[Modality, Tensor], present: Tensor) -> Tensor:
        """Return unit blocks, float32 [n, trained modalities, 64]; zero where `present`, bool [n, 6], is not set."""
        blocks = []
        for m in self.modalities:
            whitened = (x[m] - self.get_buffer(f"{m}_mean")) @ self.get_buffer(f"{m}_whitening")
            blocks.append(unit(whitened @ self.weights[m.value]) * present[:, MODALITIES.index(m), None])
        return torch.stack(blocks, dim=1)

    def projection(self, m: Modality) -> NDArray[np.float32]:
        """Return what takes a centred vector to the shared block before its length is one: [d, 64]."""
        whitening, weight = self.get_buffer(f"{m}_whitening"), self.weights[m.value]
        product: NDArray[np.float32] = (whitening.double() @ weight.detach().double()).float().cpu().numpy()
        return product


class ContrastiveTask:
    """InfoNCE between every two modalities of a track, and supervised contrastive on artists over pooled blocks.

    Van den Oord et al. 2018; Khosla et al. 2020; modalities are hidden at random, so that none leans on another.
    """

    def __init__(self, dataset: Dataset, options: ContrastiveOptions, *, seed: int, device: str) -> None:
        self._dataset, self._options, self._device = dataset, options, device
        held = held_out_rows(dataset.artists, share=options.validation_share, seed=seed)
        some = dataset.present.any(axis=1)
        self.examples, self.held_out = np.flatnonzero(~held & some), np.flatnonzero(held & some)
        artists = dataset.artists[self.examples]
        self.groups: Rows | None = np.where(artists == UNKNOWN, -2 - np.arange(len(artists)), artists)
        self.space = closed_form(dataset, self.examples, options)
        trained = [
            m
            for m, head in self.space.heads.items()
            if head.shared is not None and _distinct(dataset, m, self.examples, least=options.least_inputs)
        ]
        if len(trained) < 2:
            raise ModelError(
                f"{len(trained)} modalities have {options.least_inputs} different vectors, of two that are needed: "
                f"use --recipe hybrid or gcca, or lower --least-inputs"
            )
        whitenings = {m: _whitening(dataset, m, self.examples, options) for m in trained}
        starts = {m: _start(whitenings[m], self.space.heads[m]) for m in trained}
        self.module: nn.Module = SharedHeads(whitenings, starts).to(device)

    def loss(self, examples: Rows, generator: torch.Generator) -> Tensor:
        """Return the loss of some tracks; in training modalities are hidden."""
        x, present = read_rows(self._dataset, examples, self._device)
        if self.module.training:
            share = self._options.modality_dropout
            present = drop_modalities(present.cpu(), probability=share, generator=generator).to(self._device)
        blocks = self.module(x, present)
        heads = self.module
        assert isinstance(heads, SharedHeads)
        here = present[:, [MODALITIES.index(m) for m in heads.modalities]]
        temperature = self._options.temperature
        between = [
            info_nce(blocks[:, i], blocks[:, j], here[:, i] & here[:, j], temperature=temperature)
            for i, j in combinations(range(blocks.shape[1]), 2)
        ]
        total = torch.stack(between).mean()
        if self._options.artist_weight:
            some = here.any(dim=1)
            artists = torch.from_numpy(self._dataset.artists[examples]).to(self._device)
            gathered = supervised_contrastive(blocks.sum(dim=1)[some], artists[some], temperature=temperature)
            total = total + self._options.artist_weight * gathered
        return total

    def model(self) -> Space:
        """Return the space with the trained shared blocks."""
        assert isinstance(self.module, SharedHeads)
        heads = dict(self.space.heads)
        for m in self.module.modalities:
            head = heads[m]
            heads[m] = Head(head.encoder, head.mean, self.module.projection(m), head.private, head.weight)
        return Space(heads, alpha=self.space.alpha, name="contrastive")


def closed_form(dataset: Dataset, rows: Rows, options: ContrastiveOptions) -> Space:
    """Fit the space that training starts from to some rows: at most 50,000 of them, so that memory is bounded."""
    chosen = rows[sampled(len(rows), rows_at_most=ROWS_AT_MOST, seed=0)]
    x = {m: dataset.x[m][chosen] for m in dataset.modalities()}
    return fit_shared_space(
        x,
        dataset.present[chosen],
        encoders=dataset.encoders,
        exponent=options.exponent,
        alpha=options.alpha,
        name="contrastive",
    )


def _whitening(dataset: Dataset, m: Modality, rows: Rows, options: ContrastiveOptions) -> Whitening:
    here = rows[dataset.present[rows, MODALITIES.index(m)]]
    chosen = here[sampled(len(here), rows_at_most=ROWS_AT_MOST, seed=0)]
    whitening = fit_whitening(dataset.x[m][chosen], size=options.directions, exponent=options.exponent)
    # Of unit size on the whole, so that one learning rate fits every encoder.
    size = float(np.sqrt((whitening.apply(dataset.x[m][chosen]).astype(np.float64) ** 2).sum(axis=1).mean()))
    return Whitening(whitening.mean, (whitening.projection / (size or 1.0)).astype(np.float32))


def _start(whitening: Whitening, head: Head) -> NDArray[np.float64]:
    """Return the weight [r, 64] for which whitening @ weight is the closed form's projection, up to a factor."""
    assert head.shared is not None
    weight = np.linalg.lstsq(whitening.projection.astype(np.float64), head.shared.astype(np.float64), rcond=None)[0]
    start: NDArray[np.float64] = weight / np.linalg.norm(weight) * np.sqrt(weight.shape[1])
    return start


def _distinct(dataset: Dataset, m: Modality, rows: Rows, *, least: int) -> bool:
    """Tell whether a modality has at least `least` different vectors; reads no more rows than it must."""
    seen: set[bytes] = set()
    for row in rows[dataset.present[rows, MODALITIES.index(m)]].tolist():
        seen.add(np.ascontiguousarray(dataset.x[m][row]).tobytes())
        if len(seen) >= least:
            return True
    return False
