"""Find tracks by words in SQLite alone: no vectors, nothing heavy to import.

Words are scored by BM25 (Robertson & Zaragoza 2009) over weighted fields, with Lucene's idf, which stays positive in a
library of one track; a word also matches as the beginning or, from three letters, as a part of a longer one.
"""

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from indexer.exploring.conditions import where
from indexer.fold import fold, words

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator, Sequence

    from indexer.exploring.query import Condition, Query

_FIELD_WEIGHTS = {"title": 3.0, "artist": 3.0, "album": 1.5, "genre": 1.5, "other": 0.7, "lyrics": 0.7}
"""Whom one looks for is named in titles and artists; the rest helps. All but lyrics are columns of the word index."""
_WEIGHED = tuple(_FIELD_WEIGHTS.items())
_BEGINNING, _PART = 0.6, 0.35
"""What a match counts when the word only begins, or only stands inside, a longer one."""
_K1 = 1.2
"""BM25's saturation of repeated words, the usual value; fields are too short for length normalisation (b = 0)."""
_CANDIDATES = 200
"""Tracks that each way of matching gives; the best few hundred are looked at closely."""
_RANKED_AT_MOST = 1_500
"""Matches that SQLite may rank, some microseconds each; of words that match more only chosen ones are looked at."""
_SCORED_AT_MOST = 400
_VARIABLES = 900
"""Ids that are asked for at once; SQLite admits 999 variables in its oldest versions."""
_MAX_WORDS = 16
"""Longer queries are cut: nobody types more, and each word costs three index look-ups."""

WORDS_LAMBDA, WORDS_HALF = 0.5, 4.0
"""words(t) = LAMBDA · (bm25 / (bm25 + HALF) + naming⁴): less than what the joint space can give.

BM25 saturates, so that the one track that is named in full would have little more than those that share a word with its
name, and meaning (up to .3 between lyrics and none) would decide. The fourth power leaves partial matches to BM25.
"""


def words_term(bm25: float, naming: float = 0.0) -> float:
    """Turn a BM25 score and how well the words name the track, in [0, 1], into the contribution "words", in [0, 1)."""
    return WORDS_LAMBDA * (bm25 / (bm25 + WORDS_HALF) + naming**4)


def word_terms(connection: "sqlite3.Connection", query: "Query") -> dict[int, float]:
    """Return track id -> the contribution "words" of the tracks that `score_words` finds."""
    scores, texts = _scored(connection, query)
    named = _names(connection, list(scores))
    asked = _Asked(query.free_text)
    here = ((i, bm25) for i, bm25 in scores.items() if i in named)  # others were pruned a moment ago
    return {i: words_term(bm25, asked.naming(*named[i], titled=texts[i][0].split())) for i, bm25 in here}


def naming(text: str, artist: str, title: str) -> float:
    """Return how well `text` names a track, in [0, 1]: 1 is its title, or artist and title, and no word more.

    Else it is the F measure (van Rijsbergen 1979, beta = ½) of the words against the title or against both, a word that
    only begins another counting half. Words that the track does not have weigh more than words that were not typed.
    """
    return _Asked(text).naming(artist, title)


class _Asked:
    """A text that may name tracks, folded once."""

    def __init__(self, text: str) -> None:
        self._folded, self._ordered = fold(text), words(text)
        self._words = frozenset(self._ordered)
        self._credited: dict[str, tuple[list[str], frozenset[str]]] = {}

    def naming(self, artist: str, title: str, titled: "Sequence[str] | None" = None) -> float:
        """Return how well the text names a track; see `naming`. `titled` is the title in words, where it is known."""
        titled = words(title) if titled is None else titled
        known = self._credited.get(artist)
        if known is None:
            ordered = words(artist)
            known = self._credited[artist] = ordered, frozenset(ordered)
        credited, in_artist = known
        # Folding is dear: texts that are the same when folded have the same words.
        if self._ordered in (titled, [*credited, *titled]) and self._folded in (
            fold(title),
            fold(f"{artist} - {title}"),
            fold(f"{artist} {title}"),
        ):
            return 1.0
        in_title = frozenset(titled)
        in_both = in_title | in_artist
        best = _f_measure(self._words, in_title) if in_title else 0.0
        return best if len(in_both) == len(in_title) else max(best, _f_measure(self._words, in_both))


