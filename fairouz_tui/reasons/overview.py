"""Show why two tracks are close at a glance: bars or a radar, both adding up, and on demand who meets whom."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from textual.content import Content

from fairouz_tui.bars import bar, rounded_to_total
from fairouz_tui.braille import Canvas
from fairouz_tui.evidence import evidence_lines
from fairouz_tui.picture import Picture
from fairouz_tui.reasons.cover import squares
from fairouz_tui.reasons.page import (
    COLOURS,
    FAINT,
    MODALITIES,
    MUTED,
    NAME_CELLS,
    VALUE_CELLS,
    Page,
    View,
    heading,
    joined,
    pair_lines,
    paragraph,
    signed,
)
from fairouz_tui.show import clip, fit
from indexer.exploring.answer import Explanation, PairTerm

MEANINGS = {
    "hub": "corrects for tracks that are near everything",
    "words": "your words stand in its tags or lyrics",
}
COVER_COLUMNS = 16
RADAR_COLUMNS, LEAST_RADAR_COLUMNS = 44, 30
LABEL_CELLS = 10
"""Left free on both sides of the radar for the names."""
MATRIX_NAME_CELLS = 6
MATRIX_CELLS = 6


def overview_page(
    explanation: Explanation, *, width: int, covers: Sequence[Picture | None] = (), view: View | None = None
) -> Page:
    """Return the pane."""
    view = view or View()
    contributions = explanation.contributions
    lines = [*pair_lines(explanation.a, explanation.b, width), Content("")]
    if view.radar:
        lines += radar_lines(contributions, width)
    else:
        lines += contribution_lines(contributions, width=width, evidence=explanation.evidence)
    if view.matrix:
        lines += [Content(""), *matrix_lines(explanation.pairs, contributions, width)]
    if explanation.note:
        lines += [Content(""), *paragraph(explanation.note, width)]
    if not any(covers):
        return Page(joined(lines))
    pictures = tuple(cover.at(min(COVER_COLUMNS, (width - 2) // 2)) for cover in covers if cover is not None)
    colours = [squares(side) for side in explanation.evidence.get("cover", {}).get("colours") or ()]
    return Page(joined([*lines, Content("")]), pictures, Content("  ").join(colours))


def contribution_lines(
    contributions: Mapping[str, float], *, width: int, evidence: Mapping[str, Mapping[str, Any]] | None = None
) -> list[Content]:
    """Return a bar per contribution, in the given order, its evidence under it, and the total they add up to."""
    shown, total = rounded_to_total(contributions)
    largest = max((abs(value) for value in shown.values()), default=0.0) or 1.0
    cells = max(width - NAME_CELLS - VALUE_CELLS - 1, 4)
    lines: list[Content] = []
    for name, value in shown.items():
        colour = COLOURS.get(name, "$foreground")
        lines.append(
            Content.assemble(
                (fit(name, NAME_CELLS), colour),
                (bar(abs(value) / largest, cells), colour if value >= 0 else "$error"),
                (signed(value).rjust(VALUE_CELLS), "bold"),
            )
        )
        said = evidence_lines(name, (evidence or {}).get(name, {}))
        said += [MEANINGS[name]] if name in MEANINGS and value else []
        lines += [part for line in said for part in paragraph(line, width, indent=2)]
    return [*lines, *_sum_lines(total, NAME_CELLS + cells)]


def _sum_lines(total: float, cells: int) -> list[Content]:
    score = Content.assemble((fit("score", cells), "bold"), (signed(total).rjust(VALUE_CELLS), "$accent bold"))
    return [Content.styled("─" * (cells + VALUE_CELLS), FAINT), score]


def radar_lines(contributions: Mapping[str, float], width: int) -> list[Content]:
    """Return a radar of the six modalities, what lies outside it, and the total; the ring is the largest share."""
    shown, total = rounded_to_total(contributions)
    columns = max(min(width, RADAR_COLUMNS), LEAST_RADAR_COLUMNS)
    lines = [radar(shown, columns)]
    outside = [name for name in shown if name not in MODALITIES or shown[name] < 0]
    for name in outside:
        said = "pulls apart" if name in MODALITIES else MEANINGS.get(name, "")
        room = max(width - NAME_CELLS - VALUE_CELLS - 1, 4)
        lines.append(
            Content.assemble(
                (fit(name, NAME_CELLS), COLOURS.get(name, "")),
                (fit(said, room), MUTED),
                signed(shown[name]).rjust(VALUE_CELLS),
            )
        )
    return [*lines, *_sum_lines(total, max(width - VALUE_CELLS - 1, NAME_CELLS))]


def radar(shown: Mapping[str, float], columns: int) -> Content:
    """Draw what each modality gives as a hexagon, the first at the top, clockwise; below zero is the middle."""
    radius = columns - 2 * LABEL_CELLS  # dots: two a cell, so this is half the room between the names
    lines = math.ceil((2 * radius + 4) / 4) + 2
    canvas = Canvas(columns, lines)
    middle = (columns - 0.5, canvas.size[1] / 2 - 0.5)
    largest = max((shown.get(name, 0.0) for name in MODALITIES), default=0.0) or 1.0

    def corner(place: int, share: float) -> tuple[float, float]:
        angle = math.tau * place / len(MODALITIES)
        return middle[0] + radius * share * math.sin(angle), middle[1] - radius * share * math.cos(angle)

    for share in (0.5, 1.0):
        canvas.polygon([corner(place, share) for place in range(len(MODALITIES))], FAINT, every=3)
    for place in range(len(MODALITIES)):
        canvas.line(middle, corner(place, 1.0), FAINT, every=4)
    values = [max(shown.get(name, 0.0), 0.0) / largest for name in MODALITIES]
    canvas.polygon([corner(place, value) for place, value in enumerate(values)], "$primary")
    for place, name in enumerate(MODALITIES):
        _label(canvas, corner(place, 1.0), name, signed(shown[name]) if name in shown else "-")
    return canvas.drawn()


def _label(canvas: Canvas, corner: tuple[float, float], name: str, value: str) -> None:
    """Write a name and its value beside a corner, outside the ring."""
    column, line = round(corner[0]) // 2, round(corner[1]) // 4
    colour = COLOURS[name]
    if abs(column - canvas.columns // 2) <= 1:
        top = line <= canvas.lines // 2
        text = f"{name} {value}"
        start = canvas.columns // 2 - len(text) // 2
        at = line - 1 if top else line + 1
        canvas.write(start, at, name, colour)
        canvas.write(start + len(name) + 1, at, value, "bold")
    elif column < canvas.columns // 2:
        canvas.write(column - len(name) - 1, line, name, colour)
        canvas.write(column - len(value) - 1, line + 1, value, "bold")
    else:
        canvas.write(column + 2, line, name, colour)
        canvas.write(column + 2, line + 1, value, "bold")


def matrix_lines(pairs: Sequence[PairTerm], contributions: Mapping[str, float], width: int) -> list[Content]:
    """Return the products that the score is made of, a line for each modality of the first track."""
    if not pairs:
        return paragraph("The products are still being computed …", width)
    terms = {f"{pair.a} {pair.b}": pair.value for pair in pairs}
    shown, total = rounded_to_total(terms | {name: value for name, value in contributions.items() if name == "hub"})
    rows = [name for name in MODALITIES if any(pair.a == name for pair in pairs)]
    across = [name for name in MODALITIES if any(pair.b == name for pair in pairs)]
    largest = max((abs(value) for value in shown.values()), default=0.0) or 1.0
    cells = max(min((width - MATRIX_NAME_CELLS) // max(len(across), 1), MATRIX_CELLS + 2), 5)
    named = "".join(name[: cells - 1].rjust(cells) for name in across)
    lines = [
        heading(clip("First track down, second across", width)),
        Content.styled(" " * MATRIX_NAME_CELLS + named, MUTED),
    ]
    for row in rows:
        spans = [(fit(row, MATRIX_NAME_CELLS), COLOURS[row])]
        for column in across:
            value = shown.get(f"{row} {column}", 0.0)
            style = "$error" if value < 0 else "bold" if value > largest / 4 else "" if value else FAINT
            spans.append(((signed(value).replace("+", "") if value else "·").rjust(cells), style))
        lines.append(Content.assemble(*spans))
    hub = f"with hub {signed(shown['hub'])} " if "hub" in shown else ""
    return [*lines, Content.styled(clip(f"{hub}they add up to {signed(total)}", width), MUTED)]
