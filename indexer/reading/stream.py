"""Read the audio stream's header, and the hash by which its sound is known again after retagging or moving.

The hash covers the first 256 KiB of demuxed audio packets and the stream's length. Tags, covers and padding are no
packets, so they do not change it. The length is taken where tags cannot change it either: the header's duration, or,
for formats that are a bare run of frames (mp3, aac, ac3) and have no such header, the bytes between the tags.
"""

import hashlib
import os
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any, BinaryIO

import mutagen
from mutagen.asf import ASF

from indexer.errors import ReadError
from indexer.reading.fields import Fields, named_fields
from indexer.track import Stream

HASHED_BYTES = 256 * 1024
"""Enough to tell any two recordings apart, and one read of a disk."""

AUDIO_FORMATS = (
    "aac,ac3,aiff,amr,amrnb,amrwb,ape,asf,au,caf,dsf,dts,eac3,flac,iff,loas,matroska,webm,mov,mp4,m4a,mp3,mpc,mpc8,mpeg,"
    "ogg,tak,tta,truehd,w64,wav,wv"
)
"""Containers that may be opened. Playlist formats (hls, concat, dash) are left out: they open other files or hosts."""

_PLAIN_WORDS = {
    "invalid data found when processing input": "damaged, or in a format that is not known here",
    "end of file": "cut short",
    "invalid argument": "of a kind that is not known here",
    "function not implemented": "there is no decoder for this kind of sound",
    "decoder not found": "there is no decoder for this kind of sound",
    "not yet implemented in ffmpeg, patches welcome": "there is no decoder for this kind of sound",
}
"""What ffmpeg says, lower case -> what it means to somebody with a music folder."""

LONGEST_SECONDS = 30 * 24 * 3600.0
"""A longer duration is a broken header."""

_RAW_FORMATS = frozenset(("mp3", "aac", "ac3", "eac3", "dts", "loas", "amr"))
_RUNNING_INTO_TAGS = frozenset(("ape", "dsf"))
"""Formats whose last packet, as libav cuts it, holds the tag behind it: their bytes are hashed without libav."""

_BYTE_SIZE_OF_DSD_CHUNK = 28
"""DSF's first chunk, in which the file's size and the place of its tag stand (DSF specification 1.01, section 2)."""

_BYTE_SIZE_OF_ID3V1, _BYTE_SIZE_OF_FOOTER = 128, 32

_MP3_MASK, _MP3_SYNC = 0xE6, 0xE2
"""Of the second byte of a frame's header: the end of the sync word, and layer III (ISO 11172-3, section 2.4.1.3)."""

_LARGE_TAG_BYTES = 8 * 1024
"""An ID3v2 tag with a picture: libav reads it byte by byte, 13 ms for one of 300 KB, a third of hearing the track."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What one look through PyAV gives: header, hash, and the container's own tags for files mutagen cannot read."""

    stream: Stream = field(default_factory=Stream)
    content_hash: str | None = None
    fields: Fields = field(default_factory=dict)
    problem: str = ""
    """Why there is no sound, else empty."""


def read_stream(path: str, *, media: Any | None = None) -> Stream:
    """Read the header of the file's audio stream; parts that nothing tells are None.

    media : the file opened by mutagen, whose durations (encoder delay counted) are preferred.
    Raises ReadError when there is no audio stream.
    """
    seen = probe(path)
    if seen.problem and not getattr(media, "info", None):
        raise ReadError(path, seen.problem)
    return refine(seen.stream, media)


def content_hash(path: str) -> str | None:
    """Return BLAKE2b-128 (hex) over the first 256 KiB of audio packets and the stream length; None without packets."""
    return probe(path).content_hash


def open_container(path: str) -> Any:
    """Open a local file with PyAV, and nothing else: no network, no playlist formats; broken tag text is replaced.

    Raises OSError or av.FFmpegError when it is no such file.
    """
    with open(path, "rb") as file:
        known = _known_format(file, _leading_tags_size(file))
    return _open("file:" + os.path.abspath(path), protocols="file", known=known)


def open_sound(path: str) -> Any:
    """Open a file as `open_container` does, but behind a large ID3v2 tag: its sound alone, at no cost for its cover."""
    with open(path, "rb") as file:
        start = _leading_tags_size(file)
        known = _known_format(file, start)
    if start < _LARGE_TAG_BYTES:
        return _open("file:" + os.path.abspath(path), protocols="file", known=known)
    url = f"subfile,,start,{start},end,0,,:file:{os.path.abspath(path)}"
    return _open(url, protocols="file,subfile", known=known)


def _known_format(file: BinaryIO, start: int) -> str | None:
    """Name the format where a frame of mp3 begins at byte `start`: libav reads on for .8 ms until it believes it."""
    head = _at(file, start, 2)
    return "mp3" if len(head) == 2 and head[0] == 0xFF and head[1] & _MP3_MASK == _MP3_SYNC else None


def _open(url: str, *, protocols: str, known: str | None) -> Any:
    import av  # 80 ms

    options = {"protocol_whitelist": protocols, "format_whitelist": AUDIO_FORMATS}
    return av.open(url, format=known, options=options, metadata_errors="replace")


