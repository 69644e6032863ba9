"""Generate short pieces of music whose tempo and key are known, each other than the last, the same for the same seed.

Chords, bass, melody and drums over one pulse: 60 to 180 BPM; four, three or six eighths in a bar; straight or swung;
24 keys with diatonic and borrowed chords; random timbres; up to half a semitone out of tune; unsteady hands; noise.
A quarter has no drums. Slow pieces divide the beat into four, fast ones into two, as players do.
"""

from dataclasses import dataclass

import numpy as np

from models.encoders.spectrogram import SAMPLE_RATE, Array, Floats

SECONDS = 30.0
SLOWEST_BPM, FASTEST_BPM = 60.0, 180.0
TABLE = 4096
"""Samples of a stored cycle."""
PEAK = 0.7
MAJOR_LOOPS = ("I V vi IV", "I IV V I", "I vi ii V", "I IV I V", "IV I V vi", "I iii IV V", "I bVII IV I", "I II V I")
MINOR_LOOPS = ("i iv V i", "i VI III VII", "i VII VI V", "i VI iv V", "i iv i V", "i v iv i", "i III VII iv")
CHORDS = {
    "I": (0, 4, 7),
    "II": (2, 6, 9),
    "ii": (2, 5, 9),
    "iii": (4, 7, 11),
    "III": (3, 7, 10),
    "IV": (5, 9, 12),
    "iv": (5, 8, 12),
    "V": (7, 11, 14),
    "v": (7, 10, 14),
    "vi": (9, 12, 16),
    "VI": (8, 12, 15),
    "bVII": (10, 14, 17),
    "VII": (10, 14, 17),
    "i": (0, 3, 7),
}
MAJOR_SCALE, MINOR_SCALE = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)

GROOVES_OF_FOUR = (
    ("x...x...x...x...", "....x.......x...", "x.x.x.x.x.x.x.x."),
    ("x.......x.......", "....x.......x...", "x.x.x.x.x.x.x.x."),
    ("x.....x.x.......", "....x.......x...", "x.x.x.x.x.x.x.x."),
    ("x..x..x...x.....", "....x..x....x...", "xxxxxxxxxxxxxxxx"),
    ("x...x...x...x...", "....x.......x...", "..x...x...x...x."),
    ("x.......x.x.....", "....x.......x..x", "x...x...x...x..."),
    ("x..x..x.x..x..x.", "..x...x...x..x..", "x.x.x.x.x.x.x.x."),
)
GROOVES_OF_THREE = (
    ("x...........", "....x...x...", "x...x...x..."),
    ("x.......x...", "....x.......", "x.x.x.x.x.x."),
)
GROOVES_OF_SIX = (
    ("x.....", "...x..", "xxxxxx"),
    ("x....x", "...x..", "x.xx.x"),
)
"""Kick, snare and hat in sixteenths; of six: in eighths, three to the beat."""


@dataclass(frozen=True)
class Piece:
    """A mono signal at 22.05 kHz with its tempo and its key (0-11 major from C, 12-23 minor from C)."""

    signal: Array
    tempo_bpm: float
    key: int


@dataclass(frozen=True)
class _Metre:
    beats: int
    parts: int
    """Steps in a beat."""
    grooves: tuple[tuple[str, str, str], ...]


METRES = (_Metre(4, 4, GROOVES_OF_FOUR), _Metre(3, 4, GROOVES_OF_THREE), _Metre(2, 3, GROOVES_OF_SIX))


def generate(seed: int, *, seconds: float = SECONDS) -> Piece:
    """Make the piece of a seed."""
    rng = np.random.default_rng(seed)
    tempo = float(SLOWEST_BPM * (FASTEST_BPM / SLOWEST_BPM) ** rng.random())
    key = int(rng.integers(24))
    metre = METRES[rng.choice(3, p=(0.7, 0.15, 0.15))]
    player = _Player(rng, tempo, metre, seconds)
    player.play_chords(key)
    player.play_melody(key)
    if rng.random() < 0.75:
        player.play_drums()
    return Piece(player.finish(), tempo, key)


def generate_pulseless(seed: int, *, seconds: float = SECONDS) -> Array:
    """Make a sound without tempo: noise that swells, or notes and blows at times of no order."""
    rng = np.random.default_rng(seed)
    samples = int(seconds * SAMPLE_RATE)
    if rng.random() < 0.3:
        swell = np.interp(np.arange(samples), np.linspace(0, samples, 12), rng.uniform(0.2, 1, 12))
        return np.asarray(0.2 * swell * rng.standard_normal(samples), dtype=np.float32)
    player = _Player(rng, 60.0, METRES[0], seconds)
    player.play_freely(rate=float(rng.uniform(0.5, 6)), blows=bool(rng.random() < 0.4))
    return player.finish()


