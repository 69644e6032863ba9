"""Write what is known about one track: names, numbers, credits, sound, lyrics, file."""

from collections.abc import Mapping
from typing import Any

from textual.content import Content

from fairouz_tui.evidence import ATTRIBUTE_NAMES, MOST_ATTRIBUTES, figure
from fairouz_tui.picture import Picture
from fairouz_tui.reasons.page import MUTED, NAME_CELLS, Page, joined, paragraph
from fairouz_tui.show import clip, clock, fit, name_of, one_line

LYRICS_LINES = 400
COVER_COLUMNS = 24
FEWEST_CELLS = 8
"""Of an album's name that makes room for year and length."""


def card_page(card: Mapping[str, Any], *, width: int, cover: Picture | None = None) -> Page:
    """Return what is known about one track."""
    if not card:
        return Page(Content.styled("Nothing is known about this track yet.", MUTED))
    after = [part for name, value in facts(card) for part in named_lines(name, value, width)]
    pictures = (cover.at(min(COVER_COLUMNS, width)),) if cover is not None else ()
    before = [*title_lines(card, width), Content("")]
    return Page(
        joined(before if pictures else before + after + _lyrics_lines(card)),
        pictures,
        joined(after + _lyrics_lines(card)) if pictures else Content(""),
    )


def title_lines(card: Mapping[str, Any], width: int) -> list[Content]:
    """Return title, artist, and album with year and length."""
    numbers = " · ".join(word for word in (one_line(card.get("year")), clock(card.get("duration_seconds"))) if word)
    album = clip(one_line(card.get("album")), max(width - len(numbers) - 3, FEWEST_CELLS))
    return [
        Content.styled(clip(name_of(str(card.get("title") or ""), str(card.get("path") or "")), width), "bold"),
        Content.styled(clip(one_line(card.get("artist")) or "—", width), "$primary"),
        Content.styled(clip(" · ".join(word for word in (album, numbers) if word), width), MUTED),
    ]


def named_lines(name: str, value: str, width: int, style: str = "") -> list[Content]:
    """Return a fact beside its name, broken at words."""
    parts = [part.plain for part in paragraph(value, max(width - NAME_CELLS, 8), style)]
    names = [name, *[""] * (len(parts) - 1)]
    return [
        Content.assemble((fit(label, NAME_CELLS), MUTED), (part, style))
        for label, part in zip(names, parts, strict=True)
    ]


def facts(card: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the named lines of a card; what is not known has no line."""
    known = [("genre", one_line(card.get("genre")))]
    known += credits_by_role(card)
    known += [("sound", _sound(card))]
    known += [("playlists", ", ".join(one_line(name) for name in card.get("playlists") or ()))]
    known += [("work", one_line(card.get("work"))), ("comment", one_line(card.get("comment")))]
    known += [("guessed", ", ".join(one_line(name) for name in card.get("guessed") or ()))]
    known += [("file", one_line(card.get("path")))]
    return [(name, value) for name, value in known if value]


def _sound(card: Mapping[str, Any]) -> str:
    """Name the most telling attributes; the card has them all."""
    known = {str(one.get("name")): one.get("text") for one in card.get("attributes") or ()}
    told = [name for name in ATTRIBUTE_NAMES if name in known][:MOST_ATTRIBUTES]
    return ", ".join(f"{ATTRIBUTE_NAMES[name]} {figure(name, known[name])}" for name in told)


def credits_by_role(card: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the names by role; the artist, who stands at the top, is not said again."""
    names: dict[str, list[str]] = {}
    for credit in card.get("credits") or ():
        name, role = one_line(credit.get("name")), one_line(credit.get("role"))
        if name and name != one_line(card.get("artist")):
            names.setdefault("album by" if role == "album artist" else role, []).append(name)
    return [(role, ", ".join(dict.fromkeys(named))) for role, named in names.items()]


def _lyrics_lines(card: Mapping[str, Any]) -> list[Content]:
    text = str(card.get("lyrics") or "")
    if not text:
        return []
    lines = [one_line(line) for line in text.splitlines()[:LYRICS_LINES]]
    return [Content(""), Content.styled("Lyrics", "$secondary bold"), *(Content(line) for line in lines)]
