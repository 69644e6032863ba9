import numpy as np
import pytest

from models.encoders.attributes import Estimate, describe_attributes, key, key_name, onset_rate, tempo, words_of
from models.encoders.loudness import integrated_loudness_lufs, k_weighting
from models.encoders.spectrogram import SAMPLE_RATE, Array, spectrogram


def clicks(bpm: float, seconds: float = 15.0) -> Array:
    """Short bursts of noise on every beat."""
    rng = np.random.default_rng(7)
    burst = rng.standard_normal(600) * np.exp(-np.arange(600) / 200)
    signal = np.zeros(int(seconds * SAMPLE_RATE))
    for start in (np.arange(0, seconds - 0.1, 60 / bpm) * SAMPLE_RATE).astype(int):
        signal[start : start + burst.size] += burst
    return signal.astype(np.float32)


def chord(tonic: int, steps: tuple[int, ...], seconds: float = 0.5) -> Array:
    """Plucked notes with five overtones; `tonic` as a MIDI number."""
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    partials = [
        np.sin(2 * np.pi * 440 * 2 ** ((tonic + step - 69) / 12) * n * time) / n for step in steps for n in range(1, 7)
    ]
    return np.asarray(0.1 * np.sum(partials, axis=0) * np.exp(-2 * time), dtype=np.float32)


def cadence(number: int) -> Array:
    """I-IV-V-I three times in key `number`, harmonic minor from 12 on."""
    third = 3 if number >= 12 else 4
    tonic = 55 + (number + 5) % 12
    chords = ((0, third, 7), (5, 5 + third, 12), (7, 11, 14), (0, third, 7))
    return np.concatenate([chord(tonic, steps) for steps in chords * 3])


def sine(decibels: float, *, sample_rate: int = SAMPLE_RATE, seconds: float = 5.0) -> Array:
    time = np.arange(int(seconds * sample_rate)) / sample_rate
    return np.asarray(10 ** (decibels / 20) * np.sin(2 * np.pi * 997 * time), dtype=np.float32)[None, :]


@pytest.mark.parametrize("bpm", range(70, 171, 10))
def test_tempo_of_clicks(bpm: int) -> None:
    found = tempo(spectrogram([clicks(bpm)]).onsets)
    assert found is not None
    assert found.value == pytest.approx(bpm, rel=0.02)
    assert found.text == f"{found.value:.0f} BPM"


def test_tempo_holds_over_excerpts() -> None:
    whole = clicks(96, 30)
    found = tempo(spectrogram([whole[:220500], whole[230000:450500]]).onsets)
    assert found is not None
    assert found.value == pytest.approx(96, rel=0.02)


def test_tempo_abstains_without_a_beat() -> None:
    noise = np.random.default_rng(3).standard_normal(15 * SAMPLE_RATE).astype(np.float32)
    assert tempo(spectrogram([noise]).onsets) is None
    assert tempo(spectrogram([clicks(120, 3)]).onsets) is None
    assert tempo(spectrogram([np.zeros(15 * SAMPLE_RATE, dtype=np.float32)]).onsets) is None


@pytest.mark.parametrize("number", range(24))
def test_key_of_cadences(number: int) -> None:
    found = key(spectrogram([cadence(number)]).chroma)
    assert found is not None
    assert (found.value, found.text) == (number, key_name(number))


def test_key_survives_detuning() -> None:
    sharp = cadence(21)
    stretched = np.interp(np.arange(0, sharp.size, 2 ** (0.4 / 12)), np.arange(sharp.size), sharp).astype(np.float32)
    found = key(spectrogram([stretched]).chroma)
    assert found is not None
    assert found.text == "A minor"


def test_key_abstains_on_all_notes_and_silence() -> None:
    cluster = np.concatenate([chord(57, tuple(range(12))) for _ in range(8)])
    assert key(spectrogram([cluster]).chroma) is None
    assert key(np.zeros((10, 12), dtype=np.float32)) is None


def test_k_weighting_is_the_table_of_the_standard() -> None:
    table = [
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585],
        [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621],
    ]
    np.testing.assert_allclose(k_weighting(48000), table, atol=1e-6)


@pytest.mark.parametrize("sample_rate", [SAMPLE_RATE, 48000])
@pytest.mark.parametrize("decibels", [0.0, -20.0, -40.0])
def test_loudness_of_a_sine(sample_rate: int, decibels: float) -> None:
    mono = sine(decibels, sample_rate=sample_rate)
    assert integrated_loudness_lufs([mono], sample_rate=sample_rate) == pytest.approx(decibels - 3.01, abs=0.03)
    stereo = np.concatenate([mono, mono])
    assert integrated_loudness_lufs([stereo], sample_rate=sample_rate) == pytest.approx(decibels, abs=0.03)


def test_loudness_gates_pauses_and_abstains_in_silence() -> None:
    loud, silence = sine(-20, seconds=10), np.zeros((1, 10 * SAMPLE_RATE), dtype=np.float32)
    assert integrated_loudness_lufs([loud, silence]) == pytest.approx(-23.0, abs=0.1)
    quiet = sine(-50, seconds=10)
    assert integrated_loudness_lufs([loud, quiet]) == pytest.approx(-23.0, abs=0.1)
    assert integrated_loudness_lufs([silence]) is None
    assert integrated_loudness_lufs([]) is None


def test_loudness_of_less_than_a_block() -> None:
    assert integrated_loudness_lufs([sine(-10, seconds=0.2)]) == pytest.approx(-13.0, abs=0.3)


def test_onset_rate_counts_clicks() -> None:
    found = onset_rate(spectrogram([clicks(150)]).onsets)
    assert found is not None
    assert found.value == pytest.approx(2.5, rel=0.1)


def test_brightness_of_a_tone_is_its_frequency() -> None:
    found = {e.name: e for e in describe_attributes(spectrogram([sine(-10)[0]]), channels=[sine(-10)])}
    assert found["brightness_hz"].value == pytest.approx(997, rel=0.01)
    assert "tempo_bpm" not in found


def test_silence_has_no_attributes() -> None:
    silence = np.zeros(5 * SAMPLE_RATE, dtype=np.float32)
    assert describe_attributes(spectrogram([silence]), channels=[silence[None, :]]) == ()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("tempo_bpm", 60.0, ("slow",)),
        ("tempo_bpm", 110.0, ()),
        ("tempo_bpm", 160.0, ("fast",)),
        ("loudness_lufs", -30.0, ("quiet",)),
        ("loudness_lufs", -8.0, ("loud",)),
        ("brightness_hz", 500.0, ("dark",)),
        ("brightness_hz", 4000.0, ("bright",)),
        ("onset_rate", 0.5, ("sparse",)),
        ("onset_rate", 6.0, ("busy",)),
    ],
)
def test_words(name: str, value: float, words: tuple[str, ...]) -> None:
    assert words_of([Estimate(name, value, "", 1.0)]) == words


def test_words_name_the_key() -> None:
    assert words_of([Estimate("key", 21.0, key_name(21), 0.9)]) == ("A minor",)