def _f_measure(asked: frozenset[str], target: frozenset[str]) -> float:
    same = asked & target
    shared = float(len(same))
    if shared < len(asked):
        for word in asked - same if same else asked:
            for other in target:
                if other.startswith(word):
                    shared += 0.5
                    break
    if not shared:
        return 0.0
    recall, precision = shared / len(asked), min(1.0, shared / len(target))
    # Exactly the name, in its order, stays above the same words in another.
    return 0.95 * 1.25 * recall * precision / (0.25 * recall + precision)


def score_words(connection: "sqlite3.Connection", query: "Query") -> dict[int, float]:
    """Return track id -> BM25 (> 0) of the best few hundred tracks that match any free word and all conditions."""
    return _scored(connection, query)[0]


def _scored(connection: "sqlite3.Connection", query: "Query") -> "tuple[dict[int, float], dict[int, tuple[str, ...]]]":
    """Return the scores of `score_words` and the texts that they were given for; see `_texts`."""
    terms = query.words[:_MAX_WORDS]
    if not terms:
        return {}, {}
    indexes = _Index(connection, "word_index"), _Index(connection, "lyrics_index")
    texts = _texts(connection, _candidates(connection, terms, query, *indexes)[:_SCORED_AT_MOST])
    total = connection.execute("SELECT count(*) FROM tracks").fetchone()[0]
    scores = dict.fromkeys(texts, 0.0)
    for term in terms:
        holders = min(sum(index.holders[term] for index in indexes), total)
        idf = math.log(1 + (total - holders + 0.5) / (holders + 0.5))
        for track_id, fields in texts.items():
            frequency = _frequency(term, fields)
            scores[track_id] += idf * frequency * (_K1 + 1) / (frequency + _K1)
    return {track_id: score for track_id, score in scores.items() if score > 0}, texts


def places_of_words(
    connection: "sqlite3.Connection", terms: "Sequence[str]", ids: "Sequence[int]"
) -> dict[int, dict[str, str]]:
    """Return track id -> word -> the field in which the track has it, the weightiest where there are several."""
    return {
        track_id: {term: place for term in terms if (place := _place(term, fields))}
        for track_id, fields in _texts(connection, ids).items()
    }


def _place(term: str, fields: tuple[str, ...]) -> str | None:
    return next(
        (
            name
            for name, text in zip(_FIELD_WEIGHTS, fields, strict=True)
            if term in text and _occurrences(term, text, name)
        ),
        None,
    )


def is_held(connection: "sqlite3.Connection", term: str) -> bool:
    """Tell whether any track has a word, or one that begins with it."""
    return any(
        connection.execute(f"SELECT 1 FROM {index} WHERE {index} MATCH ? LIMIT 1", (expression,)).fetchone()
        for index, expression in (("word_index", f'"{term}"*'), ("lyrics_index", f'"{term}"'))
    )


def is_found(connection: "sqlite3.Connection", terms: "Sequence[str]", conditions: "Sequence[Condition]") -> bool:
    """Tell whether a track that meets all conditions, and whose file is there, has any of some words."""
    allowed, parameters = _allowed(connection, conditions)
    expression = " OR ".join(f'"{term}"' for term in terms)
    sql = f"SELECT 1 FROM word_index WHERE word_index MATCH ? AND {allowed.format(row='word_index.rowid')} LIMIT 1"
    return connection.execute(sql, [expression, *parameters]).fetchone() is not None


