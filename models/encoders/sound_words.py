"""Put the attributes of a sound in words, and find the attribute that a word asks for.

VOCABULARY is the one table of both directions: the words that go into a track's TAGS text, and what a word in a query
means. A word stands for a range of one attribute; the outer ranges hold about a sixth each of a mixed library
(docs/attributes.md has the figures), because a word that fits most tracks tells nothing. SYNONYMS are other words for
the same ranges, understood and never said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from models.encoders.estimate import Estimate


@dataclass(frozen=True, slots=True)
class Range:
    """Values of `attribute` above `low` and below `high`; None where it is open."""

    attribute: str
    low: float | None = None
    high: float | None = None

    def holds(self, value: float) -> bool:
        """Tell whether a value lies inside."""
        return (self.low is None or value > self.low) and (self.high is None or value < self.high)


SLOW_BPM, FAST_BPM = 90.0, 140.0
"""A little outside of walking and of marching (Andante, Allegro)."""
QUIET_LUFS, LOUD_LUFS = -18.5, -11.0
COMPRESSED_LU, DYNAMIC_LU = 0.8, 5.0
DARK_HZ, BRIGHT_HZ = 1050.0, 2450.0
SPARSE_RATE, BUSY_RATE = 2.5, 4.5
FREE_CLARITY, STEADY_CLARITY = 0.30, 0.57
SUSTAINED_SHARE, PERCUSSIVE_SHARE = 0.073, 0.125
TONAL_DB, NOISY_DB = -30.5, -16.5
LOWEST_MINOR = 11.5
"""Keys are 0-11 major, 12-23 minor."""

VOCABULARY: Mapping[str, Range] = {
    "slow": Range("tempo_bpm", high=SLOW_BPM),
    "mid-tempo": Range("tempo_bpm", SLOW_BPM, FAST_BPM),
    "fast": Range("tempo_bpm", low=FAST_BPM),
    "major": Range("key", high=LOWEST_MINOR),
    "minor": Range("key", low=LOWEST_MINOR),
    "quiet": Range("loudness_lufs", high=QUIET_LUFS),
    "loud": Range("loudness_lufs", low=LOUD_LUFS),
    "compressed": Range("loudness_range_lu", high=COMPRESSED_LU),
    "dynamic": Range("loudness_range_lu", low=DYNAMIC_LU),
    "dark": Range("brightness_hz", high=DARK_HZ),
    "bright": Range("brightness_hz", low=BRIGHT_HZ),
    "sparse": Range("onset_rate", high=SPARSE_RATE),
    "busy": Range("onset_rate", low=BUSY_RATE),
    "free rhythm": Range("pulse_clarity", high=FREE_CLARITY),
    "steady beat": Range("pulse_clarity", low=STEADY_CLARITY),
    "sustained": Range("attack_share", high=SUSTAINED_SHARE),
    "percussive": Range("attack_share", low=PERCUSSIVE_SHARE),
    "tonal": Range("flatness_db", high=TONAL_DB),
    "noisy": Range("flatness_db", low=NOISY_DB),
}
"""Word as shown -> the values it stands for. Two words of one attribute never both hold."""

SYNONYMS: Mapping[str, str] = {
    "downtempo": "slow",
    "uptempo": "fast",
    "quick": "fast",
    "moderate": "mid-tempo",
    "soft": "quiet",
    "dull": "dark",
    "mellow": "dark",
    "sharp": "bright",
    "brilliant": "bright",
    "dense": "busy",
    "rubato": "free rhythm",
    "steady": "steady beat",
    "held": "sustained",
    "plucked": "percussive",
    "pure": "tonal",
    "harsh": "noisy",
    "distorted": "noisy",
}


def words_of(estimates: Sequence[Estimate]) -> tuple[str, ...]:
    """Put estimates in words that can be searched, in their order: "slow", "A minor", "loud", "steady beat".

    A key is its name, which holds "major" or "minor"; what lies in the middle of a library has no word.
    """
    words = []
    for estimate in estimates:
        if estimate.name == "key":
            words.append(estimate.text)
            continue
        words += [
            word
            for word, range_ in VOCABULARY.items()
            if range_.attribute == estimate.name and range_.holds(estimate.value)
        ]
    return tuple(words)
