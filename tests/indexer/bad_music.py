"""Write a folder as the world has them: odd sound, odd tags, and what lies between the files of music."""

import os
import socket
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from mutagen.flac import FLAC
from mutagen.id3 import APIC, COMM, ID3, TIT2, TPE1, USLT, Encoding
from numpy.typing import NDArray

from tests.indexer.reading.audio_files import make_audio, picture

RATE = 44_100
PAST_ANY_PATH = 20
"""Folders of 250 characters, one in the other: 5,000 characters, more than a system call takes."""


def make_wave(path: Path, samples: NDArray[Any], *, rate: int = RATE) -> Path:
    """Write samples [shape=(n, channels)], int16 or float32, as a plain WAV file."""
    frames, channels = samples.shape
    kind, width = (3, 4) if samples.dtype == np.float32 else (1, 2)
    body = samples.tobytes()
    shape = struct.pack("<HHIIHH", kind, channels, rate, rate * channels * width, channels * width, 8 * width)
    head = b"RIFF" + struct.pack("<I", 36 + len(body)) + b"WAVEfmt " + struct.pack("<I", 16) + shape
    path.write_bytes(head + b"data" + struct.pack("<I", len(body)) + body)
    assert frames * channels * width == len(body)
    return path


def tone(seconds: float, *, rate: int = RATE, channels: int = 1) -> NDArray[np.float32]:
    wave = 0.3 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * rate)) / rate)
    return np.tile(wave.astype(np.float32)[:, None], (1, channels))


def make_tags(path: Path, *frames: Any) -> None:
    tags = ID3()
    for frame in frames:
        tags.add(frame)
    tags.save(path)


