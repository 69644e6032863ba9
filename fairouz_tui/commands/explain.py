"""The command `explain`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from fairouz_tui.commands.options import First, Json, Library, NoHub, Weights, faders, print_json
from fairouz_tui.commands.output import track_json
from fairouz_tui.errors import AppError
from fairouz_tui.paths import library_folder
from fairouz_tui.show import name_of, one_line

if TYPE_CHECKING:
    from indexer.exploring.answer import Explanation

_BAR = 30
"""Cells of the longest bar."""


def explain(
    a: Annotated[str, typer.Argument(metavar="TRACK", help="The track that is asked about.")],
    b: Annotated[str, typer.Argument(metavar="TRACK", help="The track that was found.")],
    weights: Weights = None,
    no_hub: NoHub = False,
    first: First = False,
    as_json: Json = False,
    library: Library = None,
) -> None:
    """Say why two tracks are as close as they are; the contributions add up to the score.

    Example: fairouz-tui explain 12 57
    """
    parsed = faders(weights)
    from indexer.explorer import Explorer
    from indexer.exploring.find import find_track

    explorer = Explorer(library_folder(library))
    ids = [find_track(explorer.catalogue, text, first=first).track_id for text in (a, b)]
    if ids[0] is None or ids[1] is None:
        raise AppError("explain works for two tracks of the library; index the file first")
    explanation = explorer.explain(ids[0], ids[1], faders=parsed, hub=not no_hub)
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
    """Print both names, a bar per contribution with its evidence, and the sum."""
    for side, track in (("", explanation.a), ("~ ", explanation.b)):
        typer.echo(f"{side}{name_of(track.title, track.path)} - {one_line(track.artist)}  [{track.id}]")
    largest = max((abs(value) for value in explanation.contributions.values()), default=0.0)
    for name, value in sorted(explanation.contributions.items(), key=lambda pair: -pair[1]):
        bar = ("█" if value >= 0 else "░") * round(_BAR * abs(value) / largest) if largest else ""
        facts = evidence_line(name, explanation.evidence.get(name, {}))
        typer.echo(f"{name:>10} {value:+.3f} {bar:<{_BAR}} {facts}".rstrip())
    typer.echo(f"{'score':>10} {explanation.score:+.3f}")


def evidence_line(name: str, facts: dict[str, Any]) -> str:
    """Say the evidence of one modality in one line; "" without facts."""
    if name == "audio" and facts:
        common = [key for key in facts["a"] if key in facts["b"]]
        return ", ".join(one_line(f"{facts['a'][key]} / {facts['b'][key]}") for key in common)
    if name == "lyrics" and facts.get("a"):
        return one_line(f"“{facts['a']}” ~ “{facts['b']}”")
    if name in ("tags", "playlists") and facts.get("shared"):
        return one_line(("shared: " if name == "tags" else "both in ") + ", ".join(facts["shared"]))
    if name == "cover" and facts.get("a"):
        return (
            "the same picture"
            if facts["same"]
            else f"{' '.join(facts['colours'][0])} / {' '.join(facts['colours'][1])}"
        )
    if name == "graph" and facts.get("path"):
        return one_line(" - ".join(step["name"] for step in facts["path"]))
    return ""
