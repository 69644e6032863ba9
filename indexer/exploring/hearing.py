"""Answer what a query says of the sound: by an encoder that understands words about sound, else by measured scales."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from indexer.encoders.audio import describing_encoder
from indexer.exploring.sounding import Lexicon, asked_of, rows_of, sounds_of
from indexer.fold import words
from indexer.storing.vectors import encoder_of, load_vectors
from models.modality import Modality

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from indexer.encoders.audio import DescribingEncoder
    from indexer.exploring.session import Session

TEXT_LAMBDA = 0.2
"""What one standard deviation of likeness between words and sound adds to a score, up to three of them."""
MOST_DEVIATIONS = 3.0
FITS_DEVIATIONS = 1.0
"""A track that is this much more like a word than most matches it: one track in six."""


class Heard(Protocol):
    """How the tracks' sound agrees with a query."""

    @property
    def words(self) -> tuple[str, ...]:
        """Return the words of the query that say something of the sound."""
        ...

    def terms(self, ids: Sequence[int]) -> NDArray[np.float64]:
        """Return what the sound adds to the score of each track [n]."""
        ...

    def best(self, *, count: int, among: NDArray[np.int64] | None = None) -> list[int]:
        """Return the ids of the `count` tracks whose sound agrees best; `among` limits them to some ids."""
        ...

    def matched(self, ids: Sequence[int]) -> list[tuple[str, ...]]:
        """Return, for each track, the words that its sound agrees with."""
        ...


def hear(session: Session, text: str) -> Heard | None:
    """Read what a query says of the sound; None when it says nothing.

    Raises
    ------
    IndexerError
        When the encoder that heard the library is not here, or another revision of it is.

    """
    encoder = describing_encoder(session)
    if encoder is not None:
        return by_encoder(session.connection, encoder, text)
    asked = asked_of(text)
    return Lexicon(sounds_of(session), asked) if asked else None


@dataclass(frozen=True, slots=True, eq=False)
class ByEncoder:
    """Cosines between texts and sounds in an encoder's own space, in deviations from what is usual in the library."""

    words: tuple[str, ...]
    ids: NDArray[np.int64]
    """Track ids [n], rising."""
    deviations: NDArray[np.float64]
    """[n, 1 + words]: of the whole query, then of each word."""

    def terms(self, ids: Sequence[int]) -> NDArray[np.float64]:
        """Return what the sound adds to the score of each track [n]; 0 for one that was not heard."""
        limited = rows_of(self.ids, self.deviations, ids)[:, 0].clip(-MOST_DEVIATIONS, MOST_DEVIATIONS)
        terms: NDArray[np.float64] = TEXT_LAMBDA * limited
        return terms

    def best(self, *, count: int, among: NDArray[np.int64] | None = None) -> list[int]:
        """Return the ids of the `count` tracks most like the query; `among` limits them to some ids."""
        rows = np.arange(len(self.ids)) if among is None else np.flatnonzero(np.isin(self.ids, among))
        order = np.argsort(-self.deviations[rows, 0], kind="stable")[:count]
        found: list[int] = self.ids[rows[order]].tolist()
        return found

    def matched(self, ids: Sequence[int]) -> list[tuple[str, ...]]:
        """Return, for each track, the words that it is clearly more like than most."""
        fits = rows_of(self.ids, self.deviations, ids)[:, 1:] > FITS_DEVIATIONS
        return [tuple(word for word, fit in zip(self.words, row, strict=True) if fit) for row in fits]


def by_encoder(connection: sqlite3.Connection, encoder: DescribingEncoder, text: str) -> ByEncoder | None:
    """Compare a query, and each of its words, with all sounds that the encoder heard; None for a blank one."""
    spoken = tuple(dict.fromkeys(words(text)))
    if not spoken:
        return None
    ids, vectors = load_vectors(connection, Modality.AUDIO, encoder_of(connection, Modality.AUDIO) or "")
    texts = encoder.encode_text([text, *spoken]).astype(np.float64)
    cosines = vectors @ texts.T if len(ids) else np.zeros((0, len(texts)))
    spread = np.maximum(cosines.std(axis=0), 1e-9) if len(ids) else 1.0
    return ByEncoder(spoken, ids, (cosines - cosines.mean(axis=0)) / spread if len(ids) else cosines)