def probe(path: str) -> Probe:
    """Look at the file through PyAV once: header, hash, tags; a file without sound gives `problem`, never an error."""
    try:
        with open_container(path) as container:
            if not container.streams.audio:
                return Probe(problem="no audio stream")
            audio = container.streams.audio[0]
            header, hashed = _header(container, audio), _hash(path, container, audio)
            silent = hashed is None and header.sample_rate is None  # recognised by its name alone
            return Probe(header, hashed, _container_fields(container, audio), "no audio packets" if silent else "")
    except Exception as error:  # the per-file boundary: PyAV raises OSError, ValueError and more kinds on broken files
        return Probe(problem=plain_reason(error))


def plain_reason(error: Exception) -> str:
    """Return why PyAV could not read a file: one line in plain words, without the paths and numbers of ffmpeg's."""
    reason = str(getattr(error, "strerror", None) or error or type(error).__name__)
    line = reason.strip().partition("\n")[0].lower()
    return _PLAIN_WORDS.get(line, line)


def refine(stream: Stream, media: Any | None) -> Stream:
    """Return `stream` with what mutagen's header knows better (duration, bitrate) or alone (the rest)."""
    info = getattr(media, "info", None)
    if info is None:
        return stream
    return replace(
        stream,
        duration_seconds=_duration(getattr(info, "length", None)) or stream.duration_seconds,
        codec=stream.codec or type(media).__name__.lower(),
        sample_rate=stream.sample_rate or _positive(getattr(info, "sample_rate", None)),
        channels=stream.channels or _positive(getattr(info, "channels", None)),
        bitrate=_positive(getattr(info, "bitrate", None)) or stream.bitrate,
    )


def _header(container: Any, audio: Any) -> Stream:
    """Return the header as PyAV sees it; a raw stream's duration may be an estimate from its bitrate."""
    codec = audio.codec_context
    if audio.duration is not None and audio.time_base:
        seconds = float(audio.duration * audio.time_base)
    else:
        seconds = (container.duration or 0) / 1_000_000  # libav's AV_TIME_BASE
    return Stream(
        duration_seconds=_duration(seconds),
        codec=_codec_name(codec),
        sample_rate=_positive(codec.sample_rate),
        channels=_positive(codec.channels),
        bitrate=_positive(audio.bit_rate) or _positive(container.bit_rate),
    )


def _codec_name(codec: Any) -> str:
    """Return the format's name, not the decoder's: "mp3" of mp3float."""
    return str(codec.codec.canonical_name)


def _hash(path: str, container: Any, audio: Any) -> str | None:
    if container.format.name in _RUNNING_INTO_TAGS:
        return _hash_bytes(path, *_sound_extent(path))
    raw = container.format.name in _RAW_FORMATS
    start, end = _sound_extent(path) if raw else (0, None)
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
        digest = hashlib.blake2b(_at(file, start, min(end - start, HASHED_BYTES)), digest_size=16)
    digest.update(f"{end - start} bytes".encode())
    return digest.hexdigest()


def _asf_length(path: str) -> str:
    """Return the play duration in an ASF's header, which libav distrusts once tags changed the file's size."""
    try:
        info: Any = ASF(path).info
    except mutagen.MutagenError:
        return ""
    return f"{info.length:.3f}"


def _hash_packets(container: Any, audio: Any, digest: Any, end: int | None) -> int:
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


def _sound_extent(path: str) -> tuple[int, int]:
    """Return the first byte after the ID3v2 tags and the first byte of the APEv2, Lyrics3 and ID3v1 tags at the end.

    Of a DSF, the bytes from its second chunk to its tag.
    """
    with open(path, "rb") as file:
        head = _at(file, 0, _BYTE_SIZE_OF_DSD_CHUNK)
        if head[:4] == b"DSD ":
            return _BYTE_SIZE_OF_DSD_CHUNK, int.from_bytes(head[20:28], "little") or file.seek(0, os.SEEK_END)
        start, end = _leading_tags_size(file), file.seek(0, os.SEEK_END)
        while (size := _trailing_tag_size(file, end)) and end - size > start:
            end -= size
    return start, end


def _leading_tags_size(file: BinaryIO) -> int:
    """Return the bytes of the ID3v2 tags that a file begins with."""
    start, end = 0, file.seek(0, os.SEEK_END)
    while (size := _id3v2_size(_at(file, start, 10))) and start + size < end:
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
    if _at(file, end - _BYTE_SIZE_OF_ID3V1, 3) == b"TAG":
        return _BYTE_SIZE_OF_ID3V1
    footer = _at(file, end - _BYTE_SIZE_OF_FOOTER, _BYTE_SIZE_OF_FOOTER)
    if footer[:8] == b"APETAGEX":
        has_header = footer[23] & 0x80
        return int.from_bytes(footer[12:16], "little") + (_BYTE_SIZE_OF_FOOTER if has_header else 0)
    lyrics = footer[-15:]
    if lyrics[6:] == b"LYRICS200" and lyrics[:6].isdigit():
        return int(lyrics[:6]) + 15
    return 0


def _at(file: BinaryIO, position: int, size: int) -> bytes:
    if position < 0:
        return b""
    file.seek(position)
    return file.read(size)


def _container_fields(container: Any, audio: Any) -> Fields:
    metadata = {**audio.metadata, **container.metadata}
    return named_fields((name.partition("-")[0], value) for name, value in metadata.items())


def _duration(seconds: float | None) -> float | None:
    if seconds is None or not isfinite(seconds) or not 0 < seconds <= LONGEST_SECONDS:
        return None
    return float(seconds)


def _positive(value: int | None) -> int | None:
    return int(value) if value and value > 0 else None
