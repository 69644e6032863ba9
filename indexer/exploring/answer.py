"""Hold the answers of the explorer: hits, explanations and playlists, ready for a screen or for JSON."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class TrackRow:
    """One line of a track list, as shown."""

    id: int
    """0 for a file outside the library."""
    path: str
    """Absolute; undecodable bytes by surrogateescape."""
    title: str
    artist: str
    album: str
    year: int | None = None
    duration_seconds: float | None = None
    missing: bool = False
    guessed: bool = False
    """Title or artist was guessed from the path."""
    modalities: frozenset[str] = frozenset()
    """Names of the modalities that have a vector."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A track in an answer; `score` is the sum of `contributions` (None and empty for a query of fields alone)."""

    track: TrackRow
    score: float | None = None
    percentile: float | None = None
    """0-100, the place among the library's own nearest-neighbour scores; None when too few tracks tell."""
    contributions: dict[str, float] = field(default_factory=dict)
    matched: dict[str, str] = field(default_factory=dict)
    """Word of the query -> where the track has it: "title", "artist", "album", "genre", "lyrics", "other", "sound"."""
    versions: tuple["Hit", ...] = ()
    """Other versions of the same recording, live or on another album, that share this row; best first."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A ranked list."""

    query: str
    took_ms: float
    hits: tuple[Hit, ...]
    note: str = ""
    """One line for the reader, "" when there is nothing to say: nothing close, text not readable by the encoder, ..."""
    unreached: tuple[str, ...] = ()
    """Words of the query that no track has and that say nothing of the sound."""
    nothing_close: bool = False
    """Whether even the best hit is no closer than chance would have it: the hits are only the least far."""
    read_as: dict[str, str] = field(default_factory=dict)
    """Words of the query that no track has as typed -> what they were read as: {"beatels": "beatles"}."""


@dataclass(frozen=True, slots=True)
class PairTerm:
    """One product of the score: modality `a` of the first track against modality `b` of the second."""

    a: str
    b: str
    shared: float
    private: float
    value: float
    """shared + private."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why two tracks are as close as they are."""

    a: TrackRow
    b: TrackRow
    score: float
    contributions: dict[str, float]
    pairs: tuple[PairTerm, ...]
    evidence: dict[str, dict[str, Any]]
    """JSON-ready facts per modality that both tracks have.

    audio {"a": {attribute: text}, "b": {...}}; lyrics {"a": line, "b": line, "cosine": x, "pairs": [{"a", "b",
    "cosine"}, ...]}; tags {"shared": [words], "a": [words of it alone], "b": [...]}; cover {"a": hash, "b": hash,
    "same": bool, "colours": [["#rrggbb", ...], [...]], "alike": [["#rrggbb", "#rrggbb"], ...]}; graph {"path":
    [{"kind", "name", "via", "provenance"}, ...], "shared": [{"kind", "name", "a": edge, "b": edge}, ...]}; playlists
    {"shared": [names], "places": [{"name", "a", "b", "length"}, ...]}.
    """
    note: str = ""
    """One line for the reader about a file outside the library: what it is compared by; else ""."""


@dataclass(frozen=True, slots=True)
class PlaylistItem:
    """A track in a made playlist with its score to the one before (None for the first)."""

    hit: Hit
    to_previous: float | None


@dataclass(frozen=True, slots=True)
class Playlist:
    """A made playlist and what each rule did."""

    items: tuple[PlaylistItem, ...]
    audit: tuple[str, ...]
    file: str | None = None
