"""Print hits as a table or as the JSON of the contract; all text from tags is made one safe line."""

import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from indexer.exploring.answer import Answer, Hit, TrackRow

_PIPED_COLUMNS = 130
"""Width of a table that goes to a file or another program."""
_FIXED = 51
"""Cells of id, score, length, the two strongest contributions and the gaps between all columns."""
_WORDS = 12
"""Cells that the album gives to the words that matched, where there are any and the terminal is not narrow."""
_WITHOUT_ALBUM = 100
"""In a narrower terminal the album gives its room to title and artist."""


def columns() -> int:
    """Return how wide a line may be: the terminal's width, or 130 without one."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else _PIPED_COLUMNS


def answer_json(answer: "Answer") -> dict[str, Any]:
    """Return the contract's JSON for a ranked list, with the note beside it."""
    return {
        "query": answer.query,
        "took_ms": answer.took_ms,
        "hits": [hit_json(hit) for hit in answer.hits],
        "note": answer.note,
        "nothing_close": answer.nothing_close,
        "unreached": list(answer.unreached),
        "read_as": answer.read_as,
    }


def hit_json(hit: "Hit") -> dict[str, Any]:
    """Return one hit of the contract."""
    return {
        **track_json(hit.track),
        "score": hit.score,
        "percentile": hit.percentile,
        "contributions": hit.contributions,
        "matched": hit.matched,
        "versions": [track_json(version.track) | {"score": version.score} for version in hit.versions],
    }


def track_json(track: "TrackRow") -> dict[str, Any]:
    """Return what names a track; a file outside the library has no id."""
    return {
        "id": track.id or None,
        "path": track.path,
        "title": track.title,
        "artist": track.artist,
        "album": track.album,
    }


def print_answer(answer: "Answer", *, empty: str) -> None:
    """Print a table of hits and what is to be said of it; that nothing is close before the table, not after it."""
    from fairouz_tui.show import one_line

    note = one_line(answer.note)
    if answer.nothing_close and answer.hits:
        typer.echo(note[:1].upper() + note[1:])
    print_hits(answer.hits, empty=empty)
    if note and not (answer.nothing_close and answer.hits):
        typer.echo(note)


def print_hits(hits: "Sequence[Hit]", *, empty: str) -> None:
    """Print a table of hits, best first, with the strongest contributions of each; `empty` when there are none."""
    from fairouz_tui.show import clip, clock, fit, name_of, one_line

    if not hits:
        typer.echo(empty)
        return
    width = columns()
    room = _WORDS if width >= _WITHOUT_ALBUM and any(hit.matched for hit in hits) else 0
    *others, last = _widths(width)
    widths = (*others, last - room)
    heads = "  ".join(fit(head, width) for head, width in zip(("title", "artist", "album"), widths, strict=False))
    scored = any(hit.score is not None for hit in hits)
    typer.echo(f"{'id':>6} {'score' if scored else '':5}  {heads}  {'time':>5}  {'why' if scored else ''}".rstrip())
    for hit in hits:
        track = hit.track
        score = "     " if hit.score is None else f"{hit.score:5.2f}"
        more = f" (+{len(hit.versions)})" if hit.versions else ""
        title = clip(name_of(track.title, track.path), widths[0] - len(more)) + more
        names = (title, one_line(track.artist), one_line(track.album))
        texts = "  ".join(fit(text, width) for text, width in zip(names, widths, strict=False))
        line = f"{track.id:>6} {score}  {texts}  {clock(track.duration_seconds):>5}  {reasons(hit)}"
        typer.echo(clip(line, width).rstrip())


def _widths(width: int) -> tuple[int, ...]:
    """Share a line of `width` cells between title, artist and album, 2 : 1.5 : 1.5; at least ten cells each."""
    if width < _WITHOUT_ALBUM:
        room = width - _FIXED + 2
        title = max(10, room * 4 // 7)
        return title, max(10, room - title)
    room = width - _FIXED
    title = room * 4 // 10
    return title, room * 3 // 10, room - title - room * 3 // 10


def reasons(hit: "Hit") -> str:
    """Name the largest contributions and the words that matched: "audio .31 tags .12 (slow, dark)"."""
    named = ", ".join(hit.matched)
    return strongest(hit.contributions) + (f" ({named})" if named else "")


def strongest(contributions: Mapping[str, float], *, count: int = 2) -> str:
    """Name the largest contributions, but not the correction for hubs: "audio .31 tags -.12"."""
    told = [pair for pair in contributions.items() if pair[0] != "hub"]
    ranked = sorted(told, key=lambda pair: -abs(pair[1]))[:count]
    return " ".join(
        f"{name} {value:.2f}".replace(" 0.", " .").replace("-0.", "-.") for name, value in ranked if abs(value) >= 0.005
    )
