"""List the keys of the explorer, place by place."""

from collections.abc import Collection, Sequence

from rich.segment import Segment
from rich.style import Style

from fairouz_tui.keymap import Key, sign
from fairouz_tui.show import fit
from fairouz_tui.widgets.line_list import LineList
from indexer.exploring.answer import TrackRow

PLACE_CELLS, NARROW_PLACE_CELLS = 14, 9
KEYS_CELLS, NARROW_KEYS_CELLS = 16, 8
NAME_CELLS = 20
NAME_FROM = 84
"""Narrower lists leave out the name that config.toml knows the key by, and give less room to the rest."""


class KeyList(LineList):
    """One line a key."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.keys: tuple[Key, ...] = ()
        self.changed: Collection[str] = ()
        """Names of the keys that the user changed."""

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def current(self) -> Key | None:
        """Return the key under the cursor."""
        return self.keys[self.cursor] if self.keys else None

    def show(self, keys: Sequence[Key], *, changed: Collection[str], cursor: int | None = None) -> None:
        """Show keys; the cursor stays where it is unless told otherwise."""
        self.keys, self.changed = tuple(keys), changed
        self.rows_changed(cursor=self.cursor if cursor is None else cursor)

    def row_at(self, index: int) -> TrackRow | None:
        """Return None: no line is a track."""
        return None

    def header(self, width: int) -> str:
        """Return the names of the columns."""
        where, keys = _cells(width)
        return f"  {fit('Where', where)} {fit('Key', keys)} Does" if self.keys else ""

    def line(self, index: int, width: int, style: Style) -> list[Segment]:
        """Draw one key; the name of a place stands on its first line alone."""
        key, (where, keys) = self.keys[index], _cells(width)
        first = index == 0 or self.keys[index - 1].place != key.place
        changed = key.id in self.changed
        dim, strong = style + self.component("line-list--dim"), style + self.component("line-list--strong")
        name_cells = NAME_CELLS + 1 if width >= NAME_FROM else 0
        does = max(width - 4 - where - keys - name_cells, 1)
        return [
            Segment("• " if changed else "  ", strong),
            Segment(fit(key.place if first else "", where), dim),
            Segment(" " + fit(" ".join(map(sign, key.keys)), keys), strong if changed else style),
            Segment(" " + fit(key.tooltip, does), style),
            Segment(" " + fit(key.id, NAME_CELLS) if name_cells else "", dim),
        ]


def _cells(width: int) -> tuple[int, int]:
    """Return the cells for the place and the keys."""
    return (PLACE_CELLS, KEYS_CELLS) if width >= NAME_FROM else (NARROW_PLACE_CELLS, NARROW_KEYS_CELLS)
