"""Search by words and fields, and by meaning: lexical and semantic candidates, one additive score.

score = the text query's joint score (the text as TAGS and LYRICS against every modality) + words, the lexical term, and
counted to the audio what the words say of the sound (see hearing.py).
"""

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from indexer.encoders import asked_encoder, query_reader, scripts_of
from indexer.errors import IndexerError
from indexer.exploring.answer import Answer, Hit
from indexer.exploring.conditions import all_matching, matching
from indexer.exploring.hearing import hear
from indexer.exploring.lexical import is_held, places_of_words, word_terms
from indexer.exploring.query import parse_query
from indexer.exploring.rank import hits, leading, verdict
from indexer.exploring.scale import text_scale
from indexer.exploring.session import Point, parse_faders
from models.encoders.scripts import readable
from models.errors import ModelError
from models.modality import Modality

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from indexer.explorer import Explorer
    from indexer.exploring.hearing import Heard
    from indexer.exploring.query import Query
    from indexer.exploring.session import Session

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
    if not _has_space(explorer):
        return _answer(text, started, _by_words(explorer, lexical, count), "not embedded yet: searched by words alone")
    session = explorer.session()
    if not readable(query.free_text, scripts_of(asked_encoder(session))):
        note = "" if lexical else "no word matches; the text model does not read this script"
        return _answer(text, started, _by_words(explorer, lexical, count), note)
    try:
        point = _text_point(session, query)
        heard = hear(session, query.free_text) if _fader(parsed) > 0 else None
    except (ModelError, IndexerError) as error:
        note = f"searched by words alone: {error}"
        return _answer(text, started, _by_words(explorer, lexical, count), note)
    ranked = _fused(session, query, point, lexical, heard, count=count, faders=parsed)
    return _answer(text, started, ranked, verdict(ranked), _unreached(session, query, heard, ranked))


def _fused(
    session: "Session",
    query: "Query",
    point: Point,
    lexical: dict[int, float],
    heard: "Heard | None",
    *,
    count: int,
    faders: "dict[Modality, float] | None",
) -> tuple[Hit, ...]:
    among = _allowed(session, query)
    proposed = session.propose(point, count=count + _SPARE, faders=faders, hub=False, among=among)
    if heard:
        proposed += heard.best(count=count + _SPARE, among=among)
    ids = list(dict.fromkeys([*proposed, *lexical]))
    blocks, masks, _ = session.blocks(ids)
    rough = session.rough_scores(point, blocks, faders=faders)
    sounding = heard.terms(ids) * _fader(faders) if heard else np.zeros(len(ids))
    # The score without its words stays in [-1, 1].
    rough += np.clip(sounding, -1.0 - rough, 1.0 - rough) + np.array([lexical.get(i, 0.0) for i in ids])
    rows = leading(rough, count)
    named = session.contributions_to(point, blocks[rows], masks[rows], faders=faders)
    best = [ids[row] for row in rows]
    for track_id, contributions, sound in zip(best, named, sounding[rows].tolist(), strict=True):
        if sound:
            room = 1.0 - sum(contributions.values())
            contributions["audio"] = contributions.get("audio", 0.0) + max(room - 2.0, min(room, sound))
        if track_id in lexical:
            contributions["words"] = lexical[track_id]
    ranked = hits(session.catalogue, best, named, text_scale(session, faders), count=count)
    return _with_words(session, query, ranked, heard)


def _fader(faders: "dict[Modality, float] | None") -> float:
    return 1.0 if faders is None else faders.get(Modality.AUDIO, 1.0)


def _with_words(session: "Session", query: "Query", ranked: tuple[Hit, ...], heard: "Heard | None") -> tuple[Hit, ...]:
    """Name, for each hit, the words of the query that it has and where."""
    ids = [hit.track.id for hit in ranked]
    written = places_of_words(session.connection, query.words, ids)
    sounding = heard.matched(ids) if heard else [()] * len(ids)
    return tuple(
        replace(hit, matched={**dict.fromkeys(fitting, "sound"), **written.get(hit.track.id, {})})
        for hit, fitting in zip(ranked, sounding, strict=True)
    )


def _unreached(session: "Session", query: "Query", heard: "Heard | None", ranked: tuple[Hit, ...]) -> tuple[str, ...]:
    """Return the free words that no track has and that say nothing of the sound."""
    reached = set(heard.words if heard else ()).union(*(hit.matched for hit in ranked))
    return tuple(
        word for word in dict.fromkeys(query.words) if word not in reached and not is_held(session.connection, word)
    )


def _allowed(session: "Session", query: "Query") -> "NDArray[np.int64] | None":
    if not query.conditions:
        return None
    return np.array(all_matching(session.connection, query.conditions), np.int64)


def _text_point(session: "Session", query: "Query") -> Point:
    encoder = query_reader(session)
    vector = encoder.encode([query.free_text])[0]
    blocks, mask = session.space.text_blocks(vector, encoder=encoder.encoder)
    return Point(blocks, mask, is_text=True)


def _has_space(explorer: "Explorer") -> bool:
    return explorer.catalogue.connection.execute("SELECT 1 FROM spaces WHERE active").fetchone() is not None


def _by_words(explorer: "Explorer", lexical: dict[int, float], count: int) -> tuple[Hit, ...]:
    ids = sorted(lexical, key=lambda i: (-lexical[i], i))[:count]
    named = [{"words": lexical[i]} for i in ids]
    return hits(explorer.catalogue, ids, named, np.zeros(0), count=count)


def _answer(text: str, started: float, ranked: tuple[Hit, ...], note: str, unreached: tuple[str, ...] = ()) -> Answer:
    if unreached:
        note = "; ".join(part for part in (note, f"nothing has or sounds like: {', '.join(unreached)}") if part)
    return Answer(text, (time.perf_counter() - started) * 1000, ranked, note, unreached)
