"""Take a query apart into its terms, and put terms in and out of it."""

from indexer.errors import QueryError
from indexer.exploring.query import parse_query
from indexer.exploring.query_terms import FIELDS, Term, split_terms
from indexer.fold import fold


def terms_of(text: str) -> list[str]:
    """Return the terms of a query as they are typed."""
    return [term.text for term in split_terms(text)]


def field_terms(text: str) -> list[str]:
    """Return the terms of a query that name a field and a value: what narrows it."""
    return [term.text for term in split_terms(text) if term.field in FIELDS and term.value]


def negation(term: str) -> str:
    """Return the term that holds where this one does not."""
    return term.removeprefix("-") if term.startswith("-") else f"-{term}"


def holds(text: str, term: str) -> bool:
    """Return whether a query has a term, however it is quoted."""
    return _meaning_of(term) in map(_meaning, split_terms(text))


def with_term(text: str, term: str) -> str:
    """Return a query with a term at its end, and without what says the contrary."""
    return " ".join([*map(_closed, terms_of(without_term(text, negation(term)))), term])


def without_term(text: str, term: str) -> str:
    """Return a query without a term, however it is quoted."""
    out = _meaning_of(term)
    return " ".join(one.text for one in split_terms(text) if _meaning(one) != out)


def problem(text: str) -> str:
    """Return what is wrong with a query, on one line; "" where nothing is."""
    try:
        parse_query(text)
    except QueryError as error:
        return str(error)
    return ""


def has_words(text: str) -> bool:
    """Return whether a query has free words, which can be searched by meaning; fields alone can not."""
    try:
        return bool(parse_query(text).words)
    except QueryError:
        return False


def _closed(term: str) -> str:
    """Return a term with the quote that was not typed yet: it would swallow what follows."""
    return term + '"' if term.count('"') % 2 else term


def _meaning_of(text: str) -> tuple[object, ...]:
    """Return what a text of one term says; () where there is none."""
    return next(map(_meaning, split_terms(text)), ())


def _meaning(term: Term) -> tuple[object, ...]:
    """Return what a term says: its sign, its field, whether it names the whole, and its folded value."""
    return (term.negated, term.field, term.whole, fold(term.value)) if term.field else (term.text,)