@dataclass(slots=True)
class _Index:
    """A full-text index, asked once a query how many tracks each word has."""

    connection: "sqlite3.Connection"
    name: str
    holders: dict[str, int] = field(default_factory=dict)
    """Word -> how many tracks have it, for the words that were counted."""
    _matches: dict[str, int] = field(default_factory=dict)

    def count(self, terms: "Sequence[str]") -> None:
        """Count the tracks that have each of some words."""
        sql = f"SELECT count(*) FROM {self.name} WHERE {self.name} MATCH ?"
        for term in terms:
            self.holders[term] = int(self.connection.execute(sql, (f'"{term}"',)).fetchone()[0])

    def matches(self, expression: str) -> int:
        """Return how many tracks match an expression; one more than may be ranked stands for all larger numbers."""
        if expression not in self._matches:
            most = _RANKED_AT_MOST + 1
            whole = self.holders.get(expression.rstrip("*").strip('"'), -1)
            if whole >= most or (whole >= 0 and not expression.endswith("*")):
                self._matches[expression] = min(whole, most)
            else:
                sql = f"SELECT count(*) FROM (SELECT 1 FROM {self.name} WHERE {self.name} MATCH ? LIMIT ?)"
                self._matches[expression] = int(self.connection.execute(sql, (expression, most)).fetchone()[0])
        return self._matches[expression]

    def matches_any(self, expressions: "Sequence[str]") -> int:
        """Return at least as many tracks as match any of some expressions; too many for ranking only if they are."""
        counts = [self.matches(expression) for expression in expressions]
        if max(counts) <= _RANKED_AT_MOST < sum(counts):
            return self.matches(" OR ".join(expressions))
        return sum(counts)

    def ranked(self, expressions: "Sequence[str]") -> list[tuple[str, int, bool]]:
        """Return what few enough tracks match to be ranked: any of some expressions; or all of them, and the rarest.

        With each how many tracks match it at most, and whether they may well be far fewer.
        """
        matches = self.matches_any(expressions)
        if matches <= _RANKED_AT_MOST:
            return [(" OR ".join(expressions), matches, False)]
        if len(expressions) == 1:
            return []
        all_of, rare = " AND ".join(expressions), [e for e in expressions if self.matches(e) <= _RANKED_AT_MOST]
        of_all = min(map(self.matches, rare)) if rare else self.matches(all_of)
        found = [(all_of, of_all, bool(rare))] if of_all <= _RANKED_AT_MOST else []
        return [*found, *([(" OR ".join(rare), sum(map(self.matches, rare)), False)] if rare else [])]


class _Taken:
    """The tracks to look at closely, in the order in which they were found."""

    def __init__(self, connection: "sqlite3.Connection", conditions: "Sequence[Condition]") -> None:
        self._connection = connection
        self._allowed, self._parameters = _allowed(connection, conditions)
        self.ids: dict[int, None] = {}

    def take_beginning(self, text: str) -> None:
        """Take tracks whose title is the text or begins with it, then those whose artist does."""
        self.ids.update(dict.fromkeys(_beginning(self._connection, text, self._allowed, self._parameters)))

    def take_some(self, index: str, expression: str) -> None:
        """Take the first tracks that match."""
        self.ids.update(dict.fromkeys(self._rows(index, expression, _CANDIDATES)))

    def take_best(self, index: str, expression: str, matches: int, *, maybe_fewer: bool = False) -> None:
        """Take the best tracks that match, of `matches` at most."""
        most = min(_CANDIDATES, _SCORED_AT_MOST - len(self.ids))
        # Where all are taken and looked at, their order does not matter.
        if most > 0 and (matches <= most or maybe_fewer):
            every = self._rows(index, expression, most + 1)
            if len(every) <= most:
                self.ids.update(dict.fromkeys(every))
                return
        self.ids.update(dict.fromkeys(self._rows(index, expression, _CANDIDATES, "ORDER BY rank")))

    def _rows(self, index: str, expression: str, limit: int, order: str = "") -> list[int]:
        shown = self._allowed.format(row=f"{index}.rowid")
        sql = f"SELECT rowid FROM {index} WHERE {index} MATCH ? AND {shown} {order} LIMIT ?"
        return [row[0] for row in self._connection.execute(sql, [expression, *self._parameters, limit])]


def _candidates(
    connection: "sqlite3.Connection", terms: "Sequence[str]", query: "Query", named: _Index, sung: _Index
) -> list[int]:
    """Return the tracks to look at closely: the best by rank where few match, else also those that begin with the text.

    Of words that very many tracks have, those in titles come first.
    """
    taken = _Taken(connection, query.conditions)
    whole = [f'"{term}"' for term in terms]
    phrases = [f'"{c.text}"' for c in query.conditions if c.field == "phrase" and not c.negated]
    # What must hold a phrase is found by it.
    beginnings, whole = (phrases, phrases) if phrases else ([f"{term}*" for term in whole], whole)
    for index in (named, sung):
        index.count(terms)
    common = named.matches_any(beginnings) > _RANKED_AT_MOST
    if common:
        taken.take_beginning(fold(query.free_text))
    for index, asked in ((named, beginnings), (sung, whole)):
        for expression, matches, maybe_fewer in index.ranked(asked):
            if matches:
                taken.take_best(index.name, expression, matches, maybe_fewer=maybe_fewer)
    if common and len(taken.ids) < _CANDIDATES:
        taken.take_some("word_index", " OR ".join(f"title : {term}" for term in beginnings))
    if common and len(taken.ids) < _CANDIDATES:
        taken.take_some("word_index", " OR ".join(beginnings))
    inside = " OR ".join(f'"{term}"' for term in terms if len(term) > 2)
    # What stands inside of words comes last, and matters only where there is little else.
    if inside and len(taken.ids) < _CANDIDATES:
        matches = _Index(connection, "substring_index").matches(inside)
        if matches <= _RANKED_AT_MOST:
            taken.take_best("substring_index", inside, matches)
        else:
            taken.take_some("substring_index", inside)
    return list(taken.ids)


