import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from fairouz_tui.bars import bar, column, meter, rounded_to_total
from fairouz_tui.show import clip, clock, fit, name_of, one_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (None, ""),
        ("", ""),
        ("a\nb\tc\r\x00d", "a b c d"),
        ("\x1b[31mred\x1b[0m", "[31mred [0m"),
        ("[bold]not bold[/bold]", "[bold]not bold[/bold]"),
        ("abc\u202edef\u2066ghi\u200f", "abcdefghi"),
        ("caf\udce9", "caf\ufffd"),
        ("نسّم علينا", "نسّم علينا"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("🇱🇧 Beirut", "LB Beirut"),
        ("👩\u200d🎤", "👩🎤"),
        ("👍🏽", "👍"),
        ("e" + "\u0301" * 40, "e" + "\u0301" * 3),
        ("  many   spaces  ", "many spaces"),
        ("x" * 10_000_000, "x" * 2000),
    ],
)
def test_hostile_text_is_one_safe_line(text: str | None, shown: str) -> None:
    assert one_line(text) == shown


@given(st.text())
def test_what_is_shown_is_safe_and_stays_as_it_is(text: str) -> None:
    shown = one_line(text)
    assert one_line(shown) == shown
    assert not [
        c for c in shown if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") or c in "\u202a\u202e\u2066\u2069"
    ]


@given(st.text(), st.integers(-2, 60))
def test_fitted_text_has_its_width(text: str, width: int) -> None:
    shown = one_line(text)
    assert cell_len(clip(shown, width)) <= max(width, 0)
    assert cell_len(fit(shown, width)) == max(width, 0)


@pytest.mark.parametrize(
    ("seconds", "shown"), [(None, ""), (0, "0:00"), (59.6, "1:00"), (245, "4:05"), (3723, "1:02:03"), (-1, "0:00")]
)
def test_clock(seconds: float | None, shown: str) -> None:
    assert clock(seconds) == shown


def test_a_track_without_title_shows_its_file() -> None:
    assert name_of("", "/music/x/01 caf\udce9.mp3") == "01 caf\ufffd.mp3"
    assert name_of("\x00 ", "") == "(no name)"


@pytest.mark.parametrize(
    ("value", "largest", "drawn"),
    [
        (None, 1, " "),
        (0, 1, "·"),
        (0.01, 1, "·"),
        (1, 1, "█"),
        (0.5, 1, "▄"),
        (0.05, 1, "▁"),
        (-0.5, 1, "-"),
        (1, 0, "·"),
    ],
)
def test_column(value: float | None, largest: float, drawn: str) -> None:
    assert column(value, largest) == drawn


@given(st.floats(-1, 2), st.integers(0, 50))
def test_bars_have_their_width_and_grow(share: float, width: int) -> None:
    assert len(bar(share, width)) == len(meter(share, width)) == width
    assert bar(0.5, 4) == "██  "
    assert bar(5 / 32, 4) == "▋   "


@given(st.dictionaries(st.text(max_size=3), st.floats(-1, 1), max_size=8))
def test_rounded_parts_add_up_to_the_rounded_total(values: dict[str, float]) -> None:
    parts, total = rounded_to_total(values)
    assert round(sum(parts.values()), 9) == pytest.approx(total, abs=1e-9)
    assert total == pytest.approx(sum(values.values()), abs=0.0005 + 1e-9)
    assert all(abs(parts[name] - values[name]) < 0.001 + 1e-9 for name in values)
