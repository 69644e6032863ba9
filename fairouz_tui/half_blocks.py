"""Write pictures as text: two pixels a cell, for any terminal that has colours."""

from collections.abc import Sequence

from textual.content import Content

from fairouz_tui.picture import UPPER_HALF, Picture

GAP = "  "


def side_by_side(pictures: Sequence[Picture | None], *, width: int) -> Content:
    """Return pictures beside one another, two cells apart, at half the size where `width` asks for it."""
    shown = [picture for picture in pictures if picture is not None]
    if sum(picture.columns + len(GAP) for picture in shown) - len(GAP) > width:
        shown = [picture.halved() for picture in shown]
    lines = max((len(picture.cells) for picture in shown), default=0)
    return Content("\n").join([*(_line(shown, y) for y in range(lines)), Content("")])


def _line(pictures: Sequence[Picture], y: int) -> Content:
    spans: list[tuple[str, str]] = []
    for picture in pictures:
        cells = picture.cells[y] if y < len(picture.cells) else ()
        spans += [(UPPER_HALF, f"{upper} on {lower}") for upper, lower in cells]
        spans.append((" " * (picture.columns - len(cells)) + GAP, ""))
    return Content.assemble(*spans[:-1], GAP.rstrip())
