"""Write the right pane: why two tracks are close, why a track answers words, what is known about one track."""

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

from rich.cells import cell_len
from textual.content import Content

from fairouz_tui.bars import bar, rounded_to_total
from fairouz_tui.evidence import evidence_lines
from fairouz_tui.picture import UPPER_HALF, Picture
from fairouz_tui.show import clip, clock, fit, name_of, one_line
from indexer.exploring.answer import Explanation, Hit, TrackRow

COLOURS = {
    "audio": "$primary",
    "lyrics": "$secondary",
    "tags": "$success",
    "cover": "$accent",
    "graph": "#c792ea",
    "playlists": "#f07178",
    "hub": "$text-muted",
    "words": "$foreground",
}
NAME_CELLS = 10
VALUE_CELLS = 7
MEANINGS = {
    "hub": "corrects for tracks that are near everything",
    "words": "your words stand in its tags or lyrics",
}
PLACES = {"other": "comment"}
"""How the places of matched words are shown where their name does not say it."""
LYRICS_LINES = 400
MUTED = "$text-muted"


def explanation_content(
    explanation: Explanation, *, width: int, covers: Sequence[Picture | None] = (None, None)
) -> Content:
    """Return the whole pane for two tracks in `width` cells: names, bars that add up, covers."""
    a, b = explanation.a, explanation.b
    parts = [_pair(a, b, width), Content("")]
    parts += contribution_lines(explanation.contributions, width=width, evidence=explanation.evidence)
    if any(covers):
        parts += [Content(""), side_by_side(covers, width=width), _colours(explanation.evidence.get("cover", {}))]
    return Content("\n").join(parts)


def hit_content(hit: Hit, query: str, *, width: int) -> Content:
    """Return the pane for a track that answers words: the bars, and which words it has and where."""
    head = [
        Content.styled(clip(name_of(hit.track.title, hit.track.path), width), "bold"),
        Content.styled(clip(f"answers “{one_line(query)}”", width), MUTED),
        Content(""),
    ]
    return Content("\n").join(head + contribution_lines(hit.contributions, width=width) + word_lines(hit, width=width))


def word_lines(hit: Hit, *, width: int) -> list[Content]:
    """Return a line for each place in which the track has words of the query: "sound: slow, dark"."""
    places: dict[str, list[str]] = {}
    for word, place in hit.matched.items():
        places.setdefault(PLACES.get(place, place), []).append(word)
    told = (f"{place}: {one_line(', '.join(own))}" for place, own in places.items())
    lines = [Content.styled(clip(line, width), MUTED) for line in told]
    return [Content(""), *lines] if lines else []


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
        drawn = bar(abs(value) / largest, cells)
        lines.append(
            Content.assemble(
                (fit(name, NAME_CELLS), colour),
                (drawn, colour if value >= 0 else "$error"),
                (signed(value).rjust(VALUE_CELLS), "bold"),
            )
        )
        said = evidence_lines(name, (evidence or {}).get(name, {}))
        said += [MEANINGS[name]] if name in MEANINGS and value else []
        lines += [_indented(line, width) for line in said]
    lines.append(Content.styled("─" * (NAME_CELLS + cells + VALUE_CELLS), "$text-disabled"))
    score = Content.assemble(
        (fit("score", NAME_CELLS + cells), "bold"), (signed(total).rjust(VALUE_CELLS), "$accent bold")
    )
    return [*lines, score]


def signed(value: float) -> str:
    """Return a contribution as "+.312" or "-.004"."""
    return f"{value:+.3f}".replace("0.", ".", 1)


def _indented(line: str, width: int, *, indent: int = 2) -> Content:
    """Return a line broken at words, every part indented."""
    room = max(width - indent, 8)
    if cell_len(line) > len(line):
        room //= 2  # wide characters take two cells each
    return Content.styled("\n".join(" " * indent + part for part in wrap(line, room)), MUTED)


def _pair(a: TrackRow, b: TrackRow, width: int) -> Content:
    def one(row: TrackRow) -> Content:
        title = clip(name_of(row.title, row.path), width)
        return Content.assemble((title, "bold"), "\n", (clip(one_line(row.artist), width) or "—", MUTED))

    return Content("\n").join([one(a), one(b)])


