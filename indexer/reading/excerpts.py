"""Choose which parts of a file are decoded: a fifth of it, in two or three excerpts of five to ten seconds.

Decoding is most of the work of hearing a track, and past half a minute it tells nothing new; docs/audio.md has the
table behind these numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from models.encoders.spectrogram import Array

PART = 0.2
LEAST_SECONDS, MOST_SECONDS = 10.0, 30.0
"""Of sound in all: below, tempo and key suffer; above, nothing gains."""
SHORTEST_EXCERPT_SECONDS = 5.0
"""Four beats at 60 BPM and what they are compared with."""
MIDDLES = {2: (0.3, 0.7), 3: (0.2, 0.5, 0.8)}
"""Middles of the excerpts as parts of the length: past most intros, before most fade-outs."""
WHOLE_BELOW_SECONDS = LEAST_SECONDS / 0.8
"""Shorter than this the excerpts would touch, so the file is read whole."""


@dataclass(frozen=True, slots=True)
class Excerpts:
    """Pieces of one file's sound in order: float32 [shape=(channels, n)], one or two channels, full scale = 1."""

    signals: tuple[Array, ...]
    starts_seconds: tuple[float, ...]
    """Where each signal begins in the file, as decoded: a seek that landed elsewhere is told as it is."""
    damaged_packets: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A part of a file, in seconds from its beginning."""

    start_seconds: float
    seconds: float


def places(duration_seconds: float) -> tuple[Place, ...]:
    """Plan the excerpts of a file: two of 5 s up to 50 s, three from 75 s on, of 10 s from 150 s on.

    None where all is to be read.
    """
    if duration_seconds < WHOLE_BELOW_SECONDS:
        return ()
    seconds_in_all = min(max(PART * duration_seconds, LEAST_SECONDS), MOST_SECONDS)
    count = min(max(MIDDLES), int(seconds_in_all / SHORTEST_EXCERPT_SECONDS))
    each = seconds_in_all / count
    return tuple(Place(middle * duration_seconds - each / 2, each) for middle in MIDDLES[count])
