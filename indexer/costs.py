"""Learn, while a run goes on, what a unit of work of each of its stages costs on this machine at this moment.

The logarithm of a cost is what was known of it before, plus a term of its own that stays, plus the state of the
machine, which all stages share and which drifts: so a stage measured tells of those to come, and a machine that gets
busy half-way slows all of them. All terms are normal, and every measurement moves them by the rule of Kalman (1960, "A
new approach to linear filtering and prediction problems", Journal of Basic Engineering 82).
"""

from collections.abc import Mapping
from math import exp, log

_MACHINE = 0.5
"""How far machines differ, as a deviation of the logarithm: most are within three times each other."""
_GUESSED, _REMEMBERED, _KIN = 0.4, 0.15, 0.15
"""How far one stage's cost is off beside the machine: a figure from elsewhere, one from this library's last run, and
what its kin leaves open."""
_DRIFT_A_SECOND = 2e-4
"""Variance that the machine's state gains: a tenth up or down in a minute; half the speed is noticed in fifteen
seconds."""
_MOST_AT_ONCE = 1.0
"""One measurement moves no estimate by more than this factor's logarithm: a disk that woke up is no slow machine."""


class Costs:
    """Seconds a unit of work, by name; `learn` takes in a measurement."""

    def __init__(
        self, guessed: Mapping[str, float], remembered: Mapping[str, float], *, kin: Mapping[str, str] | None = None
    ) -> None:
        """Start from positive seconds a unit: guesses for every name, and what is remembered for some.

        `kin` gives some names another that costs the like: the term of that one counts for both.
        """
        kin = kin or {}
        own = {name: place for place, name in enumerate(guessed, start=1)}
        self._terms = {name: (0, place, *([own[kin[name]]] if name in kin else [])) for name, place in own.items()}
        self._prior = {name: log(remembered.get(name, seconds)) for name, seconds in guessed.items()}
        doubts = [
            _MACHINE,
            *(_REMEMBERED if name in remembered else _KIN if name in kin else _GUESSED for name in guessed),
        ]
        self._mean = [0.0] * len(doubts)
        self._spread = [[doubt**2 if i == j else 0.0 for j in range(len(doubts))] for i, doubt in enumerate(doubts)]
        self._learned: dict[str, None] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._terms

    def __getitem__(self, name: str) -> float:
        return exp(self._prior[name] + sum(self._mean[place] for place in self._terms[name]))

    @property
    def pace(self) -> float:
        """Return how many times as slow as expected the machine is."""
        return exp(self._mean[0])

    @property
    def learned(self) -> dict[str, float]:
        """Return the costs that were measured, in seconds a unit."""
        return {name: self[name] for name in self._learned}

    def drift(self, seconds: float) -> None:
        """Let time pass, in which the machine may have changed."""
        self._spread[0][0] += _DRIFT_A_SECOND * seconds

    def learn(self, name: str, seconds: float, *, doubt: float) -> None:
        """Take in that a unit cost `seconds` (more than 0), give or take `doubt`, a deviation of the logarithm."""
        places = self._terms[name]
        along = [sum(row[place] for place in places) for row in self._spread]
        variance = sum(along[place] for place in places) + doubt**2
        surprise = log(seconds) - log(self[name])
        surprise = max(-_MOST_AT_ONCE, min(_MOST_AT_ONCE, surprise))
        self._mean = [mean + part * surprise / variance for mean, part in zip(self._mean, along, strict=True)]
        self._spread = [
            [value - part * other / variance for value, other in zip(row, along, strict=True)]
            for row, part in zip(self._spread, along, strict=True)
        ]
        self._learned[name] = None
