"""Compute text vectors in torch: on a graphics card, and to check what the graph of the same model gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from models.encoders.device import Placement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from models.encoders.bert_shape import BertShape
    from models.encoders.known import KnownEncoder

TOKENS_AT_ONCE = 2048
"""In one batch on the processor, padding included: more is no faster there."""
TOKENS_AT_ONCE_ELSEWHERE = 16_384
"""On a graphics card, which only larger batches keep busy."""


class TorchText:
    """A text model as a torch module."""

    def __init__(
        self, shape: BertShape, weights: Mapping[str, NDArray[np.float32]], known: KnownEncoder, *, device: str = "cpu"
    ) -> None:
        """Build the model and give it its weights."""
        import torch

        from models.encoders.bert import Bert
        from models.encoders.jina_bert import JinaBert

        model = JinaBert(shape) if shape.alibi else Bert(shape)
        model.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()}, assign=True)
        self.placement = Placement(model, device=device, name=known.name)
        self._shape = shape
        self._pooling = known.pooling

    def vectors(self, ids: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Encode token ids to float32 [n, width], unit rows; texts of like length together, since padding is work."""
        rows = np.zeros((len(ids), self._shape.width), np.float32)
        most = TOKENS_AT_ONCE if self.placement.device == "cpu" else TOKENS_AT_ONCE_ELSEWHERE
        for batch in batches([len(one) for one in ids], most=most):
            rows[batch] = self._batch([ids[row] for row in batch])
        return rows

    def _batch(self, ids: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        def work(model: Any, device: str) -> NDArray[np.float32]:
            return self._forward(model, device, ids)

        return self.placement.run(work)

    def _forward(self, model: Any, device: str, ids: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        import torch

        longest = max(len(one) for one in ids)
        padded = [[*one, *[self._shape.padding] * (longest - len(one))] for one in ids]
        lengths = torch.tensor([[len(one)] for one in ids], device=device)
        mask = torch.arange(longest, device=device) < lengths
        with torch.inference_mode():
            hidden = model(torch.tensor(padded, device=device), None if bool(mask.all()) else mask)
            pooled = hidden[:, 0] if self._pooling == "cls" else (hidden * mask[..., None]).sum(dim=1) / lengths
            unit: NDArray[np.float32] = torch.nn.functional.normalize(pooled, dim=-1).cpu().numpy()
        return unit


def batches(lengths: Sequence[int], *, most: int) -> Iterator[list[int]]:
    """Yield every row once, rows of like length together, at most `most` tokens a batch with the padding.

    A row that is longer stands alone.
    """
    batch: list[int] = []
    for row in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) + 1) * lengths[row] > most:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch
