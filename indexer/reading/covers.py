"""Find a track's cover, inside the file or beside it, and make it small once.

Pictures are untrusted: the header is looked at before anything is decoded, formats that run programs are not opened,
and what would need gigabytes is refused with a line that says so.
"""

import base64
import hashlib
import io
import os
import warnings
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from mutagen.apev2 import APEv2
from mutagen.asf import ASFTags
from mutagen.flac import Picture
from mutagen.id3 import ID3
from mutagen.mp4 import MP4Tags

from indexer.errors import IndexerError
from indexer.track import Cover

THUMBNAIL_PIXELS = 256
"""Longest side of the stored picture: three times what a terminal pane shows, and all that the encoder looks at."""

LARGEST_BYTES = 64 * 1024 * 1024
LARGEST_PIXELS = 178_956_970
"""Width times height; Pillow's own limit for a bomb. A baseline JPEG this large is decoded at an eighth."""

LARGEST_WHOLE_PIXELS = 64_000_000
"""The limit for formats that can only be decoded whole (PNG, WebP, progressive JPEG): 256 MB as RGBA."""

FOLDER_NAMES = ("cover", "folder", "front", "album", "albumart")
"""Stems of a cover's file, lower case, best first."""

_IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp")
_IMAGE_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP")
_FRONT, _OTHER = 3, 0
_JPEG_QUALITY = 85
_MADE: dict[str, tuple[bytes, int, int]] = {}
"""Content hash -> thumbnail and size of the pictures made last: the tracks of an album carry the same one."""
_MADE_AT_MOST = 64


class CoverError(IndexerError):
    """A picture that cannot be used, in a few words."""


def read_cover(path: str, *, media: Any | None) -> tuple[Cover | None, tuple[str, ...]]:
    """Return the cover of the file at `path` and what was wrong with those that could not be used.

    media : the file opened by mutagen, or None to look in the folder only.
    Embedded pictures win over the folder's, the front over the others; none gives (None, ()).
    """
    problems: list[str] = []
    for data in embedded_pictures(media):
        try:
            return make_cover(data, source="embedded"), tuple(problems)
        except CoverError as error:
            problems.append(f"embedded cover: {error}")
    name = folder_picture(os.path.dirname(path))
    if name is None:
        return None, tuple(problems)
    try:
        return _folder_cover(os.path.join(os.path.dirname(path), name)), tuple(problems)
    except (CoverError, OSError) as error:
        return None, (*problems, f"{os.path.basename(name)}: {error}")


def make_cover(data: bytes, *, source: str) -> Cover:
    """Make the cover of an encoded picture: its hash, its size and a JPEG at most THUMBNAIL_PIXELS wide and high.

    Orientation is applied, transparency laid on white, of an animation the first picture taken.
    Raises CoverError when it is too large, cut short or no picture.
    """
    if len(data) > LARGEST_BYTES:
        raise CoverError(f"{len(data) / 1e6:.0f} MB is too large")
    digest = hashlib.blake2b(data, digest_size=16).hexdigest()
    if digest not in _MADE:
        if len(_MADE) >= _MADE_AT_MOST:
            _MADE.pop(next(iter(_MADE)))
        _MADE[digest] = _thumbnail(data)
    thumbnail, width, height = _MADE[digest]
    return Cover(digest, thumbnail, width, height, source)


def embedded_pictures(media: Any | None) -> Iterator[bytes]:
    """Yield the encoded pictures of an opened file, the front cover first; a file without any yields nothing."""
    ranked = sorted(_pictures(media), key=lambda kind_and_data: {_FRONT: 0, _OTHER: 1}.get(kind_and_data[0], 2))
    yield from (data for _, data in ranked if data)


def folder_picture(folder: str) -> str | None:
    """Return the name of the folder's cover: cover, folder, front or album, else its only picture, else None."""
    try:
        names = _image_names(folder, os.stat(folder).st_mtime_ns)
    except OSError:
        return None
    for stem in FOLDER_NAMES:
        for name in names:
            if os.path.splitext(name)[0].lower() == stem:
                return name
    return names[0] if len(names) == 1 else None


@lru_cache(maxsize=8)
def _image_names(folder: str, _mtime_ns: int) -> tuple[str, ...]:
    """List a folder's picture files, sorted; remembered until the folder changes."""
    with os.scandir(folder) as entries:
        shown = (entry for entry in entries if not entry.name.startswith("."))
        return tuple(sorted(e.name for e in shown if e.name.lower().endswith(_IMAGE_SUFFIXES) and e.is_file()))


