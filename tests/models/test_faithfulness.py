"""Explanations name what the tracks have in common, and what is named is what the place among all tracks hangs on."""

import pytest

from benchmarks.faithfulness import SETTINGS, figures, run
from models.modality import Modality


@pytest.mark.parametrize("name", list(SETTINGS))
def test_planted_modality_is_named_and_costs_most(name: str) -> None:
    verdicts = run(name, tracks=500, pairs=60, seed=1)
    found = figures(verdicts)
    assert found["named"] >= 0.95
    assert found["costs most"] >= 0.9
    assert found["places lost"] > 50
    kinds = {Modality.TAGS, Modality.LYRICS} if "text" in name else set(Modality)
    assert {verdict.planted for verdict in verdicts} == kinds


def test_a_name_drawn_by_chance_would_not_pass() -> None:
    """The measure can fail: the modality named last is right next to never."""
    verdicts = run("correlated", tracks=500, pairs=60, seed=1)
    assert sum(verdict.named[-1] is verdict.planted for verdict in verdicts) == 0
    assert sum(verdict.costs[verdict.named[-1]] == verdict.worst for verdict in verdicts) <= 3
