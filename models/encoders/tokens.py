"""Turn text into the token ids that a model reads, and cut what is too long for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.encoders.chunks import pieces
from models.encoders.model_folder import unfit
from models.encoders.text_folder import TOKENIZER
from models.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CHARACTERS_AT_MOST = 20_000
"""Some 500 lines, beyond nearly every song; a novel in a lyrics tag must not hold up the run."""

TOKENS_TOGETHER = 2048
"""A song is shorter; the attention over the 8,192 tokens that Jina's model reads would take gigabytes."""


class Tokens:
    """The tokenizer of one model."""

    def __init__(self, directory: Path, *, limit: int) -> None:
        """Load tokenizer.json; `limit` is how many tokens the model reads, its two ends included.

        Raises ModelError when the file is missing or is no tokenizer.
        """
        from tokenizers import Tokenizer

        path = directory / TOKENIZER
        if not path.is_file():
            raise ModelError(f"{path} is missing: fetch the model again")
        try:
            self._tokenizer: Any = Tokenizer.from_file(str(path))
        except Exception as error:  # tokenizers raises bare Exception
            raise unfit(path, error) from error
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self.limit = min(limit, TOKENS_TOGETHER)
        self._ends = int(self._tokenizer.num_special_tokens_to_add(False))

    @property
    def vocabulary(self) -> int:
        """How many ids there are: a model with fewer rows belongs to another tokenizer."""
        return int(self._tokenizer.get_vocab_size(with_added_tokens=True))

    def ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the ids that the model reads of each text, its two ends included; beyond the limit they are cut."""
        encodings = self._tokenizer.encode_batch_fast([text[:CHARACTERS_AT_MOST] for text in texts])
        return [self._cut(encoding.ids) for encoding in encodings]

    def _cut(self, ids: list[int]) -> list[int]:
        return ids if len(ids) <= self.limit else [*ids[: self.limit - 1], ids[-1]]

    def chunks(self, text: str, *, prompt: str = "") -> list[str]:
        """Cut a text into pieces that the model reads whole with `prompt` before each, at line borders if any.

        A line too long for one piece is cut between words. A blank text has no chunks. Of a text beyond
        20,000 characters the rest is left out.
        """
        text = text[:CHARACTERS_AT_MOST]
        if not text.strip():
            return []
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        return pieces(text, encoding.offsets, encoding.word_ids, most=self._room(prompt))

    def _room(self, prompt: str) -> int:
        taken = len(self._tokenizer.encode(prompt, add_special_tokens=False).ids) if prompt else 0
        return max(self.limit - self._ends - taken, 1)
