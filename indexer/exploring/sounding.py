"""Find tracks by how their sound is described: "slow dark" by tempo and brightness, whatever their tags say.

Each measured scale of a track (tempo, loudness, brightness ...) counts by its place in the library, from -1 for its
lowest to 1 for its highest, since "fast" means fast among one's own music. The places are kept beside the library, one
byte a scale and track, a shadow of the attributes that grows back when it is deleted.
"""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from indexer.exploring.phrases import joined
from indexer.fold import words
from indexer.storing.replacing import replacing
from indexer.storing.sounds import values_of
from indexer.storing.vectors import each_vectors, encoder_of
from indexer.storing.version import DATABASE
from models.encoders.described import LIKE, load_described
from models.encoders.sound_words import SYNONYMS, VOCABULARY
from models.modality import Modality

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from indexer.exploring.session import Session

FILE = "sounds.safetensors"
SOUND_LAMBDA = 2.0
"""What a description adds for each scale, on average, that it points to the end of and where the track lies there; real
descriptions add up to about .4, as much as meaning does between a text and lyrics."""
SPEAKS = 0.5
"""A word whose strongest scale is under this says nothing of the sound."""
FITS = 0.25
"""A track whose sound agrees with a word by more than this, in [-1, 1], matches it."""
_STEPS = 100
"""Places are kept in hundredths."""


_Known = tuple[int, "NDArray[np.int64]", "NDArray[np.float64]"]
"""A scale, the tracks that are known on it, rising, and their values."""


@dataclass(frozen=True, slots=True, eq=False)
class Sounds:
    """Where each track lies on each scale."""

    ids: NDArray[np.int64]
    """Track ids [n], rising; those of whose sound something is known."""
    places: NDArray[np.float32]
    """[n, scales] in [-1, 1]; 0 where nothing is known."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What a query says about the sound."""

    direction: NDArray[np.float64]
    """Of its words on average, [scales] in (-1, 1)."""
    words: tuple[str, ...]
    """Those of its words, or words together ("steady beat"), that say something by themselves."""
    directions: NDArray[np.float64]
    """[words, scales]."""


def asked_of(text: str) -> Asked | None:
    """Read what a query says about the sound; None when none of its words describes music."""
    lexicon = load_described()
    typed = words(text)
    spoken = [word for word in dict.fromkeys(typed) if word in lexicon.rows]
    if not spoken:
        return None
    directions = lexicon.directions[[lexicon.rows[word] for word in spoken]].astype(np.float64)
    by_word = dict(zip(spoken, directions, strict=True))
    told = {word: way for word in joined(typed) if (way := _measured(word) or by_word.get(word)) is not None}
    telling = np.array(list(told.values())).reshape(len(told), len(lexicon.scales))
    says = np.abs(telling).max(axis=1, initial=0.0) >= SPEAKS
    kept = tuple(word for word, said in zip(told, says, strict=True) if said)
    return Asked(directions.mean(axis=0), kept, telling[says])


def _measured(word: str) -> tuple[float, ...] | None:
    """Return the direction of a word that names an end of one measured attribute; None for all others."""
    range_ = VOCABULARY.get(SYNONYMS.get(word, word))
    scales = load_described().scales
    if range_ is None or range_.attribute not in scales or (range_.low is None) == (range_.high is None):
        return None
    end = 1.0 if range_.high is None else -1.0
    return tuple(end if scale == range_.attribute else 0.0 for scale in scales)


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """Sounds as a lexicon's words describe them; see `hearing.Heard`."""

    sounds: Sounds
    asked: Asked

    @property
    def words(self) -> tuple[str, ...]:
        """Return the words of the query that say something of the sound."""
        return self.asked.words

    def terms(self, ids: Sequence[int]) -> NDArray[np.float64]:
        """Return what the description adds to the score of each track, [n] in [-SOUND_LAMBDA, SOUND_LAMBDA]."""
        terms: NDArray[np.float64] = SOUND_LAMBDA * (_places_of(self.sounds, ids) * self.asked.direction).mean(axis=1)
        return terms

    def best(self, *, count: int, among: NDArray[np.int64] | None = None) -> list[int]:
        """Return the ids of the `count` tracks whose sound agrees best; `among` limits them to some ids."""
        terms = self.sounds.places @ self.asked.direction.astype(np.float32)
        ids = self.sounds.ids
        if among is not None:
            allowed = np.isin(ids, among)
            ids, terms = ids[allowed], terms[allowed]
        rows = np.argpartition(-terms, count)[:count] if count < len(terms) else np.arange(len(terms))
        found: list[int] = ids[np.sort(rows)].tolist()
        return found

    def matched(self, ids: Sequence[int]) -> list[tuple[str, ...]]:
        """Return, for each track, the words that its sound agrees with."""
        if not self.words:
            return [()] * len(ids)
        directions = self.asked.directions
        agreement = _places_of(self.sounds, ids) @ directions.T / np.abs(directions).sum(axis=1)
        return [tuple(word for word, fit in zip(self.words, row, strict=True) if fit > FITS) for row in agreement]


