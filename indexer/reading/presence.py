"""Tell a file that is gone from one that merely cannot be reached."""

import os


def is_gone(path: bytes) -> bool:
    """Tell whether nothing is at `path` any more; a closed folder or a failing disk tells nothing."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False
