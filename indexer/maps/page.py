"""Write a map as one HTML file that needs no network: search, hover, colours. What it holds is titles, not paths."""

import json
from importlib.resources import files
from typing import TYPE_CHECKING

from indexer.errors import IndexerError
from indexer.maps.choices import BY, REST
from indexer.maps.colours import COLOURS, colours
from indexer.storing.replacing import replacing

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from indexer.exploring.session import Session
    from indexer.maps.charts import Chart

_PLACE = "/*DATA*/"


def write_page(session: "Session", chart: "Chart", target: "Path", *, by: str = "cluster") -> "Path":
    """Write a map to an HTML file (".html" is added to a name without an ending) and return its path.

    Raises
    ------
    IndexerError
        When the file cannot be written, or `by` is none of colours.BY.

    """
    if not target.name:
        raise IndexerError(f"{target} is a folder: name a file, map.html")
    target = target if target.suffix else target.with_name(f"{target.name}.html")
    page = _page(_data(session, chart, by))
    try:
        with replacing(target) as file:
            file.write_text(page, encoding="utf-8")
    except OSError as error:
        raise IndexerError(f"cannot write {target}: {error.strerror or error}") from error
    return target


def _page(data: "dict[str, Any]") -> str:
    template = files("indexer.maps").joinpath("page.html").read_text(encoding="utf-8")
    # A title may hold "</script>": without "<", nothing in the data can end its element.
    said = json.dumps(data, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")
    return template.replace(_PLACE, said)


def _data(session: "Session", chart: "Chart", first: str) -> "dict[str, Any]":
    rows = {row.id: row for row in session.catalogue.rows(chart.ids.tolist())}
    tracks = [rows.get(i) for i in chart.ids.tolist()]
    found = {by: colours(session.connection, chart, by) for by in dict.fromkeys((first, *BY))}
    return {
        "source": chart.source,
        "palette": COLOURS,
        "rest": REST,
        "x": [round(float(x), 4) for x in chart.places[:, 0]],
        "y": [round(float(y), 4) for y in chart.places[:, 1]],
        "tracks": [[t.title, t.artist, t.album, str(t.year or "")] if t else ["", "", "", ""] for t in tracks],
        "by": [
            {"name": by, "legend": list(one.legend), "classes": one.classes.tolist()}
            for by, one in found.items()
            if one.legend
        ],
    }
