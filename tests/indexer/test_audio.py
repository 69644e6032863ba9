import pickle
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import mutagen.id3
import numpy as np
import pytest

from indexer.errors import ReadError
from indexer.reading.audio import analyse, decode_excerpts, read_excerpts
from indexer.reading.excerpts import places
from indexer.reading.stream import open_sound
from models.encoders.audio import DIMENSIONS
from models.encoders.spectrogram import Array

RATE = 44100
ATTRIBUTES = (
    "tempo_bpm",
    "key",
    "loudness_lufs",
    "loudness_range_lu",
    "brightness_hz",
    "onset_rate",
    "pulse_clarity",
    "attack_share",
    "flatness_db",
    "highlight_seconds",
)
FORMATS = {
    "mp3": ("mp3", "fltp"),
    "flac": ("flac", "s16"),
    "ogg": ("vorbis", "fltp"),
    "opus": ("libopus", "flt"),
    "m4a": ("aac", "fltp"),
    "wav": ("pcm_s16le", "s16"),
    "aiff": ("pcm_s16be", "s16"),
    "wma": ("wmav2", "fltp"),
    "wv": ("wavpack", "s16p"),
}


def write(path: Path, signal: Array, *, rate: int = RATE, layout: str = "stereo") -> Path:
    """Encode a signal [shape=(channels, n)] in the format of the file's suffix."""
    codec, sample_format = FORMATS[path.suffix[1:]]
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=rate)
        stream.layout = layout
        stream.format = sample_format
        stream.bit_rate = 192_000
        stream.options = {"strict": "experimental"}  # ffmpeg's own vorbis encoder
        resampler = av.AudioResampler(format=sample_format, layout=layout, rate=rate, frame_size=1024)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(signal, dtype=np.float32), "fltp", layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        for piece in [*resampler.resample(frame), *resampler.resample(None), None]:
            container.mux(stream.encode(piece))
    return path


def tones(seconds: float, *, rate: int = RATE, channels: int = 2) -> Array:
    """A tone that climbs 1 Hz a tenth of a second from 200 Hz, so that each moment has a pitch of its own."""
    time = np.arange(int(seconds * rate)) / rate
    wave = 0.5 * np.sin(2 * np.pi * (200 * time + 5 * time**2))
    return np.tile(wave.astype(np.float32), (channels, 1))