def side_by_side(covers: Sequence[Picture | None], *, width: int) -> Content:
    """Return pictures beside one another, two cells apart, at half the size where `width` asks for it."""
    pictures = [cover for cover in covers if cover is not None]
    if sum(picture.columns + 2 for picture in pictures) - 2 > width:
        pictures = [picture.halved() for picture in pictures]
    lines: list[Content] = []
    for y in range(max((len(picture.cells) for picture in pictures), default=0)):
        spans: list[tuple[str, str]] = []
        for picture in pictures:
            spans += [(UPPER_HALF, f"{upper} on {lower}") for upper, lower in picture.cells[y]]
            spans.append(("  ", ""))
        lines.append(Content.assemble(*spans[:-1]))
    return Content("\n").join([*lines, Content("")])


def _colours(facts: Mapping[str, Any]) -> Content:
    """Return the main colours of both covers as small squares."""
    spans: list[str | tuple[str, str]] = []
    for side in facts.get("colours") or ():
        spans += [("██", str(colour)) for colour in side if _is_colour(colour)]
        spans.append("  ")
    return Content.assemble(*spans, "\n") if spans else Content("")


def _is_colour(text: object) -> bool:
    return (
        isinstance(text, str)
        and len(text) == len("#rrggbb")
        and text[0] == "#"
        and all(digit in "0123456789abcdefABCDEF" for digit in text[1:])
    )


def card_content(card: Mapping[str, Any], *, width: int, cover: Picture | None = None) -> Content:
    """Return what is known about one track: names, numbers, credits, sound, lyrics, file."""
    if not card:
        return Content.styled("Nothing is known about this track yet.", MUTED)
    parts = [Content.styled(clip(name_of(str(card.get("title") or ""), str(card.get("path") or "")), width), "bold")]
    parts.append(Content.styled(clip(one_line(card.get("artist")) or "—", width), "$primary"))
    about = [one_line(card.get("album")), one_line(card.get("year")), clock(card.get("duration_seconds"))]
    parts += [Content.styled(clip(" · ".join(word for word in about if word), width), MUTED), Content("")]
    if cover is not None:
        parts.append(side_by_side([cover], width=width))
    for name, value in _facts(card):
        first, *rest = _indented(value, width, indent=NAME_CELLS).plain.split("\n")
        parts.append(Content.assemble((fit(name, NAME_CELLS), MUTED), first[NAME_CELLS:]))
        parts += [Content(line) for line in rest]
    return Content("\n").join(parts + _lyrics_lines(card))


def _facts(card: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the named lines of a card; what is not known has no line."""
    facts = [("genre", one_line(card.get("genre")))]
    facts += _credits(card)
    facts += [("sound", ", ".join(one_line(one.get("text")) for one in card.get("attributes") or ()))]
    facts += [("playlists", ", ".join(one_line(name) for name in card.get("playlists") or ()))]
    facts += [("work", one_line(card.get("work"))), ("comment", one_line(card.get("comment")))]
    facts += [("guessed", ", ".join(one_line(name) for name in card.get("guessed") or ()))]
    facts += [("file", one_line(card.get("path")))]
    return [(name, value) for name, value in facts if value]


def _credits(card: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the names by role; the artist, who stands at the top, is not said again."""
    names: dict[str, list[str]] = {}
    for credit in card.get("credits") or ():
        name, role = one_line(credit.get("name")), one_line(credit.get("role"))
        if name and name != one_line(card.get("artist")):
            names.setdefault(role.removeprefix("album "), []).append(name)
    return [(role, ", ".join(dict.fromkeys(named))) for role, named in names.items()]


def _lyrics_lines(card: Mapping[str, Any]) -> list[Content]:
    text = str(card.get("lyrics") or "")
    if not text:
        return []
    lines = [one_line(line) for line in text.splitlines()[:LYRICS_LINES]]
    return [Content(""), Content.styled("Lyrics", "$secondary bold"), *(Content(line) for line in lines)]
