"""Write the attributes of a sound as they are shown: "92 BPM", "A minor", "1:12". Imports nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PITCH_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")


def text_of(name: str, value: float) -> str:
    """Write the value of an attribute; a name that is none raises KeyError."""
    return _WRITE[name](value)


def key_name(number: int) -> str:
    """Name a key, 0-11 major from C and 12-23 minor from C: "C major", "A minor"."""
    return f"{PITCH_NAMES[number % 12]} {'major' if number < 12 else 'minor'}"


def clock(seconds: float) -> str:
    """Write a position as minutes and seconds: "1:12"."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


_WRITE: dict[str, Callable[[float], str]] = {
    "tempo_bpm": "{:.0f} BPM".format,
    "key": lambda number: key_name(int(number)),
    "loudness_lufs": "{:.1f} LUFS".format,
    "loudness_range_lu": "{:.1f} LU".format,
    "brightness_hz": "{:.0f} Hz".format,
    "onset_rate": "{:.1f} onsets/s".format,
    "pulse_clarity": lambda share: f"{100 * share:.0f} % steady",
    "attack_share": lambda share: f"{100 * share:.0f} % struck",
    "flatness_db": "{:.0f} dB flat".format,
    "highlight_seconds": clock,
}
