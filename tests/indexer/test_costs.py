"""What a unit of each stage costs, learned from measurements: against a naive computation, and by what must hold."""

from math import log

import numpy as np
import pytest

from indexer import costs as costs_module
from indexer.costs import Costs

GUESSED = {"tags": 0.001, "words": 0.002, "sound": 0.02}


def test_estimates_are_the_conditional_means_of_jointly_normal_terms() -> None:
    measured = [("tags", 0.0017), ("words", 0.003), ("tags", 0.0012), ("sound", 0.03)]
    doubts = [0.2, 0.3, 0.1, 0.25]
    costs = Costs(GUESSED, {})
    for (name, seconds), doubt in zip(measured, doubts, strict=True):
        costs.learn(name, seconds, doubt=doubt)
    # The same at once: one normal prior, one observation matrix, the textbook formula.
    names = list(GUESSED)
    prior = np.diag([costs_module._MACHINE**2] + [costs_module._GUESSED**2] * len(names))
    seen = np.array([[1.0, *(float(name == other) for other in names)] for name, _ in measured])
    values = np.array([log(seconds / GUESSED[name]) for name, seconds in measured])
    gain = prior @ seen.T @ np.linalg.inv(seen @ prior @ seen.T + np.diag(np.square(doubts)))
    means = gain @ values
    for place, name in enumerate(names, start=1):
        assert log(costs[name] / GUESSED[name]) == pytest.approx(means[0] + means[place])
    assert log(costs.pace) == pytest.approx(means[0])


def test_a_stage_tells_of_the_others_but_not_all() -> None:
    costs = Costs(GUESSED, {})
    for _ in range(50):
        costs.learn("tags", 2 * GUESSED["tags"], doubt=0.2)
    assert costs["tags"] == pytest.approx(2 * GUESSED["tags"], rel=0.02)
    assert 1.2 * GUESSED["sound"] < costs["sound"] < 2 * GUESSED["sound"]
    assert list(costs.learned) == ["tags"]


def test_what_is_remembered_is_believed_more() -> None:
    guessed, remembered = Costs(GUESSED, {}), Costs(GUESSED, {"sound": 0.02})
    for costs in (guessed, remembered):
        costs.learn("sound", 0.06, doubt=0.3)
    assert remembered["sound"] < guessed["sound"] < 0.06


def test_a_machine_that_slows_down_is_noticed_in_all_stages() -> None:
    costs = Costs(GUESSED, dict(GUESSED))
    generator = np.random.default_rng(1)
    seconds = {}
    for second in range(240):
        costs.drift(1.0)
        slower = 1.0 if second < 200 else 2.0
        costs.learn("sound", slower * GUESSED["sound"] * float(np.exp(0.15 * generator.normal())), doubt=0.15)
        seconds[second] = costs["sound"] / (slower * GUESSED["sound"]), costs["words"] / (slower * GUESSED["words"])
    assert all(abs(log(sound)) < 0.25 for second, (sound, _) in seconds.items() if second < 200 or second >= 220)
    assert all(abs(log(words)) < 0.35 for second, (_, words) in seconds.items() if second < 200 or second >= 225)


def test_one_strange_measurement_moves_little() -> None:
    costs = Costs(GUESSED, {})
    costs.learn("sound", 3600.0, doubt=0.3)
    assert costs["sound"] < 3 * GUESSED["sound"]
