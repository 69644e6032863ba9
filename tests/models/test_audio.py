from pathlib import Path

import librosa
import numpy as np
import pytest

from models.encoders import sound_blocks
from models.encoders.audio import (
    BLOCKS,
    DIMENSIONS,
    describe_audio,
    encode_audio,
    fit_standardisation,
    load_standardisation,
    save_standardisation,
    standardise,
)
from models.encoders.sound_blocks import colours, mel_cepstra, onset_autocorrelation
from models.encoders.spectrogram import (
    SAMPLE_RATE,
    Array,
    Spectrogram,
    chroma_filters,
    mel_filters,
    peaks,
    spectrogram,
    tuning_semitones,
)
from models.errors import ModelError

Melody = tuple[int, ...]
RISING: Melody = (60, 62, 64, 65, 67, 69, 71, 72)
JUMPING: Melody = (66, 54, 61, 54, 70, 54, 61, 66)


def play(melody: Melody, *, overtones: int, note_seconds: float, noise: float) -> Array:
    """A melody of plucked notes, eight seconds long, in a timbre of its own."""
    rng = np.random.default_rng(len(melody) + overtones)
    time = np.arange(int(note_seconds * SAMPLE_RATE)) / SAMPLE_RATE
    notes = []
    for midi in melody:
        hz = 440 * 2 ** ((midi - 69) / 12)
        tone = np.sum([np.sin(2 * np.pi * hz * n * time) / n for n in range(1, overtones + 1)], axis=0)
        notes.append((0.2 * tone + noise * rng.standard_normal(time.size)) * np.exp(-3 * time / note_seconds))
    once = np.concatenate(notes)
    return np.asarray(np.tile(once, 10)[: 8 * SAMPLE_RATE], dtype=np.float32)


def cosine(one: Array, other: Array) -> float:
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


def test_mel_filters_are_those_of_librosa() -> None:
    np.testing.assert_allclose(mel_filters(), librosa.filters.mel(sr=SAMPLE_RATE, n_fft=2048, n_mels=40), atol=1e-6)


@pytest.mark.parametrize("tuning", [0.0, 0.17, -0.5])
def test_chroma_filters_are_those_of_librosa(tuning: float) -> None:
    expected = librosa.filters.chroma(sr=SAMPLE_RATE, n_fft=2048, tuning=tuning)
    np.testing.assert_allclose(chroma_filters(tuning), expected, atol=1e-6)


def test_flatness_by_octave_is_that_of_librosa() -> None:
    spectrum = spectrogram([play(RISING, overtones=6, note_seconds=0.25, noise=0.01)])
    found = colours(spectrum)
    magnitude = spectrum.magnitude[::2]
    hz = librosa.fft_frequencies(sr=SAMPLE_RATE, n_fft=2048)
    edges = [0, 100, 200, 400, 800, 1600, 3200, 6400, 12000]
    for octave in range(8):
        band = magnitude[:, (hz >= edges[octave]) & (hz < edges[octave + 1])]
        expected = np.log(librosa.feature.spectral_flatness(S=band.T, power=1.0, amin=1e-7))[0]
        np.testing.assert_allclose(found[:, octave], expected, atol=1e-3)
    whole = librosa.feature.spectral_flatness(S=magnitude.T, power=1.0, amin=1e-7)[0]
    np.testing.assert_allclose(found[:, 9], np.log(whole + 1e-4), atol=1e-3)


def test_rolloffs_and_centroid_are_those_of_librosa_on_power() -> None:
    spectrum = spectrogram([play(JUMPING, overtones=8, note_seconds=0.25, noise=0.02)])
    found, power = colours(spectrum), spectrum.power[::2].T
    centroid = librosa.feature.spectral_centroid(S=power, sr=SAMPLE_RATE)[0]
    np.testing.assert_allclose(found[:, 8], np.log(centroid + 50), atol=1e-3)
    for column, part in ((10, 0.85), (11, 0.5)):
        rolloff = librosa.feature.spectral_rolloff(S=power, sr=SAMPLE_RATE, roll_percent=part)[0]
        np.testing.assert_allclose(np.exp(found[:, column]) - 50, rolloff, atol=11)  # a bin


def test_cepstra_and_slopes_are_those_of_librosa() -> None:
    spectrum = spectrogram([play(RISING, overtones=6, note_seconds=0.25, noise=0.01)])
    cepstra = mel_cepstra(spectrum)
    expected = librosa.feature.mfcc(S=spectrum.log_mel.T, n_mfcc=20)
    np.testing.assert_allclose(cepstra.T, expected, atol=2e-3)
    np.testing.assert_allclose(
        sound_blocks._slope(cepstra)[4:-4].T, librosa.feature.delta(expected)[:, 4:-4], atol=2e-3
    )


