"""Keep the library open for the screen: the light catalogue at once, the heavy explorer when it is first asked."""

import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from fairouz_tui.picture import Picture, picture_of
from fairouz_tui.steps import Kind, Step
from indexer.catalogue import Catalogue
from indexer.errors import IndexerError, QueryError
from indexer.exploring.answer import Answer, Explanation, TrackRow
from indexer.exploring.query import parse_query

if TYPE_CHECKING:
    from indexer.explorer import Explorer

HITS_WANTED = 200
"""Rows of an answer: more than anyone walks through, few enough to hold and redraw."""


class OpenLibrary:
    """A library and what answers for it; everything that may take time is meant for a worker, from any thread."""

    def __init__(self, path: Path, *, images: bool = True) -> None:
        self.path = path
        self.images = images
        self._catalogue: Catalogue | None = None
        self._explorer: Explorer | None = None
        self._opening = Lock()
        self._loading = Lock()
        """Held while the text model is loaded: two threads that need it at once must not load it twice."""

    @property
    def catalogue(self) -> Catalogue | None:
        """Return the catalogue, or None while there is no library yet."""
        if self._catalogue is None:
            try:
                self._catalogue = Catalogue(self.path)
            except IndexerError:
                return None
        return self._catalogue

    def open(self) -> Catalogue:
        """Return the catalogue; raises IndexerError, which says what to do, when there is none."""
        if self._catalogue is None:
            self._catalogue = Catalogue(self.path)
        return self._catalogue

    def answer(self, step: Step, *, faders: Mapping[str, float]) -> Answer:
        """Answer a step by meaning. Loads numpy and faiss at the first call, the text model at the first words."""
        if self._loading.locked() and self.needs_text_model(step):
            self.load_text_model()
        explorer = self._open_explorer()
        if step.kind is Kind.TRACK and step.track is not None:
            return explorer.similar(step.track.id, count=HITS_WANTED, faders=dict(faders) or None)
        return explorer.search(step.text, count=HITS_WANTED, faders=dict(faders) or None)

    def explain(self, a: int, b: int, *, faders: Mapping[str, float]) -> Explanation:
        """Say why two tracks are as close as they are."""
        return self._open_explorer().explain(a, b, faders=dict(faders) or None)

    def explain_without_lyrics(self, a: TrackRow, b: TrackRow, *, faders: Mapping[str, float]) -> Explanation:
        """Say why two tracks are close, all but the closest lyrics, for which the text model must be loaded."""
        from indexer.exploring.evidence import evidence
        from indexer.exploring.session import parse_faders

        session = self._open_explorer().session()
        named = session.contributions(session.point(a.id), [b.id], faders=parse_faders(dict(faders) or None), hub=True)
        facts = evidence(session, a.id, b.id, sorted((a.modalities & b.modalities) - {"lyrics"}))
        return Explanation(a, b, sum(named[0].values()), named[0], (), facts)

    @property
    def words_are_quick(self) -> bool:
        """Return whether the text model is in memory: before that what needs it takes longer."""
        encoders = sys.modules.get("indexer.encoders")
        return encoders is not None and encoders.query_encoder.cache_info().currsize > 0

    def needs_text_model(self, step: Step) -> bool:
        """Return whether a step asks by words; fields alone are a matter of SQL."""
        try:
            return step.kind is Kind.WORDS and bool(parse_query(step.text).words)
        except QueryError:
            return False

    def load_text_model(self) -> None:
        """Load the text model, or wait for the thread that is at it; a moment the first time, nothing after."""
        from indexer.encoders import query_reader

        # Not embedded yet, or its model's files are gone: the answer to the words says so.
        with self._loading, suppress(IndexerError):
            query_reader(self._open_explorer().session())

    def covers(self, ids: Sequence[int], *, columns: int) -> tuple[Picture | None, ...]:
        """Return the tracks' covers as half blocks; None where there is none, or pictures are turned off."""
        return tuple(self._cover(track_id, columns) for track_id in ids)

    def _cover(self, track_id: int, columns: int) -> Picture | None:
        catalogue = self.open()
        content_hash = catalogue.card(track_id).get("cover_hash") if self.images else None
        return picture_of(catalogue.cover(content_hash), columns=columns) if content_hash else None

    def _open_explorer(self) -> "Explorer":
        from indexer.explorer import Explorer

        with self._opening:
            if self._explorer is None:
                self._explorer = Explorer(self.path)
            return self._explorer
