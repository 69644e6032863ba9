"""Turn words into vectors with a text model that lies in a local folder in the hub's format.

The card of each model says how it is to be asked: which prompt stands before a query and which before a stored text,
and whether the first token or the mean of all is the vector. `known.KnownEncoder` holds that. On the processor an
ONNX graph computes, confirmed by torch once; elsewhere torch does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from models.encoders.bert_shape import read_shape
from models.encoders.checked_graph import GraphError, confirmed_graph, digest_of, keep_graph, stored_graph
from models.encoders.graph_text import ALL_CORES, GraphText
from models.encoders.model_folder import REVISION_DIGITS, read_json
from models.encoders.text_folder import CONFIG, TOKENIZER, mapped, weight_files
from models.encoders.text_model import TextModel
from models.encoders.tokens import Tokens
from models.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

    from models.encoders.known import KnownEncoder
    from models.encoders.text_model import Computer

POOLING = "1_Pooling/config.json"
"""What sentence-transformers stores beside a model."""
_POOLING_KEYS = {"cls": "pooling_mode_cls_token", "mean": "pooling_mode_mean_tokens"}


class HubTextEncoder(TextModel):
    """A text model in memory: BERT, XLM-RoBERTa or Jina's BERT."""

    encoder: str
    """<name>@<first 12 hex digits of the weights' SHA-256>."""

    def __init__(self, directory: Path, known: KnownEncoder, *, device: str = "cpu", threads: int = ALL_CORES) -> None:
        """Load the model from config.json, tokenizer.json and model.safetensors (or its parts and their index).

        Raises ModelError when one is missing or broken, the weights are a pickle or do not fit the configuration, or
        the folder holds another model than `known`.
        """
        self._directory = directory
        self._files = weight_files(directory, known.name)
        self._shape = read_shape(read_json(directory / CONFIG), known, path=directory / CONFIG)
        tokens = self._fitting_tokens(known)
        self._weights = mapped(self._files, self._shape.weights())
        see_pooling(directory, known)
        self._notes: list[str] = []
        computer = self._graph(known, tokens, threads) if device == "cpu" else self._torch(known, device)
        revision = digest_of(directory, self._files)[:REVISION_DIGITS]
        super().__init__(known, revision=revision, tokens=tokens, computer=computer)

    @property
    def notes(self) -> list[str]:
        """What the person at the screen should know, one line each: that a device's memory was too small."""
        return self._notes

    def _fitting_tokens(self, known: KnownEncoder) -> Tokens:
        tokens = Tokens(self._directory, limit=known.tokens)
        if tokens.vocabulary > self._shape.vocabulary:
            raise ModelError(
                f"{self._directory / TOKENIZER} has {tokens.vocabulary} tokens and the model "
                f"{self._shape.vocabulary}: they belong to different models, fetch both again"
            )
        return tokens

    def _graph(self, known: KnownEncoder, tokens: Tokens, threads: int) -> Computer:
        graph = stored_graph(self._directory, self._files, known)
        if graph is None:
            try:
                graph, difference = confirmed_graph(self._shape, self._weights, known, tokens)
            except GraphError as error:
                self._notes.append(str(error))
                return self._torch(known, "cpu")
            keep_graph(self._directory, self._files, known, graph, difference)
        return GraphText(graph, self._weights, threads=threads)

    def _torch(self, known: KnownEncoder, device: str) -> Computer:
        from models.encoders.torch_text import TorchText

        computer = TorchText(self._shape, self._weights, known, device=device)
        self._notes = computer.placement.notes = [*self._notes, *computer.placement.notes]
        return computer


def see_pooling(directory: Path, known: KnownEncoder) -> None:
    """Raise ModelError where the folder says that it is to be pooled otherwise; it may say nothing."""
    path = directory / POOLING
    if not path.is_file():
        return
    said = read_json(path)
    if not said.get(_POOLING_KEYS[known.pooling], True):
        raise ModelError(
            f"{path} asks for another pooling than {known.name}'s ({known.pooling}): this is another model"
        )
