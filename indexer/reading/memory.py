"""Keep memory that was freed, in processes that allocate the same again for every file."""

import ctypes

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of glibc's malloc.h."""
KEPT_BYTES = 128 * 1024 * 1024
LARGEST_BYTES = 32 * 1024 * 1024
"""The most that glibc takes."""


def keep_freed_memory() -> bool:
    """Ask glibc not to give freed memory back to the system; False where the C library is another.

    Every array of a few MB would be mapped, touched for the first time and unmapped again for each track: the loudness
    of 30 s took 15 ms instead of 4.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return bool(mallopt(TRIM_THRESHOLD, KEPT_BYTES) and mallopt(MMAP_THRESHOLD, LARGEST_BYTES))
