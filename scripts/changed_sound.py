"""Change a sound as recordings of one piece differ: pitch, tempo, level, tone, noise, a lossy codec.

ffmpeg's filters and encoders do the work, in memory, at about 3 ms a second of sound.
"""

import io
from dataclasses import dataclass
from typing import Any

import av
import av.filter
import numpy as np

from models.encoders.spectrogram import SAMPLE_RATE, Array

CODECS = {"libmp3lame": "mp3", "aac": "adts"}
"""Encoder -> container."""
CODEC_DELAY_SAMPLES = 4096
"""More than encoder and decoder put before the first sample: a codec's answer is cut from here on."""
PEAK = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is done to a sound, in this order; the defaults do nothing."""

    semitones: float = 0.0
    tempo: float = 1.0
    """Above 1 is faster; the pitch stays."""
    bass_db: float = 0.0
    treble_db: float = 0.0
    highest_hz: float = 0.0
    """A low-pass filter; 0 is none."""
    noise_db: float | None = None
    """White noise this far below the sound."""
    gain_db: float = 0.0
    codec: str | None = None
    """One of `CODECS`."""
    kilobits: int = 64


def drawn(rng: np.random.Generator) -> Change:
    """Draw a change: each part is left out half the time."""

    def maybe(low: float, high: float, otherwise: float = 0.0) -> float:
        return float(rng.uniform(low, high)) if rng.random() < 0.5 else otherwise

    return Change(
        semitones=maybe(-2, 2),
        tempo=float(np.exp(maybe(-0.12, 0.12))),
        bass_db=maybe(-9, 9),
        treble_db=maybe(-9, 9),
        highest_hz=float(rng.uniform(3500, 9000)) if rng.random() < 0.2 else 0.0,
        noise_db=float(rng.uniform(20, 50)) if rng.random() < 0.3 else None,
        gain_db=maybe(-12, 6),
        codec=str(rng.choice(list(CODECS))) if rng.random() < 0.5 else None,
        kilobits=int(rng.choice((32, 48, 64, 96))),
    )


def changed(signal: Array, change: Change, *, samples: int, seed: int = 0) -> Array:
    """Change a mono signal at 22.05 kHz, float32 [shape=(n,)], and give `samples` of it, float32 in [-1, 1].

    What is missing at the end, because the sound is short or got faster, is its beginning again. Empty sound gives
    silence.
    """
    if not signal.size:
        return np.zeros(samples, dtype=np.float32)
    sound = _filtered(signal, _filters(change))
    if change.noise_db is not None:
        level = np.sqrt(np.mean(np.square(sound))) * 10 ** (-change.noise_db / 20)
        sound = sound + (level * np.random.default_rng(seed).standard_normal(sound.size)).astype(np.float32)
    sound = np.clip(sound * np.float32(10 ** (change.gain_db / 20)), -PEAK, PEAK)
    if change.codec is not None:
        sound = np.clip(through_codec(sound, codec=change.codec, kilobits=change.kilobits), -PEAK, PEAK)
    return np.resize(sound, samples).astype(np.float32)


def _filters(change: Change) -> list[tuple[str, str]]:
    """Name ffmpeg's filters; a pitch shift plays faster and stretches back, in one stretch with the tempo."""
    ratio = 2 ** (change.semitones / 12)
    filters = []
    if change.semitones:
        filters += [("asetrate", str(round(SAMPLE_RATE * ratio))), ("aresample", str(SAMPLE_RATE))]
    if change.semitones or change.tempo != 1.0:
        filters.append(("atempo", f"{change.tempo / ratio:.6f}"))
    if change.bass_db:
        filters.append(("bass", f"g={change.bass_db:.2f}"))
    if change.treble_db:
        filters.append(("treble", f"g={change.treble_db:.2f}"))
    if change.highest_hz:
        filters.append(("lowpass", f"f={change.highest_hz:.0f}"))
    return filters


def _filtered(signal: Array, filters: list[tuple[str, str]]) -> Array:
    if not filters:
        return signal
    graph = av.filter.Graph()
    format_ = f"sample_fmts=flt:sample_rates={SAMPLE_RATE}:channel_layouts=mono"
    source = graph.add(
        "abuffer", f"sample_rate={SAMPLE_RATE}:sample_fmt=flt:channel_layout=mono:time_base=1/{SAMPLE_RATE}"
    )
    middle = [graph.add(name, options) for name, options in [*filters, ("aformat", format_)]]
    graph.link_nodes(source, *middle, graph.add("abuffersink")).configure()
    graph.push(_frame(signal))
    graph.push(None)
    pieces = []
    while True:
        try:
            pieces.append(graph.pull().to_ndarray()[0])
        except (av.error.EOFError, av.error.BlockingIOError):
            return np.concatenate(pieces) if pieces else signal


def through_codec(signal: Array, *, codec: str, kilobits: int) -> Array:
    """Encode a mono signal and decode it again: float32 of the same length, in place to a tenth of a second."""
    held = io.BytesIO()
    padded = np.pad(signal, (CODEC_DELAY_SAMPLES, CODEC_DELAY_SAMPLES))
    with av.open(held, "w", format=CODECS[codec]) as target:
        stream: Any = target.add_stream(codec, rate=SAMPLE_RATE, layout="mono", bit_rate=1000 * kilobits)
        target.mux(stream.encode(_frame(padded, planar=True)))
        target.mux(stream.encode(None))
    held.seek(0)
    with av.open(held, "r") as source:
        decoded = np.concatenate([frame.to_ndarray()[0] for frame in source.decode(audio=0)])
    return np.resize(decoded[CODEC_DELAY_SAMPLES:], signal.size).astype(np.float32)


def _frame(signal: Array, *, planar: bool = False) -> av.AudioFrame:
    row = np.ascontiguousarray(signal[None], dtype=np.float32)
    frame = av.AudioFrame.from_ndarray(row, format="fltp" if planar else "flt", layout="mono")
    frame.sample_rate = SAMPLE_RATE
    frame.pts = 0
    return frame
