"""Show the words that two tracks share, and those that only one of them has."""

from collections.abc import Iterable, Mapping
from typing import Any

from textual.content import Content

from fairouz_tui.reasons.page import COLOURS, MUTED, Page, heading, joined, modality_lines, paragraph
from fairouz_tui.show import clip, name_of, one_line
from indexer.exploring.answer import Explanation


def tags_page(explanation: Explanation, *, width: int) -> Page:
    """Return the pane."""

    def groups(facts: Mapping[str, Any]) -> list[Content]:
        lines = _group("Both say", facts.get("shared") or (), width, f"{COLOURS['tags']} bold")
        for row, side in ((explanation.a, "a"), (explanation.b, "b")):
            lines += [Content(""), *_group(f"Only {name_of(row.title, row.path)}", facts.get(side) or (), width, "")]
        return [*lines, Content(""), *paragraph("Of title, genre, comment and the words of the sound.", width)]

    return Page(joined(modality_lines("tags", explanation, width, groups)))


def _group(title: str, words: Iterable[Any], width: int, style: str) -> list[Content]:
    said = " · ".join(one_line(word) for word in words)
    return [
        heading(clip(title, width)),
        *(paragraph(said, width, style) if said else paragraph("nothing", width, MUTED)),
    ]
