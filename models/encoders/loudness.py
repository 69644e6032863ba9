"""Measure integrated loudness after ITU-R BS.1770-4 and its range after EBU Tech 3342, from the shared spectrogram.

The standard filters the samples and squares them. Here the K-weighting is applied to the power of frames, by Parseval's
theorem the same energy: within .1 LU over real music, .7 over lone clicks, which fall under the middle of a window or
between two. The middle of two channels has its spectrogram already; that of their difference is all that is made anew.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from models.encoders.spectrogram import (
    BINS,
    HOP_SAMPLES,
    SAMPLE_RATE,
    WINDOW_SAMPLES,
    Array,
    Floats,
    Spectrogram,
    transformed,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

STEP_SECONDS = 0.1
STEPS_A_BLOCK = 4
"""Blocks of 400 ms overlap by three quarters."""
ABSOLUTE_GATE_LUFS = -70.0
RELATIVE_GATE_LU = -10.0
OFFSET_LUFS = -0.691
"""Makes up for the K-weighting's gain at 1 kHz."""

TABLE_GAIN = 1.0049949
"""The standard's table for 48 kHz leaves the high pass this much above unity, and every meter follows it."""

SIDE_EVERY = 2
"""Frames between those whose difference of the channels is measured: it is the softer part, and as sure by half."""
WINDOW_BINS = 1.5
"""Equivalent noise bandwidth of the Hann window: a full-scale sine, of mean power 1/2, adds up to 1.5 over its bins."""
STEPS_A_SHORT_TERM = 30
LOWEST_RANGE_GATE_LU = -20.0
RANGE_QUANTILES = (0.10, 0.95)
"""The range leaves out the quietest tenth (fades) and the loudest twentieth (one drum); EBU Tech 3342."""


def step_powers(spectrum: Spectrogram, channels: Sequence[Array]) -> list[Floats]:
    """Sum the K-weighted power of the channels in each 100 ms of each excerpt [shape=(steps,)].

    `channels` are the excerpts [shape=(channels, n)] whose middle `spectrum` shows. What is shorter than a block, or
    left over at an end, counts as one step of its own length, or not at all.
    """
    middles = spectrum.split(spectrum.power @ power_gains())
    return [_steps(_of_all_channels(*pair)) for pair in zip(middles, channels, strict=True)]


def _of_all_channels(middle: Array, channels: Array) -> Array | Floats:
    """Add the power of the difference where there are two: L2 + R2 = 2 (M2 + S2) [shape=(frames,)]."""
    if len(channels) == 1:
        return middle
    difference = channels[0] - channels[1]
    if not difference.any():
        return 2 * middle
    spectra, _ = transformed([difference], every=SIDE_EVERY)
    side = np.square(spectra.view(np.float32)) @ _side_gains()
    return 2 * (middle + np.interp(np.arange(middle.size), SIDE_EVERY * np.arange(side.size), side))


def _steps(powers: Array | Floats) -> Floats:
    """Turn powers by frame into powers by 100 ms, each frame standing for the hop around its middle."""
    step = STEP_SECONDS * SAMPLE_RATE / HOP_SAMPLES
    if powers.size < STEPS_A_BLOCK * step:
        return np.array([powers.mean()], dtype=np.float64)
    energy = np.concatenate([[0.0], np.cumsum(powers, dtype=np.float64)])
    edges = np.arange(int(powers.size / step) + 1) * step
    return np.asarray(np.diff(np.interp(edges, np.arange(energy.size), energy)) / step)


def integrated_lufs(powers: Sequence[Floats]) -> float | None:
    """Average the blocks of 400 ms that pass both gates; None where none does.

    `powers` are those of all excerpts of one programme, from `step_powers`. A mono sine of 997 Hz at full scale
    measures -3.01.
    """
    blocks = _moving_means(powers, STEPS_A_BLOCK)
    audible = blocks[_lufs(blocks) > ABSOLUTE_GATE_LUFS]
    if not audible.size:
        return None
    threshold = _lufs(audible.mean(keepdims=True))[0] + RELATIVE_GATE_LU
    return float(_lufs(audible[_lufs(audible) > threshold].mean(keepdims=True))[0])


