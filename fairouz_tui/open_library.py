"""Keep the library open for the screen: the light catalogue at once, the heavy explorer when it is first asked."""

import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from fairouz_tui.config import Config
from fairouz_tui.layouts import Layouts
from fairouz_tui.picture import Picture, picture_of
from fairouz_tui.steps import Kind, Step
from indexer.catalogue import Catalogue
from indexer.errors import IndexerError, QueryError, StoreError
from indexer.exploring.answer import Answer, Explanation, TrackRow
from indexer.exploring.completion import completions
from indexer.exploring.conditions import all_matching
from indexer.exploring.facets import Facet, facets
from indexer.exploring.feedback import judge, judged
from indexer.exploring.folding import folded
from indexer.exploring.map_clusters import cluster_facet
from indexer.exploring.query import parse_query

if TYPE_CHECKING:
    from indexer.explorer import Explorer
    from indexer.exploring.limits import Limits

READY_TRACKS = 200_000
"""Up to so many tracks what answers by vectors is loaded unasked: some 70 MB at 100,000; at a million 260."""
HITS_WANTED = 200
"""Rows of an answer: more than anyone walks through, few enough to hold and redraw."""


class OpenLibrary:
    """A library and what answers for it; everything that may take time is meant for a worker, from any thread."""

    def __init__(self, path: Path, *, config: Config | None = None) -> None:
        self.path = path
        self.config = config or Config()
        """What the user set: caps, folding, pictures. The app puts another here when it is changed."""
        self._catalogue: Catalogue | None = None
        self._explorer: Explorer | None = None
        self.layouts = Layouts()
        self.outlines = Layouts()
        """Of the broad lines, which are there in seconds: they must not wait for neighbours, which take minutes."""
        self._counted: tuple[int, tuple[Facet, ...]] | None = None
        """The facets of the whole library, and the version they are of."""
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
        explorer, moved = self.explorer(), dict(faders) or None
        match step.kind:
            case Kind.MIX:
                plus, minus = _ids(step.tracks), _ids(step.less)
                limits = self._limits(step)
                return explorer.mix(plus, minus, count=HITS_WANTED, faders=moved, limits=limits, within=step.text)
            case Kind.PATH:
                count = max(self.config.path_count, len(step.tracks))
                return explorer.path(_ids(step.tracks), count=count, at_most=True, faders=moved)
            case Kind.TRACK if step.track is not None:
                return self._similar(step, step.track.id, moved)
            case _:
                folds = self.config.fold_versions
                return explorer.search(step.text, count=HITS_WANTED, faders=moved, fold_versions=folds)

    def suggest(self, text: str) -> Answer:
        """Answer a query by its words, as it is typed."""
        catalogue = self.open()
        answer = catalogue.suggest(text, limit=HITS_WANTED)
        return folded(catalogue.connection, answer, count=HITS_WANTED) if self.config.fold_versions else answer

    def _similar(self, step: Step, track_id: int, faders: Mapping[str, float] | None) -> Answer:
        limits = self._limits(step)
        return self.explorer().similar(track_id, count=HITS_WANTED, faders=faders, limits=limits, within=step.text)

    def _limits(self, step: Step) -> "Limits":
        """Return the caps that are set, and whether versions share a row.

        The step may lift them, and so does one artist or album that it is narrowed to.
        """
        from indexer.exploring.limits import Limits

        chosen = {condition.field for condition in parse_query(step.text).conditions if not condition.negated}
        per_artist = 0 if step.whole or chosen & {"artist", "album"} else self.config.per_artist
        per_album = 0 if step.whole or "album" in chosen else self.config.per_album
        return Limits(per_artist, per_album, fold_versions=self.config.fold_versions)

    def facets(self, step: Step) -> tuple[Facet, ...]:
        """Count what the tracks that a step shows have in common; of fields alone, all tracks that meet them."""
        connection, ids = self.open().connection, self._ids_shown(step)
        counted = self._library_facets() if ids is None else facets(connection, ids)
        return (*counted, *cluster_facet(connection, ids))

    def _ids_shown(self, step: Step) -> list[int] | None:
        """Return the ids of the tracks that a step shows; None for all there are."""
        if step.kind is Kind.LIBRARY:
            return None
        query = parse_query(step.text) if step.kind is Kind.WORDS else None
        if query is not None and not query.words:
            return all_matching(self.open().connection, query.conditions)
        hits = step.answer.hits if step.answer is not None else ()
        return [one.track.id for hit in hits for one in (hit, *hit.versions)]

    def _library_facets(self) -> tuple[Facet, ...]:
        """Count the whole library's, once for each of its versions: a second in one of 100,000 tracks."""
        version = self.open().version()
        if self._counted is None or self._counted[0] != version:
            self._counted = (version, facets(self.open().connection))
        return self._counted[1]

    def values_of(self, field: str, typed: str) -> list[str]:
        """Return what the library has of a field that begins with a text, the likeliest first."""
        return completions(self.open().connection, field, typed)

    def judged(self, kind: str) -> frozenset[int]:
        """Return the ids of the tracks that are loved, or banned; none while there is no library yet."""
        return judged(self.catalogue.connection, kind) if self.catalogue is not None else frozenset()

    def judge(self, track_id: int, kind: str | None) -> None:
        """Write down that a track is loved or banned, or neither; waits while an index run writes."""
        judge(self.path, track_id, kind)

    def explain(self, a: int, b: int, *, faders: Mapping[str, float]) -> Explanation:
        """Say why two tracks are as close as they are."""
        return self.explorer().explain(a, b, faders=dict(faders) or None)

    def explain_without_lyrics(self, a: TrackRow, b: TrackRow, *, faders: Mapping[str, float]) -> Explanation:
        """Say why two tracks are close, all but the closest lyrics, for which the text model must be loaded."""
        from indexer.exploring.evidence import evidence
        from indexer.exploring.session import parse_faders

        session = self.explorer().session()
        named = session.contributions(session.point(a.id), [b.id], faders=parse_faders(dict(faders) or None), hub=True)
        facts = evidence(session, a.id, b.id, sorted((a.modalities & b.modalities) - {"lyrics"}))
        return Explanation(a, b, sum(named[0].values()), named[0], (), facts)

    @property
    def words_are_quick(self) -> bool:
        """Return whether the text model is in memory: before that what needs it takes longer."""
        # No attribute yet: a worker is importing it at this moment.
        reader = getattr(sys.modules.get("indexer.encoders"), "query_encoder", None)
        return reader is not None and reader.cache_info().currsize > 0

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
            query_reader(self.explorer().session())

    def covers(self, ids: Sequence[int], *, columns: int) -> tuple[Picture | None, ...]:
        """Return the tracks' covers as half blocks; None where there is none, or pictures are turned off."""
        return tuple(self._cover(track_id, columns) for track_id in ids)

    def _cover(self, track_id: int, columns: int) -> Picture | None:
        catalogue = self.open()
        content_hash = catalogue.card(track_id).get("cover_hash") if self.config.images_shown != "off" else None
        return picture_of(catalogue.cover(content_hash), columns=columns) if content_hash else None

    def explorer(self) -> "Explorer":
        """Return what answers by vectors, opened at the first call; for workers: it may take a moment."""
        from indexer.explorer import Explorer

        with self._opening:
            if self._explorer is None:
                self._explorer = Explorer(self.path)
            return self._explorer

    def get_ready(self) -> None:
        """Load what the first question by meaning needs, all but the text model, in a library that is not too large.

        Nothing is made for it: where tracks cannot be compared yet, whoever asks is told so.
        """
        catalogue = self.catalogue
        if catalogue is None or catalogue.count() > READY_TRACKS:
            return
        from indexer.storing.nearest_file import FILE

        if (self.path / FILE).exists():
            with suppress(IndexerError, StoreError):
                for row in catalogue.window(0, 1):
                    self.explorer().similar(row.id, count=1)


def _ids(rows: Sequence[TrackRow]) -> list[int]:
    return [row.id for row in rows]
