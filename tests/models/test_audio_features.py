"""The front ends of VGGish, CLAP and OpenL3 against the published definitions, written out."""

import subprocess
import sys
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray

from models.encoders import clap_features, openl3_features, vggish_features

FRONT_ENDS = (vggish_features, clap_features, openl3_features)


def noise(samples: int, *, seed: int = 0) -> NDArray[np.float32]:
    """Noise that swells, so that no two windows are alike."""
    swell = np.linspace(0.01, 0.5, samples)
    return (np.random.default_rng(seed).standard_normal(samples) * swell).astype(np.float32)


def tone(samples: int, rate: int, *, hz: float = 440.0) -> NDArray[np.float32]:
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(samples) / rate)).astype(np.float32)


def hann(samples: int) -> NDArray[np.float64]:
    return np.asarray(0.5 * (1 - np.cos(2 * np.pi * np.arange(samples) / samples)))


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_a_track_gives_the_published_number_of_pictures(front_end: ModuleType) -> None:
    ten_seconds = noise(10 * front_end.SAMPLE_RATE)
    pictures = front_end.features([ten_seconds, ten_seconds[: front_end.SAMPLE_RATE]])
    expected = {
        vggish_features: (10 + 1, 96, 64),
        clap_features: (1 + 1, 1001, 64),
        openl3_features: (10 + 1, 256, 199),
    }
    assert pictures.shape == expected[front_end]
    assert pictures.dtype == np.float32
    assert np.isfinite(pictures).all()


@pytest.mark.parametrize("front_end", FRONT_ENDS)
@pytest.mark.parametrize("samples", [1, 7, 400, 5000])
def test_the_shortest_sound_gives_a_picture(front_end: ModuleType, samples: int) -> None:
    pictures = front_end.features([noise(samples)])
    assert len(pictures) == 1
    assert np.isfinite(pictures).all()


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_no_sound_is_an_error_and_silence_is_none(front_end: ModuleType) -> None:
    with pytest.raises(ValueError, match="no excerpt"):
        front_end.features([])
    with pytest.raises(ValueError, match="no excerpt"):
        front_end.features([np.zeros(0, np.float32)])
    silent = front_end.features([np.zeros(front_end.SAMPLE_RATE, np.float32)])
    assert np.ptp(silent) == 0


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_excerpts_do_not_touch_each_other(front_end: ModuleType) -> None:
    one, two = noise(front_end.SAMPLE_RATE), noise(2 * front_end.SAMPLE_RATE, seed=1)
    both = front_end.features([one, two])
    np.testing.assert_array_equal(both, np.concatenate([front_end.features([one]), front_end.features([two])]))


def test_vggish_sees_the_published_log_mel() -> None:
    signal = noise(16_000) + tone(16_000, 16_000)
    ours = vggish_features.features([signal])[0]
    low, high = (1127.0 * np.log(1 + hz / 700.0) for hz in (125.0, 7500.0))
    edges = np.linspace(low, high, 66)
    bins_mel = 1127.0 * np.log(1 + np.arange(257) * 16_000 / 512 / 700.0)
    for frame in range(96):
        magnitude = np.abs(np.fft.rfft(signal[frame * 160 : frame * 160 + 400] * hann(400), 512))
        for band in range(64):
            lower, centre, upper = edges[band : band + 3]
            rise, fall = (bins_mel - lower) / (centre - lower), (upper - bins_mel) / (upper - centre)
            weights = np.maximum(0, np.minimum(rise, fall))
            assert ours[frame, band] == pytest.approx(np.log(weights[1:] @ magnitude[1:] + 0.01), abs=1e-5)


def test_vggish_pictures_follow_each_other() -> None:
    signal = noise(2 * 15_360 + 240)
    both = vggish_features.features([signal])
    assert len(both) == 2
    np.testing.assert_allclose(both[1], vggish_features.features([signal[15_360:]])[0], atol=1e-6)


@pytest.mark.parametrize("seconds", [10.0, 9.9, 4.0, 0.31, 0.01])
@pytest.mark.parametrize("kind", ["noise", "tone"])
def test_clap_sees_what_transformers_extracts(seconds: float, kind: str) -> None:
    samples = round(seconds * 48_000)
    signal = noise(samples) if kind == "noise" else tone(samples, 48_000)
    ours = clap_features.features([signal])
    np.testing.assert_allclose(ours, transformers_features(signal), atol=1e-4)


def test_clap_hears_all_of_a_long_sound_and_always_the_same() -> None:
    signal = noise(26 * 48_000)
    ours = clap_features.features([signal])
    pieces = [signal[start : start + 480_000] for start in (0, 480_000, 960_000)]
    np.testing.assert_allclose(ours, np.concatenate([transformers_features(piece) for piece in pieces]), atol=1e-4)
    np.testing.assert_array_equal(ours, clap_features.features([signal]))


def transformers_features(signal: NDArray[np.float32]) -> NDArray[np.float32]:
    from models.encoders.torchvision_operators import declare_torchvision_operators

    declare_torchvision_operators()
    from transformers import ClapFeatureExtractor

    extractor = ClapFeatureExtractor(frequency_min=50, frequency_max=14_000, truncation="rand_trunc")
    return np.asarray(extractor(signal, sampling_rate=48_000, return_tensors="np")["input_features"][0], np.float32)


@pytest.mark.parametrize("samples", [48_000, 30_000])
def test_openl3_sees_the_log_mel_of_its_training(samples: int) -> None:
    import librosa

    signal = noise(samples) + tone(samples, 48_000)
    ours = openl3_features.features([signal])[0]
    filters = librosa.filters.mel(sr=48_000, n_fft=2048, n_mels=256, fmin=0, fmax=24_000, htk=True, norm="slaney")
    padded = np.zeros(48_000 + 1964)
    padded[982 : 982 + samples] = signal
    amplitude = np.zeros((256, 199))
    for frame in range(199):
        spectrum = np.fft.rfft(padded[frame * 242 : frame * 242 + 2048] * hann(2048))
        amplitude[:, frame] = np.sqrt(filters.astype(np.float64) @ np.abs(spectrum) ** 2)
    decibels = 10 * np.log10(np.maximum(amplitude, 1e-10))
    np.testing.assert_allclose(ours, np.maximum(decibels - decibels.max(), -80), atol=1e-3)
    assert ours.max() == 0


def test_openl3_does_not_hear_the_volume() -> None:
    signal = noise(48_000)
    np.testing.assert_allclose(openl3_features.features([signal]), openl3_features.features([signal * 0.1]), atol=1e-3)


def test_workers_import_no_torch() -> None:
    program = (
        "import sys\nfrom models.encoders import clap_features, openl3_features, vggish_features\n"
        "print(sorted({'torch', 'transformers', 'librosa'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