def loudness_range_lu(powers: Sequence[Floats]) -> float | None:
    """Measure how far loud and soft passages lie apart, in LU; None under ten stretches of 3 s that pass the gates.

    Stretches begin every 100 ms and do not cross from one excerpt to the next.
    """
    short = _moving_means([power for power in powers if power.size >= STEPS_A_SHORT_TERM], STEPS_A_SHORT_TERM)
    audible = short[_lufs(short) > ABSOLUTE_GATE_LUFS]
    if not audible.size:
        return None
    kept = audible[_lufs(audible) > _lufs(audible.mean(keepdims=True))[0] + LOWEST_RANGE_GATE_LU]
    if kept.size < 10:
        return None
    low, high = np.interp(np.multiply(RANGE_QUANTILES, kept.size - 1), np.arange(kept.size), np.sort(_lufs(kept)))
    return float(high - low)


def _moving_means(powers: Sequence[Floats], steps: int) -> Floats:
    """Average over each run of steps; a shorter excerpt is one run [shape=(runs,)]."""
    if not powers:
        return np.zeros(0)
    return np.concatenate([_moving_mean(power, min(steps, power.size)) for power in powers])


def _moving_mean(power: Floats, steps: int) -> Floats:
    return np.convolve(power, np.full(steps, 1 / steps), mode="valid")


def _lufs(powers: Floats) -> Floats:
    return OFFSET_LUFS + 10 * np.log10(np.maximum(powers, 1e-12))


@lru_cache(maxsize=1)
def power_gains() -> Array:
    """Give the K-weighting's gain for each bin's power, such that the sum is the mean power [shape=(1025,)].

    A Hann window spreads a tone over three bins (1/6, 2/3, 1/6), which a second difference takes back: the gain is
    steep at 40 Hz.
    """
    delay = np.exp(-2j * np.pi * np.arange(BINS) / WINDOW_SAMPLES)
    powers = [delay**0, delay, delay**2]
    response = np.ones(BINS, dtype=complex)
    for section in k_weighting(SAMPLE_RATE):
        response *= sum(map(np.multiply, section[:3], powers)) / sum(map(np.multiply, section[3:], powers))
    mirrored = np.pad(np.abs(response) ** 2, 1, mode="reflect")
    gains = (mirrored[1:-1] - np.diff(mirrored, 2) / 6) / WINDOW_BINS / 2
    gains[[0, -1]] /= 2
    return gains.astype(np.float32)


@lru_cache(maxsize=1)
def _side_gains() -> Array:
    """Give the gains for real and imaginary parts in turn [shape=(2050,)]; the side is half of the difference."""
    return np.repeat(power_gains() / np.float32(4), 2)


@lru_cache(maxsize=8)
def k_weighting(sample_rate: int) -> Floats:
    """Make the two stages of the K-weighting for any rate as second-order sections [shape=(2, 6)].

    The standard tabulates 48 kHz only; the analogue prototypes behind its tables (De Man 2014, "Evaluation of
    Implementations of the EBU R128 Loudness Measurement") are warped to other rates. At 48 kHz they give its tables.
    """
    return np.stack([_shelf(sample_rate), _high_pass(sample_rate)])


def _shelf(sample_rate: int) -> Floats:
    """Raise what the head reflects: +4 dB above 1.7 kHz."""
    gain_db, quality, corner_hz = 3.999843853973347, 0.7071752369554196, 1681.974450955533
    warped = np.tan(np.pi * corner_hz / sample_rate)
    high = 10 ** (gain_db / 20)
    middle = high**0.4996667741545416
    norm = 1 + warped / quality + warped**2
    zeros = (
        high + middle * warped / quality + warped**2,
        2 * (warped**2 - high),
        high - middle * warped / quality + warped**2,
    )
    poles = (norm, 2 * (warped**2 - 1), 1 - warped / quality + warped**2)
    return np.asarray(np.array([*zeros, *poles]) / norm)


def _high_pass(sample_rate: int) -> Floats:
    """Take away the lowest bass: a second-order high pass at 38 Hz."""
    quality, corner_hz = 0.5003270373238773, 38.13547087602444
    warped = np.tan(np.pi * corner_hz / sample_rate)
    norm = 1 + warped / quality + warped**2
    poles = np.array([norm, 2 * (warped**2 - 1), 1 - warped / quality + warped**2]) / norm
    gain = TABLE_GAIN / norm
    return np.array([gain, -2 * gain, gain, *poles])
