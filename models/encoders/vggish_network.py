"""Compute VGGish's 128 numbers of a log-mel picture in torch (Hershey et al. 2017).

Modules are named as in the widely used torch port of the weights (features.0.weight ... embeddings.4.bias), so that
these load as they lie. Imports torch: import it where it is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from models.encoders.vggish_features import BANDS, FRAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

BLOCKS = (1, 1, 2, 2)
"""Convolutions of 3x3 before each max-pool of 2x2."""
_KERNEL = 3


@dataclass(frozen=True, slots=True)
class VggishShape:
    """The widths of the layers; those of the published model unless given."""

    channels: tuple[int, ...] = (64, 128, 256, 256, 512, 512)
    hidden: tuple[int, int] = (4096, 4096)
    dimension: int = 128

    @property
    def flat(self) -> int:
        """Return how many numbers the convolutions leave of a picture: 12,288."""
        halved = 1 << len(BLOCKS)
        return (FRAMES // halved) * (BANDS // halved) * self.channels[-1]

    def weights(self) -> dict[str, tuple[int, ...]]:
        """Return the name and shape of every tensor, as they are published."""
        shapes: dict[str, tuple[int, ...]] = {}
        for place, (into, out) in zip(_places(), zip((1, *self.channels), self.channels, strict=False), strict=True):
            shapes |= {f"features.{place}.weight": (out, into, _KERNEL, _KERNEL), f"features.{place}.bias": (out,)}
        widths = (self.flat, *self.hidden, self.dimension)
        for layer, (rows, columns) in enumerate(zip(widths[1:], widths, strict=False)):
            shapes |= {f"embeddings.{2 * layer}.weight": (rows, columns), f"embeddings.{2 * layer}.bias": (rows,)}
        return shapes


def _places() -> list[int]:
    """Return where the convolutions stand among the modules, each followed by a ReLU, a block by its max-pool."""
    places, place = [], 0
    for convolutions in BLOCKS:
        places += [place + 2 * convolution for convolution in range(convolutions)]
        place += 2 * convolutions + 1
    return places


def shape_of(tensors: Mapping[str, tuple[int, ...]]) -> VggishShape:
    """Read the widths from the shapes of the biases; raises KeyError or IndexError where they are not VGGish's."""
    return VggishShape(
        channels=tuple(tensors[f"features.{place}.bias"][0] for place in _places()),
        hidden=(tensors["embeddings.0.bias"][0], tensors["embeddings.2.bias"][0]),
        dimension=tensors["embeddings.4.bias"][0],
    )


class Vggish(nn.Module):
    """Six convolutions and three linear layers."""

    def __init__(self, shape: VggishShape | None = None) -> None:
        """Make the modules without weights: load them with `load_state_dict(..., assign=True)`."""
        super().__init__()
        shape = shape or VggishShape()
        with torch.device("meta"):
            self.features = nn.Sequential(*_convolutions(shape))
            self.embeddings = nn.Sequential(
                nn.Linear(shape.flat, shape.hidden[0]),
                nn.ReLU(),
                nn.Linear(*shape.hidden),
                nn.ReLU(),
                nn.Linear(shape.hidden[1], shape.dimension),
            )
        self.eval()

    def forward(self, pictures: Tensor) -> Tensor:
        """Return [n, 128] of pictures [n, 96, 64], before any activation.

        The published definition gives the values before the ReLU that stood here in training; ports that keep it throw
        away what is below zero, which is more than half.
        """
        features: Tensor = self.features(pictures[:, None])  # [n, 512, 6, 4]
        channels_last = features.permute(0, 2, 3, 1)  # as the weights of the first linear layer count
        vectors: Tensor = self.embeddings(channels_last.flatten(1))
        return vectors


def _convolutions(shape: VggishShape) -> list[nn.Module]:
    modules: list[nn.Module] = []
    widths = iter(zip((1, *shape.channels), shape.channels, strict=False))
    for convolutions in BLOCKS:
        for _ in range(convolutions):
            modules += [nn.Conv2d(*next(widths), _KERNEL, padding=1), nn.ReLU()]
        modules.append(nn.MaxPool2d(2))
    return modules
