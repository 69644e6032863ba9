"""Train the binding network on pairs of tracks, or on artists."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.dataset import UNKNOWN, Dataset
from models.errors import ModelError
from models.joint.binding import Binding, BindingConfig, BindingModel
from models.joint.gcca import ROWS_AT_MOST, sampled
from models.joint.modality_dropout import drop_modalities
from models.joint.standardisation import Standardisation, fit_standardisation
from models.losses.info_nce import info_nce
from models.losses.margin_contrastive import margin_contrastive
from models.losses.neighbour_positive import neighbour_positive
from models.losses.siglip import BIAS, LOG_SCALE, siglip
from models.losses.supervised_contrastive import supervised_contrastive
from models.modality import MODALITIES, Modality
from models.training.batches import read_rows
from models.training.binding_recipe import BindingOptions
from models.training.loop import drawing_from
from models.training.pairs import pairs_of
from models.training.split import held_out_rows

Rows = NDArray[np.int64]


class Trained(nn.Module):
    """The network with what is learned beside it: the standardisation it reads through, and the numbers of siglip."""

    def __init__(self, network: Binding, inputs: dict[Modality, Standardisation], *, sigmoid: bool) -> None:
        super().__init__()
        self.network = network
        for m, standardisation in inputs.items():
            self.register_buffer(f"{m}_mean", torch.from_numpy(standardisation.mean), persistent=False)
            self.register_buffer(f"{m}_scale", torch.from_numpy(standardisation.scale), persistent=False)
        self.log_scale = nn.Parameter(torch.tensor(LOG_SCALE), requires_grad=sigmoid)
        self.bias = nn.Parameter(torch.tensor(BIAS), requires_grad=sigmoid)

    def forward(self, x: dict[Modality, Tensor], present: Tensor) -> Tensor:
        """Embed encoder outputs, float32 [n, d] each, with mask bool [n, 6]: float32 [n, size]."""
        standard = {m: (x[m] - self.get_buffer(f"{m}_mean")) / self.get_buffer(f"{m}_scale") for m in x}
        embedded: Tensor = self.network(standard, present)
        return embedded


class BindingTask:
    """The network, its examples and their loss.

    Examples are pairs, int64 [e, 3] (row, row, 1 where alike), for `supervised` rows, int64 [e].
    """

    def __init__(self, dataset: Dataset, options: BindingOptions, *, seed: int, device: str) -> None:
        self._dataset, self._options, self._device = dataset, options, device
        held = held_out_rows(dataset.artists, share=options.validation_share, seed=seed)
        some = dataset.present.any(axis=1)
        self._pools = {True: np.flatnonzero(~held & some), False: np.flatnonzero(held & some)}
        self._pairs = pairs_of(dataset, seed=seed)
        self.examples, self.held_out = self._examples(~held & some), self._examples(held & some)
        if not len(self.examples):
            raise ModelError("no two tracks of the data belong together: list pairs, or name the artists of the tracks")
        self.groups: Rows | None = None
        if options.loss == "supervised":
            artists = dataset.artists[self.examples]
            self.groups = np.where(artists == UNKNOWN, -2 - np.arange(len(artists)), artists)
        self._inputs = {m: _standardisation(dataset, m, self._pools[True]) for m in dataset.modalities()}
        config = BindingConfig(
            widths={m: dataset.x[m].shape[1] for m in dataset.modalities()},
            contraction=options.contraction,
            expansion=options.expansion,
            text_and_image_twice=options.text_and_image_twice,
            dropout=options.dropout,  # type: ignore[arg-type]
            rate=options.rate,
            size=options.size,
        )
        with drawing_from(seed):
            network = Binding(config)
        self.module: nn.Module = Trained(network, self._inputs, sigmoid=options.loss == "siglip").to(device)

    def loss(self, examples: Rows, generator: torch.Generator) -> Tensor:
        """Return the loss of a batch of examples."""
        name = self._options.loss
        if name == "supervised":
            artists = torch.from_numpy(self._dataset.artists[examples]).to(self._device)
            return supervised_contrastive(
                self._embedded(examples, generator), artists, temperature=self._options.temperature
            )
        if name == "margin":
            return self._margin(examples, generator)
        if name == "neighbour":
            rows = np.unique(examples[:, :2])
            together = torch.from_numpy(self._pairs.together(rows, rows)).to(self._device)
            return neighbour_positive(self._embedded(rows, generator), together, temperature=self._options.temperature)
        return self._two_views(examples, generator)

    def _margin(self, examples: Rows, generator: torch.Generator) -> Tensor:
        if not len(self._pairs.apart) and self._options.negatives:
            examples = np.concatenate([examples, self._drawn_apart(examples, generator)])
        rows, places = np.unique(examples[:, :2], return_inverse=True)
        pairs = torch.from_numpy(places.reshape(-1, 2)).to(self._device)
        alike = torch.from_numpy(examples[:, 2] == 1).to(self._device)
        return margin_contrastive(self._embedded(rows, generator), pairs, alike, margin=self._options.margin)

    def _drawn_apart(self, examples: Rows, generator: torch.Generator) -> Rows:
        """Draw tracks against the first of each pair; those that happen to belong to it are left out."""
        pool = self._pools[self.module.training]
        first = np.repeat(examples[:, 0], self._options.negatives)
        drawn = pool[torch.randint(len(pool), (len(first),), generator=generator).numpy()]
        asked, place = np.unique(first, return_inverse=True)
        fellows = self._pairs.together(asked, drawn)[place, np.arange(len(drawn))] | (first == drawn)
        apart: Rows = np.stack([first, drawn, np.zeros_like(first)], axis=1)[~fellows]
        return apart

    def _two_views(self, examples: Rows, generator: torch.Generator) -> Tensor:
        """Let the first track of each pair find the second; other tracks that belong to it are no negatives."""
        left, right = examples[:, 0], examples[:, 1]
        rows, places = np.unique(np.r_[left, right], return_inverse=True)
        embedded = self._embedded(rows, generator)[torch.from_numpy(places).to(self._device)]
        positives = self._pairs.together(left, right) | (left[:, None] == right[None])
        mask = torch.from_numpy(positives).to(self._device)
        a, b = embedded[: len(left)], embedded[len(left) :]
        if self._options.loss == "info_nce":
            return info_nce(a, b, positives=mask, temperature=self._options.temperature)
        module = self.module
        assert isinstance(module, Trained)
        return siglip(a, b, positives=mask, log_scale=module.log_scale, bias=module.bias)

    def model(self) -> BindingModel:
        """Return the network as it is now."""
        assert isinstance(self.module, Trained)
        encoders = {m: self._dataset.encoders[m] for m in self._inputs}
        return BindingModel(self.module.network, self._inputs, encoders)

    def _embedded(self, rows: Rows, generator: torch.Generator) -> Tensor:
        x, present = read_rows(self._dataset, rows, self._device)
        if self.module.training and self._options.modality_dropout:
            share = self._options.modality_dropout
            present = drop_modalities(present.cpu(), probability=share, generator=generator).to(self._device)
        embedded: Tensor = self.module(x, present)
        return embedded

    def _examples(self, rows: NDArray[np.bool_]) -> Rows:
        if self._options.loss == "supervised":
            known = rows & (self._dataset.artists != UNKNOWN)
            shared = len(np.unique(self._dataset.artists[known])) < np.count_nonzero(known)
            return np.flatnonzero(rows) if shared else np.zeros(0, np.int64)
        pairs = self._pairs.among(rows)
        alike = np.insert(pairs.alike, 2, 1, axis=1)
        return (
            np.concatenate([alike, np.insert(pairs.apart, 2, 0, axis=1)]) if self._options.loss == "margin" else alike
        )


def _standardisation(dataset: Dataset, m: Modality, rows: Rows) -> Standardisation:
    """Fit to the training tracks that have the modality; to all that have it where none of them does."""
    here = dataset.present[:, MODALITIES.index(m)]
    chosen = rows[here[rows]] if here[rows].any() else np.flatnonzero(here)
    return fit_standardisation(dataset.x[m][chosen[sampled(len(chosen), rows_at_most=ROWS_AT_MOST, seed=0)]])
