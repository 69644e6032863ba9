"""The command `explain`."""

import textwrap
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fairouz_tui.commands.options import First, Json, Library, NoHub, Weights, faders, print_json
from fairouz_tui.commands.output import columns, track_json
from fairouz_tui.paths import library_folder

if TYPE_CHECKING:
    from indexer.exploring.answer import Explanation

_BAR = 30
"""Cells of the longest bar."""
_COLUMNS = 100
"""Evidence is wrapped to this width, or to the terminal's where that is less."""
_INDENT = 18
_MOST_LINES = 2
"""Lines of one fact: a line of a song or a path in the graph; a hostile tag may hold ten thousand characters."""


def explain(
    a: Annotated[str, typer.Argument(metavar="TRACK", help="The track that is asked about.")],
    b: Annotated[str, typer.Argument(metavar="TRACK", help="The track that was found.")],
    weights: Weights = None,
    no_hub: NoHub = False,
    first: First = False,
    as_json: Json = False,
    library: Library = None,
) -> None:
    """Say why two tracks are so close, term by term.

    The contributions add up to the score. A track may be a file outside the library.

    Example: fairouz-tui explain "fog index" "snow line"

    Example: fairouz-tui explain ~/new.flac 12
    """
    parsed = faders(weights)
    from indexer.explorer import Explorer
    from indexer.exploring.find import find_track

    explorer = Explorer(library_folder(library))
    here, there = (find_track(explorer.catalogue, text, first=first).asked for text in (a, b))
    explanation = explorer.explain(here, there, faders=parsed, hub=not no_hub)
    if as_json:
        print_json(explanation_json(explanation))
        return
    print_explanation(explanation)


def explanation_json(explanation: "Explanation") -> dict[str, Any]:
    """Return the JSON of the contract."""
    return {
        "a": track_json(explanation.a),
        "b": track_json(explanation.b),
        "score": explanation.score,
        "contributions": explanation.contributions,
        "pairs": [
            {"a": pair.a, "b": pair.b, "shared": pair.shared, "private": pair.private, "value": pair.value}
            for pair in explanation.pairs
        ],
        "evidence": explanation.evidence,
    }


def print_explanation(explanation: "Explanation") -> None:
    """Print both names, a bar per contribution with its evidence under it, and the sum of what is printed."""
    from fairouz_tui.bars import rounded_to_total
    from fairouz_tui.show import clip, name_of, one_line

    width = min(_COLUMNS, columns())
    for side, track in (("", explanation.a), ("~ ", explanation.b)):
        artist = one_line(track.artist)
        name = name_of(track.title, track.path) + (f" - {artist}" if artist else "")
        typer.echo(f"{side}{clip(name, width - 12)}  [{track.id or 'file'}]")
    values, score = rounded_to_total(explanation.contributions)
    largest = max((abs(value) for value in values.values()), default=0.0)
    for name, value in sorted(values.items(), key=lambda pair: -pair[1]):
        bar = ("█" if value >= 0 else "░") * round(_BAR * abs(value) / largest) if largest else ""
        typer.echo(f"{name:>10} {value:+.3f} {bar}".rstrip())
        for fact in _facts(name, value, explanation):
            room = width - _INDENT
            for line in textwrap.wrap(fact, room, max_lines=_MOST_LINES, placeholder="…"):
                typer.echo(" " * _INDENT + clip(line, room))
    typer.echo(f"{'score':>10} {score:+.3f}")
    if explanation.note:
        typer.echo(one_line(explanation.note))


def _facts(name: str, value: float, explanation: "Explanation") -> list[str]:
    """Return what is to be said under a bar; what the hub term is, in words."""
    from fairouz_tui.evidence import evidence_lines

    if name == "hub" and value:
        return [f"it is near to {'fewer' if value > 0 else 'more'} tracks than most are, and that counts"]
    return evidence_lines(name, explanation.evidence.get(name, {}))
