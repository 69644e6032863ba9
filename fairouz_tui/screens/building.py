"""Build a playlist from what is found: add, take out, move, save."""

from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.content import Content

from fairouz_tui.hints import hint
from fairouz_tui.outside import Stamp
from fairouz_tui.paths import playlists_folder
from fairouz_tui.screens.querying import QueryingScreen
from fairouz_tui.show import one_line
from fairouz_tui.widgets.playlist_pane import PlaylistPane
from fairouz_tui.widgets.top_line import plural
from indexer.exploring.answer import TrackRow

if TYPE_CHECKING:
    from fairouz_tui.screens.save import Saved

SAVED = "saved"
"""The name in the memories."""
STAMP_NUMBERS = 3


class BuildingScreen(QueryingScreen):
    """A screen with a playlist beside the answers."""

    playlist_file: Path | None = None
    """Where the playlist was saved last."""
    memories: MutableMapping[str, Mapping[str, Any]]
    """What is kept between runs; under SAVED, what the file was like when the playlist was saved."""
    _recalling = False
    """Whether what an earlier run left is still to be read."""

    @property
    def playlist(self) -> PlaylistPane:
        """Return the playlist."""
        return self.query_one("#playlist", PlaylistPane)

    @property
    def row(self) -> TrackRow | None:
        """Return the track that keys act on: under the cursor of the pane that has them."""
        return self.playlist.current if self.playlist.has_focus else self.results.current

    def needed_row(self) -> TrackRow | None:
        """Return the track that keys act on, and say so when there is none."""
        if self.row is None:
            self.say("There is no track under the cursor.")
        return self.row

    def say(self, text: str) -> None:
        """Show a notice; `text` may hold what stands in tags and paths."""
        self.notify(one_line(text), markup=False)

    def action_add(self) -> None:
        """Add the track and go on to the next."""
        row = self.needed_row()
        if row is None:
            return
        if not self.playlist.add(row):
            self.say("It is in the playlist already.")
        self.playlist_changed()
        if self.results.has_focus:
            self.results.action_move(1)

    def action_add_all(self) -> None:
        """Add all results."""
        if not self.results.hits:
            return self.say(hint(self, "{add_all} adds a list of results: search with {search} or press {more} first."))
        added = self.playlist.add(*(hit.track for hit in self.results.hits))
        self.playlist_changed()
        return self.say(f"{plural(added, 'track')} added.")

    def action_remove(self) -> None:
        """Take the track out of the playlist."""
        index = self._listed_index()
        if index is not None:
            self.playlist.take_out(index)
            self.playlist_changed()

    def action_shift(self, places: int) -> None:
        """Move the track in the playlist."""
        index = self._listed_index()
        if index is not None:
            self.playlist.move(index, places)

    def _listed_index(self) -> int | None:
        row = self.needed_row()
        index = self.playlist.index_of(row.id) if row is not None else None
        if row is not None and index is None:
            self.say(hint(self, "It is not in the playlist: {add} adds it."))
        return index

    def playlist_changed(self) -> None:
        """Draw what depends on the playlist: its title, its height, the marks in the list."""
        self.results.listed = self.playlist.ids
        self.results.refresh()
        self.playlist.border_title = Content(self.playlist.title())
        self.playlist.empty_text = hint(self, "{add} adds the track under the cursor, {add_all} all results")
        self.playlist.set_class(bool(self.playlist.tracks), "-filled")

    def action_save(self) -> None:
        """Ask for a name and save the playlist."""
        if not self.playlist.tracks:
            return self.say(hint(self, "The playlist is empty: {add} adds a track, {add_all} all results."))
        from fairouz_tui.screens.save import SaveScreen

        folder = playlists_folder(self.library.path)
        proposed = self.playlist_file or folder / "playlist.m3u8"
        box = SaveScreen(self.playlist.tracks, proposed=proposed, folder=folder, own=self._own_stamp())
        self.app.push_screen(box, self._saved)
        return None

    def _own_stamp(self) -> Stamp | None:
        """Return what the playlist's file was like when it was saved; None where it may hold more than is shown."""
        kept = self.memories.get(SAVED, {})
        if self._recalling or kept.get("file") != str(self.playlist_file):
            return None
        numbers = tuple(kept.get("stamp", ()))
        return numbers if len(numbers) == STAMP_NUMBERS else None

    def forget_saved(self) -> None:
        """Ask before the playlist's file is replaced, since not all that was saved is in the playlist."""
        self.memories.pop(SAVED, None)

    def _saved(self, saved: "Saved | None") -> None:
        if saved is not None:
            self.playlist_file = saved.path
            self.memories[SAVED] = {"file": str(saved.path), "stamp": list(saved.stamp or ())}
            self.say(f"{plural(len(self.playlist), 'track')} saved to {saved.path}")
