"""Make text from tags, file names and lyrics safe to show and to compare.

Everything here is untrusted: values of megabytes, control characters that would reach the terminal, direction overrides
that disguise a name, bytes of another encoding. What comes out is NFC and holds no C0/C1 controls (clean_lines keeps
the line feed), no bidi overrides or isolates, no byte-order mark and no lone surrogate.
"""

import re
import unicodedata

MAXIMUM_CHARACTERS = 10_000
"""Longest value kept of a tag: a screen shows a hundred, a long comment has two thousand."""

_UNSHOWABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def clean_line(text: str, *, maximum: int = MAXIMUM_CHARACTERS) -> str:
    """Return `text` as one clean line: runs of white space become one space, at most `maximum` characters.

    Empty text, or text of controls alone, gives "".
    """
    if len(text) <= maximum and text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()  # nearly every value of nearly every file: nothing of what follows would change it
    words = _repair(text[: 4 * maximum]).split()
    line = _UNSHOWABLE.sub("", " ".join(words))
    return unicodedata.normalize("NFC", line)[:maximum].strip()


def clean_lines(text: str, *, maximum: int) -> str:
    """Return `text` with line feeds between clean lines, at most `maximum` characters; tabs become spaces."""
    broken = re.sub("\r\n?|[\x0b\x0c\x85\u2028\u2029]", "\n", _repair(text[:maximum])).replace("\t", " ")
    return unicodedata.normalize("NFC", _UNSHOWABLE.sub("", broken))[:maximum]


def decode(data: bytes) -> str:
    """Decode bytes of an unknown encoding: UTF-16 by its mark, else UTF-8, else Windows-1252; never fails."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def decode_name(name: str) -> str:
    """Return a file name for showing: bytes that are not UTF-8 (surrogate escapes) are read as Windows-1252."""
    try:
        return decode(name.encode("utf-8", "surrogateescape")) if _SURROGATE.search(name) else name
    except UnicodeError:  # surrogates that stand for no byte; clean_line replaces them
        return name


def _repair(text: str) -> str:
    """Undo UTF-8 that was read as Latin-1 or Windows-1252, and replace lone surrogates by U+FFFD.

    Text is taken as misread only when all of it turns into valid UTF-8, which real Latin text with an accent does not.
    """
    if text.isascii():
        return text
    for wrong in ("latin-1", "cp1252"):
        try:
            return text.encode(wrong).decode("utf-8")
        except UnicodeError:
            continue
    return _SURROGATE.sub("\ufffd", text)
