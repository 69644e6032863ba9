"""Lay the report on a library out as plain lines for the terminal; all names from tags are made one safe line."""

from collections.abc import Iterator, Sequence
from typing import Any

from fairouz_tui.show import one_line

Json = dict[str, Any]
_COLUMNS = {
    "same artist nDCG@10": "nDCG@10",
    "same artist P@1": "P@1",
    "other album nDCG@10": "other album",
    "same artist in 10": "artist/10",
    "same album in 10": "album/10",
}
"""Metric to the head of its column."""
_NOTHING = "-"


def report_lines(report: Json) -> Iterator[str]:
    """Yield the lines of a report, given as `LibraryReport.to_json()` gives it."""
    yield f"Space {one_line(report['space'])}: {report['protocol']}"
    for title, lines in (
        ("Coverage", coverage_lines(report["coverage"])),
        ("Same artist by content alone", retrieval_lines(report)),
        ("Hubs", hub_lines(report["hubs"])),
        ("Do the modalities agree? Share of ten neighbours in common", agreement_lines(report["agreement"])),
        ("One modality finding the same track by another", crossing_lines(report["cross_modal"])),
        ("Copies", duplicate_lines(report["duplicates"])),
        ("What to do", [f"- {one_line(sentence)}" for sentence in report["advice"]] or ["Nothing stands out."]),
    ):
        yield from ("", title)
        yield from (f"  {line}" for line in lines)
    yield ""
    yield report["answer"]


def coverage_lines(coverage: Json) -> Iterator[str]:
    """Yield a line for each modality and one for the pairs."""
    for name, found in coverage["modalities"].items():
        yield f"{name:<10} {found['tracks']:>7} tracks {found['share']:>5.0%}  {one_line(found['encoder'])}"
    pairs = [f"{pair['a']}+{pair['b']} {pair['tracks']}" for pair in coverage["pairs"]]
    yield f"both: {', '.join(pairs)}" if pairs else "no two modalities"
    yield f"nothing: {coverage['nothing']} of {coverage['tracks']} tracks"


def retrieval_lines(report: Json) -> Iterator[str]:
    """Yield the table of all ways of comparing, and what the sample is."""
    retrieval = report["retrieval"]
    if retrieval is None:
        yield "nothing to ask: no artist has two songs here"
        return
    yield (
        f"{retrieval['queries']} of {retrieval['candidates']} tracks with a fellow asked, "
        f"{retrieval['artists']} artists; what a way of comparing cannot answer counts as a random list"
    )
    means = {(row["model"], row["metric"]): row["mean"] for row in report["rows"]}
    body = [
        [
            way["model"],
            *(number(means[way["model"], metric]) for metric in _COLUMNS),
            f"{way['answers']:.0%}",
            number(way["where_it_answers"]),
            number(way["space_there"]),
        ]
        for way in retrieval["ways"]
    ]
    yield from table(["", *_COLUMNS.values(), "answers", "there", "space there"], body)


def hub_lines(hubs: Json) -> Iterator[str]:
    """Yield how evenly the places in the lists are dealt, and the worst hubs of what the screen shows."""
    yield f"counted among {hubs['tracks']} tracks; orphans are in nobody's list of ten"
    keys = ("skewness", "orphans", "robin_hood")
    body = [[row["model"], *(number(row[key]) for key in keys)] for row in hubs["rows"]]
    yield from table(["", "skewness", "orphans", "Robin Hood"], body)
    for worst in hubs["rows"][0]["worst"] if hubs["rows"] else ():
        yield f"in {worst['lists']} lists: {worst['id']} {one_line(worst['name'])}"


def agreement_lines(agreement: Sequence[Json]) -> Iterator[str]:
    """Yield a line for each pair; none where every pair has too few tracks."""
    body = [
        [
            f"{one['a']} - {one['b']}",
            number(one["overlap10"]["mean"]),
            f"{number(one['overlap10']['low'])} to {number(one['overlap10']['high'])}",
            number(one["chance"]),
            str(one["tracks"]),
        ]
        for one in agreement
    ]
    yield from (
        table(["", "overlap", "95 %", "chance", "tracks"], body) if body else ["too few tracks have two modalities"]
    )


def crossing_lines(crossings: Sequence[Json]) -> Iterator[str]:
    """Yield a line for each ordered pair."""
    body = [
        [
            f"{one['a']} -> {one['b']}",
            number(one["recall10"]),
            number(one["chance_recall10"]),
            f"{one['median_rank']:.0f}",
            f"{one['chance_rank']:.0f}",
            f"{one['queries']}/{one['tracks']}",
            "" if one["shared"] else "no shared block",
        ]
        for one in crossings
    ]
    heads = ["", "R@10", "chance", "rank", "chance", "asked/of", ""]
    yield from table(heads, body) if body else ["no track has two modalities"]


def duplicate_lines(duplicates: Json | None) -> Iterator[str]:
    """Yield how many pairs sound the same, and some of them by id."""
    if duplicates is None:
        yield "no sound to compare"
        return
    pairs = ", ".join(f"{a} and {b}" for a, b in duplicates["examples"])
    yield f"{duplicates['pairs']} pairs sound the same ({duplicates['asked']} tracks asked)" + (
        f": {pairs}" if pairs else ""
    )


def table(heads: Sequence[str], body: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table, the first column to the left and the others to the right."""
    widths = [max(len(row[i]) for row in (heads, *body)) for i in range(len(heads))]
    for row in (heads, *body):
        cells = [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        yield "  ".join(cells).rstrip()


def number(value: float | None) -> str:
    """Return three decimals, "-" for a figure that the library cannot give."""
    return _NOTHING if value is None else f"{value:.3f}"
