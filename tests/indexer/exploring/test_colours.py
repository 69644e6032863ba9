"""Which colours look alike, in CIELAB."""

import pytest

from indexer.exploring.colours import alike, lab


@pytest.mark.parametrize(
    ("colour", "expected"),
    [
        ("#ffffff", (100.0, 0.0, 0.0)),
        ("#000000", (0.0, 0.0, 0.0)),
        ("#ff0000", (53.24, 80.09, 67.20)),
        ("#00ff00", (87.73, -86.18, 83.18)),
        ("#0000ff", (32.30, 79.19, -107.86)),
    ],
)
def test_lab_of_known_colours(colour: str, expected: tuple[float, float, float]) -> None:
    """The values of Bruce Lindbloom's calculator for sRGB and D65."""
    assert lab(colour) == pytest.approx(expected, abs=0.05)


def test_alike_are_neighbours_and_each_colour_is_taken_once() -> None:
    assert alike(["#204080", "#f0f0f0"], ["#f4f2ee", "#224488", "#1f3f7f"]) == [
        ["#204080", "#1f3f7f"],
        ["#f0f0f0", "#f4f2ee"],
    ]
    assert alike(["#ff0000"], ["#00ff00"]) == []
    assert alike([], ["#00ff00"]) == []
