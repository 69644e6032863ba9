"""Print hits as a table or as the JSON of the contract; all text from tags is made one safe line."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import typer

from fairouz_tui.show import clock, fit, name_of, one_line

if TYPE_CHECKING:
    from indexer.exploring.answer import Answer, Hit, TrackRow

_WIDTHS = (34, 24, 24)
"""Cells of title, artist and album: with id, length and score a line fits 120 columns."""


def answer_json(answer: "Answer") -> dict[str, Any]:
    """Return the contract's JSON for a ranked list, with the note beside it."""
    return {
        "query": answer.query,
        "took_ms": answer.took_ms,
        "hits": [hit_json(hit) for hit in answer.hits],
        "note": answer.note,
    }


def hit_json(hit: "Hit") -> dict[str, Any]:
    """Return one hit of the contract."""
    return {
        **track_json(hit.track),
        "score": hit.score,
        "percentile": hit.percentile,
        "contributions": hit.contributions,
    }


def track_json(track: "TrackRow") -> dict[str, Any]:
    """Return what names a track."""
    return {"id": track.id, "path": track.path, "title": track.title, "artist": track.artist, "album": track.album}


def print_hits(hits: "Sequence[Hit]", *, empty: str) -> None:
    """Print a table of hits, best first, with the strongest contributions of each; `empty` when there are none."""
    if not hits:
        typer.echo(empty)
        return
    for hit in hits:
        track = hit.track
        score = "     " if hit.score is None else f"{hit.score:5.2f}"
        columns = (name_of(track.title, track.path), one_line(track.artist), one_line(track.album))
        texts = "  ".join(fit(text, width) for text, width in zip(columns, _WIDTHS, strict=True))
        line = f"{track.id:>6} {score}  {texts}  {clock(track.duration_seconds):>5}  {strongest(hit.contributions)}"
        typer.echo(line.rstrip())


def strongest(contributions: Mapping[str, float], *, count: int = 2) -> str:
    """Name the largest contributions: "audio .31 tags .12"."""
    ranked = sorted(contributions.items(), key=lambda pair: -abs(pair[1]))[:count]
    return " ".join(f"{name} {value:.2f}".replace("0.", ".") for name, value in ranked if abs(value) >= 0.005)
