"""Keep the lines of a list as they were drawn, so that scrolling moves them instead of drawing them again.

The frame keeps what it drew by the place on the screen, and forgets all of it at a scroll: thirty lines, ten
milliseconds, for one new line. A strip that is kept also keeps the pieces it was cut into and its colours.
"""

from textual._styles_cache import StylesCache
from textual.strip import Strip


class DrawnLines(StylesCache):
    """The drawn lines of a widget, borders and all, by their place in it."""

    def moved_up(self, lines: int, places: range) -> dict[int, Strip]:
        """Return what will stand at `places` once all of them move up by `lines` (down when negative).

        Lines that come into sight, and those that are to be drawn anew, are left out.
        """
        return {
            y: self._cache[y + lines]
            for y in places
            if y + lines in places and y + lines in self._cache and not self.is_dirty(y + lines)
        }

    def put(self, drawn: dict[int, Strip]) -> None:
        """Take these lines as they are drawn."""
        self._cache.update(drawn)
        self._dirty_lines.difference_update(drawn)
