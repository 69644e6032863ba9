"""Show how two tracks sound: what was measured side by side, and both sounds pictured."""

from typing import TYPE_CHECKING

from textual.content import Content

from fairouz_tui.evidence import ATTRIBUTE_NAMES, GUESSED, UNCERTAIN, figure
from fairouz_tui.half_blocks import side_by_side
from fairouz_tui.mel_picture import mel_picture
from fairouz_tui.reasons.page import FAINT, MUTED, Page, heading, joined, modality_lines, paragraph
from fairouz_tui.show import clip, clock, fit, name_of, one_line
from indexer.exploring.answer import Explanation, TrackRow

if TYPE_CHECKING:
    from indexer.exploring.mel import Mel

    Sound = Mel | str | None

LABEL_CELLS = 11
MEL_LINES = 8
MOST_MEL_COLUMNS = 72
UNSURE = "unsure"
"""Stands where there is no room for more words."""


def audio_page(explanation: Explanation, *, width: int, sounds: "tuple[Sound, Sound]" = (None, None)) -> Page:
    """Return the pane; a sound that is None is still being read."""
    rows = (explanation.a, explanation.b)
    lines = modality_lines("audio", explanation, width, lambda facts: attribute_lines(facts, width, rows=rows))
    for row, sound in zip(rows, sounds, strict=True):
        lines += [Content(""), *mel_lines(row, sound, width)]
    return Page(joined(lines))


def attribute_lines(facts: "object", width: int, *, rows: tuple[TrackRow, TrackRow]) -> list[Content]:
    """Return a line for each attribute that either has, both values side by side under the names of the tracks."""
    sides = [dict(facts.get(side) or {}) for side in ("a", "b")] if hasattr(facts, "get") else [{}, {}]
    known = [name for name in ATTRIBUTE_NAMES if name in GUESSED or any(name in side for side in sides)]
    if not any(sides):
        return paragraph("Nothing was measured with enough certainty to be told.", width)
    half = max((width - LABEL_CELLS) // 2, 6)
    cells = (half, max(width - LABEL_CELLS - half, half))
    names = "".join(fit(clip(name_of(row.title, row.path), half - 1), half) for row in rows)
    lines = [Content.assemble(" " * LABEL_CELLS, (names.rstrip(), "bold"))]
    for name in known:
        values = _values([figure(name, side.get(name)) for side in sides], cells)
        spans = [(fit(ATTRIBUTE_NAMES[name], LABEL_CELLS), MUTED)]
        for value, room in zip(values, cells, strict=True):
            unknown = value in (UNCERTAIN, UNSURE, "")
            style = f"{FAINT} italic" if unknown else "$success bold" if values[0] == values[1] else ""
            spans.append((fit(value, room), style))
        lines.append(Content.assemble(*spans))
    return lines


def _values(said: list[str], cells: tuple[int, int]) -> list[str]:
    """Return both values as there is room for them: the first loses the unit that the second has too."""
    unknown = UNCERTAIN if cells[0] > len(UNCERTAIN) else UNSURE
    first, unit = said[0].rpartition(" ")[::2]
    if len(said[0]) >= cells[0] and first and said[1].endswith(f" {unit}"):
        said = [first, said[1]]
    return [value or unknown for value in said]


def mel_lines(row: TrackRow, sound: "Sound", width: int) -> list[Content]:
    """Return a track's sound as a picture: time to the right, low tones below; or why there is none."""
    head = heading(clip(name_of(row.title, row.path), width))
    if sound is None:
        return [head, Content.styled("listening …", MUTED)]
    if isinstance(sound, str):
        return [head, *paragraph(f"Its sound cannot be pictured: {one_line(sound)}.", width)]
    columns = min(width, MOST_MEL_COLUMNS)
    picture = side_by_side([mel_picture(sound.bands, columns=columns, lines=MEL_LINES)], width=columns)
    start, end = clock(sound.start_seconds), clock(sound.start_seconds + sound.seconds)
    axis = f"{start}{'0-11 kHz'.center(max(columns - len(start) - len(end), 8))}{end}"
    return [head, *picture.split("\n")[:MEL_LINES], Content.styled(clip(axis, width), MUTED)]
