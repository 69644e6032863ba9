"""Hold one estimated property of a sound with its confidence."""

from __future__ import annotations

from dataclasses import dataclass

from models.encoders.attribute_text import text_of


@dataclass(frozen=True, slots=True)
class Estimate:
    """One property of the sound; `confidence` is in [0, 1]; the names stand in `attributes`."""

    name: str
    value: float
    confidence: float

    @property
    def text(self) -> str:
        """Return the value as shown."""
        return text_of(self.name, self.value)
