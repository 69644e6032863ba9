"""Say in a few words why: the facts of an explanation, one safe line each."""

from collections.abc import Iterable, Mapping
from typing import Any

from fairouz_tui.show import one_line

MOST_WORDS = 8
MOST_ATTRIBUTES = 4
LONGEST_PATH = 9
"""Nodes of a graph path shown; the middle of a longer one says nothing more."""
ATTRIBUTE_NAMES = {
    "tempo_bpm": "tempo",
    "key": "key",
    "loudness_lufs": "loudness",
    "brightness_hz": "brightness",
    "onset_rate": "notes",
    "pulse_clarity": "steadiness",
    "attack_share": "percussion",
    "loudness_range_lu": "dynamics",
    "flatness_db": "noise",
}
"""Attributes that can be compared, the most telling first, and how they are shown."""
SAID_BY_NAME = {"onset_rate": "onsets", "pulse_clarity": "steady", "attack_share": "struck", "flatness_db": "flat"}
"""Words in the text of an attribute that its name says already."""
UNCERTAIN = "not certain"
GUESSED = ("tempo_bpm", "key")
"""Attributes that are estimated, and left out where the estimate is not sure enough."""


def figure(name: str, text: object) -> str:
    """Return an attribute's text beside its name: "54 % steady" as "54 %", "3.7 onsets/s" as "3.7/s"; None gives ""."""
    said = SAID_BY_NAME.get(name)
    safe = one_line(text)
    return safe.replace(f" {said}", "", 1) if said is not None else safe


def evidence_lines(modality: str, facts: Mapping[str, Any]) -> list[str]:
    """Return the lines under a modality's bar; no facts, or a modality without words, gives []."""
    spoken = {
        "audio": _audio,
        "lyrics": _lyrics,
        "tags": _tags,
        "cover": _cover,
        "graph": _graph,
        "playlists": _playlists,
    }.get(modality)
    return [line for line in spoken(facts) if line] if spoken and facts else []


def _audio(facts: Mapping[str, Any]) -> list[str]:
    a, b = dict(facts.get("a") or {}), dict(facts.get("b") or {})
    lines = []
    for name in [name for name in ATTRIBUTE_NAMES if name in a and name in b][:MOST_ATTRIBUTES]:
        left, right = figure(name, a[name]), figure(name, b[name])
        label = ATTRIBUTE_NAMES[name]
        lines.append(f"{label}: both {left}" if left == right else f"{label}: {left} and {right}")
    return lines


def _lyrics(facts: Mapping[str, Any]) -> list[str]:
    lines = [f"“{one_line(facts[side])}”" for side in ("a", "b") if facts.get(side)]
    if len(lines) == 2 and lines[0] == lines[1]:
        return [f"both {lines[0]}"]
    return lines


def _tags(facts: Mapping[str, Any]) -> list[str]:
    return ["both: " + _listed(facts["shared"])] if facts.get("shared") else []


def _cover(facts: Mapping[str, Any]) -> list[str]:
    return ["the same picture"] if facts.get("same") else []


def _graph(facts: Mapping[str, Any]) -> list[str]:
    nodes = list(facts.get("path") or ())[:LONGEST_PATH]
    if len(nodes) < 2:
        return []
    words = [one_line(nodes[0].get("name"))]
    for node in nodes[1:]:
        words += [f"—{one_line(node.get('via'))}→" if node.get("via") else "—", one_line(node.get("name"))]
    return [" ".join(words)]


def _playlists(facts: Mapping[str, Any]) -> list[str]:
    return ["both stand in " + _listed(facts["shared"])] if facts.get("shared") else []


def _listed(words: Iterable[Any]) -> str:
    shown = [one_line(word) for word in words]
    more = f" and {len(shown) - MOST_WORDS} more" if len(shown) > MOST_WORDS else ""
    return ", ".join(shown[:MOST_WORDS]) + more
