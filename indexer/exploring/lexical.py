"""Find tracks by words and fields in SQLite alone: no vectors, nothing heavy to import.

Words are scored by BM25 (Robertson & Zaragoza 2009) over weighted fields, with Lucene's idf, which stays positive in a
library of one track; a word also matches as the beginning or, from three letters, as a part of a longer one.
"""

import math
import re
import unicodedata
from typing import TYPE_CHECKING

from indexer.exploring.query import HAS_ATTRIBUTES
from indexer.fold import fold, words

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence

    from indexer.exploring.query import Condition, Query

_FIELD_WEIGHTS = {"title": 3.0, "artist": 3.0, "album": 1.5, "genre": 1.5, "other": 0.7, "lyrics": 0.7}
"""Whom one looks for is named in titles and artists; the rest helps."""
_FIELDS = ("title", "artist", "album", "genre", "other")
"""Columns of the word index."""
_BEGINNING, _PART = 0.6, 0.35
"""What a match counts when the word only begins, or only stands inside, a longer one."""
_K1 = 1.2
"""BM25's saturation of repeated words, the usual value; fields are too short for length normalisation (b = 0)."""
_CANDIDATES = 200
"""Tracks that each way of matching gives; the best few hundred are looked at closely."""
_RANKED_AT_MOST = 1_500
"""Matches that SQLite may rank, some microseconds each; of words that match more only chosen ones are looked at."""
_SCORED_AT_MOST = 400
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
    return {
        i: words_term(bm25, asked.naming(*named[i], titled=texts[i]["title"].split())) for i, bm25 in scores.items()
    }


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
        self._words = set(self._ordered)

    def naming(self, artist: str, title: str, titled: "Sequence[str] | None" = None) -> float:
        """Return how well the text names a track; see `naming`. `titled` is the title in words, where it is known."""
        titled = words(title) if titled is None else titled
        credited = words(artist)
        # Folding is dear: texts that are the same when folded have the same words.
        if self._ordered in (titled, [*credited, *titled]) and self._folded in (
            fold(title),
            fold(f"{artist} - {title}"),
            fold(f"{artist} {title}"),
        ):
            return 1.0
        targets = ({*titled}, {*titled, *credited})
        return max((_f_measure(self._words, target) for target in targets if target), default=0.0)


def _f_measure(asked: set[str], target: set[str]) -> float:
    shared = float(len(asked & target))
    if shared < len(asked):
        shared += sum(0.5 for word in asked - target if any(other.startswith(word) for other in target))
    if not shared:
        return 0.0
    recall, precision = shared / len(asked), min(1.0, shared / len(target))
    # Exactly the name, in its order, stays above the same words in another.
    return 0.95 * 1.25 * recall * precision / (0.25 * recall + precision)


def where(conditions: "Iterable[Condition]") -> tuple[str, list[object]]:
    """Return the SQL condition on `tracks t`, and its parameters, that all `conditions` and presence amount to."""
    clauses, parameters = ["t.missing_since IS NULL"], []
    for condition in conditions:
        clause, values = _clause(condition)
        clauses.append(f"NOT coalesce({clause}, 0)" if condition.negated else f"coalesce({clause}, 0)")
        parameters.extend(values)
    return " AND ".join(clauses), parameters


def matching(connection: "sqlite3.Connection", conditions: "Sequence[Condition]", *, limit: int = -1) -> list[int]:
    """Return the ids of present tracks that meet all conditions, in artist, album, track order."""
    clause, parameters = where(conditions)
    query = (
        f"SELECT t.id FROM tracks t WHERE {clause} "
        "ORDER BY t.sort_artist, t.sort_album, t.disc_number, t.track_number, t.sort_title, t.id LIMIT ?"
    )
    return [row[0] for row in connection.execute(query, [*parameters, limit])]