def _places_of(sounds: Sounds, ids: Sequence[int]) -> NDArray[np.float64]:
    return rows_of(sounds.ids, sounds.places, ids)


def rows_of(known: NDArray[np.int64], values: NDArray[Any], ids: Sequence[int]) -> NDArray[np.float64]:
    """Return the rows of `values` [n, d] of some ids; `known` [n], rising, says whose each row is.

    An id that is not there gets zeros.
    """
    wanted = np.asarray(ids, np.int64)
    found = np.zeros((len(wanted), values.shape[1]))
    if len(known):
        rows = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
        here = known[rows] == wanted
        found[here] = values[rows[here]]
    return found


def sounds_of(session: Session) -> Sounds:
    """Return the places of all tracks, as kept beside the library or made and kept when those are of another state."""
    if session.heard is None:
        library = session.catalogue.library
        session.heard = _read(library / FILE, session.mark)
        if session.heard is None:
            session.heard = _made(session.connection)
            _write(library, session.heard, session.mark)
    return session.heard


def _made(connection: sqlite3.Connection) -> Sounds:
    """Rank all tracks on every scale that words can point to."""
    scales = load_described().scales
    known = [*_attributes(connection, scales), *_likenesses(connection, scales)]
    ids = np.unique(np.concatenate([np.zeros(0, np.int64), *(own for _, own, _ in known)]))
    places = np.zeros((len(ids), len(scales)), np.float32)
    for scale, own, values in known:
        places[np.searchsorted(ids, own), scale] = np.round(_STEPS * _ranked(values)) / _STEPS
    return Sounds(ids, places)


def _attributes(connection: sqlite3.Connection, scales: Sequence[str]) -> Iterator[_Known]:
    for scale, name in enumerate(scales):
        if rows := values_of(connection, name):
            table = np.array(rows)
            yield scale, table[:, 0].astype(np.int64), table[:, 1]


def _likenesses(connection: sqlite3.Connection, scales: Sequence[str]) -> Iterator[_Known]:
    from models.encoders.likeness import cepstra, load_likeness, reads  # brings the sound encoder with it

    encoder = encoder_of(connection, Modality.AUDIO)
    if encoder is None or not reads(encoder):
        return
    likeness = load_likeness()
    # A part at a time: the whole vectors of 250,000 tracks would be .7 GB.
    parts = [(ids, cepstra(rows)) for ids, rows in each_vectors(connection, Modality.AUDIO, encoder)]
    if not parts:
        return
    ids = np.concatenate([own for own, _ in parts])
    table = likeness.of_cepstra(np.concatenate([rows for _, rows in parts]))
    for genre, column in zip(likeness.genres, table.T, strict=True):
        if LIKE + genre in scales:
            yield scales.index(LIKE + genre), ids, column


def _ranked(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the place of each value among all, -1 to 1; equal values share the middle of theirs."""
    if len(values) < 2:
        return np.zeros(len(values))
    ordered = np.sort(values)
    below, upto = (np.searchsorted(ordered, values, side=side) for side in ("left", "right"))
    place: NDArray[np.float64] = (below + upto - 1) / (len(values) - 1) - 1
    return place


def _read(file: Path, mark: str) -> Sounds | None:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="numpy") as stored:
            told = stored.metadata() or {}
            if told.get("mark") != mark or told.get("scales") != ",".join(load_described().scales):
                return None
            kept = Sounds(stored.get_tensor("ids"), stored.get_tensor("places").astype(np.float32) / _STEPS)
    except (OSError, SafetensorError, ValueError):
        return None
    return kept if kept.places.shape == (len(kept.ids), len(load_described().scales)) else None


def _write(library: Path, sounds: Sounds, mark: str) -> None:
    """Keep the places; a disk that is full or read-only costs only the next session some time."""
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    told = {"mark": mark, "scales": ",".join(load_described().scales)}
    places = np.round(_STEPS * sounds.places).astype(np.int8)
    with suppress(OSError, SafetensorError), replacing(library / FILE) as file:
        save_file({"ids": sounds.ids, "places": places}, file, metadata=told)
        shutil.copymode(library / DATABASE, file)
