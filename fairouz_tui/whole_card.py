"""Write all that is known about one track: cover, names, credits, sound, versions, playlists, the file."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from textual.content import Content

from fairouz_tui.about import credits_by_role, named_lines, title_lines
from fairouz_tui.bars import meter
from fairouz_tui.evidence import ATTRIBUTE_NAMES, GUESSED, UNCERTAIN, figure
from fairouz_tui.picture import Picture
from fairouz_tui.reasons.page import FAINT, MUTED, Page, heading, joined, paragraph
from fairouz_tui.show import clip, clock, fit, name_of, one_line
from indexer.exploring.answer import TrackRow

MOST_COVER_COLUMNS, LEAST_COVER_COLUMNS = 40, 12
COVER_SHARE = 0.5
"""Of the height in sight: the names under it must be seen too."""
METER_CELLS = 6
LABEL_CELLS = 11
VALUE_CELLS = 15
CHANNELS = {1: "mono", 2: "stereo"}


def whole_card(
    card: Mapping[str, Any], *, width: int, height: int, cover: Picture | None, versions: Sequence[TrackRow]
) -> Page:
    """Return the page for `width` cells, its cover as large as a pane of `height` lines allows."""
    if not card:
        return Page(Content.styled("Nothing is known about this track (any more): escape goes back.", MUTED))
    columns = max(min(width, MOST_COVER_COLUMNS, round(2 * height * COVER_SHARE)), LEAST_COVER_COLUMNS)
    title = [*title_lines(card, width), Content("")]
    lines = _names(card, width)
    for name, part in (
        ("Sound", _sound(card, width)),
        ("Versions", _versions(versions, width)),
        ("Playlists", _playlists(card, width)),
        ("File", _file(card, width)),
    ):
        lines += [Content(""), heading(name, "$secondary bold"), *part] if part else []
    if cover is None:
        return Page(joined([*title, *lines]))
    return Page(joined(title), (cover.at(columns),), joined(lines))


def _names(card: Mapping[str, Any], width: int) -> list[Content]:
    place = " of disc ".join(str(card[name]) for name in ("track_number", "disc_number") if card.get(name))
    known = [("genre", one_line(card.get("genre"))), *credits_by_role(card), ("track", place)]
    known += [("work", one_line(card.get("work"))), ("movement", one_line(card.get("movement")))]
    known += [("comment", one_line(card.get("comment")))]
    known += [("guessed", ", ".join(one_line(name) for name in card.get("guessed") or ()))]
    return _named(known, width)


def _named(known: Iterable[tuple[str, str]], width: int) -> list[Content]:
    return [part for name, value in known if value for part in named_lines(name, value, width)]


def _sound(card: Mapping[str, Any], width: int) -> list[Content]:
    """Return a line for each attribute; how sure an estimate is stands beside it, what is measured is sure."""
    known = {str(one.get("name")): one for one in card.get("attributes") or ()}
    if not known:
        return []
    return [
        _attribute(name, label, known.get(name), width)
        for name, label in ATTRIBUTE_NAMES.items()
        if name in known or name in GUESSED
    ] + _highlight(known, width)


def _attribute(name: str, label: str, one: Mapping[str, Any] | None, width: int) -> Content:
    if one is None:
        return Content.assemble((fit(label, LABEL_CELLS), MUTED), (UNCERTAIN, f"{FAINT} italic"))
    spans = [(fit(label, LABEL_CELLS), MUTED), (fit(figure(name, one.get("text")), VALUE_CELLS), "")]
    sure = one.get("confidence")
    if name in GUESSED and isinstance(sure, float) and width >= LABEL_CELLS + VALUE_CELLS + METER_CELLS + 10:
        spans += [(meter(sure, METER_CELLS), "$primary"), (f" {sure:.0%} sure".replace("%", " %"), MUTED)]
    return Content.assemble(*spans)


def _highlight(known: Mapping[str, Mapping[str, Any]], width: int) -> list[Content]:
    one = known.get("highlight_seconds")
    return named_lines("highlight", f"from {one_line(one.get('text'))}", width) if one else []


def _versions(versions: Sequence[TrackRow], width: int) -> list[Content]:
    lines = []
    for row in versions:
        said = " · ".join(
            part for part in (one_line(row.album), one_line(row.year), clock(row.duration_seconds)) if part
        )
        title = clip(name_of(row.title, row.path), max(width * 3 // 5, 8))
        lines.append(Content.assemble(title, ("  " + clip(said, max(width - len(title) - 2, 4)), MUTED)))
    return lines


def _playlists(card: Mapping[str, Any], width: int) -> list[Content]:
    return [part for name in card.get("playlists") or () for part in paragraph(one_line(name), width, "")]


def _file(card: Mapping[str, Any], width: int) -> list[Content]:
    rate, channels, bits = card.get("sample_rate"), card.get("channels"), card.get("bitrate")
    kind = [one_line(card.get("codec")), f"{rate / 1000:g} kHz" if rate else ""]
    kind += [
        CHANNELS.get(channels, f"{channels} channels") if channels else "",
        f"{bits / 1000:.0f} kb/s" if bits else "",
    ]
    gain = card.get("replaygain_track_db")
    known = [("path", one_line(card.get("path"))), ("sound", " · ".join(part for part in kind if part))]
    known += [("size", bytes_text(int(card.get("size") or 0))), ("gain", f"{gain:+.1f} dB" if gain is not None else "")]
    known += [("cover", one_line(card.get("cover_source")))]
    known += [("missing", "the file was not there at the last look") if card.get("missing_since") else ("missing", "")]
    return _named(known, width)


def bytes_text(count: int) -> str:
    """Return a size as "3.2 MB"; 0 gives ""."""
    if not count:
        return ""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"
