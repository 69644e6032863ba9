"""Show both covers as large as the pane allows, their main colours, and those that are alike."""

from collections.abc import Sequence
from typing import Any

from textual.content import Content

from fairouz_tui.picture import Picture
from fairouz_tui.reasons.page import MUTED, Page, facts_of, heading, joined, missing_lines, paragraph, share_lines
from fairouz_tui.show import clip, name_of
from indexer.exploring.answer import Explanation

HEX_DIGITS = "0123456789abcdefABCDEF"
MOST_COLUMNS = 40
LEAST_COLUMNS = 8


def cover_page(explanation: Explanation, *, width: int, covers: Sequence[Picture | None] = ()) -> Page:
    """Return the pane."""
    lines = share_lines("cover", explanation, width)
    facts: Any = facts_of(explanation, "cover")
    columns = max(min((width - 2) // 2, MOST_COLUMNS), LEAST_COLUMNS)
    pictures = tuple(cover.at(columns) for cover in covers if cover is not None)
    return Page(
        joined(lines + missing_lines("cover", explanation, width)),
        pictures,
        joined(_colour_lines(explanation, facts, width)),
    )


def _colour_lines(explanation: Explanation, facts: Any, width: int) -> list[Content]:
    lines = []
    if facts.get("same"):
        lines += [heading("Both have the same picture.", "$success bold"), Content("")]
    for row, colours in zip((explanation.a, explanation.b), facts.get("colours") or (), strict=False):
        name = Content.styled("  " + clip(name_of(row.title, row.path), max(width - 2 * len(colours) - 2, 4)), MUTED)
        lines.append(squares(colours) + name)
    alike = [pair for pair in facts.get("alike") or () if all(is_colour(colour) for colour in pair)]
    if alike:
        lines += [Content(""), heading("Alike")]
        lines.append(Content("  ").join([squares(pair) for pair in alike]))
    elif facts.get("colours"):
        lines += [Content(""), *paragraph("No colour of one is like a colour of the other.", width)]
    return lines


def squares(colours: Sequence[object]) -> Content:
    """Return colours as small squares; what is no colour is left out."""
    return Content.assemble(*(("██", str(colour)) for colour in colours if is_colour(colour)))


def is_colour(text: object) -> bool:
    """Return whether a text is a colour "#rrggbb"."""
    return (
        isinstance(text, str)
        and len(text) == len("#rrggbb")
        and text[0] == "#"
        and all(d in HEX_DIGITS for d in text[1:])
    )