def test_spectrogram_of_a_full_scale_sine_has_magnitude_one() -> None:
    bin_ = 100
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    tone = np.sin(2 * np.pi * bin_ * SAMPLE_RATE / 2048 * time).astype(np.float32)
    magnitude = spectrogram([tone]).magnitude
    assert magnitude.dtype == np.float32
    np.testing.assert_allclose(magnitude[:, bin_], 1.0, atol=1e-3)


@pytest.mark.parametrize("midi", range(48, 84, 5))
def test_chroma_names_the_note(midi: int) -> None:
    spectrum = spectrogram([play((midi,), overtones=1, note_seconds=1.0, noise=0.0)])
    assert int(spectrum.chroma.mean(axis=0).argmax()) == midi % 12


@pytest.mark.parametrize("cents", [-40, -20, 0, 30])
def test_tuning(cents: int) -> None:
    time = np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE
    tones = [np.sin(2 * np.pi * 440 * 2 ** ((step + cents / 100) / 12) * time) for step in (0, 4, 7)]
    assert tuning_semitones(spectrogram([np.sum(tones, axis=0)])) == pytest.approx(cents / 100, abs=0.05)


def test_peaks_are_those_of_a_loop() -> None:
    magnitude = np.random.default_rng(4).random((20, 60)).astype(np.float32) ** 3
    expected = []
    for frame, row in enumerate(magnitude):
        for k in range(7, 50):
            if row[k - 1] < row[k] >= row[k + 1] and row[k] > 0.1 * row[7:50].max():
                left, top, right = np.log(row[k - 1 : k + 2].astype(float) + 1e-9)
                expected.append((frame, k + 0.5 * (left - right) / min(left - 2 * top + right, -1e-6), row[k]))
    found = peaks(magnitude, bins=(7, 50), least=0.1)
    np.testing.assert_allclose(np.column_stack(found), expected, rtol=1e-4)
    assert all(part.size == 0 for part in peaks(np.zeros((3, 60), np.float32), bins=(7, 50), least=0.1))


def test_rolloffs_are_those_of_a_running_sum() -> None:
    """Also in silence, and where nearly all lies in the last bin."""
    magnitude = np.random.default_rng(6).random((8, 1025)).astype(np.float32)
    magnitude[2], magnitude[4, :-1] = 0, 1e-4
    running = np.cumsum(np.square(magnitude[::2].astype(float)), axis=1)
    found = colours(Spectrogram(magnitude, (len(magnitude),)))
    for column, part in ((10, 0.85), (11, 0.5)):
        bins = (np.exp(found[:, column]) - 50) / (SAMPLE_RATE / 2048)
        np.testing.assert_allclose(bins, (running < part * running[:, -1:]).sum(axis=1), atol=0.01)


def test_onset_autocorrelation_equals_a_loop() -> None:
    rng = np.random.default_rng(5)
    onset = rng.random(300).astype(np.float32)
    centred = onset - onset.mean()
    lags = np.array([1, 7, 20, 60])
    naive = [np.sum(centred[: 300 - k] * centred[k:]) / max(300 - k, 75) * 300 for k in lags]
    found = onset_autocorrelation([onset], lags * 1024 / SAMPLE_RATE)
    np.testing.assert_allclose(found, np.array(naive) / np.sum(centred**2), atol=1e-4)


def test_blocks_cover_the_vector() -> None:
    covered = np.concatenate([np.arange(DIMENSIONS)[block] for block in BLOCKS.values()])
    np.testing.assert_array_equal(covered, np.arange(DIMENSIONS))


