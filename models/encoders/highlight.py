"""Choose where a preview should start: a passage both typical of the piece and full of energy, from an onset.

Typical is what most of the piece resembles: the passage whose frames have the highest sum in the self-similarity of
the whole (Cooper and Foote 2002, "Automatic music summarization via similarity analysis"; after Bartsch and Wakefield
2001, thumbnails by what repeats). Repetition alone finds the verse as easily as the chorus, which repeats and is
loudest as well (Goto 2006, "A chorus section detection method"), so the level counts as much.
"""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

import numpy as np

from models.encoders.estimate import Estimate
from models.encoders.spectrogram import FRAMES_PER_SECOND, Array, Floats, Spectrogram

if TYPE_CHECKING:
    from collections.abc import Sequence

PREVIEW_SECONDS = 12.0
SHORTEST_SECONDS = 15.0
"""A file hardly longer than a preview is its own."""
LEAST_SECONDS = 5.0
"""Excerpts of less in all are no ground to choose on."""
SEGMENT_FRAMES = 11
"""Half a second: passages are compared as a chord or a beat, not frame by frame."""
FAR_SEGMENTS = 8
SNAP_SECONDS = 0.8
"""How far the start may move to reach a strong onset: more than a beat at 80 BPM, so a beat is within reach."""
LEVEL_STEP_DB, TYPICAL_STEP = 3.0, 0.1
"""Differences under these are nothing to choose by: half as loud in power, a tenth of the similarity."""
SILENCE_MAGNITUDE = 1e-4


def highlight(spectrum: Spectrogram, starts_seconds: Sequence[float]) -> Estimate | None:
    """Find the second of the file where a preview of 10 to 15 s should start, "highlight_seconds" ("1:12").

    `starts_seconds` tells where each excerpt of `spectrum` lies in the file. The confidence is how far the passage
    stands out from the average one: near 0 where all sound alike and any start would do. Silence, a file read whole
    of less than 15 s and excerpts of less than 5 s in all give None. Raises ValueError where the excerpts and their
    starts differ in number.
    """
    if len(starts_seconds) != len(spectrum.lengths):
        raise ValueError("give the start of every excerpt")
    frames = sum(spectrum.lengths)
    least_seconds = SHORTEST_SECONDS if len(starts_seconds) == 1 else LEAST_SECONDS
    if frames < least_seconds * FRAMES_PER_SECOND or spectrum.magnitude.max() < SILENCE_MAGNITUDE:
        return None
    worth = _worth(spectrum)
    passages = [_passages(piece) for piece in worth]
    excerpt = int(np.argmax([piece.max() for piece in passages]))
    everywhere = np.concatenate(passages)
    standing_out = float(everywhere.max() - everywhere.mean())
    frame = _on_an_onset(spectrum.onset_bands[excerpt], int(np.argmax(passages[excerpt])) * SEGMENT_FRAMES)
    seconds = max(0.0, starts_seconds[excerpt] + frame / FRAMES_PER_SECOND)
    return Estimate("highlight_seconds", seconds, float(1 - np.exp(-standing_out)))


def _worth(spectrum: Spectrogram) -> list[Floats]:
    """Rate each half second of each excerpt by level and likeness to the whole [shape=(segments,)] each."""
    mel, chroma = (
        [_segments(piece) for piece in spectrum.split(frames)] for frames in (spectrum.log_mel, spectrum.chroma)
    )
    every_mel, every_chroma = np.concatenate(mel), np.concatenate(chroma)
    level_db = 40 * np.log10((10 ** (every_mel / 40)).mean(axis=1))  # between power, all bass, and dB, all hiss
    shape = every_mel - every_mel.mean(axis=1, keepdims=True)
    elsewhere = _elsewhere([len(piece) for piece in mel])
    typical = _likeness(shape, elsewhere) + _likeness(np.sqrt(every_chroma), elsewhere)
    rated = _steps(level_db, LEVEL_STEP_DB) + _steps(typical, TYPICAL_STEP)
    return [rated[start:end] for start, end in pairwise(accumulate(map(len, mel), initial=0))]


def _segments(frames: Array) -> Array:
    """Average each half second [shape=(segments, d)]; a rest of frames is left out unless it is all there is."""
    whole = len(frames) // SEGMENT_FRAMES
    if not whole:
        return np.asarray(frames.mean(axis=0, keepdims=True))
    return np.asarray(frames[: whole * SEGMENT_FRAMES].reshape(whole, SEGMENT_FRAMES, -1).mean(axis=1))


def _likeness(segments: Array, elsewhere: Array) -> Floats:
    """Average each segment's similarity to those elsewhere, in [0, 1]: 1 at no distance, .6 at the usual one."""
    squares = np.square(segments).sum(axis=1)
    distances = np.maximum(squares[:, None] + squares - 2 * segments @ segments.T, 0)
    similar = np.exp(-0.5 * distances / max(_median(distances), 1e-6))
    return np.asarray((similar * elsewhere).sum(axis=1) / np.maximum(elsewhere.sum(axis=1), 1), dtype=np.float64)


def _median(values: Array) -> float:
    ordered = np.sort(values, axis=None)  # np.median takes five times as long
    return float(0.5 * (ordered[(ordered.size - 1) // 2] + ordered[ordered.size // 2]))


def _elsewhere(lengths: Sequence[int]) -> Array:
    """Mark, for each segment, those of other excerpts; of one excerpt, those 4 s away or more [shape=(n, n)].

    A sound goes on for a while in any case; typical is what comes back.
    """
    excerpt = np.repeat(np.arange(len(lengths)), lengths)
    place = np.arange(excerpt.size) if len(lengths) == 1 else excerpt * FAR_SEGMENTS
    return np.asarray(np.abs(place[:, None] - place) >= FAR_SEGMENTS, dtype=np.float32)


def _steps(values: Array | Floats, step: float) -> Floats:
    """Standardise, but a spread smaller than `step` stays small."""
    return np.asarray((values - values.mean()) / max(float(values.std()), step), dtype=np.float64)


def _passages(worth: Floats) -> Floats:
    """Average the worth over the preview from each possible start [shape=(starts,)].

    A start leaves a whole preview of the excerpt, or of an excerpt too short for two half of it: the file goes on
    after it.
    """
    preview = round(PREVIEW_SECONDS * FRAMES_PER_SECOND / SEGMENT_FRAMES)
    least = max(1, min(preview, (worth.size + 1) // 2))
    starts = np.arange(worth.size - least + 1)
    ends = np.minimum(starts + preview, worth.size)
    sums = np.concatenate([[0.0], np.cumsum(worth)])
    return np.asarray((sums[ends] - sums[starts]) / (ends - starts))


def _on_an_onset(bands: Array, frame: int) -> int:
    """Move a frame to just before the strongest onset around it; the bass, which marks the bar, counts double."""
    around = round(SNAP_SECONDS * FRAMES_PER_SECOND)
    low = max(0, frame - around)
    near = bands[low : frame + around + 1]
    if not near.size:
        return frame
    strength = near.mean(axis=1) + near[:, : near.shape[1] // 8].mean(axis=1)
    return low + int(np.argmax(strength)) + 1  # the rise to the next frame, whose middle holds the onset