def _folder_cover(path: str) -> Cover:
    status = os.stat(path)
    if status.st_size > LARGEST_BYTES:
        raise CoverError(f"{status.st_size / 1e6:.0f} MB is too large")
    return _cover_of_file(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=16)
def _cover_of_file(path: str, _mtime_ns: int, _size: int) -> Cover:
    with open(path, "rb") as file:
        return make_cover(file.read(), source=os.path.basename(path))


def _pictures(media: Any | None) -> Iterator[tuple[int, bytes]]:
    """Yield (kind, data) of every picture, kind by ID3's APIC table: 3 = front cover."""
    tags = getattr(media, "tags", None)
    yield from ((picture.type, picture.data) for picture in getattr(media, "pictures", ()) if picture.mime != "-->")
    if isinstance(tags, ID3):
        frames = [frame for name, frame in tags.items() if name.startswith("APIC")]
        yield from ((int(frame.type), frame.data) for frame in frames if frame.mime != "-->")
    elif isinstance(tags, MP4Tags):
        yield from ((_FRONT, bytes(data)) for data in tags.get("covr", ()))
    elif isinstance(tags, ASFTags):
        yield from (_asf_picture(value.value) for name, value in tags if name == "WM/Picture")
    elif isinstance(tags, APEv2):
        yield from _ape_pictures(tags)
    elif tags:
        yield from _vorbis_pictures(tags)


def _asf_picture(data: bytes) -> tuple[int, bytes]:
    """Take a WM/Picture apart: kind, size, MIME type and description (UTF-16, ended by two zero bytes), picture."""
    kind, size = data[0] if data else _OTHER, int.from_bytes(data[1:5], "little")
    return kind, data[-size:] if 0 < size <= len(data) else b""


def _ape_pictures(tags: Any) -> Iterator[tuple[int, bytes]]:
    """Yield the binary items named "Cover Art (...)": a file name, a zero byte, the picture."""
    for name, value in tags.items():
        if name.lower().startswith("cover art"):
            data = value.value if isinstance(value.value, bytes) else b""
            yield _FRONT if "front" in name.lower() else _OTHER, data.partition(b"\0")[2]


def _vorbis_pictures(tags: Any) -> Iterator[tuple[int, bytes]]:
    """Yield the base64 pictures of Vorbis comments: whole FLAC picture blocks, or bare pictures in the old COVERART."""
    for name, value in tags:
        try:
            if name.lower() == "metadata_block_picture":
                picture = Picture(base64.b64decode(value))
                yield int(picture.type), picture.data
            elif name.lower() == "coverart":
                yield _FRONT, base64.b64decode(value)
        except Exception:  # the boundary of one picture: a broken block raises many kinds; the next is tried
            yield _OTHER, b"broken picture block"


def _thumbnail(data: bytes) -> tuple[bytes, int, int]:
    """Return the JPEG thumbnail and the original's width and height as shown."""
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of large pictures; the limits here decide
            image: Any = Image.open(io.BytesIO(data), formats=_IMAGE_FORMATS)
            _check_size(image)
            image.draft("RGB", (2 * THUMBNAIL_PIXELS, 2 * THUMBNAIL_PIXELS))
            width, height = Image.open(io.BytesIO(data), formats=_IMAGE_FORMATS).size
            turned = image.getexif().get(0x0112, 1) >= 5  # orientations 5-8 exchange the sides
            image = ImageOps.exif_transpose(image)
            image.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
            return _jpeg(image), *((height, width) if turned else (width, height))
    except CoverError:
        raise
    except Image.DecompressionBombError as error:
        raise CoverError("over 179 megapixels") from error
    except Exception as error:  # the boundary of one picture: decoders raise many kinds
        raise CoverError(_reason(error)) from error


def _check_size(image: Any) -> None:
    scalable = image.format == "JPEG" and not image.info.get("progressive")
    limit = LARGEST_PIXELS if scalable else LARGEST_WHOLE_PIXELS
    if image.width * image.height > limit:
        raise CoverError(f"{image.width} x {image.height} pixels are too many")


def _jpeg(image: Any) -> bytes:
    """Encode as RGB, transparency on white."""
    from PIL import Image

    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        opaque = Image.new("RGBA", image.size, "white")
        opaque.alpha_composite(image.convert("RGBA"))
        image = opaque
    made = io.BytesIO()
    image.convert("RGB").save(made, "JPEG", quality=_JPEG_QUALITY)
    return made.getvalue()


def _reason(error: Exception) -> str:
    text = str(error)
    return "not a picture" if "cannot identify" in text else f"cannot be decoded ({text or type(error).__name__})"
