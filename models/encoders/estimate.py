"""Hold one estimated property of a sound with its confidence."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estimate:
    """One property of the sound; `confidence` is in [0, 1], `text` as shown; the names stand in `attributes`."""

    name: str
    value: float
    text: str
    confidence: float
