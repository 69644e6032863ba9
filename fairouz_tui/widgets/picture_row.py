"""Show pictures beside one another by the terminal's own graphics, through textual-image."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any

from textual.containers import Horizontal
from textual.widget import Widget

from fairouz_tui.graphics import Graphics, cell_pixels
from fairouz_tui.picture import Picture

if TYPE_CHECKING:
    from textual.app import App

USUAL_CELL = (10, 20)
"""Pixels of a cell where the system does not know them."""


class PictureRow(Horizontal):
    """Pictures two cells apart; empty until it is told what to show."""

    DEFAULT_CSS = """
    PictureRow { height: auto; padding: 0 1; display: none; }
    PictureRow.-filled { display: block; }
    PictureRow > .picture { margin: 0 2 1 0; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown: tuple[tuple[tuple[bytes, int], ...], Graphics | None] = ((), None)

    def show(self, pictures: Sequence[Picture], how: Graphics) -> None:
        """Show pictures as wide as they are; those without a JPEG, or none at all, leave the row empty."""
        wanted = tuple((picture.data, picture.columns) for picture in pictures if picture.data)
        if (wanted, how) == self._shown:
            return
        self._shown = (wanted, how)
        self.set_class(bool(wanted), "-filled")
        for child in self.children:
            child.image = None  # type: ignore[attr-defined]  # the terminal may forget it
        self.remove_children()
        self.mount_all(_made(data, columns, how, self.app) for data, columns in wanted)


def _made(data: bytes, columns: int, how: Graphics, app: "App[Any]") -> Widget:
    kitty, sixel, sending = _textual_image()
    sending(app)
    widget = (kitty if how == "kitty" else sixel)(BytesIO(data), classes="picture")
    across, down = cell_pixels() or USUAL_CELL
    # Both are given: "auto" is held to the height of what it is in, which is one line before the first layout.
    widget.styles.width, widget.styles.height = columns, max(round(columns * across / down), 1)
    return widget


@cache
def _textual_image() -> "tuple[Callable[..., Widget], Callable[..., Widget], Callable[[App[Any]], None]]":
    """Import the widgets for Kitty and Sixel, which ask the terminal at import unless they see none."""
    with _no_terminal():
        from textual_image import _terminal
        from textual_image.renderable import tgp
        from textual_image.widget import SixelImage, TGPImage
    _terminal.get_cell_size._result = _terminal.CellSize(*(cell_pixels() or USUAL_CELL))  # type: ignore[attr-defined]

    def send_through(app: "App[Any]") -> None:
        """Let pictures go the way of all that is drawn: beside it they would wait, and cut into what is under way."""

        def send(*, payload: str | None = None, **options: int | str | None) -> None:
            said = ",".join(f"{name}={value}" for name, value in options.items() if value is not None)
            if app._driver is not None:
                app._driver.write(f"\x1b_G{said}{f';{payload}' if payload else ''}\x1b\\")

        tgp._send_tgp_message = send

    return TGPImage, SixelImage, send_through


@contextmanager
def _no_terminal() -> Iterator[None]:
    """Hide the terminal while a package is imported that would write questions to it and read our keys as answers."""
    real = sys.__stdout__
    sys.__stdout__ = StringIO()  # type: ignore[misc, assignment]
    try:
        yield
    finally:
        sys.__stdout__ = real  # type: ignore[misc]