def all_matching(connection: "sqlite3.Connection", conditions: "Sequence[Condition]") -> list[int]:
    """Return the ids of present tracks that meet all conditions, in no order: SQLite may take what index it likes."""
    clauses, parameters = ["t.missing_since IS NULL"], []
    for condition in conditions:
        clause, values = _clause(condition)
        clauses.append(f"NOT coalesce({clause}, 0)" if condition.negated else clause)
        parameters.extend(values)
    query = f"SELECT t.id FROM tracks t WHERE {' AND '.join(clauses)}"
    return [row[0] for row in connection.execute(query, parameters)]


def score_words(connection: "sqlite3.Connection", query: "Query") -> dict[int, float]:
    """Return track id -> BM25 (> 0) of the best few hundred tracks that match any free word and all conditions."""
    return _scored(connection, query)[0]


def _scored(connection: "sqlite3.Connection", query: "Query") -> "tuple[dict[int, float], dict[int, dict[str, str]]]":
    """Return the scores of `score_words` and the texts that they were given for."""
    terms = query.words[:_MAX_WORDS]
    if not terms:
        return {}, {}
    candidates = _candidates(connection, terms, query)[:_SCORED_AT_MOST]
    total = connection.execute("SELECT count(*) FROM tracks").fetchone()[0]
    scores = dict.fromkeys(candidates, 0.0)
    texts = _texts(connection, candidates)
    for term in terms:
        found = sum(_count(connection, index, term) for index in ("word_index", "lyrics_index"))
        holders = min(found, total)
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
        track_id: {
            term: field
            for term in terms
            if (field := next((name for name, text in fields.items() if _frequency(term, {name: text})), None))
        }
        for track_id, fields in _texts(connection, ids).items()
    }


def is_held(connection: "sqlite3.Connection", term: str) -> bool:
    """Tell whether any track has a word, or one that begins with it."""
    return any(
        connection.execute(f"SELECT 1 FROM {index} WHERE {index} MATCH ? LIMIT 1", (expression,)).fetchone()
        for index, expression in (("word_index", f'"{term}"*'), ("lyrics_index", f'"{term}"'))
    )


def _candidates(connection: "sqlite3.Connection", terms: "Sequence[str]", query: "Query") -> list[int]:
    """Return the tracks to look at closely: the best by rank where few match, else also those that begin with the text.

    Of words that very many tracks have, those in titles come first.
    """
    allowed, parameters = _allowed(query.conditions)
    ids: dict[int, None] = {}

    def take(index: str, expression: str, order: str = "") -> None:
        shown = allowed.format(row=f"{index}.rowid")
        sql = f"SELECT rowid FROM {index} WHERE {index} MATCH ? AND {shown} {order} LIMIT ?"
        ids.update(dict.fromkeys(row[0] for row in connection.execute(sql, [expression, *parameters, _CANDIDATES])))

    whole = [f'"{term}"' for term in terms]
    phrases = [f'"{c.text}"' for c in query.conditions if c.field == "phrase" and not c.negated]
    # What must hold a phrase is found by it.
    beginnings, whole = (phrases, phrases) if phrases else ([f"{term}*" for term in whole], whole)
    any_of = " OR ".join(beginnings)
    common = not _is_rare(connection, "word_index", any_of)
    if common:
        ids.update(dict.fromkeys(_beginning(connection, fold(query.free_text), allowed, parameters)))
    for index, asked in (("word_index", beginnings), ("lyrics_index", whole)):
        for expression in _rare_expressions(connection, index, asked):
            take(index, expression, "ORDER BY rank")
    if common and len(ids) < _CANDIDATES:
        take("word_index", " OR ".join(f"title : {term}" for term in beginnings))
    if common and len(ids) < _CANDIDATES:
        take("word_index", any_of)
    inside = " OR ".join(f'"{term}"' for term in terms if len(term) > 2)
    # What stands inside of words comes last, and matters only where there is little else.
    if inside and len(ids) < _CANDIDATES:
        take("substring_index", inside, "ORDER BY rank" if _is_rare(connection, "substring_index", inside) else "")
    return list(ids)


