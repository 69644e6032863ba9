"""Make the lexicon of words and the sound they describe, models/checkpoints/described.safetensors.

    python scripts/fit_described.py musiccaps-public.csv

The file has a column `aspect_list` with what a musician heard in each recording ("mellow piano melody", "slow tempo").
For each word and scale: the log odds that its recordings are called the upper end of the scale rather than the lower,
against those of all recordings, with as many pseudo-counts as PRIOR, scaled and squashed into (-1, 1).
"""

import argparse
import ast
import csv
import re
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.encoders.described import LIKE, Described, save_described

ENDS = {
    "tempo_bpm": (
        r"slow(er)?|slow-paced|adagio|lento",
        r"fast(er)?|fast-paced|up-?tempo|up tempo|quick|rapid|high-speed",
    ),
    "loudness_lufs": (
        r"soft|quiet|gentle|calm(ing)?|mellow|subdued|hushed|delicate|subtle",
        r"loud|powerful|heavy|aggressive|intense|hard-hitting|blaring|roaring|distorted",
    ),
    "brightness_hz": (
        r"dark|deep|low[- ]pitched|muffled|bassy|muddy|low register|boomy",
        r"bright|shimmering|high[- ]pitched|sparkling|crisp|shrill|tinny|glittering|trebly",
    ),
    "onset_rate": (
        r"sparse|minimal|minimalist(ic)?|simple|sustained|spacious|unaccompanied|a cappella|acapella",
        r"busy|dense|energetic|complex|frantic|virtuosic|fast-paced|hectic|rapid|full",
    ),
    "loudness_range_lu": (
        r"compressed|constant|loop(ed|ing)?|monotone|repetitive|steady|wall of sound",
        r"dynamic|dynamics|crescendo|dramatic|expressive|build-?up|swelling|orchestral|classical",
    ),
    "pulse_clarity": (
        r"no (percussion|drums|beat|rhythm)|ambient|drone|free rhythm|rubato|beatless|without (percussion|drums)",
        r"steady (drumming|beat|rhythm)|four on the floor|danceable|dance|groovy|groove|driving|4/4|metronomic",
    ),
    "attack_share": (
        r"sustained|pads?|drone|strings|legato|atmospheric|ambient|ethereal|choir|organ|bowed",
        r"percussion|percussive|drums?|drumming|punchy|claps?|snare|staccato|plucked|pizzicato|arpeggiated",
    ),
    "flatness_db": (
        r"pure|clean|clear|flute|choir|organ|sine|a cappella|acapella|solo|whistling|violin|piano",
        r"noisy|noise|distorted|distortion|static|harsh|gritty|hissing|white noise|industrial|cymbals?",
    ),
}
"""What says that a recording lies at the lower and the upper end of a scale."""
GENRES = {
    "blues": r"blues|bluesy",
    "classical": r"classical|orchestral?|symphon(y|ic)|baroque|opera(tic)?|chamber|string quartet|cinematic|choir",
    "country": r"country|folk|bluegrass|americana|acoustic",
    "disco": r"disco|funk|funky|dance|house|edm|eurodance|techno",
    "hiphop": r"hip-?hop|hip hop|rap|trap|drum and bass|dubstep|industrial",
    "jazz": r"jazz|jazzy|swing|big band|ragtime|bebop",
    "metal": r"metal|hard rock|punk|heavy rock|grunge|distorted",
    "pop": r"pop|synth-?pop|synth pop|k-pop|j-pop|teen",
    "reggae": r"reggae|dub|ska|dancehall",
    "rock": r"rock|rock and roll|rock & roll|indie",
}
"""What says that a recording is like a genre; the names are those of likeness.safetensors."""
IDLE = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "can",
        "could",
        "for",
        "from",
        "has",
        "have",
        "in",
        "into",
        "is",
        "it",
        "its",
        "like",
        "more",
        "music",
        "no",
        "not",
        "of",
        "on",
        "or",
        "over",
        "song",
        "songs",
        "sound",
        "sounds",
        "that",
        "the",
        "there",
        "this",
        "to",
        "track",
        "with",
        "without",
        "you",
        "your",
    ]
)
"""Words that are in every description and say nothing."""
NOTHING = r"(?!)"
PRIOR = 6.0
LEAST_RECORDINGS = 3
MOST_RECORDINGS = 50
"""When a scale's spread is measured a word weighs as its recordings do, up to this many."""


def main() -> None:
    """Read the captions, count and save."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("captions", type=Path)
    options = parser.parse_args()
    with options.captions.open(newline="", encoding="utf-8") as file:
        aspects = [[a.lower().strip() for a in ast.literal_eval(row["aspect_list"])] for row in csv.DictReader(file)]
    words, odds, weights = log_odds(aspects)
    spread = np.sqrt(np.average(odds**2, axis=0, weights=weights))
    scales = (*ENDS, *(f"{LIKE}{genre}" for genre in GENRES))
    directions = np.tanh(odds / spread / 2).astype(np.float32)
    save_described(Described(scales, {word: row for row, word in enumerate(words)}, directions))
    print(f"{len(words)} words of {len(aspects)} recordings on {len(scales)} scales")


def log_odds(aspects: list[list[str]]) -> tuple[list[str], NDArray[np.float64], NDArray[np.float64]]:
    """Return the words, their log odds on each scale [n, scales], and their weights [n]."""
    texts = [" . ".join(own) for own in aspects]
    ends = [*ENDS.values(), *((NOTHING, genre) for genre in GENRES.values())]
    patterns = [[re.compile(rf"\b({end})\b") for end in both] for both in ends]
    called = np.array([[[bool(p.search(text)) for p in both] for both in patterns] for text in texts], float)
    # Against a genre stands not another word but its absence.
    called[:, len(ENDS) :, 0] = 1 - called[:, len(ENDS) :, 1]
    base = called.mean(axis=0)
    recordings: dict[str, set[int]] = defaultdict(set)
    for row, text in enumerate(texts):
        for word in set(re.findall(r"[a-z0-9]+", text)) - IDLE:
            recordings[word].add(row)
    words = sorted(word for word, rows in recordings.items() if len(rows) >= LEAST_RECORDINGS)
    odds = np.zeros((len(words), len(ends)))
    for row, word in enumerate(words):
        own = called[sorted(recordings[word])].sum(axis=0) + PRIOR * base
        odds[row] = np.log(own[:, 1] / own[:, 0]) - np.log(base[:, 1] / base[:, 0])
    return words, odds, np.array([min(len(recordings[word]), MOST_RECORDINGS) for word in words], float)


if __name__ == "__main__":
    main()
