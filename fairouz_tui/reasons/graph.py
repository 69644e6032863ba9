"""Show how two tracks hang together in the graph: the shortest way as a chain, and what else both hang on."""

from collections.abc import Mapping
from typing import Any

from textual.content import Content

from fairouz_tui.reasons.page import COLOURS, FAINT, MUTED, Page, heading, joined, modality_lines, paragraph
from fairouz_tui.show import clip, fit, one_line
from indexer.exploring.answer import Explanation

SIGNS = {"track": "●", "artist": "◆", "album": "■", "genre": "▲", "playlist": "≡"}
KIND_CELLS = 9
ROLE_CELLS = 14


def graph_page(explanation: Explanation, *, width: int) -> Page:
    """Return the pane."""

    def ties(facts: Mapping[str, Any]) -> list[Content]:
        shared = _shared_lines(list(facts.get("shared") or ()), width)
        return chain_lines(list(facts.get("path") or ()), width) + shared

    return Page(joined(modality_lines("graph", explanation, width, ties)))


def chain_lines(path: list[Any], width: int) -> list[Content]:
    """Return a path as a chain from the first track down to the second, every link named."""
    if len(path) < 2:
        return paragraph("They are more than six steps apart in the graph: nothing near ties them.", width)
    steps = len(path) - 1
    lines = [heading("The shortest way" if steps > 2 else "What ties them")]
    for place, node in enumerate(path):
        if place:
            lines.append(Content.assemble(("│ ", COLOURS["graph"]), (clip(said(node), width - 2), FAINT)))
        kind = one_line(node.get("kind"))
        room = max(width - KIND_CELLS - 3, 8)
        lines.append(
            Content.assemble(
                (SIGNS.get(kind, "●") + " ", COLOURS["graph"]),
                (fit(one_line(node.get("name")), room), "bold" if place in (0, steps) else ""),
                (" " + fit(kind, KIND_CELLS), MUTED),
            )
        )
    return lines


def said(node: Any) -> str:
    """Return what a link is, and where it was read where that says more: "artist", "feat. on “The Ferryman”"."""
    kind, source = one_line(node.get("via")), one_line(node.get("provenance"))
    if not source or source.endswith("tag") or source in ("split", "folder"):
        return kind
    return source if source.startswith(kind) else f"{kind}, {source}"


def _shared_lines(nodes: list[Any], width: int) -> list[Content]:
    if not nodes:
        return []
    lines = [Content(""), heading("Both hang on")]
    for node in nodes:
        kind = one_line(node.get("kind"))
        roles = dict.fromkeys(one_line(node.get(side)) for side in ("a", "b"))
        role = " and ".join(one for one in roles if one and one != kind)
        role_cells = min(ROLE_CELLS, width // 3)
        name_cells = max(width - 3 - role_cells, 8)
        lines.append(
            Content.assemble(
                (SIGNS.get(kind, "●") + " ", COLOURS["graph"]),
                fit(one_line(node.get("name")), name_cells),
                (" " + fit(role or kind, role_cells), MUTED),
            )
        )
    return lines
