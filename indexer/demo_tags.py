"""Write the tags of the demo library's files, each format in its own way."""

import base64
from pathlib import Path
from typing import Any

from indexer.demo_catalogue import DemoAlbum, DemoTrack
from indexer.demo_cover import COVER_PIXELS

_ID3 = {
    "title": "TIT2",
    "artist": "TPE1",
    "album": "TALB",
    "albumartist": "TPE2",
    "genre": "TCON",
    "date": "TDRC",
    "tracknumber": "TRCK",
    "composer": "TCOM",
    "lyricist": "TEXT",
    "remixer": "TPE4",
}
_MP4 = {
    "title": "©nam",
    "artist": "©ART",
    "album": "©alb",
    "albumartist": "aART",
    "genre": "©gen",
    "date": "©day",
    "composer": "©wrt",
    "lyrics": "©lyr",
}


def write_tags(path: Path, *, album: DemoAlbum, track: DemoTrack, number: int, picture: bytes = b"") -> None:
    """Write what the catalogue says of `track`, number `number` of `album`, into the file's tags; no picture if empty.

    The suffix decides the form. Raises OSError when the file cannot be written.
    """
    fields = {
        "title": track.title,
        "artist": track.artist or album.artist,
        "album": album.title,
        "albumartist": album.artist,
        "genre": album.genre,
        "date": str(album.year),
        "tracknumber": str(number),
        "composer": track.composer,
        "lyricist": track.lyricist,
        "remixer": track.remixer,
        "lyrics": "\n".join(track.lyrics) if album.words == "embedded" else "",
    }
    write = {".mp3": _tag_mp3, ".m4a": _tag_mp4, ".flac": _tag_flac}.get(path.suffix, _tag_ogg)
    write(path, {name: value for name, value in fields.items() if value}, picture)


def _tag_mp3(path: Path, fields: dict[str, str], picture: bytes) -> None:
    from mutagen import id3

    tags = id3.ID3()
    for name, value in fields.items():
        if name == "lyrics":
            tags.add(id3.USLT(encoding=id3.Encoding.UTF8, lang="und", text=value))
        else:
            tags.add(getattr(id3, _ID3[name])(encoding=id3.Encoding.UTF8, text=value))
    if picture:
        tags.add(
            id3.APIC(encoding=id3.Encoding.UTF8, mime="image/jpeg", type=id3.PictureType.COVER_FRONT, data=picture)
        )
    tags.save(path)


def _tag_mp4(path: Path, fields: dict[str, str], picture: bytes) -> None:
    from mutagen import mp4

    file = mp4.MP4(path)
    for name, value in fields.items():
        if name == "tracknumber":
            file["trkn"] = [(int(value), 0)]
        elif name in _MP4:
            file[_MP4[name]] = value
        else:
            file[f"----:com.apple.iTunes:{name.upper()}"] = [mp4.MP4FreeForm(value.encode())]
    if picture:
        file["covr"] = [mp4.MP4Cover(picture, imageformat=mp4.MP4Cover.FORMAT_JPEG)]
    file.save()


def _tag_flac(path: Path, fields: dict[str, str], picture: bytes) -> None:
    from mutagen.flac import FLAC

    file = FLAC(path)
    file.update({name.upper(): value for name, value in fields.items()})
    if picture:
        file.add_picture(_flac_picture(picture))
    file.save()


def _tag_ogg(path: Path, fields: dict[str, str], picture: bytes) -> None:
    import mutagen

    file: Any = mutagen.File(path)
    file.update({name.upper(): value for name, value in fields.items()})
    if picture:
        file["METADATA_BLOCK_PICTURE"] = base64.b64encode(_flac_picture(picture).write()).decode("ascii")
    file.save()


def _flac_picture(picture: bytes) -> Any:
    from mutagen.flac import Picture
    from mutagen.id3 import PictureType

    block = Picture()
    block.type, block.mime, block.data = PictureType.COVER_FRONT, "image/jpeg", picture
    block.width = block.height = COVER_PIXELS
    block.depth = 24
    return block
