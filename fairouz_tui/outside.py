"""Notice files that another program changed: what they were like when we last wrote or read them."""

from pathlib import Path

Stamp = tuple[int, int, int]


class Outside:
    """The files that are watched, each as it was when it was last known."""

    def __init__(self) -> None:
        self._known: dict[Path, Stamp | None] = {}
        self._told: dict[Path, Stamp | None] = {}

    def saw(self, path: Path) -> None:
        """Take a file as it stands for what is known of it: it was just written, or read."""
        self._known[path] = self._told[path] = stamp(path)

    def changed(self, path: Path) -> bool:
        """Return whether a file that was seen is another now; one that is gone is not changed."""
        now = stamp(path)
        return path in self._known and now is not None and now != self._known[path]

    def news(self, path: Path) -> bool:
        """Return whether a file changed since it was last asked; one that was never seen is seen now."""
        if path not in self._known:
            self.saw(path)
            return False
        now = stamp(path)
        is_new = self.changed(path) and now != self._told[path]
        self._told[path] = now
        return is_new


def stamp(path: Path) -> Stamp | None:
    """Return what tells one state of a file from another; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
