"""Narrow what is like a track, or a mix of tracks, to those that meet some fields."""

from typing import TYPE_CHECKING

import numpy as np

from indexer.errors import QueryError
from indexer.exploring.conditions import all_matching
from indexer.exploring.query import parse_query

if TYPE_CHECKING:
    import sqlite3

    from numpy.typing import NDArray


def meeting(connection: "sqlite3.Connection", text: str) -> "NDArray[np.int64] | None":
    """Return the ids of the present tracks that meet the fields of a query, in no order; None where it has none.

    Raises
    ------
    QueryError
        For an unknown field, a bad value, or free words: those rank, and so belong to a search.

    """
    query = parse_query(text)
    if query.words:
        raise QueryError("only fields narrow this: genre:jazz, year:1960..1969")
    if not query.conditions:
        return None
    return np.array(all_matching(connection, query.conditions), np.int64)
