"""Write valid audio files of a few kilobytes, thousands a second: encoded once, put together anew for every file.

For each format a few tones are encoded by PyAV and cut into packets. A file is a random choice of packets of one tone
in a container that is written here byte by byte, so that no two files have the same sound and none costs an encoder.
"""

import io
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

import av
import numpy as np

SAMPLE_RATE = 24_000
TONES = 8
"""Different sounds; a file's packets are all of one of them."""
_SECONDS_ENCODED = 6.0
_PACKETS = {"mp3": 40, "ogg": 12, "opus": 50, "m4a": 22, "flac": 8}
"""Packets to a file: some 0.4 to 1.5 s."""
_CODECS = {
    "mp3": ("libmp3lame", "s16p", {"b": "32000", "reservoir": "0"}),
    "ogg": ("vorbis", "fltp", {"b": "32000", "strict": "experimental"}),
    "opus": ("libopus", "s16", {"b": "24000", "vbr": "off"}),
    "m4a": ("aac", "fltp", {"b": "24000"}),
    "flac": ("flac", "s16", {"frame_size": "1152"}),
}
FORMATS = tuple(_CODECS)
_OPUS_SAMPLES = 960
"""Of a packet of 20 ms; Opus counts in 48 kHz whatever it was given."""


@dataclass(frozen=True)
class Packets:
    """One tone in one format: the decoder's header, and packets that can be decoded in any order."""

    header: bytes
    units: tuple[bytes, ...]
    samples: int
    """Of one packet."""


def audio_file(ending: str, *, tone: int, random: Random, fields: Mapping[str, str], picture: bytes = b"") -> bytes:
    """Return a whole file; `fields` has Vorbis comment names in capitals, of which unknown ones are left out."""
    sound = _packets(ending, tone % TONES)
    units = random.sample(range(len(sound.units)), _PACKETS[ending])
    if ending == "flac":
        frames = b"".join(_flac_frame(tone % TONES, unit, place) for place, unit in enumerate(units))
        return _flac_head(sound, len(units), fields, picture) + frames
    chosen = [sound.units[unit] for unit in units]
    if ending == "mp3":
        return _id3(fields, picture) + b"".join(chosen)
    if ending == "m4a":
        return _mp4(tone % TONES, chosen, fields, picture)
    return _ogg(ending, sound, chosen, fields, serial=random.getrandbits(31))


@cache
def _packets(ending: str, tone: int) -> Packets:
    codec, kind, options = _CODECS[ending]
    context = av.CodecContext.create(codec, "w")
    assert isinstance(context, av.AudioCodecContext)
    context.sample_rate, context.layout, context.format = SAMPLE_RATE, _layout(ending), kind
    context.options = options
    context.open()
    size = context.frame_size or 1152
    units: list[bytes] = []
    for frame in _frames(_tone(tone), kind, size, layout=_layout(ending)):
        units += [bytes(packet) for packet in context.encode(frame)]
    # The first ones lean on what the encoder made of silence; in mp3 the first is no sound.
    return Packets(bytes(context.extradata or b""), tuple(units[3:]), size)


def _layout(ending: str) -> str:
    """Return "stereo" for libav's own Vorbis encoder, which knows nothing else, and whose blocks are all long."""
    return "stereo" if ending == "ogg" else "mono"


def _tone(number: int) -> "np.ndarray[tuple[int], np.dtype[np.int16]]":
    """Make a wavering chord whose pitch depends on its number, quiet enough to be small in FLAC."""
    seconds = np.arange(int(_SECONDS_ENCODED * SAMPLE_RATE)) / SAMPLE_RATE
    pitch = 110.0 * 2 ** (number / TONES)
    wave = sum(np.sin(2 * np.pi * pitch * k * seconds + np.sin(seconds * (k + number))) / k for k in range(1, 5))
    noise = np.random.default_rng(number).normal(0, 0.02, len(seconds))
    return np.asarray((wave + noise) * 300, np.int16)


def _frames(
    samples: "np.ndarray[tuple[int], np.dtype[np.int16]]", kind: str, size: int, *, layout: str = "mono"
) -> "Iterable[av.AudioFrame]":
    data = samples.astype(np.float32) / 32768 if kind.startswith("flt") else samples
    for start in range(0, len(data) - size + 1, size):
        part = np.repeat(data[None, start : start + size], 2 if layout == "stereo" else 1, axis=0)
        frame = av.AudioFrame.from_ndarray(part, format=kind, layout=layout)
        frame.sample_rate, frame.pts = SAMPLE_RATE, start
        yield frame


# ID3v2.4