def _rare_expressions(connection: "sqlite3.Connection", index: str, asked: "Sequence[str]") -> list[str]:
    """Return expressions that few enough tracks match to be ranked: any word; or all of them, and the rarest ones."""
    any_of, all_of = " OR ".join(asked), " AND ".join(asked)
    if _is_rare(connection, index, any_of):
        return [any_of]
    if len(asked) == 1:
        return []
    found = [all_of] if _is_rare(connection, index, all_of) else []
    rare = [term for term in asked if _is_rare(connection, index, term)]
    return [*found, *([" OR ".join(rare)] if rare else [])]


def _is_rare(connection: "sqlite3.Connection", index: str, expression: str) -> bool:
    """Tell whether the tracks that match are few enough to be ranked."""
    sql = f"SELECT 1 FROM {index} WHERE {index} MATCH ? LIMIT 1 OFFSET ?"
    return connection.execute(sql, (expression, _RANKED_AT_MOST)).fetchone() is None


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


def _allowed(conditions: "Sequence[Condition]") -> tuple[str, list[object]]:
    """Return the SQL condition on `{row}`, and its parameters, that all `conditions` and presence amount to."""
    # The plus keeps SQLite from asking the full-text index once per allowed row: 100,000 tracks took minutes.
    if not conditions:
        return "+{row} NOT IN (SELECT id FROM tracks WHERE missing_since IS NOT NULL)", []
    clause, parameters = where(conditions)
    return f"EXISTS (SELECT 1 FROM tracks t WHERE t.id = +{{row}} AND {clause})", parameters