def wide_png(side: int) -> bytes:
    """Encode a whole black picture of one bit a pixel: few bytes on disk, side * side / 8 in memory."""
    deflate = zlib.compressobj()
    row = bytes(1 + side // 8)
    rows = b"".join(deflate.compress(row * 100) for _ in range(side // 100)) + deflate.flush()
    chunks = {b"IHDR": struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0), b"IDAT": rows, b"IEND": b""}
    parts = (struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in chunks.items())
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def wide_jpeg(side: int) -> bytes:
    """Make a JPEG whose header says side x side."""
    data = bytearray(picture())
    at = data.index(b"\xff\xc0") + 5  # start of frame: marker, length, precision, height, width
    data[at : at + 4] = struct.pack(">HH", side, side)
    return bytes(data)


def promise_hours(path: Path, hours: int) -> None:
    """Set the sample count in a FLAC's header (36 bits at byte 21) to so many hours."""
    data = bytearray(path.read_bytes())
    word = int.from_bytes(data[18:26]) & ~((1 << 36) - 1)
    data[18:26] = (word | hours * 3600 * 48_000).to_bytes(8)
    path.write_bytes(data)


def write_sounds(folder: Path) -> None:
    """Write sound that is odd and no tags."""
    make_wave(folder / "zero.wav", np.zeros((0, 1), np.int16))
    make_wave(folder / "one sample.wav", np.full((1, 1), 9000, np.int16))
    make_wave(folder / "silence.wav", np.zeros((2 * RATE, 2), np.int16))
    make_wave(folder / "offset.wav", np.full((2 * RATE, 1), 9000, np.int16))
    sound = tone(2)
    sound[9000:9100] = np.nan
    make_wave(folder / "nan.wav", sound)
    make_wave(folder / "all nan.wav", np.full((2 * RATE, 1), np.nan, np.float32))
    make_wave(folder / "loud.wav", tone(2) * np.float32(1e30))
    make_wave(folder / "eight.wav", tone(1, rate=192_000, channels=8), rate=192_000)
    make_wave(folder / "many.wav", tone(1, rate=8_000, channels=40), rate=8_000)
    promise_hours(make_audio(folder / "hours.flac", seconds=3.0, seed=5), 12)
    (folder / "noise.mp3").write_bytes(bytes(50_000))
    (folder / "program.flac").write_bytes(b"#!/bin/sh\nexit 1\n" * 40)
    (folder / "page.ogg").write_bytes(b"<html><body>404 not found</body></html>" * 9)
    (folder / "list.mp3").write_bytes(b"#EXTM3U\nhttp://127.0.0.1:9/a.mp3\n")
    (folder / "empty.opus").write_bytes(b"")
    (folder / "folder.mp3").mkdir()
    make_audio(folder / "folder.mp3" / "inside.mp3", seconds=1.0, seed=6)


def write_tags(folder: Path) -> None:
    """Write sound that is well, with tags and covers that are not."""
    big = make_audio(folder / "big tag.mp3", seed=10)
    make_tags(big, TIT2(3, ["Big"]), TPE1(3, ["A"] * 200_000), COMM(3, "eng", "", ["word " * 2_000_000]))
    coded = "Земфира".encode("cp1251").decode("latin-1")
    make_tags(make_audio(folder / "coded.mp3", seed=11), TIT2(Encoding.LATIN1, [coded]), TPE1(0, ["caf\xe9"]))
    title = "\x1b[31mred\x07\x00 [bold]x[/bold] \u202egnp.exe\r\n\ud800"
    controls = make_audio(folder / "controls.flac", seed=12)
    media = FLAC(controls)
    media["title"], media["artist"] = title.replace("\ud800", "").replace("\x00", ""), "[link=file:///etc]me[/link]"
    media.save()
    words = make_audio(folder / "words.mp3", seed=13)
    make_tags(words, USLT(3, "eng", "", "la\x1b[2Jla\n" * 100_000))
    os.rename(make_audio(folder / "x.ogg", seed=14), os.path.join(os.fsencode(folder), b"b\xe9 \x1b[1m\n\xff.ogg"))
    for name, data in (
        ("wide png.mp3", wide_png(30_000)),
        ("wide jpeg.mp3", wide_jpeg(30_000)),
        ("cut.mp3", picture(width=900, height=900)[:3000]),
        ("no picture.mp3", b"nothing of the kind"),
    ):
        album = folder / name.partition(".")[0]  # of its own, so that no folder's cover serves instead
        album.mkdir()
        make_tags(make_audio(album / name, seed=15), APIC(3, "image/jpeg", 3, "", data))


def write_neighbours(folder: Path) -> None:
    """Write what lies between the sound: words, lists, things that are no files."""
    make_audio(folder / "long words.flac", seed=20)
    lines = [f"[{i // 60:02}:{i % 60:02}.00]line number {i}" for i in range(10_000)]
    (folder / "long words.lrc").write_text("\n".join(lines))
    entries = [
        "long words.flac",
        "gone.mp3",
        "http://example.org/a.mp3",
        "list.m3u",
        "../../../etc/passwd",
        "\0",
        "x" * 9,
    ]
    (folder / "list.m3u").write_text("\n".join(entries))
    (folder / "broken.xspf").write_text("<playlist><trackList><track>")
    (folder / "bomb.xspf").write_text('<!DOCTYPE x [<!ENTITY a "aaaa">]><playlist><title>&a;</title></playlist>')
    (folder / "dangling.mp3").symlink_to(folder / "nowhere")
    (folder / "loop.mp3").symlink_to(folder / "loop.mp3")
    os.mkfifo(folder / "pipe.mp3")
    with socket.socket(socket.AF_UNIX) as listener:
        here = os.getcwd()
        os.chdir(folder)  # a socket's path may hold 108 bytes
        listener.bind("socket.mp3")
        os.chdir(here)
    handle = os.open(folder, os.O_RDONLY)
    for _ in range(PAST_ANY_PATH):
        os.mkdir("d" * 250, dir_fd=handle)
        handle, parent = os.open("d" * 250, os.O_RDONLY, dir_fd=handle), handle
        os.close(parent)
    os.close(handle)
