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
from indexer.exploring.by_words import is_embedded, lexical_terms, ranked_by_words, told, unembedded, unread
from indexer.exploring.closeness import is_nonsense, is_reached
from indexer.exploring.conditions import all_matching, matching
from indexer.exploring.field_spelling import other_spelling
from indexer.exploring.hearing import hear
from indexer.exploring.lexical import is_held, places_of_words
from indexer.exploring.nonsense import LOOKED_AT
from indexer.exploring.phrases import joined, places_joined, single
from indexer.exploring.query import parse_query
from indexer.exploring.rank import FAR, hits, is_far, leading, verdict
from indexer.exploring.scale import text_scale
from indexer.exploring.session import Point, parse_faders
from indexer.exploring.sounding import Lexicon
from indexer.exploring.spelling import readings, reread
from indexer.fold import words
from models.encoders.scripts import readable
from models.encoders.sound_words import VOCABULARY
from models.errors import ModelError
from models.joint.additive import span
from models.modality import Modality

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from indexer.explorer import Explorer
    from indexer.exploring.hearing import Heard
    from indexer.exploring.query import Query
    from indexer.exploring.session import Session
    from indexer.exploring.spelling import Reading

_LESS_SUNG = 0.5
"""What lyrics lose to a query all of whose words describe a sound: a song about metal is not metal. Half costs nothing
on forty judged queries (nDCG@10 .425 against .422), all of it .02."""
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
        note = "" if ids else other_spelling(explorer.catalogue.connection, query)
        return told(text, started, tuple(Hit(row) for row in explorer.catalogue.rows(ids)), note)
    read = readings(explorer.catalogue.connection, query)
    if not is_embedded(explorer.catalogue):
        return unembedded(explorer.catalogue, query, read, count=count, started=started)
    session = explorer.session()
    if not readable(query.free_text, scripts_of(asked_encoder(session))):
        return unread(explorer.catalogue, query, read, count=count, started=started)
    try:
        asked = reread(query, read)
        encoder = query_reader(session)
        lexical = lexical_terms(session.connection, query, read)
        vector = encoder.encode([asked.free_text])[0]
        point = _text_point(session, vector, encoder.encoder)
        heard = hear(session, asked.free_text) if _fader(parsed) > 0 else None
    except (ModelError, IndexerError) as error:
        note = f"searched by words alone: {error}"
        lexical = lexical_terms(session.connection, query, read)
        return told(text, started, ranked_by_words(session.catalogue, lexical, count), note, read=read)
    point = _less_sung(point, asked, heard)
    ranked = _fused(session, query, read, point, lexical, heard, count=max(count, LOOKED_AT), faders=parsed)
    unreached = _unreached(session, query, heard, ranked)
    if ranked and not is_reached(query, heard, ranked) and is_nonsense(session, query, vector, point, ranked, parsed):
        weak = tuple(replace(hit, percentile=None if hit.percentile is None else 0.0) for hit in ranked[:count])
        return told(text, started, weak, FAR, unreached, far=True, read=read)
    ranked = ranked[:count]
    return told(text, started, ranked, verdict(ranked), unreached, far=is_far(ranked), read=read)


def _less_sung(point: Point, query: "Query", heard: "Heard | None") -> Point:
    """Ask the lyrics the less, down to half, the more words of the query describe a sound."""
    if not isinstance(heard, Lexicon) or not query.words:
        return point
    blocks = point.blocks.copy()
    share = len(single(heard.words)) / len(query.words)
    blocks[span(Modality.LYRICS)] *= np.float16(1.0 - _LESS_SUNG * share)
    return replace(point, blocks=blocks)


def _fused(
    session: "Session",
    query: "Query",
    read: "tuple[Reading, ...]",
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
    return _with_words(session, query, read, ranked, heard)


def _fader(faders: "dict[Modality, float] | None") -> float:
    return 1.0 if faders is None else faders.get(Modality.AUDIO, 1.0)


def _with_words(
    session: "Session", query: "Query", read: "tuple[Reading, ...]", ranked: tuple[Hit, ...], heard: "Heard | None"
) -> tuple[Hit, ...]:
    """Name, for each hit, the words of the query that it has and where."""
    ids = [hit.track.id for hit in ranked]
    terms = dict.fromkeys((*query.words, *(word for reading in read for word in reading.words)))
    written = places_of_words(session.connection, tuple(terms), ids)
    sounding = heard.matched(ids) if heard else [()] * len(ids)
    spoken = words(query.free_text)

    def matched(track_id: int, fitting: tuple[str, ...]) -> dict[str, str]:
        found = dict.fromkeys(fitting, "sound") | _as_typed(written.get(track_id, {}), query, read)
        return places_joined(found, spoken)

    return tuple(
        replace(hit, matched=matched(hit.track.id, fitting)) for hit, fitting in zip(ranked, sounding, strict=True)
    )


def _as_typed(places: dict[str, str], query: "Query", read: "tuple[Reading, ...]") -> dict[str, str]:
    """Name words by what was typed: a word that is read as others is had where all of those are."""
    named = {word: place for word, place in places.items() if word in query.words}
    for reading in read:
        if all(word in places for word in reading.words):
            named[reading.typed] = places[reading.words[0]]
    return named


def _unreached(session: "Session", query: "Query", heard: "Heard | None", ranked: tuple[Hit, ...]) -> tuple[str, ...]:
    """Return the free words that no track has and that say nothing of the sound."""
    described = [word for word in joined(words(query.free_text)) if word in VOCABULARY]
    reached = single([*described, *(heard.words if heard else ()), *(word for hit in ranked for word in hit.matched)])
    return tuple(
        word for word in dict.fromkeys(query.words) if word not in reached and not is_held(session.connection, word)
    )


def _allowed(session: "Session", query: "Query") -> "NDArray[np.int64] | None":
    if not query.conditions:
        return None
    return np.array(all_matching(session.connection, query.conditions), np.int64)


def _text_point(session: "Session", vector: "NDArray[np.float32]", encoder: str) -> Point:
    blocks, mask = session.space.text_blocks(vector, encoder=encoder)
    return Point(blocks, mask, is_text=True)
