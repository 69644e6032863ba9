"""Show the closest lines of two songs, one beside or under the other, the words that both have lit."""

from collections.abc import Mapping
from textwrap import wrap
from typing import Any

from rich.cells import cell_len
from textual.content import Content

from fairouz_tui.reasons.page import COLOURS, FAINT, MUTED, Page, joined, modality_lines, paragraph
from fairouz_tui.show import fit, one_line
from indexer.exploring.answer import Explanation
from indexer.fold import words

BESIDE_CELLS = 60
"""From this width on the lines stand beside one another."""
SHORTEST_LIT = 4
"""Letters of a word that is lit: "a" and "the" are in every song."""
LIT = "$accent bold"


def lyrics_page(explanation: Explanation, *, width: int) -> Page:
    """Return the pane."""
    return Page(joined(modality_lines("lyrics", explanation, width, lambda facts: line_pairs(facts, width))))


def line_pairs(facts: Mapping[str, Any], width: int) -> list[Content]:
    """Return the closest lines, each pair with its cosine."""
    if not facts:
        return paragraph("The lines are still being compared …", width)
    pairs = list(facts.get("pairs") or ([facts] if facts.get("a") else ()))
    if not pairs:
        return paragraph("Their lines are in a script that the text model here cannot read.", width)
    lines = paragraph("The closest lines, by what the text model says they mean:", width)
    for pair in pairs:
        lines += [Content(""), *_pair(pair, width)]
    return lines


def _pair(pair: Mapping[str, Any], width: int) -> list[Content]:
    a, b = one_line(pair.get("a")), one_line(pair.get("b"))
    shared = {word for word in set(words(a)) & set(words(b)) if len(word) >= SHORTEST_LIT or not word.isascii()}
    cosine = pair.get("cosine")
    said = f"{cosine:.2f}".replace("0.", ".", 1) if isinstance(cosine, float) else ""
    head = Content.assemble((said or "·", f"{COLOURS['lyrics']} bold"), (" the same line" if a == b else "", MUTED))
    if a == b:
        return [head, *_lit(a, shared, width)]
    if width < BESIDE_CELLS:
        return [head, *_lit(a, shared, width), Content.styled("  ╌╌", FAINT), *_lit(b, shared, width)]
    half = (width - 3) // 2
    left, right = _lit(a, shared, half), _lit(b, shared, half)
    blank = Content(" " * half)
    rows = max(len(left), len(right))
    left, right = left + [blank] * (rows - len(left)), right + [Content("")] * (rows - len(right))
    return [head, *(_padded(x, half) + Content.styled(" │ ", FAINT) + y for x, y in zip(left, right, strict=True))]


def _padded(line: Content, width: int) -> Content:
    return line + " " * max(width - cell_len(line.plain), 0)


def _lit(line: str, shared: set[str], width: int) -> list[Content]:
    """Return a line broken at words, those in `shared` lit."""
    room = max(width - 2, 8)
    if cell_len(line) > len(line):
        room //= 2
    lines = []
    for part in wrap(line, room):
        spans: list[tuple[str, str]] = [("  ", "")]
        for token in fit(part, cell_len(part)).split(" "):
            spans += [(token, LIT if shared & set(words(token)) else ""), (" ", "")]
        lines.append(Content.assemble(*spans[:-1]))
    return lines