def generate_clicks(seed: int, *, seconds: float = SECONDS) -> Piece:
    """Make a bare beat: one short sound at even times, with a level that may mark the bar."""
    rng = np.random.default_rng(seed)
    tempo = float(SLOWEST_BPM * (FASTEST_BPM / SLOWEST_BPM) ** rng.random())
    player = _Player(rng, tempo, METRES[0], seconds)
    player.play_clicks(bar=int(rng.choice((1, 1, 3, 4))))
    return Piece(player.finish(), tempo, 0)


class _Player:
    """One piece in the making."""

    def __init__(self, rng: np.random.Generator, tempo: float, metre: _Metre, seconds: float) -> None:
        self.rng = rng
        self.metre = metre
        self.out = np.zeros(int(seconds * SAMPLE_RATE))
        self.beat_seconds = 60 / tempo
        self.bars = int(np.ceil(seconds / (self.beat_seconds * metre.beats)))
        self.swing = float(rng.choice((0.0, 0.0, 0.16, 0.33))) if metre.parts == 4 else 0.0
        self.unsteady_seconds = rng.uniform(0, 0.012)
        self.tuning = rng.uniform(-0.5, 0.5) if rng.random() < 0.4 else 0.0
        self.fine = rng.random() < 1 / (1 + np.exp((tempo - 105) / 12))
        """Whether the beat is divided by four rather than two."""
        self.chords: list[tuple[int, ...]] = []

    def play_chords(self, key: int) -> None:
        """Play pad or strummed chords and a bass, a chord in each bar or half of a slow one."""
        rng, minor, tonic = self.rng, key >= 12, key % 12
        loops = MINOR_LOOPS if minor else MAJOR_LOOPS
        verse, bridge = (str(rng.choice(loops)).split() for _ in range(2))
        names = (verse + verse + bridge + verse) * (self.bars // 16 + 1)
        self.chords = [CHORDS[name] for name in names[: self.bars]]
        pad, bass = self._voice(), self._voice(dark=True)
        style = rng.choice(("held", "beats", "offbeats", "arpeggio"))
        bass_level = rng.uniform(0, 0.5)
        busy_bass = rng.random() < 0.5
        for bar, chord in enumerate(self.chords):
            notes = [48 + (tonic + step) % 24 for step in chord]
            for beat, length, chosen in self._strokes(str(style), notes):
                for note in chosen:
                    self._note(pad, note, bar * self.metre.beats + beat, length, 0.18)
            root = 36 + (tonic + chord[0]) % 12
            for beat in range(0, self.metre.beats, 1 if busy_bass else self.metre.beats):
                fifth = busy_bass and beat == 2
                self._note(bass, root + 7 * fifth, bar * self.metre.beats + beat, 0.9, bass_level)

    def _strokes(self, style: str, notes: list[int]) -> list[tuple[float, float, list[int]]]:
        """Give beat, length in beats and notes of one bar's accompaniment."""
        beats = self.metre.beats
        if style == "held":
            return [(0, beats, notes)]
        if style == "beats":
            return [(beat, 0.8, notes) for beat in range(beats)]
        if style == "offbeats":
            return [(0, 0.8, notes[:1])] + [(beat, 0.6, notes) for beat in range(1, beats)]
        parts = 3 if self.metre.parts == 3 else 4 if self.fine else 2
        return [(i / parts, 1.5 / parts, [notes[i % len(notes)]]) for i in range(beats * parts)]

    def play_melody(self, key: int) -> None:
        """Play a tune of four bars that returns: chord notes on the beat, scale notes between."""
        rng, voice, level = self.rng, self._voice(), self.rng.uniform(0.0, 0.35)
        scale = MINOR_SCALE if key >= 12 else MAJOR_SCALE
        parts = 3 if self.metre.parts == 3 else 2
        slots = self.metre.beats * parts
        sounding = rng.random((4, slots)) < np.where(np.arange(slots) % parts == 0, 0.7, 0.35)
        steps = rng.integers(0, len(scale), (4, slots))
        for bar, chord in enumerate(self.chords):
            for slot in np.flatnonzero(sounding[bar % 4]):
                on_beat = slot % parts == 0
                pitch = chord[steps[bar % 4, slot] % 3] if on_beat else scale[steps[bar % 4, slot]]
                beat = slot / parts + (self.swing / 2 if parts == 2 and not on_beat else 0)
                self._note(voice, 60 + (key % 12 + pitch) % 18, bar * self.metre.beats + beat, 0.9, level)

    def play_drums(self) -> None:
        """Repeat a groove, every fourth bar with another snare."""
        rng = self.rng
        groove = self.metre.grooves[rng.integers(len(self.metre.grooves))]
        hits = (_kick(), _noise(rng, 0.12, 0.3), _noise(rng, 0.03, 0.9))
        levels = rng.uniform(0.2, 0.8), rng.uniform(0.15, 0.6), rng.uniform(0.02, 0.25)
        parts = self.metre.parts
        for bar in range(self.bars):
            for pattern, hit, level in zip(groove, hits, levels, strict=True):
                for step in range(self.metre.beats * parts):
                    if pattern[step % len(pattern)] != "x" or (parts == 4 and not self.fine and step % 2):
                        continue
                    late = self.swing / 2 if parts == 4 and step % 4 == 2 else 0.0
                    self._add(hit * level * rng.uniform(0.8, 1.0), bar * self.metre.beats + step / parts + late)
            if bar % 4 == 3:
                self._add(hits[1] * levels[1] * 0.7, (bar + 1) * self.metre.beats - 1 / parts)

    def play_freely(self, *, rate: float, blows: bool) -> None:
        """Sound notes, or blows too, at times drawn independently, `rate` a second."""
        rng, voice, burst = self.rng, self._voice(), _noise(self.rng, 0.1, 0.5)
        for beat in rng.uniform(0, self.bars * self.metre.beats, int(rate * self.bars * self.metre.beats)):
            self._note(voice, int(rng.integers(45, 84)), float(beat), rng.uniform(0.3, 3), rng.uniform(0.1, 0.4))
            if blows and rng.random() < 0.5:
                self._add(burst * rng.uniform(0.1, 0.6), float(beat))

    def play_clicks(self, *, bar: int) -> None:
        """Strike every beat, the first of a bar louder."""
        sound = (_kick(), _noise(self.rng, 0.02, 0.5), _noise(self.rng, 0.05, 0.9))[self.rng.integers(3)]
        self.unsteady_seconds = min(self.unsteady_seconds, 0.004)
        for beat in range(self.bars * self.metre.beats):
            self._add(sound * (1.0 if beat % bar == 0 else 0.6), beat)

    def finish(self) -> Array:
        """Add noise 30 to 70 dB below, sometimes compress, and scale."""
        level = self.out.std() + 1e-9
        noise = self.rng.standard_normal(self.out.size) * level * 10 ** (-self.rng.uniform(30, 70) / 20)
        mixed = self.out + noise
        if self.rng.random() < 0.4:
            mixed = np.tanh(mixed / level * self.rng.uniform(0.3, 1.2))
        return np.asarray(PEAK * mixed / np.abs(mixed).max(), dtype=np.float32)

    def _voice(self, *, dark: bool = False) -> tuple[Floats, float, float]:
        """Draw one cycle of a waveform, its attack and its decay in seconds."""
        rng = self.rng
        number = np.arange(1, 13)
        amplitudes = number ** -rng.uniform(1.5 if dark else 0.6, 2.5) * rng.uniform(0.3, 1.0, 12)
        if rng.random() < 0.3:
            amplitudes[1::2] *= 0.1  # a clarinet, a square wave
        phase = 2 * np.pi * np.arange(TABLE) / TABLE
        cycle = (amplitudes[:, None] * np.sin(number[:, None] * phase)).sum(axis=0)
        return cycle / np.abs(cycle).max(), float(rng.choice((0.004, 0.01, 0.05))), float(rng.uniform(0.15, 1.5))

    def _note(self, voice: tuple[Floats, float, float], pitch: int, beat: float, beats: float, level: float) -> None:
        cycle, attack, decay = voice
        seconds = beats * self.beat_seconds
        time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
        hertz = 440 * 2 ** ((pitch + self.tuning - 69) / 12)
        wave = cycle[(time * hertz * TABLE).astype(int) % TABLE]
        shape = np.minimum(time / attack, 1) * np.exp(-time / decay) * np.clip((seconds - time) / 0.02, 0, 1)
        self._add(level * wave * shape, beat)

    def _add(self, sound: Floats, beat: float) -> None:
        start = int(max(0.0, beat * self.beat_seconds + self.rng.normal(0, self.unsteady_seconds)) * SAMPLE_RATE)
        kept = sound[: max(0, self.out.size - start)]
        self.out[start : start + kept.size] += kept


def _kick() -> Floats:
    time = np.arange(int(0.18 * SAMPLE_RATE)) / SAMPLE_RATE
    return np.asarray(np.sin(2 * np.pi * (50 * time + 4 * (1 - np.exp(-time / 0.03)))) * np.exp(-time / 0.07))


def _noise(rng: np.random.Generator, seconds: float, sharpness: float) -> Floats:
    """Make a burst; `sharpness` near 1 takes its low end away."""
    white = rng.standard_normal(int(seconds * 2 * SAMPLE_RATE))
    sharp = white - sharpness * np.concatenate([[0.0], white[:-1]])
    return np.asarray(sharp / 3 * np.exp(-np.arange(white.size) / (seconds * 0.4 * SAMPLE_RATE)))