@pytest.mark.parametrize("samples", [1, 100, 2048, 5000, 40000])
@pytest.mark.parametrize("kind", ["silence", "click", "noise", "full scale"])
def test_any_sound_has_a_finite_vector(samples: int, kind: str) -> None:
    signal = np.zeros(samples, dtype=np.float32)
    if kind == "click":
        signal[samples // 2] = 1.0
    elif kind == "noise":
        signal = np.random.default_rng(1).standard_normal(samples).astype(np.float32)
    elif kind == "full scale":
        signal[:] = np.sign(np.sin(np.arange(samples)))
    vector = encode_audio([signal])
    assert vector.shape == (DIMENSIONS,)
    assert vector.dtype == np.float32
    assert np.isfinite(vector).all()
    assert np.linalg.norm(vector) > 0


def test_no_excerpt_is_refused() -> None:
    with pytest.raises(ValueError, match="no excerpt"):
        encode_audio([])


def test_gain_leaves_rhythm_and_harmony() -> None:
    signal = play(RISING, overtones=6, note_seconds=0.25, noise=0.01)
    loud, quiet = describe_audio([signal]), describe_audio([0.25 * signal])
    for name in ("rhythm", "harmony", "texture"):
        np.testing.assert_allclose(loud[BLOCKS[name]], quiet[BLOCKS[name]], atol=0.02)


def test_transposing_moves_pitch_classes_and_leaves_intervals() -> None:
    low = describe_audio([play(RISING, overtones=4, note_seconds=0.25, noise=0.0)])[BLOCKS["harmony"]]
    high = describe_audio([play(tuple(m + 3 for m in RISING), overtones=4, note_seconds=0.25, noise=0.0)])
    harmony = high[BLOCKS["harmony"]]
    np.testing.assert_allclose(harmony[:12], np.roll(low[:12], 3), atol=0.05)
    np.testing.assert_allclose(harmony[24:], low[24:], atol=0.02)


def test_blocks_know_what_they_are_named_for() -> None:
    def encode(melody: Melody, overtones: int, seconds: float, noise: float) -> Array:
        return encode_audio([play(melody, overtones=overtones, note_seconds=seconds, noise=noise)])

    track = encode(RISING, 8, 0.25, 0.02)
    other_instrument = encode(RISING, 2, 0.25, 0.0)
    other_melody = encode(JUMPING, 8, 0.25, 0.02)
    other_tempo = encode(RISING, 8, 0.4, 0.02)

    def nearer(name: str, one: Array, other: Array) -> bool:
        block = BLOCKS[name]
        return cosine(track[block], one[block]) > cosine(track[block], other[block])

    assert nearer("rhythm", other_instrument, other_tempo)
    assert nearer("harmony", other_instrument, other_melody)
    assert nearer("timbre", other_melody, other_instrument)


def test_raw_signal_and_spectrogram_agree() -> None:
    signal = play(JUMPING, overtones=3, note_seconds=0.3, noise=0.0)
    np.testing.assert_array_equal(encode_audio([signal]), encode_audio(spectrogram([signal])))


def test_standardise_equals_a_loop_and_balances_blocks() -> None:
    rng = np.random.default_rng(2)
    raw = (rng.standard_normal((200, 7)) * np.arange(1, 8) + 5).astype(np.float32)
    blocks = {"narrow": slice(0, 2), "wide": slice(2, 7)}
    fitted = fit_standardisation(raw)
    balanced = standardise(raw, fitted.mean, fitted.scale, blocks)
    for row in (0, 77):
        for column in range(7):
            width = 2 if column < 2 else 5
            value = np.clip((raw[row, column] - raw[:, column].mean()) / raw[:, column].std(), -4, 4)
            assert balanced[row, column] == pytest.approx(value / np.sqrt(width * 2), abs=1e-3)
    energy = [np.square(balanced[:, block]).sum(axis=1).mean() for block in blocks.values()]
    np.testing.assert_allclose(energy, 0.5, atol=0.01)


def test_a_constant_dimension_stays_finite() -> None:
    raw = np.ones((5, 3), dtype=np.float32)
    fitted = fit_standardisation(raw)
    np.testing.assert_array_equal(standardise(raw, fitted.mean, fitted.scale, {"all": slice(0, 3)}), 0.0)
    with pytest.raises(ValueError, match="two descriptors"):
        fit_standardisation(raw[:1])


def test_standardisation_is_stored_and_checked(tmp_path: Path) -> None:
    path = tmp_path / "audio.safetensors"
    rng = np.random.default_rng(4)
    fitted = fit_standardisation(rng.standard_normal((9, DIMENSIONS)).astype(np.float32))
    save_standardisation(fitted, path=path)
    loaded = load_standardisation(path)
    np.testing.assert_array_equal(loaded.mean, fitted.mean)
    np.testing.assert_array_equal(loaded.scale, fitted.scale)
    save_standardisation(fit_standardisation(rng.standard_normal((9, 3)).astype(np.float32)), path=path)
    with pytest.raises(ModelError, match="fit it again"):
        load_standardisation(path)
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(ModelError, match="cannot be read"):
        load_standardisation(path)
    with pytest.raises(ModelError, match="cannot be read"):
        load_standardisation(tmp_path / "absent.safetensors")
