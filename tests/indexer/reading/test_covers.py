"""Covers: embedded, in the folder, and pictures that mean harm."""

import base64
import io
import resource
import struct
import zlib
from pathlib import Path
from typing import Any

import mutagen
import pytest
from mutagen.apev2 import BINARY, APEValue
from mutagen.flac import Picture
from mutagen.id3 import APIC, ID3
from mutagen.mp4 import MP4Cover
from PIL import Image

from indexer.reading.covers import CoverError, folder_picture, make_cover, read_cover
from indexer.reading.media import open_media
from indexer.track import Cover
from tests.indexer.reading.audio_files import make_audio, picture


def cover_of(path: Path) -> tuple[Cover | None, tuple[str, ...]]:
    return read_cover(str(path), media=open_media(str(path)))


def colour(cover: Cover) -> tuple[int, ...]:
    """Return the middle pixel, each channel as full or empty."""
    image = Image.open(io.BytesIO(cover.thumbnail))
    value = image.getpixel((image.width // 2, image.height // 2))
    assert isinstance(value, tuple)
    return tuple(round(channel / 255) for channel in value)


def block(data: bytes, kind: int) -> Picture:
    made = Picture()
    made.data, made.type, made.mime = data, kind, "image/jpeg"
    return made


def embed(path: Path, back: bytes, front: bytes) -> None:
    """Embed a back cover first and a front cover second, in the way of the format."""
    media: Any = mutagen.File(path)
    if media.tags is None:
        media.add_tags()
    if isinstance(media.tags, ID3):
        media.tags.add(APIC(mime="image/jpeg", type=4, desc="back", data=back))
        media.tags.add(APIC(mime="image/jpeg", type=3, desc="front", data=front))
    elif path.suffix == ".m4a":
        media.tags["covr"] = [MP4Cover(front)]
    elif path.suffix == ".wma":
        media.tags["WM/Picture"] = [asf_picture(4, back), asf_picture(3, front)]
    elif path.suffix == ".wv":
        media.tags["Cover Art (Back)"] = APEValue(b"back.jpg\0" + back, BINARY)
        media.tags["Cover Art (Front)"] = APEValue(b"front.jpg\0" + front, BINARY)
    elif path.suffix == ".flac":
        media.add_picture(block(back, 4))
        media.add_picture(block(front, 3))
    else:
        blocks = [block(back, 4), block(front, 3)]
        media["metadata_block_picture"] = [base64.b64encode(one.write()).decode() for one in blocks]
    media.save()


def asf_picture(kind: int, data: bytes) -> bytes:
    return bytes([kind]) + len(data).to_bytes(4, "little") + "image/jpeg\0\0".encode("utf-16-le") + data


@pytest.mark.parametrize("ending", ["mp3", "flac", "ogg", "opus", "m4a", "wma", "wv", "aiff", "wav"])
def test_the_embedded_front_wins(tmp_path: Path, ending: str) -> None:
    path = make_audio(tmp_path / f"song.{ending}", seconds=0.5)
    (tmp_path / "cover.jpg").write_bytes(picture(colour="white"))
    embed(path, back=picture(colour="red"), front=picture(colour="blue", width=600, height=300))
    cover, problems = cover_of(path)
    assert problems == ()
    assert cover is not None
    assert (cover.source, cover.width, cover.height, colour(cover)) == ("embedded", 600, 300, (0, 0, 1))
    assert Image.open(io.BytesIO(cover.thumbnail)).size == (256, 128)


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["back.jpg", "Folder.JPG", "front.png"], "Folder.JPG"),
        (["album.webp", "COVER.png"], "COVER.png"),
        (["scan.gif"], "scan.gif"),
        (["a.jpg", "b.jpg"], None),
        ([".hidden.jpg"], None),
        ([], None),
    ],
)
def test_the_folder_picture(tmp_path: Path, names: list[str], chosen: str | None) -> None:
    for name in names:
        (tmp_path / name).write_bytes(b"")
    assert folder_picture(str(tmp_path)) == chosen


def test_a_new_folder_picture_is_seen(tmp_path: Path) -> None:
    path = make_audio(tmp_path / "song.wav", seconds=0.5)
    assert cover_of(path) == (None, ())
    (tmp_path / "cover.png").write_bytes(picture(kind="PNG", colour="lime"))
    cover, _ = cover_of(path)
    assert cover is not None
    assert (cover.source, colour(cover)) == ("cover.png", (0, 1, 0))


def test_a_truncated_embedded_picture_is_a_problem_and_the_folder_serves(tmp_path: Path) -> None:
    path = make_audio(tmp_path / "song.flac", seconds=0.5)
    whole = picture(width=900, height=900)
    embed(path, back=whole[: len(whole) // 2], front=b"no picture")
    (tmp_path / "cover.jpg").write_bytes(picture())
    cover, problems = cover_of(path)
    assert cover is not None
    assert cover.source == "cover.jpg"
    assert [problem.partition(" (")[0] for problem in problems] == [
        "embedded cover: not a picture",
        "embedded cover: cannot be decoded",
    ]


def png_header(width: int, height: int) -> bytes:
    """Make a PNG of any size in a few bytes, with no rows inside."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(30_000, 30_000), (9_000, 9_000)])
def test_a_picture_of_too_many_pixels_is_refused(width: int, height: int) -> None:
    with pytest.raises(CoverError):
        make_cover(png_header(width, height), source="embedded")


def test_a_jpeg_of_thirty_thousand_pixels_takes_little_memory() -> None:
    data = picture(width=30_000, height=2_000)
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    cover = make_cover(data, source="embedded")
    assert (cover.width, cover.height) == (30_000, 2_000)
    assert Image.open(io.BytesIO(cover.thumbnail)).size == (256, 17)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib < 60_000  # whole it would be 180,000


def test_too_many_bytes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CoverError, match="too large"):
        make_cover(bytes(64 * 1024 * 1024 + 1), source="embedded")
    path = make_audio(tmp_path / "song.wav", seconds=0.5)
    with open(tmp_path / "cover.jpg", "wb") as file:
        file.truncate(70_000_000)
    assert cover_of(path) == (None, ("cover.jpg: 70 MB is too large",))


def test_transparency_lies_on_white() -> None:
    made = io.BytesIO()
    Image.new("RGBA", (20, 20), (255, 0, 0, 0)).save(made, "PNG")
    assert colour(make_cover(made.getvalue(), source="")) == (1, 1, 1)


def test_orientation_is_applied() -> None:
    made = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (400, 200)).save(made, "JPEG", exif=exif)
    cover = make_cover(made.getvalue(), source="")
    assert (cover.width, cover.height) == (200, 400)
    assert Image.open(io.BytesIO(cover.thumbnail)).size == (128, 256)


@pytest.mark.parametrize(
    ("mode", "kind"), [("P", "GIF"), ("L", "PNG"), ("CMYK", "JPEG"), ("I;16", "PNG"), ("1", "BMP")]
)
def test_every_mode_of_pixel_becomes_rgb(mode: str, kind: str) -> None:
    made = io.BytesIO()
    Image.new(mode, (30, 20)).save(made, kind)
    assert Image.open(io.BytesIO(make_cover(made.getvalue(), source="").thumbnail)).mode == "RGB"


def test_a_program_in_a_pictures_clothes_is_not_run() -> None:
    with pytest.raises(CoverError, match="not a picture"):
        make_cover(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\nshowpage\n", source="")
