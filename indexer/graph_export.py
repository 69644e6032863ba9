"""Write the stored graph for other programs: GraphML (Brandes et al. 2002) or node-link JSON."""

import json
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.errors import IndexerError
from indexer.storing.replacing import replacing

if TYPE_CHECKING:
    from indexer.catalogue import Catalogue


def export_graph(catalogue: "Catalogue", file: Path) -> tuple[int, int]:
    """Write the graph to `file` (.graphml or .json) and return the numbers of nodes and edges.

    Raises
    ------
    IndexerError
        For another ending, or a file that cannot be written.

    """
    nodes, edges = _rows(catalogue.connection)
    if file.suffix.lower() not in (".graphml", ".json"):
        raise IndexerError(f'cannot export the graph to "{file.name}": name it .graphml or .json')
    try:
        with replacing(file) as target:
            if file.suffix.lower() == ".json":
                target.write_text(json.dumps({"directed": False, "nodes": nodes, "links": edges}, ensure_ascii=True))
            else:
                _write_graphml(nodes, edges, target)
    except OSError as error:
        raise IndexerError(f"cannot write {file}: {error.strerror or error}") from error
    return len(nodes), len(edges)


def _rows(connection: sqlite3.Connection) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    query = (
        "SELECT id, kind, name, NULL AS track_id FROM nodes UNION ALL "
        "SELECT id, 'track', title, id FROM tracks WHERE missing_since IS NULL ORDER BY id"
    )
    nodes = [dict(row) for row in connection.execute(query)]
    edges = [dict(row) for row in connection.execute("SELECT source, target, kind, weight, provenance FROM edges")]
    return nodes, edges


def _write_graphml(nodes: list[dict[str, Any]], edges: list[dict[str, Any]], file: Path) -> None:
    import networkx

    graph = networkx.MultiGraph()
    for node in nodes:
        graph.add_node(
            node["id"], **{key: _xml(value) for key, value in node.items() if key != "id" and value is not None}
        )
    for edge in edges:
        attributes = {key: _xml(value) for key, value in edge.items() if key not in ("source", "target")}
        graph.add_edge(edge["source"], edge["target"], **attributes)
    networkx.write_graphml(graph, file)


def _xml(value: Any) -> Any:
    """Drop characters that XML 1.0 does not admit."""
    if not isinstance(value, str):
        return value
    return "".join(
        c for c in value if c in "\t\n\r" or 0x20 <= ord(c) <= 0xD7FF or 0xE000 <= ord(c) <= 0xFFFD or ord(c) > 0xFFFF
    )
