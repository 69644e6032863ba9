"""Tell who is credited in an artist line: featured guests always, joint names only on evidence.

"A & B" may be two artists or one band (Simon & Garfunkel; Earth, Wind & Fire; AC/DC). A line is divided only when every
part is known as an artist of its own in the same library. A part is known when it stands alone in some line, or when it
is *free*: it occurs in two joint lines without keeping the same neighbour on the same side. Bands never change the
order of their name, so "Ozone & Kro" beside "Kro & Ozone" frees both, while "Tyler, The Creator" beside "Tyler, The
Creator & Kali" frees neither Tyler nor The Creator.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace

from indexer.track import Credit

MAXIMUM_PARTS = 24
"""Joint lines of more parts stay whole: they are lists of an orchestra, or an attack on the quadratic search."""

_JOINT = re.compile(r"\s*[,;]\s+|\s*;\s*|\s+[&+×]\s+|\s*/\s*|\s+(?:and|et|und|with|x|vs\.?)\s+", re.IGNORECASE)
_FEATURED = re.compile(r"(?:^|\s+)(?P<bracket>[(\[])?(?:feat(?:uring)?|ft)(?:\.\s*|:?\s+)(?P<names>.+)$", re.IGNORECASE)
_AGAIN = re.compile(r"\s+(?:feat(?:uring)?|ft)(?:\.\s*|\s+)", re.IGNORECASE)
_FEATURED_IN_TITLE = re.compile(
    r"[(\[]\s*(?:feat(?:uring)?\b\.?|ft\b\.?)\s+(?P<inside>[^)\]]+)[)\]]"
    r"|\s(?:feat\.|ft\.|featuring\b)\s*(?P<after>[^()\[\]]+)",
    re.IGNORECASE,
)
_PLACEHOLDERS = frozenset(
    (
        "various artists", "various artist", "various", "va", "v.a.", "v/a", "unknown", "unknown artist",
        "unknown artists", "[unknown]", "<unknown>", "other", "no artist", "[no artist]", "n/a", "none",
        "-", "?",
    )
)  # fmt: skip


def is_placeholder(name: str) -> bool:
    """Tell whether `name` stands for nobody ("Various Artists", "Unknown"); empty names do too."""
    return not name.strip() or name.strip().casefold() in _PLACEHOLDERS


def split_featured(line: str) -> tuple[str, tuple[str, ...]]:
    """Divide "A feat. B" into ("A", ("B",)); without a guest the line comes back with ().

    The guests are one name here ("B & C"): joint names are divided later, on evidence.
    """
    match = _FEATURED.search(line)
    if match is None:
        return line, ()
    names, rest = match["names"], ""
    if match["bracket"]:
        names, _, rest = names.partition(")" if match["bracket"] == "(" else "]")
    main = (line[: match.start()].strip(" ([,;-") + " " + rest.strip()).strip()
    guests = tuple(name for name in map(_bare, _AGAIN.split(names)) if name)
    return (main, guests) if main and guests else (line, ())


def featured_in_title(title: str) -> tuple[str, ...]:
    """Return the guests named in a title: "Song (feat. B)", "Song ft. B"; none gives ().

    Bare "feat" and "ft" count only in brackets: "Six ft Under" names nobody.
    """
    found = (match["inside"] or match["after"] for match in _FEATURED_IN_TITLE.finditer(title))
    return tuple(name for name in map(_bare, found) if name)


def split_by_evidence(credits: Iterable[Credit], known: Callable[[str], bool]) -> tuple[Credit, ...]:
    """Divide the joint names among `credits`; a divided name loses its MusicBrainz id and has evidence "split".

    known : tells of a name (any spelling; it folds) whether it is an artist of its own; see `known_names`.
    A credit with a MusicBrainz id is one artist by that id and stays whole.
    """
    divided: list[Credit] = []
    for credit in credits:
        parts = (credit.name,) if credit.musicbrainz_id else split_joint(credit.name, known)
        if len(parts) == 1:
            divided.append(credit)
        else:
            divided += [replace(credit, name=part, evidence="split", musicbrainz_id=None) for part in parts]
    return tuple(divided)


def split_joint(line: str, known: Callable[[str], bool]) -> tuple[str, ...]:
    """Return the finest division of a joint line into known names, or the line itself when there is none.

    A run of parts may stay together when the run itself is known ("Tyler, The Creator" in "Tyler, The Creator & Kali").
    """
    spans = _part_spans(line)
    if not 1 < len(spans) <= MAXIMUM_PARTS:
        return (line,)
    best: list[tuple[str, ...] | None] = [()] + [None] * len(spans)
    for end in range(1, len(spans) + 1):
        for start in range(end):
            before, name = best[start], line[spans[start][0] : spans[end - 1][1]]
            is_whole = end - start == len(spans)
            if before is None or is_whole or not known(name):
                continue
            if len(before) + 1 > len(best[end] or ()):
                best[end] = (*before, name)
    return best[-1] or (line,)


def known_names(lines: Iterable[str], *, fold: Callable[[str], str] = str.casefold) -> Callable[[str], bool]:
    """Gather from all artist lines of a library which names are artists of their own, by the rule at the head.

    lines : artist names as credited, guests already apart; placeholders are left out.
    fold : the comparison form of a name.
    Returns the `known` of `split_by_evidence`; it compares folded.
    """
    alone: set[str] = set()
    neighbours: dict[str, set[tuple[str, str]]] = {}
    for line in set(lines):
        if is_placeholder(line):
            continue
        parts = ["", *(fold(line[start:end]) for start, end in _part_spans(line)), ""]
        alone.add(fold(line))
        for before, part, after in zip(parts, parts[1:], parts[2:], strict=False):
            if before or after:
                neighbours.setdefault(part, set()).add((before, after))
    known = alone | {part for part, sides in neighbours.items() if _is_free(sides)}
    return lambda name: fold(name) in known


def _is_free(sides: set[tuple[str, str]]) -> bool:
    """Tell whether two of the places of a part share no neighbour on the same side."""
    places = sorted(sides)[:64]  # a name in more lines than that is free within the first few, or never
    return any(
        (a[0] != b[0] or not a[0]) and (a[1] != b[1] or not a[1]) and a != b
        for i, a in enumerate(places)
        for b in places[:i]
    )


def _part_spans(line: str) -> list[tuple[int, int]]:
    """Return start and end of each non-empty part between joining words or signs."""
    spans, start = [], 0
    for match in _JOINT.finditer(line):
        spans.append((start, match.start()))
        start = match.end()
    spans.append((start, len(line)))
    return [span for span in spans if line[span[0] : span[1]].strip()]


def _bare(name: str) -> str:
    """Drop the brackets and joining signs left around a guest's name."""
    name = name.strip().rstrip(" ,;-")
    if name.endswith((")", "]")) and name.count("(") + name.count("[") < name.count(")") + name.count("]"):
        name = name[:-1]
    return name.strip(" ,;")