def pitch_hz(signal: Array, rate: int = 22050) -> float:
    """The strongest frequency in the middle second."""
    middle = signal[signal.size // 2 - rate // 2 :][:rate]
    return float(np.argmax(np.abs(np.fft.rfft(middle))) * rate / middle.size)


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_gives_its_excerpts_and_says_where_they_begin(tmp_path: Path, suffix: str) -> None:
    rate = 48000 if suffix == "opus" else RATE
    path = write(tmp_path / f"a.{suffix}", tones(80, rate=rate), rate=rate)
    excerpts = read_excerpts(str(path))
    length = excerpts.signals[0].shape[1] / 22050
    assert length == pytest.approx(16 / 3, abs=0.05)  # a fifth of the file, in three
    for signal, start, middle in zip(excerpts.signals, excerpts.starts_seconds, (16, 40, 64), strict=True):
        assert signal.dtype == np.float32
        assert signal.shape == (2, pytest.approx(length * 22050, abs=2))
        assert start + length / 2 == pytest.approx(middle, abs=1.2)
        assert pitch_hz(signal[0]) == pytest.approx(200 + 10 * (start + length / 2), abs=5.5)
        assert np.abs(signal).max() == pytest.approx(0.5, abs=0.1)
    for mono, signal in zip(decode_excerpts(str(path)), excerpts.signals, strict=True):
        np.testing.assert_allclose(mono, signal.mean(axis=0), atol=1e-6)


@pytest.mark.parametrize("seconds", [13.0, 49.0, 60.0, 75.0, 149.0, 150.0, 3600.0])
def test_excerpts_are_planned_inside_the_file_and_do_not_touch(seconds: float) -> None:
    planned = places(seconds)
    assert len(planned) == (2 if seconds < 75 else 3)
    assert sum(place.seconds for place in planned) == pytest.approx(np.clip(seconds / 5, 10, 30))
    ends = [0.0, *(place.start_seconds + place.seconds for place in planned)]
    starts = [*(place.start_seconds for place in planned), seconds]
    assert all(start > end for start, end in zip(starts, ends, strict=True))
    assert all(5 <= place.seconds <= 10 for place in planned)


def test_a_short_file_is_planned_whole() -> None:
    assert places(12.0) == places(0.0) == ()


def test_a_cover_in_the_tag_is_stepped_over(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp3", tones(30))
    bare = read_excerpts(str(path))
    tag = mutagen.id3.ID3()
    tag.add(mutagen.id3.APIC(mime="image/jpeg", type=3, data=np.random.default_rng(1).bytes(300_000)))
    tag.save(path)
    covered = read_excerpts(str(path))
    assert covered.starts_seconds == pytest.approx(bare.starts_seconds, abs=0.1)
    for one, other in zip(bare.signals, covered.signals, strict=True):
        assert pitch_hz(one[0]) == pytest.approx(pitch_hz(other[0]), abs=2)
    with open_sound(str(path)) as container:
        assert [stream.type for stream in container.streams] == ["audio"]


@pytest.mark.parametrize("seconds", [0.05, 1.0, 12.0])
def test_a_short_file_is_read_whole(tmp_path: Path, seconds: float) -> None:
    excerpts = read_excerpts(str(write(tmp_path / "a.flac", tones(seconds))))
    (excerpt,) = excerpts.signals
    assert excerpt.shape[1] == pytest.approx(seconds * 22050, abs=50)
    assert excerpts.starts_seconds == (0.0,)


@pytest.mark.parametrize(("layout", "channels", "kept"), [("mono", 1, 1), ("stereo", 2, 2), ("5.1", 6, 2)])
@pytest.mark.parametrize("rate", [8000, 44100, 96000])
def test_channels_and_rates(tmp_path: Path, layout: str, channels: int, kept: int, rate: int) -> None:
    signal = tones(5, rate=rate, channels=channels)
    path = write(tmp_path / "a.wav", signal, rate=rate, layout=layout)
    (excerpt,) = read_excerpts(str(path)).signals
    assert excerpt.shape == (kept, pytest.approx(5 * 22050, abs=50))
    assert pitch_hz(excerpt[0]) == pytest.approx(225, abs=4)


def test_damaged_packets_are_skipped_and_counted(tmp_path: Path) -> None:
    path = write(tmp_path / "a.flac", tones(20))
    data = bytearray(path.read_bytes())
    rng = np.random.default_rng(1)
    for start in rng.integers(len(data) // 5, len(data) * 4 // 5, 12):
        data[start : start + 3000] = rng.bytes(3000)
    path.write_bytes(data)
    excerpts = read_excerpts(str(path))
    assert excerpts.damaged_packets > 0
    assert sum(signal.shape[1] for signal in excerpts.signals) > 9 * 22050
    assert f"{excerpts.damaged_packets} damaged audio packets skipped" in analyse(str(path)).problems


@pytest.mark.parametrize("suffix", ["mp3", "ogg", "wav", "flac"])
def test_a_truncated_file_gives_what_is_there(tmp_path: Path, suffix: str) -> None:
    path = write(tmp_path / f"a.{suffix}", tones(60))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 10])
    excerpts = decode_excerpts(str(path))
    assert sum(piece.size for piece in excerpts) > 22050
    assert all(np.isfinite(piece).all() for piece in excerpts)


def test_a_stream_without_duration_is_read(tmp_path: Path) -> None:
    path = tmp_path / "live.wav"
    write(path, tones(50))
    data = bytearray(path.read_bytes())
    at = data.index(b"data") + 4
    data[4:8] = data[at : at + 4] = b"\xff\xff\xff\xff"  # what a recorder that never came back leaves
    path.write_bytes(data)
    assert [piece.size for piece in decode_excerpts(str(path))] == [pytest.approx(110250, abs=10)] * 2


def test_not_a_number_in_the_file_does_not_spread(tmp_path: Path) -> None:
    path = tmp_path / "nan.wav"
    signal = tones(3)[0]
    signal[1000:1010] = np.nan
    body = signal.astype("<f4").tobytes()
    head = b"RIFF" + (36 + len(body)).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    shape = (3).to_bytes(2, "little") + (1).to_bytes(2, "little") + RATE.to_bytes(4, "little")
    shape += (RATE * 4).to_bytes(4, "little") + (4).to_bytes(2, "little") + (32).to_bytes(2, "little")
    path.write_bytes(head + shape + b"data" + len(body).to_bytes(4, "little") + body)
    (excerpt,) = decode_excerpts(str(path))
    assert np.isfinite(excerpt).all()
    assert np.isfinite(analyse(str(path)).vector).all()


@pytest.mark.parametrize("content", [b"", b"no sound at all " * 100, b"ID3\x04\x00\x00\x00\x00\x00\x00", b"fLaC"])
def test_what_is_no_sound_is_a_read_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(content)
    with pytest.raises(ReadError) as caught:
        read_excerpts(str(path))
    assert caught.value.path == str(path)
    assert caught.value.reason
    assert "\n" not in caught.value.reason
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_a_sound_of_no_length_and_a_missing_file(tmp_path: Path) -> None:
    empty = write(tmp_path / "a.wav", tones(0.1))
    empty.write_bytes(empty.read_bytes()[:78])
    with pytest.raises(ReadError, match=r"no sound in the file|no sound can be decoded"):
        read_excerpts(str(empty))
    with pytest.raises(ReadError, match="no such file"):
        read_excerpts(str(tmp_path / "absent.mp3"))
    with pytest.raises(ReadError):
        read_excerpts(str(tmp_path))


def test_analysis_of_a_file(tmp_path: Path) -> None:
    sound = analyse(str(write(tmp_path / "a.mp3", tones(40))))
    assert len(sound.vector) == DIMENSIONS
    names = [attribute.name for attribute in sound.attributes]
    assert names == [n for n in ATTRIBUTES if n in names]
    assert {"loudness_lufs", "brightness_hz"} <= set(names)
    assert "dark" in sound.words
    assert sound.problems == ()


def test_loudness_is_measured_on_both_channels(tmp_path: Path) -> None:
    time = np.arange(5 * RATE) / RATE
    wave = np.sin(2 * np.pi * 997 * time) * 0.1
    path = write(tmp_path / "a.wav", np.stack([wave, -wave]))
    found = {a.name: a.value for a in analyse(str(path)).attributes}
    assert found["loudness_lufs"] == pytest.approx(-20.0, abs=0.1)


def test_silence_is_analysed_and_named(tmp_path: Path) -> None:
    sound = analyse(str(write(tmp_path / "a.flac", np.zeros((2, 5 * RATE), dtype=np.float32))))
    assert sound.problems == ("the sound is silence",)
    assert sound.attributes == ()
    assert np.isfinite(sound.vector).all()


def test_an_offset_that_nobody_hears_changes_nothing(tmp_path: Path) -> None:
    plain, shifted = (analyse(str(write(tmp_path / f"{by}.wav", tones(40) + by))) for by in (0.0, 0.2))
    one, other = np.array(plain.vector), np.array(shifted.vector)
    assert one @ other / np.linalg.norm(one) / np.linalg.norm(other) > 0.999
    assert [a.name for a in plain.attributes] == [a.name for a in shifted.attributes]
    assert [a.value for a in plain.attributes] == pytest.approx([a.value for a in shifted.attributes], rel=1e-3)


def test_a_click_is_heard_and_nothing_is_said_of_it(tmp_path: Path) -> None:
    sound = analyse(str(write(tmp_path / "a.wav", tones(0.3))))
    assert len(sound.vector) == DIMENSIONS
    assert (sound.attributes, sound.words, sound.problems) == ((), (), ())
    with pytest.raises(ReadError, match="the sound is too short to describe"):
        analyse(str(write(tmp_path / "b.wav", tones(20 / RATE))))


def test_the_same_sound_in_two_formats_is_close(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    beat = np.repeat(rng.standard_normal(320), RATE // 8) * np.tile(np.linspace(1, 0, RATE // 8), 320)
    signal = (0.2 * beat * np.sign(tones(41))[:, : beat.size]).astype(np.float32)
    one, other = (np.array(analyse(str(write(tmp_path / f"a.{s}", signal))).vector) for s in ("flac", "mp3"))
    assert one @ other / np.linalg.norm(one) / np.linalg.norm(other) > 0.9


def test_workers_import_nothing_heavy_and_ffmpeg_keeps_quiet(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp3", tones(3))
    path.write_bytes(b"\x00garbage" * 50 + path.read_bytes()[:-500])
    code = (
        "import sys; from indexer.reading.audio import analyse; analyse(sys.argv[1]);"
        "print(sorted({'torch', 'librosa', 'numba', 'sentence_transformers', 'faiss', 'PIL'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_freed_memory_is_kept() -> None:
    code = (
        "import resource, numpy as np; from indexer.reading.memory import keep_freed_memory\n"
        "def faults():\n"
        "    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt\n"
        "    for _ in range(50): np.ones(1_000_000)\n"
        "    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before\n"
        "plain = faults(); assert keep_freed_memory(); faults(); print(plain, faults())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    plain, kept = map(int, done.stdout.split())
    assert kept < plain / 5
