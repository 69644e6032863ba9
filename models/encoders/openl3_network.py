"""Compute OpenL3's audio network in torch (Cramer et al. 2019, after Arandjelović and Zisserman 2017).

Imports torch: import it where it is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn.functional import max_pool2d

if TYPE_CHECKING:
    from collections.abc import Mapping

POOLS = {1: (32, 24), 12: (8, 8)}
"""Last max-pool over mel bands and time, by how many cells it leaves of the 32 x 24: 512 or 6,144 numbers in all."""
CONVOLUTIONS = 8
"""Two in each of four blocks; a max-pool of 2x2 ends each block but the last."""
_KERNEL = 3
_KERAS_EPSILON = 1e-3
"""Inside the batch norms: Keras' own, a hundred times torch's."""
_NORM_PARTS = ("weight", "bias", "running_mean", "running_var")


@dataclass(frozen=True, slots=True)
class OpenL3Shape:
    """The widths of the blocks; those of the published model unless given."""

    channels: tuple[int, int, int, int] = (64, 128, 256, 512)

    def convolutions(self) -> list[tuple[int, int]]:
        """Return how many channels go into and come out of each convolution, in order."""
        out = [width for width in self.channels for _ in range(2)]
        return list(zip([1, *out], out, strict=False))

    def weights(self) -> dict[str, tuple[int, ...]]:
        """Return the name and shape of every tensor of a converted folder."""
        shapes: dict[str, tuple[int, ...]] = {f"norms.0.{part}": (1,) for part in _NORM_PARTS}
        for place, (into, out) in enumerate(self.convolutions()):
            shapes |= {
                f"convolutions.{place}.weight": (out, into, _KERNEL, _KERNEL),
                f"convolutions.{place}.bias": (out,),
            }
            if place < CONVOLUTIONS - 1:
                shapes |= {f"norms.{place + 1}.{part}": (out,) for part in _NORM_PARTS}
        return shapes


def shape_of(tensors: Mapping[str, tuple[int, ...]]) -> OpenL3Shape:
    """Read the widths from the shapes of the biases; raises KeyError or IndexError where they are not OpenL3's."""
    one, two, three, four = (tensors[f"convolutions.{place}.bias"][0] for place in (1, 3, 5, 7))
    return OpenL3Shape((one, two, three, four))


class OpenL3(nn.Module):
    """The audio network up to its embedding layer, and the max-pool over what that gives."""

    def __init__(self, shape: OpenL3Shape | None = None, *, cells: int = 1) -> None:
        """Make the modules without weights: load them with `load_state_dict(..., assign=True)`.

        `cells` is 1 for 512 numbers or 12 for 6,144: the weights are the same.
        """
        super().__init__()
        shape = shape or OpenL3Shape()
        self.pool = POOLS[cells]
        widths = [out for _, out in shape.convolutions()][:-1]
        with torch.device("meta"):
            self.convolutions = nn.ModuleList(nn.Conv2d(*pair, _KERNEL, padding=1) for pair in shape.convolutions())
            self.norms = nn.ModuleList(nn.BatchNorm2d(width, eps=_KERAS_EPSILON) for width in (1, *widths))
        self.eval()

    def forward(self, pictures: Tensor) -> Tensor:
        """Return [n, 512] (or [n, 6144]) of pictures [n, 256, 199]."""
        embedded = self.embedding_layer(pictures)  # [n, 512, 32, 24]
        pooled = max_pool2d(embedded, self.pool)
        return pooled.permute(0, 2, 3, 1).flatten(1)  # bands, time, channels, as Keras flattens

    def embedding_layer(self, pictures: Tensor) -> Tensor:
        """Return what the last convolution gives, before any activation [n, 512, 32, 24]."""
        hidden: Tensor = self.norms[0](pictures[:, None])
        for place, (convolution, norm) in enumerate(zip(self.convolutions, self.norms[1:], strict=False)):
            hidden = norm(convolution(hidden)).relu_()
            if place % 2:
                hidden = max_pool2d(hidden, 2)
        last: Tensor = self.convolutions[-1](hidden)
        return last
