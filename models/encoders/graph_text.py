"""Compute text vectors on the processor from an ONNX graph: no torch, a tenth of its start-up, twice its speed."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from models.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

TOKENS_AT_ONCE = 1024
"""In one batch: hidden states then stay within a core's cache; 512 is as fast, 4096 a quarter slower."""

ALL_CORES = 0


class GraphText:
    """A text graph and its weights in memory."""

    def __init__(self, graph: bytes, weights: Mapping[str, NDArray[np.float32]], *, threads: int = ALL_CORES) -> None:
        """Take what `text_graph.text_graph` wrote; raises ModelError when the runtime refuses it."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        options.enable_cpu_mem_arena = False  # it grows with every new length of text and never shrinks
        options.enable_mem_pattern = False  # nor a plan for each length
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # takes a core from others to wait
        self._weights = {name: onnxruntime.OrtValue.ortvalue_from_numpy(array) for name, array in weights.items()}
        try:
            self._session: Any = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's errors share no other ancestor
            raise ModelError(f"the text graph cannot be loaded ({' '.join(str(error).split())[:160]})") from error
        self._dimension = int(self._session.get_outputs()[0].shape[1])

    def vectors(self, ids: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Encode token ids to float32 [n, width], unit rows; texts of one length together, so that none is padded."""
        rows = np.zeros((len(ids), self._dimension), np.float32)
        for batch in even_batches([len(one) for one in ids], most=TOKENS_AT_ONCE):
            rows[batch] = self._run(np.array([ids[row] for row in batch], np.int64))
        return rows

    def _run(self, tokens: NDArray[np.int64]) -> NDArray[np.float32]:
        import onnxruntime

        given = {"tokens": onnxruntime.OrtValue.ortvalue_from_numpy(tokens), **self._weights}
        vectors: NDArray[np.float32] = self._session.run_with_ort_values(None, given)[0].numpy()
        return vectors


def even_batches(lengths: Sequence[int], *, most: int) -> Iterator[list[int]]:
    """Yield every row once, rows of one length together, at most `most` tokens a batch; one row at least."""
    for length, group in groupby(sorted(range(len(lengths)), key=lengths.__getitem__), key=lengths.__getitem__):
        rows = list(group)
        step = max(most // max(length, 1), 1)
        for start in range(0, len(rows), step):
            yield rows[start : start + step]
