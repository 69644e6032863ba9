"""Find where the sound lies in a file: behind the tags it begins with, and before those it ends with."""

import os
from typing import BinaryIO

_BYTE_SIZE_OF_DSD_CHUNK = 28
"""DSF's first chunk, in which the file's size and the place of its tag stand (DSF specification 1.01, section 2)."""

_BYTE_SIZE_OF_ID3V1, _BYTE_SIZE_OF_FOOTER = 128, 32


def sound_extent(path: str) -> tuple[int, int]:
    """Return the first byte after the ID3v2 tags and the first byte of the APEv2, Lyrics3 and ID3v1 tags at the end.

    Of a DSF, the bytes from its second chunk to its tag.
    """
    with open(path, "rb") as file:
        head = bytes_at(file, 0, _BYTE_SIZE_OF_DSD_CHUNK)
        if head[:4] == b"DSD ":
            return _BYTE_SIZE_OF_DSD_CHUNK, int.from_bytes(head[20:28], "little") or file.seek(0, os.SEEK_END)
        start, end = leading_tags_size(file), file.seek(0, os.SEEK_END)
        while (size := _trailing_tag_size(file, end)) and end - size > start:
            end -= size
    return start, end


def leading_tags_size(file: BinaryIO) -> int:
    """Return the bytes of the ID3v2 tags that a file begins with."""
    start, end = 0, file.seek(0, os.SEEK_END)
    while (size := _id3v2_size(bytes_at(file, start, 10))) and start + size < end:
        start += size
    return start


def _id3v2_size(head: bytes) -> int:
    """Return the whole size of the ID3v2 tag that begins with `head` (ID3v2.4 structure, section 3.1), else 0."""
    if head[:3] != b"ID3" or len(head) < 10 or max(head[6:10]) > 0x7F:
        return 0
    footer = 10 if head[5] & 0x10 else 0
    return 10 + footer + sum(byte << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))


def _trailing_tag_size(file: BinaryIO, end: int) -> int:
    """Return the size of the tag that ends at byte `end`: ID3v1, APEv2 or Lyrics3v2; 0 when none does."""
    if bytes_at(file, end - _BYTE_SIZE_OF_ID3V1, 3) == b"TAG":
        return _BYTE_SIZE_OF_ID3V1
    footer = bytes_at(file, end - _BYTE_SIZE_OF_FOOTER, _BYTE_SIZE_OF_FOOTER)
    if footer[:8] == b"APETAGEX":
        has_header = footer[23] & 0x80
        return int.from_bytes(footer[12:16], "little") + (_BYTE_SIZE_OF_FOOTER if has_header else 0)
    lyrics = footer[-15:]
    if lyrics[6:] == b"LYRICS200" and lyrics[:6].isdigit():
        return int(lyrics[:6]) + 15
    return 0


def bytes_at(file: BinaryIO, position: int, size: int) -> bytes:
    """Read up to `size` bytes from a position; a negative one gives none."""
    if position < 0:
        return b""
    file.seek(position)
    return file.read(size)
