"""Open an audio file's tags with mutagen, by its ending first (a third faster than sniffing), by its content else."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import mutagen
from mutagen.aac import AAC
from mutagen.ac3 import AC3
from mutagen.aiff import AIFF
from mutagen.apev2 import APEv2
from mutagen.asf import ASF
from mutagen.dsdiff import DSDIFF
from mutagen.dsf import DSF
from mutagen.flac import FLAC
from mutagen.id3 import ID3, ID3NoHeaderError
from mutagen.monkeysaudio import MonkeysAudio
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4
from mutagen.musepack import Musepack
from mutagen.oggflac import OggFLAC
from mutagen.oggopus import OggOpus
from mutagen.oggspeex import OggSpeex
from mutagen.oggvorbis import OggVorbis
from mutagen.optimfrog import OptimFROG
from mutagen.tak import TAK
from mutagen.trueaudio import TrueAudio
from mutagen.wave import WAVE
from mutagen.wavpack import WavPack

from indexer.errors import ReadError

Media = Any
"""An open mutagen file: `tags` (None when it has none), `info` (the stream's header), `pictures` for FLAC."""

_ID3: Callable[[str], Any] = ID3
_APEV2: Callable[[str], Any] = APEv2
_OGG = (OggVorbis, OggOpus, OggFLAC, OggSpeex)
_READERS: dict[str, Callable[[str], Media]] = {
    **dict.fromkeys((".mp3", ".mp2", ".mp1", ".mpga"), MP3),
    **dict.fromkeys((".m4a", ".m4b", ".mp4", ".m4r", ".alac"), MP4),
    **dict.fromkeys((".wav", ".wave"), WAVE),
    **dict.fromkeys((".aif", ".aiff", ".aifc"), AIFF),
    **dict.fromkeys((".wma", ".asf"), ASF),
    **dict.fromkeys((".mpc", ".mp+"), Musepack),
    **dict.fromkeys((".ofr", ".ofs"), OptimFROG),
    ".flac": FLAC,
    ".aac": AAC,
    ".ac3": AC3,
    ".wv": WavPack,
    ".ape": MonkeysAudio,
    ".tta": TrueAudio,
    ".tak": TAK,
    ".dsf": DSF,
    ".dff": DSDIFF,
}
_ALL = (*dict.fromkeys(_READERS.values()), *_OGG)
_OGG_SUFFIXES = frozenset((".ogg", ".oga", ".ogx", ".opus", ".spx", ".oggflac"))


def open_media(path: str) -> Media | None:
    """Open the file's tags and header; None when no format that mutagen knows fits, though it may still be sound.

    Raises ReadError when the file itself cannot be read, or its format is plain but its contents are broken.
    """
    try:
        return _by_suffix(path)
    except Exception as first:  # the per-file boundary: mutagen raises many kinds on broken files
        if isinstance(_cause(first), OSError) and _cause(first).strerror:
            raise ReadError(path, _cause(first).strerror.lower()) from first
        return _by_content(path, first)


def bare_tags(path: str) -> Any | None:
    """Read tags that stand on no sound mutagen knows: ID3v2/v1 or APEv2; None without any."""
    return _read_tags(_ID3, path) or ape_tags(path)


def ape_tags(path: str) -> Any | None:
    """Read the APEv2 tags at the end of any file, where some programs put them behind an mp3; None without any."""
    return _read_tags(_APEV2, path)


def _read_tags(reader: Callable[[str], Any], path: str) -> Any | None:
    try:
        return reader(path)
    except Exception:  # the per-file boundary, as above
        return None


def _by_suffix(path: str) -> Media | None:
    suffix = Path(path).suffix.lower()
    if suffix in _OGG_SUFFIXES:
        return mutagen.File(path, options=_OGG)
    reader = _READERS.get(suffix)
    return None if reader is None else reader(path)


def _by_content(path: str, first: Exception) -> Media | None:
    tried = _READERS.get(Path(path).suffix.lower())
    try:
        media = mutagen.File(path, options=[reader for reader in _ALL if reader is not tried])
    except Exception as second:  # the per-file boundary, as above
        raise ReadError(path, _reason(second, path)) from second
    if media is None and not isinstance(first, ID3NoHeaderError | mutagen.MutagenError):
        raise ReadError(path, _reason(first, path)) from first
    return media


def _cause(error: BaseException) -> Any:
    """Return the OSError that mutagen wrapped, if there is one, else the error itself."""
    inner = error.args[0] if error.args else None
    return inner if isinstance(inner, OSError) else error


def _reason(error: Exception, path: str) -> str:
    """Return the error in a few words, without the path that mutagen puts into some."""
    if not str(error):
        return "cut short"
    return str(error).replace(path, "").replace("''", "").strip(" :") or type(error).__name__
