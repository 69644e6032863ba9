"""Write a file whole or not at all."""

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def replacing(file: "Path") -> "Iterator[Path]":
    """Give a file to write beside `file`, whose place it takes in one step at the end.

    Whatever is raised on the way leaves `file` as it was and nothing beside it.
    """
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        yield temporary
        os.replace(temporary, file)
    except BaseException:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
