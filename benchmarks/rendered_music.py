"""Render MIDI with sound fonts, so that tempo and key are known though other hands wrote the music.

Needs the Debian packages fluidsynth, fluid-soundfont-gm and timgm6mb-soundfont; `midi_pieces` reads any folder of MIDI
files (openttd-openmsx has 31), `accompaniments` lets the package mma play its own hundred styles.
"""

import random
import re
import shutil
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from models.encoders.spectrogram import SAMPLE_RATE, Array

FONTS = ("/usr/share/sounds/sf2/FluidR3_GM.sf2", "/usr/share/sounds/sf2/TimGM6mb.sf2")
STYLES = Path("/usr/share/mma/lib/stdlib")
NOTES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
MAJOR = ((0, 7, 9, 5), (0, 5, 7, 0), (0, 9, 2, 7), (2, 7, 0, 0), (0, 10, 5, 0), (9, 5, 0, 7))
MINOR = ((0, 5, 7, 0), (0, 8, 3, 10), (0, 10, 8, 7), (0, 8, 5, 7), (0, 3, 10, 5))
MINOR_CHORDS = {True: (0, 5), False: (2, 4, 9)}
"""Degrees in semitones whose triad is minor, in a minor and in a major key."""


@dataclass(frozen=True)
class Rendered:
    """One piece: its sound (mono, 22.05 kHz), its name, and what is known of it."""

    name: str
    signal: Array
    tempo_bpm: float | None
    key: int | None


def missing_programs(*programs: str) -> list[str]:
    """Name what is not installed."""
    fonts = [font for font in FONTS if not Path(font).exists()]
    return [program for program in programs if shutil.which(program) is None] + fonts


def midi_pieces(folder: Path) -> Iterator[Rendered]:
    """Render every MIDI file of a folder with each font; the tempo is the one it keeps, None where it changes."""
    for path in sorted(folder.glob("*.mid")):
        tempo = steady_tempo(path.read_bytes())
        for font in FONTS:
            yield Rendered(path.stem, render(path, font), tempo, None)


def steady_tempo(midi: bytes) -> float | None:
    """Read the tempo events; 120 where there are none (the format's default), None where they differ by over 6 %."""
    found = [struct.unpack(">I", b"\0" + match)[0] for match in re.findall(rb"\xff\x51\x03(...)", midi, re.DOTALL)]
    if not found:
        return 120.0
    return 60e6 / found[0] if max(found) < 1.06 * min(found) else None


def accompaniments(count: int, *, seed: int = 1) -> Iterator[Rendered]:
    """Let mma play chord progressions in styles, keys and tempi drawn at random: 65 to 190 BPM, in three or four."""
    rng = random.Random(seed)
    styles = [style for path in sorted(STYLES.glob("*.mma")) if (style := _style(path))]
    made = 0
    with TemporaryDirectory() as folder:
        while made < count:
            beats, grooves, name = rng.choice(styles)
            tempo, key = _usual_tempo(name, beats, rng), rng.randrange(24)
            lines = [
                f"Tempo {tempo}",
                f"Groove {rng.choice(grooves)}",
                *_progression(key, 75 * tempo / 60 / beats, rng),
            ]
            script, midi = Path(folder, "piece.mma"), Path(folder, "piece.mid")
            script.write_text("\n".join(lines) + "\n", encoding="ascii")
            midi.unlink(missing_ok=True)
            subprocess.run(["mma", str(script), "-f", str(midi)], capture_output=True, check=False)
            if midi.exists() and (signal := render(midi, rng.choice(FONTS))).size > 20 * SAMPLE_RATE:
                made += 1
                yield Rendered(f"{name} {made}", signal, tempo, key)


def _style(path: Path) -> tuple[int, list[str], str] | None:
    """Read the beats in a bar and the grooves; None for compound time, whose beat mma counts in other ways."""
    text = path.read_text(encoding="latin-1")
    beats = re.search(r"^Time (\d)", text, re.MULTILINE)
    grooves = [name for name in re.findall(r"^DefGroove (\w+)", text, re.MULTILINE | re.IGNORECASE)]
    grooves = [name for name in grooves if not re.search("intro|end|fill", name, re.IGNORECASE)]
    if not grooves or re.search("68|128", path.stem) or (beats and beats[1] not in "34"):
        return None
    return int(beats[1]) if beats else 4, grooves, path.stem


def _usual_tempo(name: str, beats: int, rng: random.Random) -> float:
    """Draw a tempo that the style is played at: a ballad is slower than a polka."""
    middle = 118.0
    if re.search("ballad|slow|rhumba|beguine|bolero", name):
        middle = 85.0
    elif beats == 4 and re.search("polka|bebop|march|ska|bluegr|swing|jive|punk|metal|step|samba", name):
        middle = 150.0
    return round(min(190.0, max(65.0, middle * 2 ** rng.gauss(0, 0.28))), 1)


def _progression(key: int, bars: float, rng: random.Random) -> list[str]:
    minor, tonic = key >= 12, key % 12
    verse, bridge = (rng.choice(MINOR if minor else MAJOR) for _ in range(2))
    degrees = ((*verse, *verse, *bridge, *verse) * 20)[: int(bars) + 1]
    chords = [NOTES[(tonic + d) % 12] + ("m" if d in MINOR_CHORDS[minor] else "") for d in degrees]
    return [f"{bar} {chord}" for bar, chord in enumerate(chords, 1)]


def render(midi: Path, font: str) -> Array:
    """Play a MIDI file through fluidsynth, without the silence around it; nothing sounding gives no samples."""
    with TemporaryDirectory() as folder:
        target = Path(folder, "piece.raw")
        command = ["fluidsynth", "-niq", "-g", "0.4", "-r", str(SAMPLE_RATE), "-T", "raw", "-F", str(target)]
        subprocess.run([*command, font, str(midi)], capture_output=True, check=False, timeout=300)
        samples = np.fromfile(target, dtype="<i2") if target.exists() else np.zeros(0, dtype="<i2")
    mono = samples[: samples.size // 2 * 2].reshape(-1, 2).mean(axis=1, dtype=np.float32) / np.float32(32768)
    sounding = np.flatnonzero(np.abs(mono) > 1e-3)
    return np.asarray(mono[sounding[0] : sounding[-1]] if sounding.size else mono[:0])