def _beginning(
    connection: "sqlite3.Connection", text: str, allowed: str, parameters: "Sequence[object]"
) -> "Iterator[int]":
    """Yield tracks whose title is the text or begins with it, then those whose artist does."""
    for column in ("sort_title", "sort_artist"):
        sql = (
            f"SELECT id FROM tracks WHERE missing_since IS NULL AND {column} >= ? AND {column} < ? "
            f"AND {allowed.format(row='tracks.id')} ORDER BY {column} LIMIT ?"
        )
        yield from (
            row[0] for row in connection.execute(sql, [text, text + "\U0010ffff", *parameters, _CANDIDATES // 2])
        )


def _allowed(connection: "sqlite3.Connection", conditions: "Sequence[Condition]") -> tuple[str, list[object]]:
    """Return the SQL condition on `{row}`, and its parameters, that all `conditions` and presence amount to."""
    # The plus keeps SQLite from asking the full-text index once per allowed row: 100,000 tracks took minutes.
    if not conditions:
        return "+{row} NOT IN (SELECT id FROM tracks WHERE missing_since IS NOT NULL)", []
    clause, parameters = where(connection, conditions)
    return f"EXISTS (SELECT 1 FROM tracks t WHERE t.id = +{{row}} AND {clause})", parameters


def _texts(connection: "sqlite3.Connection", ids: "Sequence[int]") -> dict[int, tuple[str, ...]]:
    """Return the indexed words of each track by field, padded with spaces so that whole words can be found.

    The fields are those of _FIELD_WEIGHTS in their order; lyrics that are not there are "".
    """
    texts: dict[int, tuple[str, ...]] = {}
    # What the indexes hold, as stored: the same by way of the indexes takes twice as long.
    padded = ", ".join(f"' ' || c{column} || ' '" for column in range(len(_FIELD_WEIGHTS) - 1))
    sung: dict[int, str] = dict(_looked_up(connection, "SELECT id, ' ' || c0 || ' ' FROM lyrics_index_content", ids))
    for track_id, *fields in _looked_up(connection, f"SELECT id, {padded} FROM word_index_content", ids):
        texts[track_id] = (*fields, sung.get(track_id, ""))
    return texts


def _names(connection: "sqlite3.Connection", ids: "Sequence[int]") -> dict[int, tuple[str, str]]:
    """Return track id -> (artist, title)."""
    rows = _looked_up(connection, "SELECT id, artist, title FROM tracks", ids)
    return {track_id: (artist, title) for track_id, artist, title in rows}


def _looked_up(connection: "sqlite3.Connection", query: str, ids: "Sequence[int]") -> "Iterator[Any]":
    """Yield the rows of a query, as plain tuples, for some ids."""
    cursor = connection.cursor()
    cursor.row_factory = None  # half the time
    for start in range(0, len(ids), _VARIABLES):
        part = ids[start : start + _VARIABLES]
        yield from cursor.execute(f"{query} WHERE id IN ({','.join('?' * len(part))})", part)


def _frequency(term: str, fields: tuple[str, ...]) -> float:
    """Return the weighted term frequency over the fields of one track."""
    total = 0.0
    for at, text in enumerate(fields):
        if term in text:
            place, weight = _WEIGHED[at]
            total += weight * _occurrences(term, text, place)
    return total


def _occurrences(term: str, text: str, place: str) -> float:
    """Return what a word that stands in a padded text counts there."""
    if f" {term} " in text:
        return float(text.count(f" {term} "))
    if f" {term}" in text:
        return _BEGINNING
    return 0.0 if place == "lyrics" or len(term) < 3 else _PART
