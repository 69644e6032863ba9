import numpy as np
import pytest

from models.encoders.attribute_text import clock
from models.encoders.highlight import highlight
from models.encoders.spectrogram import SAMPLE_RATE, Array, spectrogram

BEAT_SECONDS = 0.5


def bars(chords: tuple[int, ...], *, level: float, drums: bool, seed: int) -> Array:
    """A bar of four plucked chords each, 120 BPM; tonics as MIDI numbers."""
    rng = np.random.default_rng(seed)
    time = np.arange(int(BEAT_SECONDS * SAMPLE_RATE)) / SAMPLE_RATE
    beats = []
    for tonic in chords:
        notes = [440 * 2 ** ((tonic + step - 69) / 12) for step in (0, 4, 7)]
        pluck = sum(np.sin(2 * np.pi * hz * n * time) / n for hz in notes for n in (1, 2, 3)) * np.exp(-3 * time)
        for _ in range(4):
            hit = rng.standard_normal(time.size) * np.exp(-time / 0.03) if drums else 0
            beats.append(level * (0.1 * pluck + 0.3 * hit))
    return np.concatenate(beats).astype(np.float32)


def song(*, seed: int = 0) -> tuple[Array, tuple[float, float]]:
    """Intro 8 s, chorus 16 s, bridge 8 s; where the chorus lies."""
    verse = bars((50, 57, 52, 55), level=0.15, drums=False, seed=seed)
    chorus = bars((48, 55, 57, 53, 48, 55, 57, 53), level=1.0, drums=True, seed=seed)
    bridge = bars((46, 51, 56, 49), level=0.2, drums=False, seed=seed)
    whole = np.concatenate([verse, chorus, bridge])
    return whole, (8.0, 24.0)


def test_the_preview_lies_in_the_loud_chorus_and_starts_on_a_beat() -> None:
    whole, (begins, ends) = song()
    found = highlight(spectrogram([whole]), [0.0])
    assert found is not None
    assert begins - 1 <= found.value <= ends - 11
    off = found.value % BEAT_SECONDS
    assert min(off, BEAT_SECONDS - off) < 0.1
    assert found.confidence > 0.5
    assert (found.name, found.text) == ("highlight_seconds", clock(found.value))


@pytest.mark.parametrize("loud", range(3))
def test_the_excerpt_with_the_chorus_is_chosen_and_told_in_seconds_of_the_file(loud: int) -> None:
    quiet = bars((50, 57, 52, 55), level=0.1, drums=False, seed=1)
    chorus = bars((48, 55, 57, 53), level=1.0, drums=True, seed=1)
    excerpts = [chorus if i == loud else quiet for i in range(3)]
    starts = (31.0, 95.5, 160.0)
    found = highlight(spectrogram(excerpts), starts)
    assert found is not None
    assert starts[loud] <= found.value <= starts[loud] + 5


def test_noise_once_is_less_typical_than_what_repeats() -> None:
    usual = bars((48, 55, 57, 53), level=0.6, drums=True, seed=2)
    noise = (0.5 * usual.std() * np.random.default_rng(4).standard_normal(usual.size)).astype(np.float32)
    found = highlight(spectrogram([usual, noise, usual, usual]), (10.0, 40.0, 70.0, 100.0))
    assert found is not None
    assert not 40 <= found.value < 48


def test_what_is_the_same_throughout_has_little_confidence() -> None:
    even = bars((48,) * 16, level=0.5, drums=False, seed=3)
    found = highlight(spectrogram([even]), [0.0])
    assert found is not None
    assert found.confidence < 0.3


def test_silence_and_short_sounds_have_no_highlight() -> None:
    whole, _ = song()
    assert highlight(spectrogram([np.zeros(20 * SAMPLE_RATE, dtype=np.float32)]), [0.0]) is None
    assert highlight(spectrogram([whole[: 12 * SAMPLE_RATE]]), [0.0]) is None
    assert highlight(spectrogram([whole[:SAMPLE_RATE], whole[:SAMPLE_RATE]]), [10.0, 20.0]) is None


def test_every_excerpt_needs_a_start() -> None:
    whole, _ = song()
    with pytest.raises(ValueError, match="start of every excerpt"):
        highlight(spectrogram([whole]), [0.0, 1.0])


def test_clock() -> None:
    assert [clock(seconds) for seconds in (0.0, 59.9, 72.4, 3600.0)] == ["0:00", "0:59", "1:12", "60:00"]
