"""Fold the versions of a recording that answer a query into the row of the best of them."""

from dataclasses import replace
from typing import TYPE_CHECKING

from indexer.exploring.lexical import places_of_words
from indexer.exploring.limits import Chooser, Limits
from indexer.exploring.query import parse_query
from indexer.exploring.takes import is_version
from indexer.fold import words

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from indexer.exploring.answer import Answer, Hit

_ONLY_FOLD = Limits(fold_versions=True)


def folded(connection: "sqlite3.Connection", answer: "Answer", *, count: int) -> "Answer":
    """Return the best `count` rows of an answer to a query, versions of one recording in one.

    One that has a typed word which the row's head has not ("live", the name of its album) keeps its own row: folding
    it would hide what was asked for. A query of fields alone lists every match, and stays as it is.
    """
    query = parse_query(answer.query)
    if not query.words:
        return answer
    meant = dict.fromkeys((*query.words, *(word for read in answer.read_as.values() for word in words(read))))
    chooser = Chooser(_same(connection, tuple(meant)), _ONLY_FOLD)
    chooser.take(answer.hits, count=count)
    return replace(answer, hits=tuple(chooser.hits))


def asked_deeper(ask: "Callable[[int], Answer]", connection: "sqlite3.Connection", *, count: int) -> "Answer":
    """Return `count` folded rows of what `ask` answers; it is asked for more hits while folding leaves too few rows."""
    depth, spent = count, 0.0
    while True:
        answer = ask(depth)
        spent += answer.took_ms
        rows = folded(connection, answer, count=count)
        if len(rows.hits) >= count or len(answer.hits) < depth:
            return replace(rows, took_ms=spent)
        depth += 2 * (depth - len(rows.hits))


def _same(connection: "sqlite3.Connection", terms: tuple[str, ...]) -> "Callable[[Hit, Hit], bool]":
    def same(head: "Hit", hit: "Hit") -> bool:
        if not is_version(connection, head.track, hit.track):
            return False
        typed = places_of_words(connection, terms, [head.track.id, hit.track.id])
        return set(typed.get(hit.track.id, ())) <= set(typed.get(head.track.id, ()))

    return same
