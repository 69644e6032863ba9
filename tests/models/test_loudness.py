"""Loudness and its range against the standard as written, and against tones and noise whose levels are known."""

import numpy as np
import pytest
from scipy.signal import sosfilt

from models.encoders.loudness import (
    integrated_lufs,
    k_weighting,
    loudness_range_lu,
    power_gains,
    step_powers,
)
from models.encoders.spectrogram import HOP_SAMPLES, SAMPLE_RATE, Array, as_mono, spectrogram


def sine(decibels: float, *, hertz: float = 997, sample_rate: int = SAMPLE_RATE, seconds: float = 5.0) -> Array:
    time = np.arange(int(seconds * sample_rate)) / sample_rate
    return np.asarray(10 ** (decibels / 20) * np.sin(2 * np.pi * hertz * time), dtype=np.float32)[None, :]


def measured_lufs(excerpts: list[Array]) -> float | None:
    """Measure excerpts as the description of a track does."""
    return integrated_lufs(step_powers(spectrogram([as_mono(excerpt) for excerpt in excerpts]), excerpts))


def standard_lufs(excerpt: Array, sample_rate: int) -> float:
    """The standard as written: filter the samples, square, average blocks of 400 ms every 100 ms, gate twice."""
    squares = sosfilt(k_weighting(sample_rate), excerpt.astype(np.float64), axis=1) ** 2
    step = sample_rate // 10
    blocks = [squares[:, i : i + 4 * step].mean(axis=1).sum() for i in range(0, excerpt.shape[1] - 4 * step + 1, step)]
    loud = [block for block in blocks if -0.691 + 10 * np.log10(block + 1e-12) > -70]
    gate = np.mean(loud) / 10
    return float(-0.691 + 10 * np.log10(np.mean([block for block in loud if block > gate])))


def noise_like_music(seed: int, *, slope: float, seconds: float = 10.0) -> Array:
    """Two channels of noise that fades in and out, its spectrum falling from 20 Hz by `slope` powers of frequency."""
    rng = np.random.default_rng(seed)
    samples = int(seconds * SAMPLE_RATE)
    spectrum = rng.standard_normal((2, samples // 2 + 1)) + 1j * rng.standard_normal((2, samples // 2 + 1))
    spectrum *= np.maximum(np.arange(samples // 2 + 1), 20 * seconds) ** -slope
    signal = np.fft.irfft(spectrum, samples) * np.interp(
        np.arange(samples), np.linspace(0, samples, 14), rng.uniform(0.4, 1, 14)
    )
    return np.asarray(0.3 * signal / np.abs(signal).max(), dtype=np.float32)


def test_k_weighting_is_the_table_of_the_standard() -> None:
    table = [
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585],
        [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621],
    ]
    np.testing.assert_allclose(k_weighting(48000), table, atol=1e-6)


@pytest.mark.parametrize("decibels", [0.0, -20.0, -40.0])
def test_loudness_of_a_sine(decibels: float) -> None:
    mono = sine(decibels)
    assert measured_lufs([mono]) == pytest.approx(decibels - 3.01, abs=0.03)
    assert measured_lufs([np.concatenate([mono, mono])]) == pytest.approx(decibels, abs=0.03)
    assert measured_lufs([np.concatenate([mono, 0 * mono])]) == pytest.approx(decibels - 3.01, abs=0.03)
    assert measured_lufs([np.concatenate([mono, -mono])]) == pytest.approx(decibels, abs=0.03)


@pytest.mark.parametrize("slope", [0.0, 0.5, 1.0, 1.3])
@pytest.mark.parametrize("seed", range(4))
def test_loudness_in_frequency_is_that_of_the_filter_in_time(seed: int, slope: float) -> None:
    """One channel within .1 LU; of two unlike ones, of whose difference half is measured, within .2."""
    signal = noise_like_music(seed, slope=slope)
    assert measured_lufs([signal[:1]]) == pytest.approx(standard_lufs(signal[:1], SAMPLE_RATE), abs=0.1)
    assert measured_lufs([signal]) == pytest.approx(standard_lufs(signal, SAMPLE_RATE), abs=0.2)


@pytest.mark.parametrize("hertz", [30.0, 45.0, 80.0, 440.0, 3000.0, 9000.0])
def test_loudness_of_tones_is_that_of_the_filter_in_time(hertz: float) -> None:
    tone = sine(-20, hertz=hertz, seconds=8)
    assert measured_lufs([tone]) == pytest.approx(standard_lufs(tone, SAMPLE_RATE), abs=0.05)


def test_equal_channels_are_measured_once_and_counted_twice() -> None:
    mono = noise_like_music(9, slope=0.7)[:1]
    nearly = np.concatenate([mono, mono * np.float32(1 + 1e-5)])
    both = measured_lufs([np.concatenate([mono, mono])])
    assert both == pytest.approx(measured_lufs([nearly]), abs=1e-3)


def test_loudness_gates_pauses_and_abstains_in_silence() -> None:
    loud, silence = sine(-20, seconds=10), np.zeros((1, 10 * SAMPLE_RATE), dtype=np.float32)
    assert measured_lufs([loud, silence]) == pytest.approx(-23.0, abs=0.1)
    quiet = sine(-50, seconds=10)
    assert measured_lufs([loud, quiet]) == pytest.approx(-23.0, abs=0.1)
    assert measured_lufs([silence]) is None
    assert integrated_lufs([]) is None


def test_loudness_of_less_than_a_block() -> None:
    assert measured_lufs([sine(-10, seconds=0.2)]) == pytest.approx(-13.0, abs=0.3)


def test_range_is_the_step_between_two_levels() -> None:
    """EBU Tech 3342, test 1: 20 s at -20 and 20 s at -30 have a range of 10 LU."""
    assert range_lu(np.concatenate([sine(-20, seconds=20), sine(-30, seconds=20)], axis=1)) == pytest.approx(10, abs=1)


def test_range_of_one_level_is_none_at_all_and_of_little_or_silence_unknown() -> None:
    assert range_lu(sine(-20, seconds=10)) == pytest.approx(0, abs=0.1)
    assert range_lu(sine(-20, seconds=3.5)) is None
    assert range_lu(np.zeros((1, 10 * SAMPLE_RATE), dtype=np.float32)) is None
    assert loudness_range_lu([]) is None


def range_lu(excerpt: Array) -> float | None:
    return loudness_range_lu(step_powers(spectrogram([excerpt[0]]), [excerpt]))


def test_steps_share_the_energy_of_the_frames() -> None:
    """All energy of the frames that whole steps cover, no more and no less."""
    excerpt = noise_like_music(3, slope=0.5)[:1]
    spectrum = spectrogram([excerpt[0]])
    (steps,) = step_powers(spectrum, [excerpt])
    frames = spectrum.power.astype(np.float64) @ power_gains()
    whole = steps.size * SAMPLE_RATE / 10 / HOP_SAMPLES
    covered = frames[: int(whole)].sum() + (whole - int(whole)) * frames[int(whole)]
    assert steps.sum() * SAMPLE_RATE / 10 == pytest.approx(covered * HOP_SAMPLES)
