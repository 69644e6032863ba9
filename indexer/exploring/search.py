"""Search by words and fields, and by meaning: lexical and semantic candidates, one additive score.

score = the text query's joint score (the text as TAGS and LYRICS against every modality) + words, the lexical term.
"""

import time
from typing import TYPE_CHECKING

import numpy as np

from indexer.encoders import query_encoder
from indexer.exploring.answer import Answer, Hit
from indexer.exploring.lexical import matching, word_terms
from indexer.exploring.query import parse_query
from indexer.exploring.rank import hits, verdict
from indexer.exploring.scale import text_scale
from indexer.exploring.session import Point, parse_faders
from models.encoders.text import readable
from models.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from indexer.explorer import Explorer
    from indexer.exploring.query import Query
    from indexer.exploring.session import Session
    from models.modality import Modality

_SPARE = 100
"""Semantic candidates beyond those asked for, for the lexical term to reorder."""


def search(explorer: "Explorer", text: str, *, count: int, faders: "Mapping[str, float] | None" = None) -> Answer:
    """Rank tracks for a query; one of fields alone gives every match in artist, album, track order, without scores.

    Raises
    ------
    QueryError
        For an unknown field or a bad value.

    """
    started = time.perf_counter()
    query = parse_query(text)
    parsed = parse_faders(faders)
    if not query.words:
        ids = matching(explorer.catalogue.connection, query.conditions, limit=count)
        return _answer(text, started, tuple(Hit(row) for row in explorer.catalogue.rows(ids)), "")
    lexical = word_terms(explorer.catalogue.connection, query)
    if not readable(query.free_text):
        note = "" if lexical else "no word matches; the text model does not read this script"
        return _answer(text, started, _by_words(explorer, lexical, count), note)
    if not _has_space(explorer):
        return _answer(text, started, _by_words(explorer, lexical, count), "not embedded yet: searched by words alone")
    session = explorer.session()
    point = _text_point(session, query)
    if point is None:
        return _answer(
            text, started, _by_words(explorer, lexical, count), "no text in this space: searched by words alone"
        )
    ranked = _fused(session, query, point, lexical, count=count, faders=parsed)
    return _answer(text, started, ranked, verdict(ranked))


def _fused(
    session: "Session",
    query: "Query",
    point: Point,
    lexical: dict[int, float],
    *,
    count: int,
    faders: "dict[Modality, float] | None",
) -> tuple[Hit, ...]:
    among = _allowed(session, query)
    nearest = session.propose(point, count=count + _SPARE, faders=faders, hub=False, among=among)
    ids = list(dict.fromkeys([*nearest, *lexical]))
    named = session.contributions(point, ids, faders=faders, hub=False)
    for track_id, contributions in zip(ids, named, strict=True):
        if track_id in lexical:
            contributions["words"] = lexical[track_id]
    return hits(session.catalogue, ids, named, text_scale(session, faders), count=count)


def _allowed(session: "Session", query: "Query") -> "NDArray[np.int64] | None":
    if not query.conditions:
        return None
    return np.array(matching(session.connection, query.conditions), np.int64)


def _text_point(session: "Session", query: "Query") -> Point | None:
    try:
        blocks, mask = session.space.text_blocks(query_encoder().encode([query.free_text])[0])
    except ModelError:
        return None
    return Point(blocks, mask, is_text=True)


def _has_space(explorer: "Explorer") -> bool:
    return explorer.catalogue.connection.execute("SELECT 1 FROM spaces WHERE active").fetchone() is not None


def _by_words(explorer: "Explorer", lexical: dict[int, float], count: int) -> tuple[Hit, ...]:
    ids = sorted(lexical, key=lambda i: (-lexical[i], i))[:count]
    named = [{"words": lexical[i]} for i in ids]
    return hits(explorer.catalogue, ids, named, np.zeros(0), count=count)


def _answer(text: str, started: float, ranked: tuple[Hit, ...], note: str) -> Answer:
    return Answer(text, (time.perf_counter() - started) * 1000, ranked, note)
