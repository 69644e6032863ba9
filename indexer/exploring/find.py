"""Find the track that a user means: an id, a path, or words of "artist - title"."""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.errors import TrackNotFoundError
from indexer.exploring.lexical import naming, score_words
from indexer.exploring.query import Query
from indexer.exploring.spelling import readings, reread
from indexer.fold import words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from indexer.catalogue import Catalogue
    from indexer.exploring.answer import TrackRow

_CLOSE = 0.12
"""Two candidates whose match differs by less than this are both meant, for all we know."""
_MEANT = 0.36
"""A match under this shares little more than a word like "the" with a track, or one word of many."""
_LISTED, _NEAREST = 5, 3


@dataclass(frozen=True, slots=True)
class Found:
    """A track of the library by id, or a file outside it by path."""

    track_id: int | None = None
    file: str | None = None

    @property
    def asked(self) -> int | str:
        """Return the id, or the path."""
        return self.file or "" if self.track_id is None else self.track_id


def find_track(catalogue: "Catalogue", text: str, *, first: bool = False) -> Found:
    """Find what `text` names: all digits = id; contains "/" or exists = path; else words, the best match.

    first : take the best match even when others come close.

    Raises
    ------
    TrackNotFoundError
        When nothing matches, or hardly, or several come close: up to five are listed with their ids.

    """
    if text.isascii() and text.isdigit():
        return Found(_by_id(catalogue, text))
    is_path = "/" in text or (os.path.lexists(text) and not os.path.isdir(text))
    track_id = catalogue.find_path(text) if is_path else None
    if track_id is not None:
        return Found(track_id)
    if is_path and os.path.lexists(text):
        return Found(file=text)
    ranked = _by_words(catalogue, text)
    if is_path:
        # "AC/DC - Thunderstruck" is no path, but a mistyped path must not find a track by one of its words.
        ranked = [(score, row) for score, row in ranked if _names_all(text, row)]
    if not ranked and is_path:
        raise TrackNotFoundError(f"{text} is not there; give a track's id, path or words of its artist and title")
    if not ranked:
        raise TrackNotFoundError(f'no track matches "{text}"; try `fairouz-tui search "{text}"`')
    close = [row for score, row in ranked if score > ranked[0][0] - _CLOSE]
    if ranked[0][0] < _MEANT:
        raise TrackNotFoundError(f'no track matches "{text}"; nearest: {_listed(close[:_NEAREST])}. Give an id')
    if len(close) > 1 and not first:
        listed = _listed(close[:_LISTED])
        raise TrackNotFoundError(f'several tracks match "{text}": {listed}. Give an id, more words, or --first')
    return Found(ranked[0][1].id)


def _listed(rows: "Sequence[TrackRow]") -> str:
    return "; ".join(f"{row.id} {row.artist} - {row.title}" for row in rows)


def _by_id(catalogue: "Catalogue", text: str) -> int:
    rows = catalogue.rows([int(text)]) if len(text) < 19 else []
    if not rows:
        raise TrackNotFoundError(f"no track has the id {text}; `fairouz-tui search` prints ids")
    return rows[0].id


def _by_words(catalogue: "Catalogue", text: str) -> "list[tuple[float, TrackRow]]":
    """Return tracks with their match in (0, 1], best first."""
    asked = tuple(dict.fromkeys(words(text)))
    query = Query(text, asked, text, ())
    found = score_words(catalogue.connection, query)
    if not found and (read := readings(catalogue.connection, query)):
        query = reread(query, read)
        text, found = query.free_text, score_words(catalogue.connection, query)
    rows = catalogue.rows(sorted(found, key=lambda i: (-found[i], i))[:100])
    scored = [(naming(text, row.artist, row.title), row) for row in rows]
    return sorted((pair for pair in scored if pair[0] > 0), key=lambda pair: (-pair[0], pair[1].id))


def _names_all(text: str, row: "TrackRow") -> bool:
    return set(words(text)) <= set(words(f"{row.artist} {row.title}"))
