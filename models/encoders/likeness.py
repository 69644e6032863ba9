"""Say how like ten broad genres a sound is, from the cepstra in its AUDIO vector.

A linear model fitted by `scripts/fit_likeness.py` to the published features of GTZAN (Tzanetakis and Cook, "Musical
genre classification of audio signals", 2002). It names no genre of a track: it is what lets words such as "orchestral"
or "party" reach tracks without tags. Both sides are standardised within their own collection, which takes out the
level, the codec and the number of mel bands.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from models.encoders.audio import BLOCKS, CEPSTRA
from models.encoders.names import AUDIO_ENCODER
from models.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHECKPOINT = Path(__file__).parent.parent / "checkpoints" / "likeness.safetensors"
ENOUGH = 50
"""Tracks that tell mean and spread; fewer are taken as they come, standardised by the corpus of the encoder."""
CEPSTRUM_MEANS = slice(BLOCKS["timbre"].start + 1, BLOCKS["timbre"].start + CEPSTRA)
"""Where the means of the cepstra lie in an AUDIO vector; the first, the level, is left out."""
CEPSTRUM_SPREADS = slice(BLOCKS["movement"].start, BLOCKS["movement"].start + CEPSTRA)
FEATURES = 2 * CEPSTRA - 1


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """Weights [FEATURES, genres] over standardised means and logarithms of spreads of the cepstra."""

    genres: tuple[str, ...]
    weights: NDArray[np.float32]

    def of_cepstra(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return how like each genre the sounds are whose `cepstra` [n, k] are given: float64 [n, genres], in no unit.

        They are compared with one another: give those of all the tracks.
        """
        features = rows.astype(np.float64)
        if len(features) >= ENOUGH:
            features -= features.mean(axis=0)
            features /= np.maximum(features.std(axis=0), 1e-6)
        likeness: NDArray[np.float64] = features @ self.weights.astype(np.float64)
        return likeness


def cepstra(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what the model needs of AUDIO vectors [n, d]: float32 [n, k]."""
    return np.hstack([vectors[:, CEPSTRUM_MEANS], vectors[:, CEPSTRUM_SPREADS]])


def reads(encoder: str) -> bool:
    """Tell whether the vectors of an encoder hold the cepstra that the model needs."""
    return encoder == AUDIO_ENCODER


def save_likeness(likeness: Likeness, *, path: Path = CHECKPOINT) -> None:
    """Write a model as safetensors."""
    from safetensors.numpy import save_file

    save_file({"weights": likeness.weights}, path, metadata={"genres": ",".join(likeness.genres)})
    path.chmod(0o644)  # safetensors writes for the owner alone


@cache
def load_likeness(path: Path = CHECKPOINT) -> Likeness:
    """Read a model; raise ModelError where it is absent or broken."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="np") as stored:
            genres = tuple(filter(None, (stored.metadata() or {}).get("genres", "").split(",")))
            weights = stored.get_tensor("weights")
    except (OSError, SafetensorError) as error:
        raise ModelError(f"{path.name} cannot be read ({error}): install fairouz-tui again") from error
    if weights.shape != (FEATURES, len(genres)):
        raise ModelError(f"{path.name} was made for another edition of the sound: install fairouz-tui again")
    return Likeness(genres, weights)
