"""Keep the ONNX graph of a fetched text model beside it, once torch has confirmed that it gives the same vectors.

`query.onnx` is the graph, some tens of kilobytes; `query.json` says of which weights it was confirmed, with their
size, time and inode, so that a gigabyte need not be hashed at every start.
"""

from __future__ import annotations

import json
import os
from hashlib import sha256
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

import numpy as np

from models.encoders.graph_text import GraphText
from models.encoders.text_folder import weights_digest
from models.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from models.encoders.bert_shape import BertShape
    from models.encoders.known import KnownEncoder
    from models.encoders.tokens import Tokens

GRAPH, VERDICT = "query.onnx", "query.json"
VERSION = 1
"""Rises whenever the graph that is written changes."""
MOST_DIFFERENCE = 1e-4
"""Between a vector and torch's, in cosine distance: under what rounding to float16 in the store changes."""

TRIALS = (
    "slow dark piano",
    "x",
    "Fado da Saudade, late at night: naïve façade (1984)",
    "نسم علينا الهوى من مفرق الوادي",
    "the harbour light turns, and again it turns, over the water and over the town\n" * 12,
)
"""What is computed both ways: short, long, accents, another script."""


class GraphError(ModelError):
    """A graph that does not give what torch gives: the model is to be run in torch."""


def remembered(directory: Path, files: Sequence[Path]) -> dict[str, Any]:
    """Return the verdict on these weights as they lie there; {} where there is none or they were changed since."""
    try:
        verdict = json.loads((directory / VERDICT).read_text("utf-8"))
        return verdict if verdict["version"] == VERSION and verdict["marks"] == _marks(files) else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _marks(files: Sequence[Path]) -> list[list[Any]]:
    states = [(path.name, os.stat(path)) for path in files]
    return [[name, state.st_size, state.st_mtime_ns, state.st_ino] for name, state in states]


def digest_of(directory: Path, files: Sequence[Path]) -> str:
    """Return the SHA-256 of the weights, hex: the remembered one while they are as they were, else computed."""
    return str(remembered(directory, files).get("weights") or weights_digest(files))


def stored_graph(directory: Path, files: Sequence[Path], known: KnownEncoder) -> bytes | None:
    """Return the confirmed graph of these weights, used as `known` says; None where it is to be written anew."""
    verdict = remembered(directory, files)
    try:
        graph = (directory / GRAPH).read_bytes()
    except OSError:
        return None
    fits = verdict.get("graph") == sha256(graph).hexdigest() and verdict.get("pooling") == known.pooling
    return graph if fits else None


def confirmed_graph(
    shape: BertShape, weights: Mapping[str, NDArray[np.float32]], known: KnownEncoder, tokens: Tokens
) -> tuple[bytes, float]:
    """Write the graph of a model and return it with its largest cosine distance from torch's vectors.

    Raises GraphError when that is over 1e-4 or onnxruntime refuses the graph.
    """
    from models.encoders.text_graph import text_graph
    from models.encoders.torch_text import TorchText

    graph = text_graph(shape, pooling=known.pooling)
    ids = tokens.ids([known.query_prompt + text for text in TRIALS])
    ids = [[min(token, shape.vocabulary - 1) for token in one] for one in ids]
    try:
        quick = GraphText(graph, weights).vectors(ids)
    except ModelError as error:
        raise GraphError(f"{known.name} runs in torch, which takes longer: {error}") from error
    exact = TorchText(shape, weights, known).vectors(ids)
    difference = float(np.max(1 - np.sum(quick.astype(np.float64) * exact, axis=1)))
    if not difference < MOST_DIFFERENCE:
        apart = f"1 - cosine = {difference:.1g}"
        raise GraphError(
            f"{known.name} runs in torch, which takes longer: its ONNX graph gives other vectors ({apart})"
        )
    return graph, max(difference, 0.0)


def keep_graph(directory: Path, files: Sequence[Path], known: KnownEncoder, graph: bytes, difference: float) -> None:
    """Store a graph and the verdict, each in one step; in a folder that may not be written, they are made anew."""
    verdict = {
        "version": VERSION,
        "weights": weights_digest(files),
        "marks": _marks(files),
        "pooling": known.pooling,
        "graph": sha256(graph).hexdigest(),
        "difference": difference,
    }
    try:
        _write(directory / GRAPH, graph)
        _write(directory / VERDICT, json.dumps(verdict, indent=1).encode())
    except OSError:
        return


def _write(path: Path, content: bytes) -> None:
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        try:
            file.write(content)
            file.close()
            os.chmod(file.name, 0o644)
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise
