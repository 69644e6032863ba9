"""Take a query apart into its terms, and put terms in and out of it."""

import re

from indexer.errors import QueryError
from indexer.exploring.query import FIELDS, parse_query
from indexer.fold import fold

_TERM = re.compile(r'-?(?:[A-Za-z_]+:)?(?:"[^"]*"?|\S+)')
_FIELD_TERM = re.compile(r'(-?)([A-Za-z_]+):"?([^"]*)"?')


def terms_of(text: str) -> list[str]:
    """Return the terms of a query as they are typed."""
    return _TERM.findall(text)


def field_terms(text: str) -> list[str]:
    """Return the terms of a query that name a field and a value: what narrows it."""
    return [term for term in terms_of(text) if (field := _FIELD_TERM.fullmatch(term)) and field[2].lower() in FIELDS]


def negation(term: str) -> str:
    """Return the term that holds where this one does not."""
    return term.removeprefix("-") if term.startswith("-") else f"-{term}"


def holds(text: str, term: str) -> bool:
    """Return whether a query has a term, however it is quoted."""
    return _meaning(term) in map(_meaning, terms_of(text))


def with_term(text: str, term: str) -> str:
    """Return a query with a term at its end, and without what says the contrary."""
    return " ".join([*map(_closed, terms_of(without_term(text, negation(term)))), term])


def without_term(text: str, term: str) -> str:
    """Return a query without a term, however it is quoted."""
    return " ".join(one for one in terms_of(text) if _meaning(one) != _meaning(term))


def problem(text: str) -> str:
    """Return what is wrong with a query, on one line; "" where nothing is."""
    try:
        parse_query(text)
    except QueryError as error:
        return str(error)
    return ""


def _closed(term: str) -> str:
    """Return a term with the quote that was not typed yet: it would swallow what follows."""
    return term + '"' if term.count('"') % 2 else term


def _meaning(term: str) -> tuple[str, ...]:
    """Return what a term says: its sign, its field and its folded value."""
    field = _FIELD_TERM.fullmatch(term)
    return (field[1], field[2].lower(), fold(field[3])) if field else (term,)
