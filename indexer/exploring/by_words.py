"""Answer a query by its words alone: before anything is embedded, and in scripts that the text model does not read.

SQLite is all that is asked: nothing heavy is imported, so that a command answers in a third of a second.
"""

import time
from typing import TYPE_CHECKING

from indexer.exploring.answer import Answer, Hit
from indexer.exploring.lexical import word_terms
from indexer.exploring.query import parse_query
from indexer.exploring.spelling import read_as, read_terms, readings, said_of
from models.encoders.known import scripts_of
from models.encoders.names import TEXT_ENCODER
from models.encoders.scripts import readable

if TYPE_CHECKING:
    import sqlite3

    from indexer.catalogue import Catalogue
    from indexer.exploring.query import Query
    from indexer.exploring.spelling import Reading

_UNREAD = "nothing close: no word matches, and the text model does not read this script"
_UNEMBEDDED = "not embedded yet: searched by words alone"


def search_by_words(catalogue: "Catalogue", text: str, *, count: int) -> Answer | None:
    """Answer a query that cannot be asked by meaning; None where it may be, as only an open session can tell.

    Raises
    ------
    QueryError
        For an unknown field or a bad value.

    """
    started = time.perf_counter()
    query, connection = parse_query(text), catalogue.connection
    if not is_embedded(catalogue):
        return unembedded(catalogue, query, readings(connection, query), count=count, started=started)
    if any(readable(query.free_text, scripts_of(encoder)) for encoder in _encoders(connection)):
        return None
    return unread(catalogue, query, readings(connection, query), count=count, started=started)


def is_embedded(catalogue: "Catalogue") -> bool:
    """Tell whether meaning can be asked for."""
    return catalogue.connection.execute("SELECT 1 FROM spaces WHERE active").fetchone() is not None


def unembedded(
    catalogue: "Catalogue", query: "Query", read: "tuple[Reading, ...]", *, count: int, started: float
) -> Answer:
    """Answer a query in a library that is not embedded yet."""
    ranked = ranked_by_words(catalogue, lexical_terms(catalogue.connection, query, read), count)
    return told(query.text, started, ranked, _UNEMBEDDED)


def unread(
    catalogue: "Catalogue", query: "Query", read: "tuple[Reading, ...]", *, count: int, started: float
) -> Answer:
    """Answer a query whose script the text model does not read."""
    lexical = lexical_terms(catalogue.connection, query, read)
    ranked = ranked_by_words(catalogue, lexical, count)
    return told(query.text, started, ranked, "" if lexical else _UNREAD, far=not lexical, read=read)


def lexical_terms(connection: "sqlite3.Connection", query: "Query", read: "tuple[Reading, ...]") -> dict[int, float]:
    """Return what the words give to tracks, as they were typed or as they are read, whichever is more."""
    lexical = word_terms(connection, query)
    for track_id, term in read_terms(connection, query, read).items():
        lexical[track_id] = max(term, lexical.get(track_id, 0.0))
    return lexical


def ranked_by_words(catalogue: "Catalogue", lexical: dict[int, float], count: int) -> tuple[Hit, ...]:
    """Return the best `count` tracks by what their words give, then by id; percentiles have no meaning here."""
    ids = sorted(lexical, key=lambda i: (-lexical[i], i))[:count]
    return tuple(Hit(row, lexical[row.id], None, {"words": lexical[row.id]}) for row in catalogue.rows(ids))


def told(
    text: str,
    started: float,
    ranked: tuple[Hit, ...],
    note: str,
    unreached: tuple[str, ...] = (),
    *,
    far: bool = False,
    read: "tuple[Reading, ...]" = (),
) -> Answer:
    """Return an answer with all that is to be said of it; `started` is when it was asked for."""
    meant = read_as(read)
    missing = tuple(word for word in unreached if word not in meant)
    parts = (note, said_of(read), f"no track has {', '.join(missing)}" if missing else "")
    took_ms = (time.perf_counter() - started) * 1000
    notes = "; ".join(part for part in parts if part)
    return Answer(text, took_ms, ranked, notes, missing, nothing_close=far, read_as=meant)


def _encoders(connection: "sqlite3.Connection") -> set[str]:
    """Name the text encoders that may be asked: those that the library has vectors of, and the embedded one."""
    found = {TEXT_ENCODER}
    following = "SELECT min(encoder) FROM vectors WHERE modality = ? AND encoder > ?"  # a step in an index
    for modality in ("tags", "lyrics"):
        name = ""
        while name := connection.execute(following, (modality, name)).fetchone()[0]:
            found.add(name)
    return found
