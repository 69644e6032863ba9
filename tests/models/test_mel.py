import numpy as np
import pytest

from models.encoders.mel import Scale, cut, filters_in_hz, filters_in_mel, heard, hz_to_mel, mel_to_hz, power_frames


@pytest.mark.parametrize("scale", ["htk", "slaney"])
@pytest.mark.parametrize(
    ("bands", "low_hz", "high_hz", "sample_rate", "fft_samples"),
    [(64, 50.0, 14_000.0, 48_000, 1024), (256, 0.0, 24_000.0, 48_000, 2048), (7, 300.0, 3000.0, 8000, 256)],
)
def test_filters_straight_in_hz_are_librosas(
    scale: Scale, bands: int, low_hz: float, high_hz: float, sample_rate: int, fft_samples: int
) -> None:
    import librosa

    ours = filters_in_hz(
        bands=bands, low_hz=low_hz, high_hz=high_hz, sample_rate=sample_rate, fft_samples=fft_samples, scale=scale
    )
    theirs = librosa.filters.mel(
        sr=sample_rate, n_fft=fft_samples, n_mels=bands, fmin=low_hz, fmax=high_hz, htk=scale == "htk"
    )
    np.testing.assert_allclose(ours, theirs, atol=1e-7)


def test_filters_straight_in_mel_are_those_of_a_loop() -> None:
    bands, rate, size = 64, 16_000, 512
    ours = filters_in_mel(bands=bands, low_hz=125.0, high_hz=7500.0, sample_rate=rate, fft_samples=size, scale="htk")

    def mel(hz: float) -> float:
        return 1127.0 * float(np.log(1 + hz / 700.0))

    step = (mel(7500.0) - mel(125.0)) / (bands + 1)
    for band in range(bands):
        centre = mel(125.0) + (band + 1) * step
        for k in range(size // 2 + 1):
            height = max(0.0, 1 - abs(mel(k * rate / size) - centre) / step) if k else 0.0
            assert ours[band, k] == pytest.approx(height, abs=1e-9)


@pytest.mark.parametrize("scale", ["htk", "slaney"])
def test_scales_are_turned_back(scale: Scale) -> None:
    hz = np.array([0.0, 1.0, 500.0, 999.0, 1000.0, 1001.0, 24_000.0])
    np.testing.assert_allclose(mel_to_hz(hz_to_mel(hz, scale), scale), hz, atol=1e-8)
    assert np.all(np.diff(hz_to_mel(hz, scale)) > 0)


def test_power_is_that_of_a_naive_transform() -> None:
    signal = np.random.default_rng(0).standard_normal(50).astype(np.float32)
    power = power_frames(signal, window_samples=16, hop_samples=10, fft_samples=32)
    assert power.shape == (4, 17)
    for frame in range(4):
        for k in range(17):
            total = 0j
            for n in range(16):
                window = 0.5 - 0.5 * np.cos(2 * np.pi * n / 16)
                total += float(signal[frame * 10 + n]) * window * np.exp(-2j * np.pi * k * n / 32)
            assert power[frame, k] == pytest.approx(abs(total) ** 2, rel=1e-9, abs=1e-12)


def test_a_signal_shorter_than_a_window_gives_no_frame() -> None:
    assert power_frames(np.zeros(15), window_samples=16, hop_samples=4, fft_samples=16).shape == (0, 9)
    assert power_frames(np.zeros(16), window_samples=16, hop_samples=4, fft_samples=16).shape == (1, 9)


def test_a_rest_is_kept_from_half_a_piece_on_or_where_it_is_all() -> None:
    signal = np.arange(25, dtype=np.float32)
    assert [piece.size for piece in cut(signal[:24], 10)] == [10, 10]
    assert [piece.size for piece in cut(signal, 10)] == [10, 10, 5]
    assert [piece.size for piece in cut(signal[:1], 10)] == [1]
    np.testing.assert_array_equal(np.concatenate(cut(signal, 10)), signal)


def test_empty_excerpts_are_left_out() -> None:
    assert len(heard([np.zeros(0, np.float32), np.ones(3, np.float32)])) == 1
    with pytest.raises(ValueError, match="no excerpt"):
        heard([np.zeros(0, np.float32)])
