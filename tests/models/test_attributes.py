import numpy as np
import pytest

from models.encoders.attribute_text import key_name
from models.encoders.attributes import attack_share, describe_attributes, flatness, onset_rate
from models.encoders.estimate import Estimate
from models.encoders.key import key
from models.encoders.sound_words import SYNONYMS, VOCABULARY, Range, words_of
from models.encoders.spectrogram import SAMPLE_RATE, Array, spectrogram
from models.encoders.tempo import pulse, pulse_clarity, tempo


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


def tempo_of(*excerpts: Array) -> Estimate | None:
    return tempo(pulse(spectrogram(excerpts).onset_bands))


def sine(decibels: float, *, seconds: float = 5.0) -> Array:
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return np.asarray(10 ** (decibels / 20) * np.sin(2 * np.pi * 997 * time), dtype=np.float32)


@pytest.mark.parametrize("bpm", range(70, 171, 10))
def test_tempo_of_clicks(bpm: int) -> None:
    found = tempo_of(clicks(bpm))
    assert found is not None
    assert found.value == pytest.approx(bpm, rel=0.02)
    assert found.text == f"{found.value:.0f} BPM"


def test_tempo_holds_over_excerpts() -> None:
    whole = clicks(96, 30)
    found = tempo_of(whole[:220500], whole[230000:450500])
    assert found is not None
    assert found.value == pytest.approx(96, rel=0.02)


def test_tempo_abstains_without_a_beat() -> None:
    noise = np.random.default_rng(3).standard_normal(15 * SAMPLE_RATE).astype(np.float32)
    assert tempo_of(noise) is None
    assert tempo_of(clicks(120, 3)) is None
    assert tempo_of(np.zeros(15 * SAMPLE_RATE, dtype=np.float32)) is None


@pytest.mark.parametrize("number", range(24))
def test_key_of_cadences(number: int) -> None:
    found = key(spectrogram([cadence(number)]))
    assert found is not None
    assert (found.value, found.text) == (number, key_name(number))


def test_key_survives_detuning() -> None:
    sharp = cadence(21)
    stretched = np.interp(np.arange(0, sharp.size, 2 ** (0.4 / 12)), np.arange(sharp.size), sharp).astype(np.float32)
    found = key(spectrogram([stretched]))
    assert found is not None
    assert found.text == "A minor"


def test_key_abstains_on_all_notes_and_silence() -> None:
    cluster = np.concatenate([chord(57, tuple(range(12))) for _ in range(8)])
    assert key(spectrogram([cluster])) is None
    assert key(spectrogram([np.zeros(5 * SAMPLE_RATE, dtype=np.float32)])) is None


def test_onset_rate_counts_clicks() -> None:
    found = onset_rate(spectrogram([clicks(150)]).onsets)
    assert found is not None
    assert found.value == pytest.approx(2.5, rel=0.1)


def test_brightness_of_a_tone_is_its_frequency() -> None:
    found = {e.name: e for e in describe_attributes(spectrogram([sine(-10)]), channels=[sine(-10)[None, :]])}
    assert found["brightness_hz"].value == pytest.approx(997, rel=0.01)
    assert "tempo_bpm" not in found


def test_silence_has_no_attributes() -> None:
    silence = np.zeros(5 * SAMPLE_RATE, dtype=np.float32)
    assert describe_attributes(spectrogram([silence]), channels=[silence[None, :]]) == ()


def test_pulse_clarity_falls_from_a_machine_to_no_order() -> None:
    rng = np.random.default_rng(1)
    times = (60 / 100 * np.arange(25), 60 / 100 * np.arange(25) + rng.normal(0, 0.06, 25), rng.uniform(0, 14.5, 25))
    found = [pulse_clarity(pulse(spectrogram([struck(np.abs(when))]).onset_bands)) for when in times]
    steady, loose, free = (estimate.value for estimate in found if estimate is not None)
    assert steady > 0.8 > loose > free
    assert free < 0.3


def struck(times: Array) -> Array:
    burst = np.random.default_rng(7).standard_normal(600) * np.exp(-np.arange(600) / 200)
    signal = np.zeros(16 * SAMPLE_RATE)
    for start in (times * SAMPLE_RATE).astype(int):
        signal[start : start + burst.size] += burst
    return signal.astype(np.float32)


def test_attack_share_tells_struck_from_held() -> None:
    held, plucked = attack_share(spectrogram([sine(-10)])), attack_share(spectrogram([clicks(150)]))
    assert held is not None
    assert plucked is not None
    assert held.value < 0.02
    assert plucked.value > 0.15
    assert attack_share(spectrogram([np.zeros(SAMPLE_RATE, dtype=np.float32)])) is None


def test_flatness_is_that_of_a_naive_loop() -> None:
    noise = 0.1 * np.random.default_rng(5).standard_normal(3 * SAMPLE_RATE).astype(np.float32)
    spectrum = spectrogram([noise])
    expected = []
    for frame in spectrum.magnitude[::8]:
        power = [float(value) ** 2 for value in frame[9:743]]
        expected.append(10 * np.log10(np.exp(np.mean(np.log(power))) / np.mean(power)))
    found = flatness(spectrum)
    assert found is not None
    assert found.value == pytest.approx(np.mean(expected), abs=0.01)
    tone = flatness(spectrogram([sine(-10)]))
    assert tone is not None
    assert tone.value < -50
    assert flatness(spectrogram([np.zeros(SAMPLE_RATE, dtype=np.float32)])) is None


def test_attributes_are_at_most_twelve_and_of_full_confidence_where_measured() -> None:
    piece = np.concatenate([cadence(21), cadence(21)]) + clicks(120, 12.0)[: 2 * cadence(21).size]
    found = describe_attributes(spectrogram([piece]), channels=[np.stack([piece, piece])])
    names = [estimate.name for estimate in found]
    assert len(names) == len(set(names)) <= 12
    assert {"tempo_bpm", "key"} <= set(names)
    assert all(0 < estimate.confidence <= 1 and np.isfinite(estimate.value) for estimate in found)
    assert all(e.confidence == 1 for e in found if e.name not in ("tempo_bpm", "key"))


@pytest.mark.parametrize(("word", "range_"), [item for item in VOCABULARY.items() if item[1].attribute != "key"])
def test_every_word_is_said_of_its_values_and_no_others(word: str, range_: Range) -> None:
    low = range_.high - 1 if range_.low is None and range_.high is not None else range_.low
    assert low is not None
    inside = low + 0.001 if range_.low is not None else low
    assert words_of([Estimate(range_.attribute, inside, 1.0)]) == (word,)
    for edge in (range_.low, range_.high):
        if edge is not None:
            assert word not in words_of([Estimate(range_.attribute, edge, 1.0)])


def test_synonyms_mean_words_of_the_vocabulary_and_are_none() -> None:
    assert set(SYNONYMS.values()) <= set(VOCABULARY)
    assert not set(SYNONYMS) & set(VOCABULARY)


def test_the_middle_of_a_library_has_no_word() -> None:
    assert words_of([Estimate("loudness_lufs", -15.0, 1.0)]) == ()
    assert words_of([Estimate("unheard_of", 1.0, 1.0)]) == ()


def test_words_name_the_key() -> None:
    assert words_of([Estimate("key", 21.0, 0.9)]) == ("A minor",)
    assert not VOCABULARY["major"].holds(12)
    assert VOCABULARY["minor"].holds(12)
    assert VOCABULARY["major"].holds(11)
