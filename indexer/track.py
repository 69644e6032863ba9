"""Hold what is read from one audio file: the frozen records that travel through the stages."""

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a person or ensemble did on a track."""

    ARTIST = "artist"
    FEATURED = "featured"
    REMIXER = "remixer"
    COMPOSER = "composer"
    LYRICIST = "lyricist"
    PERFORMER = "performer"
    CONDUCTOR = "conductor"
    ENSEMBLE = "ensemble"
    ALBUM_ARTIST = "album artist"


@dataclass(frozen=True, slots=True)
class Credit:
    """One name in one role.

    `evidence` says why the name stands alone: "tag" (a value of its own in the file), "list" (one of
    several values), "feat." (after feat./ft./featuring), "split" (a joint name divided because its parts
    are known elsewhere), "path" (guessed from the file's path).
    """

    name: str
    role: Role
    evidence: str = "tag"
    musicbrainz_id: str | None = None


@dataclass(frozen=True, slots=True)
class Tags:
    """What the file says about itself; text is NFC, without control characters, at most 10,000 characters a value."""

    title: str = ""
    artist: str = ""
    """The artist line as the file shows it, several values joined with "; "."""
    credits: tuple[Credit, ...] = ()
    album: str = ""
    album_artist: str = ""
    genres: tuple[str, ...] = ()
    year: int | None = None
    track_number: int | None = None
    disc_number: int | None = None
    work: str = ""
    movement: str = ""
    comment: str = ""
    compilation: bool = False
    musicbrainz_recording: str | None = None
    musicbrainz_release: str | None = None
    replaygain_track_db: float | None = None
    replaygain_album_db: float | None = None
    guessed: frozenset[str] = frozenset()
    """Names of the fields above that were guessed from the path, not read from tags."""


@dataclass(frozen=True, slots=True)
class Stream:
    """The audio stream's header."""

    duration_seconds: float | None = None
    codec: str = ""
    sample_rate: int | None = None
    channels: int | None = None
    bitrate: int | None = None
    """Bits per second."""


@dataclass(frozen=True, slots=True)
class Lyrics:
    """The words of a track; `times` has one start in seconds per line of `text` when synced, else is empty."""

    text: str
    times: tuple[float, ...] = ()
    source: str = ""
    """"USLT", "SYLT", "LYRICS", "©lyr", ".lrc" or ".txt"."""


@dataclass(frozen=True, slots=True)
class Cover:
    """A cover picture, made small once."""

    content_hash: str
    """BLAKE2b-128 of the original bytes, hex."""
    thumbnail: bytes
    """JPEG, RGB, longest side at most 256 pixels."""
    width: int
    height: int
    """Of the original, in pixels."""
    source: str
    """"embedded" or the file name in the folder."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that reading one file without decoding its sound yields."""

    tags: Tags
    stream: Stream
    content_hash: str | None
    """BLAKE2b-128 of the first 256 KiB of demuxed audio packets and the stream length, hex; None without any packet."""
    lyrics: Lyrics | None = None
    cover: Cover | None = None
    problems: tuple[str, ...] = ()
    """Parts that could not be read (a truncated cover, say), each in a few words; the rest stands."""
    examined: bool = True
    """False after a first reading, by the tags alone: hash and cover are not known yet, the stream only roughly."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """An estimate about the sound with its confidence in [0, 1]; below its threshold it is not made."""

    name: str
    """"tempo_bpm", "key", "loudness_lufs", "loudness_range_lu", "brightness_hz", "onset_rate", "pulse_clarity",
    "attack_share", "flatness_db", "highlight_seconds"."""
    value: float
    """The number; for "key" 0-11 major from C, 12-23 minor from C."""
    text: str
    """As shown and searched: "92 BPM", "A minor"."""
    confidence: float


@dataclass(frozen=True, slots=True)
class Sound:
    """The analysis of one track's sound."""

    vector: tuple[float, ...] = field(repr=False)
    """The AUDIO encoder's output, float32 values."""
    attributes: tuple[Attribute, ...] = ()
    words: tuple[str, ...] = ()
    """Words of the sound for TAGS: "slow", "A minor", "bright"."""
    problems: tuple[str, ...] = ()
