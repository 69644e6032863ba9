"""Show the words of a track; where they have times, the line that is sung stands bright in the middle."""

from bisect import bisect_right
from collections.abc import Sequence
from textwrap import wrap

from rich.cells import cell_len
from textual.content import Content
from textual.reactive import reactive

from fairouz_tui.reasons.page import FAINT, MUTED, Page, joined
from fairouz_tui.show import one_line
from fairouz_tui.widgets.page_scroll import PageScroll

SUNG = "$accent bold"
NONE = "No lyrics are known. An .lrc or .txt file of its name beside the music is read when u in Explore looks again."


class LyricsPane(PageScroll, can_focus=True):
    """The lines of a song. It follows the song until it is scrolled by hand, and again when told to."""

    current: reactive[int | None] = reactive(None)
    """The line that is sung."""
    following: reactive[bool] = reactive(True)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines: tuple[str, ...] = ()
        self._times: tuple[float, ...] = ()
        self._tops: list[int] = []
        """Where each line begins, in lines of the screen."""

    @property
    def synced(self) -> bool:
        """Return whether the lines have times."""
        return bool(self._times)

    def show_lyrics(self, text: str, times: Sequence[float]) -> None:
        """Show the words of another track; times count only when there is one for each line."""
        self._lines = tuple(one_line(line) for line in text.split("\n")) if text else ()
        self._times = tuple(times) if len(times) == len(self._lines) else ()
        self.set_reactive(LyricsPane.current, None)
        self.following = True
        self.show_page(self._page)
        self._say_state()

    def seek(self, seconds: float | None) -> None:
        """Light the line that is sung at a time; None when the track does not play."""
        place = bisect_right(self._times, seconds) - 1 if seconds is not None else -1
        self.current = place if place >= 0 else None

    def follow(self) -> None:
        """Follow the song again."""
        self.following = True
        self._centre()

    def watch_current(self) -> None:
        """Draw the line that is sung, and bring it into the middle."""
        self.draw()
        self._say_state()
        if self.following:
            self._centre()

    def watch_following(self) -> None:
        """Say whether the song is followed."""
        self._say_state()

    def _say_state(self) -> None:
        said = "" if not self.synced else "follows the song" if self.following else "f follows the song again"
        self.border_subtitle = said if self.current is not None or not self.following else ("synced" if said else "")

    def _centre(self) -> None:
        if self.current is not None and self.current < len(self._tops):
            middle = self._tops[self.current] - self.scrollable_content_region.height // 2
            self.scroll_to(y=max(middle, 0), animate=False)

    def _page(self, width: int) -> Page:
        if not self._lines:
            return Page(Content.styled(NONE, MUTED))
        written: list[Content] = []
        self._tops = []
        for place, line in enumerate(self._lines):
            self._tops.append(len(written))
            style = SUNG if place == self.current else "" if self.current is None else MUTED
            room = width if cell_len(line) == len(line) else width // 2
            written += [Content.styled(part, style) for part in wrap(line, max(room, 8))] or [
                Content.styled("·", FAINT)
            ]
        return Page(joined(written))

    # By hand

    def _by_hand(self) -> None:
        if self.synced:
            self.following = False

    def action_scroll_down(self) -> None:
        """Scroll by hand, which stops following."""
        self._by_hand()
        super().action_scroll_down()

    def action_scroll_up(self) -> None:
        """Scroll by hand, which stops following."""
        self._by_hand()
        super().action_scroll_up()

    def action_scroll_home(self) -> None:
        """Scroll by hand, which stops following."""
        self._by_hand()
        super().action_scroll_home()

    def action_scroll_end(self) -> None:
        """Scroll by hand, which stops following."""
        self._by_hand()
        super().action_scroll_end()

    def action_page_down(self) -> None:
        """Scroll by hand, which stops following."""
        self._by_hand()
        super().action_page_down()

    def action_page_up(self) -> None:
        """Scroll by hand, which stops following."""
        self._by_hand()
        super().action_page_up()

    def on_mouse_scroll_down(self) -> None:
        """Stop following: the wheel is a hand too."""
        self._by_hand()

    def on_mouse_scroll_up(self) -> None:
        """Stop following: the wheel is a hand too."""
        self._by_hand()
