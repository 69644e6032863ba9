"""The picture of a sound: what is loud and high stands where it sounds."""

import wave
from pathlib import Path

import numpy as np
import pytest

from indexer.errors import ReadError
from indexer.exploring.mel import PICTURED_SECONDS, mel_of

RATE = 22050


def write(path: Path, signal: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> str:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((signal * 32000).astype("<i2").tobytes())
    return str(path)


def loudest_band(bands: tuple[bytes, ...], frame: int) -> int:
    return int(np.argmax([band[frame] for band in bands]))


def test_a_low_tone_then_a_high_one(tmp_path: Path) -> None:
    time = np.arange(4 * RATE) / RATE
    low, high = np.sin(2 * np.pi * 220 * time), np.sin(2 * np.pi * 6000 * time)
    mel = mel_of(write(tmp_path / "a.wav", np.concatenate([low, high])))
    assert mel.seconds == pytest.approx(8.0, abs=0.2)
    assert len(mel.bands) == 40
    assert loudest_band(mel.bands, mel.frames // 4) < 5
    assert loudest_band(mel.bands, 3 * mel.frames // 4) > 25
    assert max(max(band) for band in mel.bands) == 255
    assert mel.bands[39][mel.frames // 4] == 0


def test_it_is_pictured_from_the_highlight_on(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).normal(size=120 * RATE) * 0.1
    path = write(tmp_path / "a.wav", noise)
    mel = mel_of(path, highlight_seconds=61.0)
    assert 50 <= mel.start_seconds <= 61.0
    assert mel.seconds <= PICTURED_SECONDS + 0.1
    assert mel_of(path, highlight_seconds=None).start_seconds < 30


def test_a_file_that_is_gone_or_no_sound_says_so(tmp_path: Path) -> None:
    with pytest.raises(ReadError):
        mel_of(str(tmp_path / "gone.mp3"))
    (tmp_path / "text.mp3").write_text("no sound")
    with pytest.raises(ReadError):
        mel_of(str(tmp_path / "text.mp3"))
