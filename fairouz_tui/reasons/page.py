"""Hold what a pane shows, and write what all of them begin with."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import wrap
from typing import Any

from rich.cells import cell_len
from textual.content import Content

from fairouz_tui.bars import bar, rounded_to_total
from fairouz_tui.half_blocks import side_by_side
from fairouz_tui.picture import Picture
from fairouz_tui.show import clip, fit, name_of, one_line
from indexer.exploring.answer import Explanation, TrackRow

MUTED = "$text-muted"
FAINT = "$text-disabled"
COLOURS = {
    "audio": "$audio",
    "lyrics": "$lyrics",
    "tags": "$tags",
    "cover": "$cover",
    "graph": "$graph",
    "playlists": "$playlists",
    "hub": "$text-muted",
    "words": "$foreground",
}
MODALITIES = ("audio", "lyrics", "tags", "cover", "graph", "playlists")
NOUNS = {
    "audio": ("a ", "sound that was read"),
    "tags": ("", "tags that say anything"),
    "cover": ("a ", "cover"),
    "graph": ("a ", "place in the graph"),
    "playlists": ("a ", "place in a playlist"),
}
"""What a track lacks that has no vector of a modality, with its article."""
OVERVIEW = "overview"
TABS = (OVERVIEW, *MODALITIES)
NAME_CELLS = 10
VALUE_CELLS = 7


@dataclass(frozen=True, slots=True)
class View:
    """How the overview is looked at."""

    radar: bool = False
    matrix: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """What a pane shows: text, pictures beside one another, text."""

    before: Content
    pictures: tuple[Picture, ...] = ()
    """As wide as they are to be."""
    after: Content = field(default_factory=lambda: Content(""))

    def as_text(self, width: int) -> Content:
        """Return the whole page with its pictures as half blocks."""
        if not self.pictures:
            return self.before + "\n" + self.after if self.after.plain else self.before
        return Content("\n").join([self.before, side_by_side(self.pictures, width=width), self.after])


def pair_lines(a: TrackRow, b: TrackRow, width: int) -> list[Content]:
    """Return title and artist of both, a line each."""
    return [_named_line(row, width) for row in (a, b)]


def _named_line(row: TrackRow, width: int) -> Content:
    artist = one_line(row.artist)
    title = clip(name_of(row.title, row.path), max(width - min(cell_len(artist), width // 3) - 2, 8))
    return Content.assemble((title, "bold"), ("  " + clip(artist, width - cell_len(title) - 2), MUTED))


def modality_lines(
    name: str, explanation: Explanation, width: int, body: Callable[[Mapping[str, Any]], list[Content]]
) -> list[Content]:
    """Return the pane of a modality: names and share, then what `body` makes of the evidence, or why there is none."""
    missing = missing_lines(name, explanation, width)
    return share_lines(name, explanation, width) + (missing or body(facts_of(explanation, name)))


def share_lines(name: str, explanation: Explanation, width: int) -> list[Content]:
    """Return both names and how much of the score a modality gives, as the overview prints it; nothing has no bar."""
    shown, total = rounded_to_total(explanation.contributions)
    value = shown.get(name, 0.0)
    if not value and name not in explanation.a.modalities & explanation.b.modalities:
        return [*pair_lines(explanation.a, explanation.b, width), Content("")]
    largest = max((abs(one) for one in shown.values()), default=0.0) or 1.0
    cells = max(width - NAME_CELLS - VALUE_CELLS - 1, 4)
    colour = COLOURS.get(name, "$foreground")
    return [
        *pair_lines(explanation.a, explanation.b, width),
        Content(""),
        Content.assemble(
            (fit(name, NAME_CELLS), f"{colour} bold"),
            (bar(abs(value) / largest, cells), colour if value >= 0 else "$error"),
            (signed(value).rjust(VALUE_CELLS), "bold"),
        ),
        Content.styled(clip(f"of a score of {signed(total)}", width).rjust(NAME_CELLS + cells + VALUE_CELLS), MUTED),
        Content(""),
    ]


def missing_lines(name: str, explanation: Explanation, width: int) -> list[Content]:
    """Return what is said where a modality cannot be compared; [] where both have it."""
    a, b = explanation.a, explanation.b
    without = [row for row in (a, b) if name not in row.modalities]
    if not without:
        return []
    who = "Neither has" if len(without) == 2 else f"“{name_of(without[0].title, without[0].path)}” has no"
    article, noun = NOUNS.get(name, ("", name))
    noun = article + noun if len(without) == 2 else noun
    return paragraph(f"{who} {noun}: there is nothing to compare.", width)


def paragraph(text: str, width: int, style: str = MUTED, *, indent: int = 0) -> list[Content]:
    """Return safe text broken at words, every line indented."""
    room = max(width - indent, 8)
    if cell_len(text) > len(text):
        room //= 2  # wide characters take two cells each
    return [Content.styled(" " * indent + part, style) for part in wrap(text, room)]


def heading(text: str, style: str = "bold") -> Content:
    """Return the line over a part of a pane."""
    return Content.styled(text, style)


def signed(value: float) -> str:
    """Return a contribution as "+.312" or "-.004"."""
    return f"{value:+.3f}".replace("0.", ".", 1)


def joined(lines: Sequence[Content]) -> Content:
    """Return lines as one text."""
    return Content("\n").join(lines)


def facts_of(explanation: Explanation, name: str) -> Mapping[str, Any]:
    """Return the evidence of a modality, {} where there is none."""
    return explanation.evidence.get(name, {})
