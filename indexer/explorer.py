"""Ask an embedded library: search, similar, explain and playlists. Loads vectors and models when first asked."""

import threading
from typing import TYPE_CHECKING

from indexer.catalogue import Catalogue
from indexer.exploring.query import parse_query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from indexer.exploring.answer import Answer, Explanation, Playlist
    from indexer.exploring.limits import Limits
    from indexer.exploring.session import Session


class Explorer:
    """A library opened for questions; may be used from any thread, and notices when the library changed.

    Raises
    ------
    IndexerError
        When there is no library yet; the questions raise it too, with what to do.

    """

    def __init__(self, library: "Path") -> None:
        self.catalogue = Catalogue(library)
        self._session: Session | None = None
        self._loading = threading.Lock()

    def session(self) -> "Session":
        """Return the library as it is embedded now, loaded once per version."""
        from indexer.exploring.session import open_session

        with self._loading:
            version = int(self.catalogue.fact("blocks_version") or 0)
            if self._session is None or self._session.version != version:
                self._session = open_session(self.catalogue)
            return self._session

    def prepare(self) -> None:
        """Build what the first question would otherwise wait for: index, scales of untouched faders, places of sounds.

        Raises
        ------
        IndexerError
            When the library has not been embedded yet.

        """
        from indexer.encoders import asked_encoder
        from indexer.exploring.nonsense import scripts_read
        from indexer.exploring.scale import nonsense_scale, text_scale, track_scale
        from indexer.exploring.sounding import sounds_of
        from models.encoders.names import TEXT_ENCODER

        session = self.session()
        sounds_of(session)
        track_scale(session, None, hub=True)
        if asked_encoder(session) != TEXT_ENCODER:
            return  # a large model is loaded for the first question, not for a run
        text_scale(session, None)
        for script in scripts_read(session):
            nonsense_scale(session, script, None)

    def search(
        self,
        text: str,
        *,
        count: int = 200,
        faders: "Mapping[str, float] | None" = None,
        fold_versions: bool = False,
    ) -> "Answer":
        """Rank tracks by words and meaning among those that meet the fields; see indexer/exploring/search.py.

        fold_versions : whether versions of one recording share a row, see indexer/exploring/folding.py.
        """
        if fold_versions:
            from indexer.exploring.folding import asked_deeper

            return asked_deeper(
                lambda depth: self.search(text, count=depth, faders=faders), self.catalogue.connection, count=count
            )
        if not parse_query(text).words and not faders:
            # Fields alone are a matter of SQL: nothing heavy is imported.
            return self.catalogue.suggest(text, limit=count)
        if not faders:
            # Nor is it where no text model reads the words.
            from indexer.exploring.by_words import search_by_words

            answer = search_by_words(self.catalogue, text, count=count)
            if answer is not None:
                return answer
        from indexer.exploring.search import search

        return search(self, text, count=count, faders=faders)

    def similar(
        self,
        track_id: int,
        *,
        count: int = 200,
        faders: "Mapping[str, float] | None" = None,
        modality: str | None = None,
        hub: bool = True,
        limits: "Limits | None" = None,
        within: str = "",
    ) -> "Answer":
        """Rank the tracks most like one; by one modality's own vectors alone when `modality` names it.

        limits : caps and folding of versions, see indexer/exploring/limits.py; none for None.
        within : fields that each must meet ("genre:jazz year:1960..1969"); the joint score alone is so narrowed.
        """
        from indexer.exploring.limits import NONE
        from indexer.exploring.similar import similar, similar_by

        limits = limits or NONE
        if modality is not None:
            return similar_by(self.session(), track_id, modality, count=count, limits=limits)
        return similar(self.session(), track_id, count=count, faders=faders, hub=hub, limits=limits, within=within)

    def similar_to_file(
        self,
        path: str,
        *,
        count: int = 200,
        faders: "Mapping[str, float] | None" = None,
        modality: str | None = None,
        hub: bool = True,
        limits: "Limits | None" = None,
    ) -> "Answer":
        """Rank the tracks most like a file outside the library, which is encoded, answered and not stored."""
        from indexer.exploring.limits import NONE
        from indexer.exploring.similar import similar_to_file, similar_to_file_by

        limits = limits or NONE
        if modality is not None:
            return similar_to_file_by(self.session(), path, modality, count=count, limits=limits)
        return similar_to_file(self.session(), path, count=count, faders=faders, hub=hub, limits=limits)

    def explain(
        self, a: int | str, b: int | str, *, faders: "Mapping[str, float] | None" = None, hub: bool = True
    ) -> "Explanation":
        """Say why track `b` scores as it does when asked for tracks like `a`; a path is a file outside the library."""
        from indexer.exploring.explain import explain

        return explain(self.session(), a, b, faders=faders, hub=hub)

    def playlist(
        self, seeds: "Sequence[int]", *, count: int | None = None, seconds: float | None = None, seed: int = 0
    ) -> "Playlist":
        """Make a playlist from seed tracks, by number of tracks or by length."""
        from indexer.exploring.playlist import make_playlist

        return make_playlist(self.session(), seeds, count=count, seconds=seconds, seed=seed)

    def mix(
        self,
        plus: "Sequence[int | str]",
        minus: "Sequence[int | str]" = (),
        *,
        count: int = 200,
        faders: "Mapping[str, float] | None" = None,
        hub: bool = True,
        limits: "Limits | None" = None,
        within: str = "",
    ) -> "Answer":
        """Rank the tracks most like some and least like others; a path is a file outside the library.

        limits : caps and folding of versions, as for `similar`; none for None.
        within : fields that each must meet, as in a query.
        """
        from indexer.exploring.limits import NONE
        from indexer.exploring.mix import mix

        limits = limits or NONE
        return mix(self.session(), plus, minus, count=count, faders=faders, hub=hub, limits=limits, within=within)

    def path(
        self,
        stops: "Sequence[int]",
        *,
        count: int,
        at_most: bool = False,
        faders: "Mapping[str, float] | None" = None,
    ) -> "Answer":
        """Lead from one track to another, through others named, in `count` tracks; see exploring/path.py."""
        from indexer.exploring.path import path

        return path(self.session(), stops, count=count, at_most=at_most, faders=faders)
