"""Hash a file's sound, so that it is known again after retagging or moving.

The hash covers the first 256 KiB of demuxed audio packets and the stream's length. Tags, covers and padding are no
packets, so they do not change it. The length is taken where tags cannot change it either: the header's duration, or,
for formats that are a bare run of frames (mp3, aac, ac3) and have no such header, the bytes between the tags.
"""

import hashlib
from typing import TYPE_CHECKING, Any

import mutagen
from mutagen.asf import ASF

from indexer.reading.sound_extent import bytes_at, sound_extent

if TYPE_CHECKING:
    from av.audio.stream import AudioStream
    from av.container import InputContainer

HASHED_BYTES = 256 * 1024
"""Enough to tell any two recordings apart, and one read of a disk."""

_RAW_FORMATS = frozenset(("mp3", "aac", "ac3", "eac3", "dts", "loas", "amr"))
_RUNNING_INTO_TAGS = frozenset(("ape", "dsf"))
"""Formats whose last packet, as libav cuts it, holds the tag behind it: their bytes are hashed without libav."""


def content_hash(path: str, container: "InputContainer", audio: "AudioStream") -> str | None:
    """Return BLAKE2b-128 (hex) of the sound of the file at `path`, opened by PyAV; None without packets."""
    if container.format.name in _RUNNING_INTO_TAGS:
        return _hash_bytes(path, *sound_extent(path))
    raw = container.format.name in _RAW_FORMATS
    start, end = sound_extent(path) if raw else (0, None)
    digest = hashlib.blake2b(digest_size=16)
    hashed = _hash_packets(container, audio, digest, end)
    if not hashed:
        return None
    if raw:
        length = _raw_length(path, start, end)
    elif container.format.name == "asf":
        length = _asf_length(path)
    else:
        length = f"{audio.duration}/{audio.time_base}"
    digest.update(length.encode())
    return digest.hexdigest()


def _hash_bytes(path: str, start: int, end: int) -> str | None:
    """Hash the bytes between the tags, and how many there are."""
    if end <= start:
        return None
    with open(path, "rb") as file:
        digest = hashlib.blake2b(bytes_at(file, start, min(end - start, HASHED_BYTES)), digest_size=16)
    digest.update(f"{end - start} bytes".encode())
    return digest.hexdigest()


def _asf_length(path: str) -> str:
    """Return the play duration in an ASF's header, which libav distrusts once tags changed the file's size."""
    try:
        info: Any = ASF(path).info
    except mutagen.MutagenError:
        return ""
    return f"{info.length:.3f}"


def _hash_packets(container: "InputContainer", audio: "AudioStream", digest: Any, end: int | None) -> int:
    """Feed packets to the digest up to HASHED_BYTES, those of a raw stream only up to byte `end`; return the bytes fed.

    Stops at the first damaged packet: what lies before it is the same at every reading.
    """
    hashed = 0
    try:
        for packet in container.demux(audio):
            limit = HASHED_BYTES - hashed
            if end is not None and packet.pos is not None and packet.pos >= 0:
                limit = min(limit, end - packet.pos)
            data = memoryview(packet)[: max(limit, 0)] if packet.size else b""
            digest.update(data)
            hashed += len(data)
            if limit <= packet.size and packet.size:
                break
    except (OSError, ValueError):
        return hashed
    return hashed


def _raw_length(path: str, start: int, end: int | None) -> str:
    """Return the length of a raw stream: the frame count of its Xing header, else its bytes between the tags."""
    with open(path, "rb") as file:
        file.seek(start)
        head = file.read(4096)
    for name in (b"Xing", b"Info"):
        at = head.find(name)
        if at >= 0 and head[at + 7 : at + 8] and head[at + 7] & 1:
            return f"{int.from_bytes(head[at + 8 : at + 12])} frames"
    return f"{(end or 0) - start} bytes"