_ID3_NAMES = {
    "TITLE": b"TIT2",
    "ARTIST": b"TPE1",
    "ALBUM": b"TALB",
    "ALBUMARTIST": b"TPE2",
    "GENRE": b"TCON",
    "DATE": b"TDRC",
    "TRACKNUMBER": b"TRCK",
    "COMPOSER": b"TCOM",
}


def _id3(fields: Mapping[str, str], picture: bytes) -> bytes:
    frames = [
        _id3_frame(_ID3_NAMES[name], b"\3" + text.encode()) for name, text in fields.items() if name in _ID3_NAMES
    ]
    if "LYRICS" in fields:
        frames.append(_id3_frame(b"USLT", b"\3eng\0" + fields["LYRICS"].encode()))
    if picture:
        frames.append(_id3_frame(b"APIC", b"\0image/jpeg\0\3\0" + picture))
    body = b"".join(frames)
    return b"ID3\4\0\0" + _seven_bits(len(body)) + body


def _id3_frame(name: bytes, data: bytes) -> bytes:
    return name + _seven_bits(len(data)) + b"\0\0" + data


def _seven_bits(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


# Vorbis comments, in FLAC and Ogg


def _comments(fields: Mapping[str, str]) -> bytes:
    lines = [f"{name}={text}".encode() for name, text in fields.items()]
    return _counted(b"fairouz") + struct.pack("<I", len(lines)) + b"".join(map(_counted, lines))


def _counted(data: bytes) -> bytes:
    return struct.pack("<I", len(data)) + data


def _picture_block(picture: bytes) -> bytes:
    return struct.pack(">II", 3, 10) + b"image/jpeg" + struct.pack(">6I", 0, 0, 0, 24, 0, len(picture)) + picture


def _flac_head(sound: Packets, frames: int, fields: Mapping[str, str], picture: bytes) -> bytes:
    info = bytearray(sound.header[:34].ljust(34, b"\0"))
    info[4:10] = bytes(6)  # sizes of frames: not told
    total = frames * sound.samples
    info[13] &= 0xF0
    info[14:18] = struct.pack(">I", total)
    info[18:34] = bytes(16)  # MD5 of the samples: not told
    blocks = [(0, bytes(info)), (4, _comments(fields))] + ([(6, _picture_block(picture))] if picture else [])
    last = len(blocks) - 1
    return b"fLaC" + b"".join(
        bytes([kind | (0x80 if i == last else 0)]) + len(data).to_bytes(3, "big") + data
        for i, (kind, data) in enumerate(blocks)
    )


@cache
def _flac_frame(tone: int, unit: int, place: int) -> bytes:
    """Return a frame renumbered for its place (below 128), with both checksums made anew."""
    frame = _packets("flac", tone).units[unit]
    number = 4
    coded = 1 if frame[number] < 0x80 else 8 - (frame[number] ^ 0xFF).bit_length()
    tail = number + coded
    extra = {6: 1, 7: 2}.get(frame[2] >> 4, 0) + {12: 1, 13: 2, 14: 2}.get(frame[2] & 15, 0)
    head = frame[:number] + bytes([place]) + frame[tail : tail + extra]
    body = head + bytes([_crc(head, 0x07, 8)]) + frame[tail + extra + 1 : -2]
    return body + _crc(body, 0x8005, 16).to_bytes(2, "big")


def _crc(data: bytes, polynomial: int, bits: int) -> int:
    table = _crc_table(polynomial, bits)
    value, mask, shift = 0, (1 << bits) - 1, bits - 8
    for byte in data:
        value = (value << 8 & mask) ^ table[value >> shift ^ byte]
    return value


@cache
def _crc_table(polynomial: int, bits: int) -> tuple[int, ...]:
    table = []
    for byte in range(256):
        value = byte << (bits - 8)
        for _ in range(8):
            value = (value << 1) ^ (polynomial if value >> (bits - 1) & 1 else 0)
        table.append(value & ((1 << bits) - 1))
    return tuple(table)


_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def _ogg(ending: str, sound: Packets, chosen: Sequence[bytes], fields: Mapping[str, str], *, serial: int) -> bytes:
    if ending == "opus":
        first, comments, samples = sound.header, [b"OpusTags" + _comments(fields)], _OPUS_SAMPLES
        heads = [comments]
    else:
        first, setup = _xiph_headers(sound.header)
        heads = [[b"\3vorbis" + _comments(fields) + b"\1", setup]]
        samples = 1024  # half of a long block of 2048 overlaps the next
    pages = [_page([first], serial, 0, 0, kind=2)]
    for packets in (*heads, list(chosen)):
        is_sound = packets is not heads[0]
        position = samples * len(chosen) if is_sound else 0
        pages.append(_page(packets, serial, len(pages), position, kind=4 if is_sound else 0))
    return b"".join(pages)


def _xiph_headers(data: bytes) -> tuple[bytes, bytes]:
    """Take the identification and the set-up packet out of libav's three laced headers."""
    sizes, at = [], 1
    for _ in range(2):
        size = 0
        while data[at] == 255:
            size, at = size + 255, at + 1
        sizes.append(size + data[at])
        at += 1
    return data[at : at + sizes[0]], data[at + sum(sizes) :]


def _page(packets: Sequence[bytes], serial: int, number: int, position: int, *, kind: int) -> bytes:
    """Write packets of at most 65,025 bytes together as one Ogg page (RFC 3533, section 6)."""
    lacing = b"".join(b"\xff" * (len(packet) // 255) + bytes([len(packet) % 255]) for packet in packets)
    assert len(lacing) <= 255
    head = struct.pack("<4sBBqIII", b"OggS", 0, kind, position, serial, number, 0) + bytes([len(lacing)]) + lacing
    page = head + b"".join(packets)
    mirrored = ~zlib.crc32(page.translate(_MIRRORED), 0xFFFFFFFF) & 0xFFFFFFFF
    checksum = int.from_bytes(mirrored.to_bytes(4, "big").translate(_MIRRORED)[::-1], "big")
    return page[:22] + struct.pack("<I", checksum) + page[26:]


# MP4

_MP4_NAMES = {
    "TITLE": b"\xa9nam",
    "ARTIST": b"\xa9ART",
    "ALBUM": b"\xa9alb",
    "ALBUMARTIST": b"aART",
    "GENRE": b"\xa9gen",
    "DATE": b"\xa9day",
    "COMPOSER": b"\xa9wrt",
    "LYRICS": b"\xa9lyr",
}


def _mp4(tone: int, chosen: Sequence[bytes], fields: Mapping[str, str], picture: bytes) -> bytes:
    start, moov = _mp4_template(tone)
    sizes = moov.index(b"stsz") + 16
    table = struct.pack(f">{len(chosen)}I", *map(len, chosen))
    moov = moov[:sizes] + table + moov[sizes + len(table) :]
    items = [_box(_MP4_NAMES[name], _data(1, text.encode())) for name, text in fields.items() if name in _MP4_NAMES]
    if fields.get("TRACKNUMBER"):
        items.append(_box(b"trkn", _data(0, struct.pack(">HHHH", 0, int(fields["TRACKNUMBER"]), 0, 0))))
    if picture:
        items.append(_box(b"covr", _data(13, picture)))
    handler = _box(b"hdlr", struct.pack(">II4s4sII", 0, 0, b"mdir", b"appl", 0, 0) + b"\0")
    tags = _box(b"udta", _box(b"meta", bytes(4) + handler + _box(b"ilst", b"".join(items))))
    return start + _box(b"mdat", b"".join(chosen)) + _box(b"moov", moov + tags)


@cache
def _mp4_template(tone: int) -> tuple[bytes, bytes]:
    """Return what comes before the sound and what the "moov" box holds, without tags, for a file of one chunk."""
    made = io.BytesIO()
    with av.open(made, "w", format="ipod") as container:
        stream = container.add_stream("aac", rate=SAMPLE_RATE, format="fltp", layout="mono", options={"b": "24000"})
        assert isinstance(stream, av.AudioStream)
        packets = [
            packet for frame in _frames(_tone(tone), "fltp", stream.codec_context.frame_size or 1024)
            for packet in stream.encode(frame)
        ]  # fmt: skip
        container.mux(packets[: _PACKETS["m4a"]])
    boxes = _boxes(made.getvalue())
    before = [kind for kind, _ in boxes][: [kind for kind, _ in boxes].index(b"mdat")]
    moov = b"".join(_box(kind, data) for kind, data in _boxes(dict(boxes)[b"moov"]) if kind != b"udta")
    chunks = moov.index(b"stco") + 8
    start = b"".join(_box(kind, dict(boxes)[kind]) for kind in before)
    assert struct.unpack(">II", moov[chunks : chunks + 8]) == (1, len(start) + 8), "the sound is not in one chunk"
    return start, moov


def _boxes(data: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        found.append((data[at + 4 : at + 8], data[at + 8 : at + size]))
        at += size
    return found


def _box(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I4s", len(data) + 8, kind) + data


def _data(kind: int, value: bytes) -> bytes:
    return _box(b"data", struct.pack(">II", kind, 0) + value)
