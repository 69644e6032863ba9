"""Picture the sound of a file: the log-mel spectrogram of a few seconds around the passage a preview would play."""

from dataclasses import dataclass

import numpy as np

from indexer.reading.audio import read_excerpts
from models.encoders.spectrogram import FRAMES_PER_SECOND, MEL_BANDS, RANGE_DB, as_mono, spectrogram

PICTURED_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Mel:
    """A log-mel spectrogram as levels of 0 (80 dB below the loudest) to 255, lowest band first."""

    bands: tuple[bytes, ...]
    """One row of frames for each of the 40 bands of 0 to 11 kHz."""
    start_seconds: float
    """Where in the file it begins."""
    seconds: float

    @property
    def frames(self) -> int:
        """Return how many moments are pictured."""
        return len(self.bands[0]) if self.bands else 0


def mel_of(path: str, *, highlight_seconds: float | None = None) -> Mel:
    """Decode the excerpts of a file and picture up to 10 s from the highlight, or of the first without one.

    21.5 moments a second; a few hundredths of a second: for a worker. Raises ReadError where there is no file or no
    sound in it.
    """
    excerpts = read_excerpts(path)
    spectrum = spectrogram([as_mono(signal) for signal in excerpts.signals])
    chosen = _chosen(excerpts.starts_seconds, spectrum.lengths, highlight_seconds)
    start, frames = excerpts.starts_seconds[chosen], spectrum.split(spectrum.log_mel)[chosen]
    wanted = round(PICTURED_SECONDS * FRAMES_PER_SECOND)
    asked = round(((start if highlight_seconds is None else highlight_seconds) - start) * FRAMES_PER_SECOND)
    first = max(min(asked, len(frames) - wanted), 0)
    shown = frames[first : first + wanted]
    levels = np.clip((shown - (spectrum.log_mel.max() - RANGE_DB)) / RANGE_DB, 0.0, 1.0)
    rows = np.round(levels.T * 255).astype(np.uint8)
    bands = tuple(rows[band].tobytes() for band in range(MEL_BANDS))
    return Mel(bands, start + first / FRAMES_PER_SECOND, len(shown) / FRAMES_PER_SECOND)


def _chosen(starts: tuple[float, ...], lengths: tuple[int, ...], highlight: float | None) -> int:
    """Return which excerpt holds the highlight, the first where none does."""
    if highlight is None:
        return 0
    ends = (start + length / FRAMES_PER_SECOND for start, length in zip(starts, lengths, strict=True))
    held = (n for n, (start, end) in enumerate(zip(starts, ends, strict=True)) if start - 0.5 <= highlight <= end)
    return next(held, 0)