def _count(connection: "sqlite3.Connection", index: str, term: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {index} WHERE {index} MATCH ?", (f'"{term}"',)).fetchone()
    return int(row[0])


def _texts(connection: "sqlite3.Connection", ids: "Sequence[int]") -> dict[int, dict[str, str]]:
    """Return the indexed words of each candidate by field, padded with spaces so that whole words can be found."""
    texts: dict[int, dict[str, str]] = {}
    for start in range(0, len(ids), 900):
        part = ids[start : start + 900]
        marks = ",".join("?" * len(part))
        cursor = connection.cursor()
        cursor.row_factory = None  # plain tuples: half the time
        padded = ", ".join(f"' ' || {name} || ' '" for name in _FIELDS)
        for track_id, *row in cursor.execute(f"SELECT rowid, {padded} FROM word_index WHERE rowid IN ({marks})", part):
            texts[track_id] = dict(zip(_FIELDS, row, strict=True))
        query = f"SELECT rowid, ' ' || text || ' ' FROM lyrics_index WHERE rowid IN ({marks})"
        for track_id, text in cursor.execute(query, part):
            texts[track_id]["lyrics"] = text
    return texts


def _names(connection: "sqlite3.Connection", ids: "Sequence[int]") -> dict[int, tuple[str, str]]:
    """Return track id -> (artist, title)."""
    names: dict[int, tuple[str, str]] = {}
    for start in range(0, len(ids), 900):
        part = ids[start : start + 900]
        marks = ",".join("?" * len(part))
        cursor = connection.cursor()
        cursor.row_factory = None
        query = f"SELECT id, artist, title FROM tracks WHERE id IN ({marks})"
        names.update((track_id, (artist, title)) for track_id, artist, title in cursor.execute(query, part))
    return names


def _frequency(term: str, fields: dict[str, str]) -> float:
    """Return the weighted term frequency over the fields of one track."""
    total = 0.0
    for field, text in fields.items():
        if term not in text:
            continue
        if f" {term} " in text:
            occurrences = float(text.count(f" {term} "))
        elif f" {term}" in text:
            occurrences = _BEGINNING
        elif field == "lyrics" or len(term) < 3:
            continue
        else:
            occurrences = _PART
        total += _FIELD_WEIGHTS[field] * occurrences
    return total


def _clause(condition: "Condition") -> tuple[str, list[object]]:
    text = condition.text
    match condition.field:
        case "artist":
            return _artist_clause(text)
        case "genre":
            return "EXISTS (SELECT 1 FROM track_genres g WHERE g.track_id = t.id AND instr(g.folded, ?) > 0)", [text]
        case "album" | "title":
            return f"instr(t.sort_{condition.field}, ?) > 0", [text]
        case "lyrics":
            return "EXISTS (SELECT 1 FROM lyrics_index l WHERE l.rowid = t.id AND instr(l.text, ?) > 0)", [text]
        case "phrase":
            return _phrase_clause(text)
        case "symbols":
            return "EXISTS (SELECT 1 FROM substring_index s WHERE s.rowid = t.id AND instr(s.text, ?) > 0)", [text]
        case "has":
            return _has_clause(text)
        case "year":
            return _range_clause("t.year", condition)
        case "length":
            return _range_clause("t.duration_seconds", condition)
        case _:
            name = "key" if condition.field == "key" else "tempo_bpm"
            clause, values = _range_clause("a.value", condition)
            return (
                f"EXISTS (SELECT 1 FROM attributes a WHERE a.track_id = t.id AND a.name = '{name}' AND {clause})",
                values,
            )


def _artist_clause(text: str) -> tuple[str, list[object]]:
    # One walk over the names, then a look-up a track: a third of asking for the credits of each track.
    credited = "t.id IN (SELECT c.track_id FROM credits c WHERE instr(c.folded, ?) > 0)"
    if text.isalnum():
        return credited, [text]
    # Joint names may be split into credits; the line as shown ("A & B") is the second of the folded texts.
    shown = (
        "EXISTS (SELECT 1 FROM (SELECT substr(s.text, instr(s.text, char(10)) + 1) AS rest FROM substring_index s "
        "WHERE s.rowid = t.id) WHERE instr(substr(rest, 1, instr(rest, char(10)) - 1), ?) > 0)"
    )
    return f"({credited} OR {shown})", [text, text]


def _phrase_clause(text: str) -> tuple[str, list[object]]:
    if all(unicodedata.ucd_3_2_0.category(character) != "Cn" for character in text) and re.search(r"\w", text):
        found = " OR ".join(
            f"t.id IN (SELECT rowid FROM {index} WHERE {index} MATCH ?)" for index in ("word_index", "lyrics_index")
        )
        return f"({found})", [f'"{text}"', f'"{text}"']
    # The tokenizer knows no letters of newer scripts: they are in no index and must be looked for in every row.
    fields = " || ' \n ' || ".join(f"w.{name}" for name in _FIELDS)
    clause = (
        f"(EXISTS (SELECT 1 FROM word_index w WHERE w.rowid = t.id AND instr(' ' || {fields} || ' ', ?) > 0) OR "
        "EXISTS (SELECT 1 FROM lyrics_index l WHERE l.rowid = t.id AND instr(' ' || l.text || ' ', ?) > 0))"
    )
    return clause, [f" {text} ", f" {text} "]


def _has_clause(name: str) -> tuple[str, list[object]]:
    if name in ("lyrics", "cover"):
        return f"t.{name}_hash IS NOT NULL", []
    if name in HAS_ATTRIBUTES:
        clause = "EXISTS (SELECT 1 FROM attributes a WHERE a.track_id = t.id AND a.name = ?)"
        return clause, [HAS_ATTRIBUTES[name]]
    return "EXISTS (SELECT 1 FROM vectors v WHERE v.track_id = t.id AND v.modality = ?)", [name]


def _range_clause(column: str, condition: "Condition") -> tuple[str, list[object]]:
    clauses: list[str] = []
    values: list[object] = []
    if condition.low is not None:
        clauses.append(f"{column} {'>' if condition.low_open else '>='} ?")
        values.append(condition.low)
    if condition.high is not None:
        clauses.append(f"{column} {'<' if condition.high_open else '<='} ?")
        values.append(condition.high)
    return f"({' AND '.join(clauses)})", values
