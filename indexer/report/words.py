"""Compare tracks by the words of their tags alone, without any encoder: the baseline that embeddings have to beat."""

import json
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from indexer.fold import words
from indexer.report.labels import AMONG

if TYPE_CHECKING:
    import sqlite3

    from numpy.typing import NDArray

_K1, _B = 1.2, 0.75
"""The usual values of BM25."""
_COMMENT_CHARACTERS = 500
"""Longer comments are advertisements, as for the TAGS text."""


class TagWords:
    """BM25 between tracks, each being the query in turn, over title, genres, year and comment.

    Never artist and album, which are the answer; nor the words of the sound, which no tag holds.
    Robertson and Zaragoza, "The probabilistic relevance framework: BM25 and beyond", 2009; the idf stays positive.
    """

    def __init__(self, texts: "list[list[str]]") -> None:
        counts = [Counter(text) for text in texts]
        column = {word: j for j, word in enumerate(sorted(set().union(*counts)))} if counts else {}
        rows = np.repeat(np.arange(len(counts)), [len(count) for count in counts])
        columns = np.array([column[word] for count in counts for word in count], np.int64)
        frequency = np.array([n for count in counts for n in count.values()], np.float64)
        lengths = np.array([len(text) for text in texts], np.float64)
        length = 1 - _B + _B * lengths / max(lengths.mean(), 1.0) if len(texts) else lengths
        holders = np.bincount(columns, minlength=len(column))
        idf = np.log(1 + (len(texts) - holders + 0.5) / (holders + 0.5))
        weight = idf[columns] * frequency * (_K1 + 1) / (frequency + _K1 * length[rows])
        shape = (len(texts), len(column))
        self._asked = sparse.csr_array((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)
        self._scored = sparse.csr_array((weight.astype(np.float32), (rows, columns)), shape=shape).T.tocsr()
        self.present = lengths > 0
        """[n], which tracks have any word."""

    def scores(self, rows: "NDArray[np.int64]") -> "NDArray[np.float32]":
        """Return the scores of all tracks for queries `rows`, float32 [q, n], each row scaled to [0, 1]."""
        scores: NDArray[np.float32] = (self._asked[rows] @ self._scored).toarray()
        most = scores.max(axis=1, initial=0, keepdims=True)
        scaled: NDArray[np.float32] = np.divide(scores, most, out=np.zeros_like(scores), where=most > 0)
        return scaled


def read_tag_words(connection: "sqlite3.Connection", ids: "NDArray[np.int64]") -> TagWords:
    """Read the words of tracks `ids`."""
    texts = {
        row[0]: words(" ".join([row[1], row[2], str(row[3] or ""), row[4][:_COMMENT_CHARACTERS]]))
        for row in connection.execute(
            f"SELECT id, title, genre, year, comment FROM tracks WHERE id {AMONG}", (json.dumps(ids.tolist()),)
        )
    }
    return TagWords([texts.get(i, []) for i in ids.tolist()])
