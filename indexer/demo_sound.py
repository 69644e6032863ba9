"""Make short pieces of music out of numbers: chords, bass, melody and drums in a style, the same for the same seed.

A note is one cycle of a waveform read at the note's frequency under an attack and decay envelope (wavetable
synthesis); drums are shaped noise and a falling sine. Styles differ in tempo, scale, waveform and drums on
purpose, so that nearness in sound can be heard and measured.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

SAMPLE_RATE = 24_000
"""Hz; a rate that every encoder used takes as it is, with sound up to 12 kHz."""
TABLE_LENGTH = 4096
"""Samples in one stored cycle: enough to read it without interpolation (noise below -65 dB)."""
BEATS_PER_BAR = 4
STEPS_PER_BEAT = 4
PEAK = 0.8
"""Largest sample of a finished piece, so that no encoder clips."""
FADE_SECONDS = 0.4


@dataclass(frozen=True, slots=True)
class Voice:
    """A timbre: the amplitudes of harmonics 1, 2, ..., and the envelope of a note."""

    harmonics: tuple[float, ...]
    attack_seconds: float
    decay_seconds: float
    """Time to fall to 1/e after the attack."""
    gain: float = 1.0


@dataclass(frozen=True, slots=True)
class Style:
    """How an artist sounds."""

    tempo_bpm: float
    tonic: int
    """MIDI number of the key note, about 60."""
    scale: tuple[int, ...]
    """Semitones above the tonic."""
    chords: tuple[int, ...]
    """The scale degree, from 0, on which the chord of each bar stands."""
    lead: Voice
    pad: Voice
    bass: Voice
    kick: str = ""
    """One bar of drums in steps of a sixteenth: "x" strikes; shorter patterns repeat, none is silent."""
    snare: str = ""
    hat: str = ""
    swing: float = 0.0
    """How late every second eighth comes, as a share of an eighth, in [0, 0.5]."""
    notes_per_beat: float = 2.0
    """How busy the melody is."""


def play_piece(style: Style, *, seed: int, seconds: float, tempo: float = 1.0) -> Samples:
    """Return a piece in `style` as float32 in [-1, 1] [shape=(2, samples)] at SAMPLE_RATE.

    `seed` decides the melody, `tempo` is a factor on the style's own; `seconds` <= 0 gives no samples.
    """
    length = max(0, round(seconds * SAMPLE_RATE))
    step_seconds = 60.0 / (style.tempo_bpm * tempo) / STEPS_PER_BEAT
    parts = (
        (_play_chords(style, length, step_seconds), -0.3),
        (_play_melody(style, length, step_seconds, seed), 0.25),
        (_play_bass(style, length, step_seconds), 0.0),
        (_play_drums(style, length, step_seconds), 0.1),
    )
    mix = np.stack([sum(part * (1.0 + side * pan) for part, pan in parts) for side in (-1.0, 1.0)])
    return _finish(mix.astype(np.float32))


def _play_chords(style: Style, length: int, step_seconds: float) -> Samples:
    out = np.zeros(length, np.float32)
    bar_seconds = step_seconds * STEPS_PER_BEAT * BEATS_PER_BAR
    for bar in range(math.ceil(length / SAMPLE_RATE / bar_seconds)):
        root = style.chords[bar % len(style.chords)]
        for degree in (root, root + 2, root + 4):
            _add(out, bar * bar_seconds, _note(style.pad, _pitch(style, degree), bar_seconds))
    return out * np.float32(0.5)


def _play_bass(style: Style, length: int, step_seconds: float) -> Samples:
    out = np.zeros(length, np.float32)
    beat_seconds = step_seconds * STEPS_PER_BEAT
    for beat in range(math.ceil(length / SAMPLE_RATE / beat_seconds)):
        root = style.chords[beat // BEATS_PER_BAR % len(style.chords)]
        degree = root + (4 if beat % BEATS_PER_BAR == 2 else 0)
        _add(out, beat * beat_seconds, _note(style.bass, _pitch(style, degree) - 24, beat_seconds))
    return out


def _play_melody(style: Style, length: int, step_seconds: float, seed: int) -> Samples:
    rng = np.random.default_rng(seed)
    out = np.zeros(length, np.float32)
    eighths = math.ceil(length / SAMPLE_RATE / (2 * step_seconds))
    motif = rng.integers(-2, 3, 16)  # four bars of steps up and down, repeated, so that it is a tune
    sounds = rng.random(16) < style.notes_per_beat / 2
    degree = 0
    for eighth in range(eighths):
        degree = int(np.clip(degree + motif[eighth % 16], -3, 9))
        if sounds[eighth % 16]:
            start = (eighth + (style.swing if eighth % 2 else 0.0)) * 2 * step_seconds
            _add(out, start, _note(style.lead, _pitch(style, degree) + 12, 4 * step_seconds))
    return out


def _play_drums(style: Style, length: int, step_seconds: float) -> Samples:
    out = np.zeros(length, np.float32)
    for pattern, hit in (
        (style.kick, _kick()),
        (style.snare, _noise(0.09, 0.35, 1)),
        (style.hat, _noise(0.025, 0.18, 2)),
    ):
        for step in range(math.ceil(length / SAMPLE_RATE / step_seconds) if pattern else 0):
            if pattern[step % len(pattern)] == "x":
                late = style.swing if step % 4 == 2 else 0.0
                _add(out, (step + 2 * late) * step_seconds, hit)
    return out


def _pitch(style: Style, degree: int) -> int:
    octave, place = divmod(degree, len(style.scale))
    return style.tonic + 12 * octave + style.scale[place]


@lru_cache(maxsize=256)
def _note(voice: Voice, pitch: int, seconds: float) -> Samples:
    frequency = 440.0 * 2.0 ** ((pitch - 69) / 12)
    time = np.arange(round(seconds * SAMPLE_RATE), dtype=np.float32) / SAMPLE_RATE
    places = (time * np.float32(frequency) * TABLE_LENGTH).astype(np.int64) % TABLE_LENGTH
    rise = np.minimum(time / max(voice.attack_seconds, 0.002), 1.0)
    fall = np.exp(-time / voice.decay_seconds) * np.clip((seconds - time) / 0.02, 0.0, 1.0)
    note: Samples = (_cycle(voice, frequency)[places] * rise * fall * voice.gain).astype(np.float32)
    return note


@lru_cache(maxsize=256)
def _cycle(voice: Voice, frequency: float) -> Samples:
    angle = np.linspace(0.0, 2 * np.pi, TABLE_LENGTH, endpoint=False)
    heard = [(n, a) for n, a in enumerate(voice.harmonics, start=1) if n * frequency < SAMPLE_RATE / 2]
    cycle = sum((a * np.sin(n * angle) for n, a in heard), np.zeros(TABLE_LENGTH))
    return np.asarray(cycle / max(sum(abs(a) for a in voice.harmonics), 1e-9), np.float32)


@lru_cache(maxsize=1)
def _kick() -> Samples:
    time = np.arange(round(0.16 * SAMPLE_RATE)) / SAMPLE_RATE
    sweep = 2 * np.pi * (45 * time + 3.0 * (1 - np.exp(-time / 0.03)))  # from about 145 Hz down to 45 Hz
    return np.asarray(0.8 * np.sin(sweep) * np.exp(-time / 0.06), np.float32)


@lru_cache(maxsize=4)
def _noise(decay_seconds: float, gain: float, seed: int) -> Samples:
    time = np.arange(round(4 * decay_seconds * SAMPLE_RATE)) / SAMPLE_RATE
    noise = np.diff(np.random.default_rng(seed).normal(size=len(time) + 1))  # difference: brighter
    return np.asarray(gain * 0.5 * noise * np.exp(-time / decay_seconds), np.float32)


def _add(out: Samples, start_seconds: float, sound: Samples) -> None:
    start = round(start_seconds * SAMPLE_RATE)
    room = max(0, min(len(sound), len(out) - start))
    out[start : start + room] += sound[:room]


def _finish(mix: Samples) -> Samples:
    if mix.size == 0:
        return mix
    fade = min(round(FADE_SECONDS * SAMPLE_RATE), mix.shape[1])
    mix[:, -fade:] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)
    return mix * np.float32(PEAK / max(float(np.abs(mix).max()), 1e-9))
