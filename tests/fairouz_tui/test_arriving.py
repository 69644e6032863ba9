"""What comes from the terminal in pieces, late, or unasked for is never taken for keys."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual._xterm_parser import XTermParser

from fairouz_tui.arriving import ALT_SECONDS, LONGEST_STRING, PASTE_SECONDS, REST_SECONDS, ArrivingText
from tests.fairouz_tui.terminal import Terminal

UNKNOWN = [
    "\x1b[?62;4;6c",
    "\x1b[>41;379;0c",
    "\x1b[?1u",
    "\x1b[6;17;8t",
    "\x1b[?2031;1n",
    "\x1b[?62;1;2;4;6;9;15;16;17;18;21;22;28;29;42;52c",
    "\x1b]11;rgb:1010/1515/1c1c\x1b\\",
    "\x1b]52;c;aGVsbG8=\x07",
    "\x1b_Gi=1;OK\x1b\\",
    "\x1bP>|foot(1.13)\x1b\\",
    "\x1bP1$r0m\x1b\\",
]
"""Answers that Textual knows nothing of."""
KNOWN = [
    "\x1b[?2026;2$y",
    "\x1b[<35;10;10M",
    "\x1b[<0;36;8m",
    "\x1b[A",
    "\x1b[1;5C",
    "\x1b[106;;106u",
    "\x1b[I",
    "\x1b[15~",
]
PASTED = "\x1b[200~one\ntwo\x1b[201~"


class Reader:
    """Textual's parser behind the gate, on a clock of our own."""

    def __init__(self) -> None:
        self._arriving, self._parser, self._now = ArrivingText(), XTermParser(), 0.0

    def read(self, pieces: Sequence[str], *, gap: float = 0.3) -> list[str]:
        """Return what is read of pieces that come `gap` seconds apart."""
        return [one for piece in pieces for one in [*self._take(piece), *self._wait(gap)]]

    def _take(self, piece: str) -> Iterator[str]:
        yield from self._parsed(self._arriving.take(piece, now=self._now))

    def _wait(self, gap: float) -> Iterator[str]:
        for _ in range(round(gap / 0.1)):
            self._now += 0.1
            yield from self._parsed(self._arriving.late(now=self._now))
        if gap >= 0.1:  # the parser's own clock is a real one
            self._parser._timeout_time = 0.0 if self._parser._timeout_time is not None else None
            yield from map(_named, self._parser.tick())

    def _parsed(self, ready: str) -> Iterator[str]:
        if ready:
            yield from map(_named, self._parser.feed(ready))


def _named(event: object) -> str:
    match event:
        case events.Key(key=key):
            return key
        case events.Paste(text=text):
            return f"paste {text}"
    return type(event).__name__


@pytest.mark.parametrize("answer", UNKNOWN)
def test_an_answer_that_nobody_knows_is_dropped_wherever_it_is_cut(answer: str) -> None:
    assert Reader().read([f"j{answer}k"]) == ["j", "k"]
    for at in range(2, len(answer)):
        assert Reader().read(["j" + answer[:at], answer[at:] + "k"]) == ["j", "k"], at


@pytest.mark.parametrize("sequence", [*KNOWN, PASTED])
def test_a_sequence_is_the_same_wherever_it_is_cut(sequence: str) -> None:
    whole = Reader().read([f"j{sequence}k"])
    assert whole == [_named(one) for one in XTermParser().feed(f"j{sequence}k")]
    for at in range(2, len(sequence)):
        assert Reader().read(["j" + sequence[:at], sequence[at:] + "k"]) == whole, at


@given(st.lists(st.sampled_from(["j", "é", "龘", " ", "\r", *KNOWN, *UNKNOWN, PASTED])), st.data())
def test_cut_anywhere_without_a_pause_nothing_changes(sent: list[str], data: st.DataObject) -> None:
    text = "".join(sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=4)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    known = "".join(one for one in sent if one not in UNKNOWN)
    assert Reader().read([one for one in pieces if one], gap=0) == [_named(one) for one in XTermParser().feed(known)]


def test_keys_stay_keys() -> None:
    assert Reader().read(["\x1b"]) == ["escape"]
    assert Reader().read(["\x1b", "j"]) == ["escape", "j"]
    assert Reader().read(["\x1b", "[", "?"]) == ["escape", "left_square_bracket", "question_mark"]
    assert Reader().read(["\x1bj"]) == ["alt+j"]
    assert Reader().read(["\x1b[", "j"], gap=ALT_SECONDS + 0.1)[-1] == "j"
    assert Reader().read(["\x1bPj"])[-1] == "j"
    assert Reader().read(["\x1b\x1b[A"])[-1] == "up"
    assert Reader().read(["\x1bOP", "\x1b[[A"]) == ["f1", "f1"]


def test_the_rest_that_comes_after_an_escape_is_no_row_of_keys() -> None:
    assert Reader().read(["\x1b", "[?2026;2$yj"]) == ["escape", "j"]
    assert Reader().read(["\x1b", "[<35;1;10Mj"]) == ["escape", "j"]


def test_a_beginning_whose_rest_never_comes_is_dropped() -> None:
    reader = Reader()
    assert reader.read(["\x1b[?20"], gap=REST_SECONDS + 0.2) == []
    assert reader.read(["jk"]) == ["j", "k"]
    assert Reader().read(["\x1b]11;" + "j" * LONGEST_STRING])  # no answer is so long: it does not swallow everything


def test_a_paste_ends_where_its_end_never_comes_and_its_escapes_are_no_keys() -> None:
    reader = Reader()
    assert reader.read(["\x1b[200~one\x1b[31mtwo\x1b[20"], gap=PASTE_SECONDS + 0.2) == ["paste one[31mtwo"]
    assert reader.read(["j"]) == ["j"]
    assert Reader().read(["\x1b[200~a\x1b[201", "~j"]) == ["paste a", "j"]


def test_in_a_terminal_answers_cut_in_two_press_no_key(library: Path) -> None:
    terminal = Terminal(library, columns=90, lines=30)
    try:
        terminal.shows("36 tracks", "Library · 1 of 36")
        for piece in (b"\x1b[?20", b"26;2$y", b"\x1b[<35;1", b"0;10M", b"\x1b]11;rgb:10", b"10/bbbb/aaaa\x1b\\"):
            terminal.send(piece)
            terminal.tmux("run-shell", "sleep 0.3")
        terminal.send(b"\x1b[?62;4;6cj")
        terminal.shows("Library · 2 of 36")
        terminal.press("/")
        terminal.send(b"\x1b[200~harbour\x1b[31m\x1b[201~")
        terminal.shows("“harbour[31m”")
        terminal.press("Escape")
        terminal.shows("More like")
        terminal.quit()
    finally:
        terminal.close()
