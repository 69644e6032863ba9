"""Write the lines of the help: keys by place, those that hold here named so, and how queries are written."""

import textwrap
from collections.abc import Collection, Iterator, Sequence

from fairouz_tui.keymap import Key, matches, sign
from fairouz_tui.show import fit

KEYS_CELLS, NARROW_KEYS_CELLS = 18, 9
ROOMY = 70
"""Narrower texts give less room to the keys."""
NARROWEST = 20
HEADING, KEY, NAME = "heading", "key", "name"
QUERY_HELP = (
    ("words", "rank by words and by meaning; they need not match"),
    ('"a phrase"', "must stand in the tags or the lyrics"),
    ("artist:fairouz", "also album: title: genre: lyrics:"),
    ("year:1960..1970", "also bpm: length:, with N, A..B, <N, >N"),
    ("key:Am", "or key:8A"),
    ("has:lyrics", "any of audio lyrics tags cover graph playlists"),
    ("-genre:pop", "a minus negates"),
)
NOTHING = "No key says that."

Line = list[tuple[str, str]]


def help_lines(keys: Sequence[Key], *, wanted: str, here: Collection[str], width: int) -> list[Line]:
    """Return the lines about the keys that match `wanted`, none longer than `width` cells where words allow it."""
    lines = [*_about_keys([key for key in keys if matches(key, wanted)], here, width), *_about_queries(wanted)]
    return lines[1:] or [[(NOTHING, NAME)]]


def _about_keys(keys: Sequence[Key], here: Collection[str], width: int) -> Iterator[Line]:
    """Yield the keys place by place, an empty line before each."""
    cells = KEYS_CELLS if width >= ROOMY else NARROW_KEYS_CELLS
    for place in dict.fromkeys(key.place for key in keys):
        yield []
        yield [(place, HEADING), (" · holds here" if place in here else "", KEY)]
        for key in keys:
            if key.place == place:
                yield from _about(key, cells, width)


def _about(key: Key, cells: int, width: int) -> Iterator[Line]:
    """Yield what one key does; its name goes behind that, or under it where there is no room."""
    room = max(width - cells - 1, NARROWEST)
    texts = textwrap.wrap(key.tooltip, room) or [""]
    lines: list[Line] = [[(text, "")] for text in texts]
    if len(texts[-1]) + len(key.id) + 2 <= room:
        lines[-1].append((f"  {key.id}", NAME))
    else:
        lines.append([(key.id, NAME)])
    signs = fit(" ".join(map(sign, key.keys)), cells)
    for index, line in enumerate(lines):
        yield [(f"{signs if index == 0 else ' ' * cells} ", KEY), *line]


def _about_queries(wanted: str) -> Iterator[Line]:
    asked = [(name, text) for name, text in QUERY_HELP if wanted.casefold() in f"query {name} {text}".casefold()]
    if asked:
        yield []
        yield [("Queries", HEADING)]
    for name, text in asked:
        yield [(f"{fit(name, KEYS_CELLS)} ", KEY), (text, "")]
