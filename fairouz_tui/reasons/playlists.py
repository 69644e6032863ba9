"""Show the playlists in which both tracks stand, and where in each."""

from collections.abc import Mapping
from typing import Any

from textual.content import Content

from fairouz_tui.reasons.page import COLOURS, FAINT, MUTED, Page, joined, modality_lines, paragraph
from fairouz_tui.show import clip, one_line
from indexer.exploring.answer import Explanation

RAIL_CELLS = 40


def playlists_page(explanation: Explanation, *, width: int) -> Page:
    """Return the pane."""
    return Page(joined(modality_lines("playlists", explanation, width, lambda facts: _places_lines(facts, width))))


def _places_lines(facts: Mapping[str, Any], width: int) -> list[Content]:
    places = list(facts.get("places") or ({"name": name} for name in facts.get("shared") or ()))
    if not places:
        return paragraph("No playlist has both; what counts is that theirs share other tracks.", width)
    return [line for place in places for line in _place_lines(place, width)]


def _place_lines(place: Any, width: int) -> list[Content]:
    name = Content.styled(clip(one_line(place.get("name")), width), "bold")
    a, b, length = place.get("a"), place.get("b"), place.get("length")
    if not (a and b and length):
        return [name]
    apart = abs(int(a) - int(b))
    near = "next to one another" if apart == 1 else f"{apart} places apart"
    text = Content.styled(clip(f"● {a} and ◆ {b} of {length}: {near}", width), MUTED)
    return [name, text, rail(int(a), int(b), int(length), width), Content("")]


def rail(a: int, b: int, length: int, width: int) -> Content:
    """Draw a playlist as a line with both places, counted from 1, on it; two places never fall together."""
    cells = max(min(width, RAIL_CELLS), 2)
    first, second = (min((place - 1) * (cells - 1) // max(length - 1, 1), cells - 1) for place in sorted((a, b)))
    if first == second and a != b:
        first = min(first, cells - 2)
        second = first + 1
    signs = {first: "●" if a <= b else "◆", second: "◆" if a <= b else "●"}
    drawn = [(signs.get(cell, "─"), COLOURS["playlists"] if cell in signs else FAINT) for cell in range(cells)]
    return Content.assemble(*drawn)
