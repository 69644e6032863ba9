"""Make untrusted text safe to show: one line, no control or direction codes, an exact width in cells."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from rich.cells import cell_len, set_cell_size

LONGEST_SHOWN = 2_000
"""Characters looked at in one value: no cell is wider, and a tag may hold ten megabytes."""
COMBINING_RUN = 3
"""Marks kept on one letter: Arabic and Vietnamese need at most three, a "zalgo" title stacks dozens."""
ELLIPSIS = "…"
UNREADABLE = "\N{REPLACEMENT CHARACTER}"
ZERO_WIDTH_NON_JOINER = "\u200c"
"""The one format character that is spelling: Persian words are written with it."""
FIRST_FLAG_LETTER, LAST_FLAG_LETTER = "\U0001f1e6", "\U0001f1ff"
FIRST_SKIN_TONE, LAST_SKIN_TONE = "\U0001f3fb", "\U0001f3ff"
VARIATION_SELECTORS = ("\ufe00", "\ufe0f")


def one_line(text: object) -> str:
    """Return `text` as one line without anything that could move the cursor, the columns or the direction.

    Control characters, line ends and tabs become single spaces; bidirectional overrides and other format
    characters go; lone surrogates and unassigned code points become U+FFFD; flags become their two letters and
    joined emoji come apart, since terminals disagree about their width. None and "" give "".
    """
    if text is None:
        return ""
    return _one_line(str(text)[:LONGEST_SHOWN])


@lru_cache(maxsize=8192)
def _one_line(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks <= COMBINING_RUN:
            kept.append(_shown(character, category))
    return " ".join("".join(kept).split())


def _shown(character: str, category: str) -> str:
    """Return what stands for one character."""
    if FIRST_FLAG_LETTER <= character <= LAST_FLAG_LETTER:
        return chr(ord("A") + ord(character) - ord(FIRST_FLAG_LETTER))
    if VARIATION_SELECTORS[0] <= character <= VARIATION_SELECTORS[1] or FIRST_SKIN_TONE <= character <= LAST_SKIN_TONE:
        return ""
    if category in ("Cc", "Zl", "Zp", "Zs"):
        return " "
    if category == "Cf":
        return character if character == ZERO_WIDTH_NON_JOINER else ""
    if category in ("Cs", "Cn", "Co"):
        return UNREADABLE
    return character


@lru_cache(maxsize=8192)
def clip(text: str, width: int) -> str:
    """Return safe `text` in at most `width` cells, with "…" where something was cut; width below 1 gives ""."""
    if width < 1:
        return ""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + ELLIPSIS


@lru_cache(maxsize=16384)
def fit(text: str, width: int) -> str:
    """Return safe `text` in exactly `width` cells, clipped or padded on the right."""
    clipped = clip(text, width)
    return clipped + " " * (max(width, 0) - cell_len(clipped))


def wrapped(text: str, width: int) -> Iterator[str]:
    """Yield the lines of safe `text`, each of at most `width` cells where its words allow it."""
    for line in text.split("\n"):
        words, so_far = line.split(" "), ""
        for word in words:
            if so_far and cell_len(so_far) + 1 + cell_len(word) > width:
                yield so_far
                so_far = word
            else:
                so_far = f"{so_far} {word}" if so_far else word
        yield so_far


def clock(seconds: float | None) -> str:
    """Return a length as "4:05" or "1:02:03"; None gives ""."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(max(seconds, 0.0)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def nearness(percentile: float) -> str:
    """Return how near a neighbour is among all: "97", "<1", and "far" where no track is as far from its nearest."""
    return f"{percentile:.0f}" if percentile >= 1 else "<1" if percentile > 0 else "far"


def name_of(title: str, path: str) -> str:
    """Return the title, or the file's name where there is none, as one line."""
    return one_line(title) or one_line(path.replace("\\", "/").rsplit("/", 1)[-1]) or "(no name)"


def failure(error: BaseException) -> str:
    """Return an error as one line that a notice can show."""
    said = one_line(error)
    return said if said else type(error).__name__
