"""Gather the tracks of a trial, and views of each: excerpts, changed at random, as descriptor and as log-mel.

Views are made once and kept in a work folder; making them costs more than all training.
"""

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from itertools import takewhile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.errors import ReadError
from indexer.reading.audio import decode_excerpts
from indexer.reading.resampling import Resampler, joined
from indexer.reading.stream import open_sound
from models.encoders.audio import SAMPLE_RATE, encode_audio
from models.encoders.names import AUDIO_ENCODER
from models.encoders.spectrogram import FLOOR_POWER, RANGE_DB, Array, mel_filters, spectrogram
from scripts.changed_sound import Change, changed, drawn

VIEWS = 8
VIEW_SECONDS = 10.0
"""As much as the product hears of a short file."""
HEARD_SECONDS = 90.0
"""Views are cut from the first so many seconds of a track."""
MEL_BANDS = 64

TESTS: dict[str, Change] = {
    "pitch +1": Change(semitones=1.0),
    "tempo +6 %": Change(tempo=1.06),
    "mp3 40k": Change(codec="libmp3lame", kilobits=40),
    "gain and tone": Change(gain_db=-9.0, bass_db=6.0, treble_db=-6.0),
    "noise 20 dB": Change(noise_db=20.0),
}
"""What a track must be found again under."""


@dataclass(frozen=True, slots=True)
class Track:
    """One file of a collection; `names` tell with whom it must share a fold."""

    collection: str
    path: Path
    artist: str
    """Empty where it is not known."""
    piece: str
    """The same for two renderings of one piece, else empty."""
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """What the encoders see of one track. A log-mel is float16 [shape=(frames, MEL_BANDS)] in dB around its mean."""

    descriptor: Array
    """Of the product's own excerpts [shape=(d,)], standardised."""
    mel: NDArray[np.float16]
    """Of the same excerpts in a row."""
    view_descriptors: Array
    """[shape=(VIEWS, d)]"""
    view_mels: NDArray[np.float16]
    """[shape=(VIEWS, frames, MEL_BANDS)]"""
    test_descriptors: Array
    """[shape=(TESTS, d)]"""
    test_mels: NDArray[np.float16]
    """[shape=(TESTS, frames, MEL_BANDS)]"""


def labelled(folder: Path, labels: Path) -> list[Track]:
    """Read the tracks of a labels file: `path`, `artist`, and where they are there `note` (piece:NAME) and `source`."""
    with labels.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    tracks = []
    for row in rows:
        piece = note if (note := row.get("note", "")).startswith("piece:") else ""
        names = (*people(row["artist"] or row.get("source", "")), *([piece] if piece else []))
        tracks.append(Track("library", folder / row["path"], row["artist"], piece, names))
    return tracks


def by_folder(folder: Path) -> list[Track]:
    """Take each folder within `folder` for an artist."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    owners = [path.relative_to(folder).parts[0] for path in files]
    return [Track("folders", path, owner, "", (owner,)) for path, owner in zip(files, owners, strict=True)]


def people(artist: str) -> list[str]:
    """Split a credit such as "A & B (C)" into names in lower case."""
    return [name for part in re.split(r"&|\band\b|[(),;]", artist.lower()) if (name := part.strip())]


def linked(names: Sequence[Iterable[str]]) -> NDArray[np.int64]:
    """Give tracks that share a name, directly or through others, one number, int64 [n]."""
    group = np.arange(len(names))
    first: dict[str, int] = {}
    for row, own in enumerate(names):
        for name in own:
            other = first.setdefault(name, row)
            group[group == group[row]] = group[other]
    return group


def hear(tracks: Sequence[Track], work: Path, *, say: Callable[[str], None]) -> dict[Track, Heard]:
    """Hear every track that decodes, from the work folder where it was heard before; say which do not."""
    work.mkdir(parents=True, exist_ok=True)
    heard = {}
    for count, track in enumerate(tracks, 1):
        size = track.path.stat().st_size
        name = sha256(f"{AUDIO_ENCODER} {VIEWS} {track.path.resolve()} {size}".encode()).hexdigest()
        try:
            heard[track] = kept(work / f"{name[:24]}.npz", partial(make_views, track.path, seed=int(name[:8], 16)))
        except ReadError as error:
            say(str(error))
        if count % 50 == 0:
            say(f"{count} of {len(tracks)} heard")
    return heard


def kept(path: Path, make: Callable[[], Heard]) -> Heard:
    """Return what was kept in a file, or make and keep it."""
    if path.exists():
        with np.load(path) as stored:
            return Heard(**{name: stored[name] for name in stored.files})
    heard = make()
    np.savez(path, **{name: getattr(heard, name) for name in Heard.__slots__})
    return heard


def make_views(path: Path, *, seed: int) -> Heard:
    """Hear one file; raise ReadError as `decode_excerpts` does."""
    excerpts, whole = decode_excerpts(str(path)), whole_sound(path)
    return views_of(excerpts, whole if whole.size else np.concatenate(excerpts), seed=seed)


def views_of(excerpts: list[Array], whole: Array, *, seed: int) -> Heard:
    """Make what the encoders see from the product's excerpts and from the sound that views are cut from."""
    rng = np.random.default_rng(seed)
    samples = round(VIEW_SECONDS * SAMPLE_RATE)
    views, tests = [], []
    for _ in range(VIEWS):
        start = int(rng.integers(max(1, whole.size - samples)))
        cut = whole[start : start + round(1.2 * samples)]  # what is faster ends sooner
        views.append(_both([changed(cut, drawn(rng), samples=samples, seed=int(rng.integers(2**31)))]))
    for change in TESTS.values():
        tests.append(_both([changed(piece, change, samples=piece.size, seed=seed) for piece in excerpts]))
    descriptor, mel = _both(excerpts)
    return Heard(
        descriptor, mel,
        np.stack([view[0] for view in views]), np.stack([view[1] for view in views]),
        np.stack([test[0] for test in tests]), np.stack([test[1] for test in tests]),
    )  # fmt: skip


def _both(excerpts: list[Array]) -> tuple[Array, NDArray[np.float16]]:
    spectrum = spectrogram(excerpts)
    return encode_audio(spectrum), log_mel(spectrum.power)


def log_mel(power: Array) -> NDArray[np.float16]:
    """Compute mel bands in dB around their mean, so that gain says nothing [shape=(frames, MEL_BANDS)]."""
    decibels = 10 * np.log10(np.maximum(power @ mel_filters(bands=MEL_BANDS).T, FLOOR_POWER))
    floored = np.maximum(decibels, decibels.max() - RANGE_DB)
    return np.asarray(floored - floored.mean(), dtype=np.float16)


def whole_sound(path: Path) -> Array:
    """Decode the first `HEARD_SECONDS` of a file as mono; nothing where a packet is damaged."""
    import av

    gathered = Resampler(SAMPLE_RATE)
    try:
        with open_sound(str(path)) as container:
            for frame in takewhile(lambda _: gathered.taken_seconds < HEARD_SECONDS, container.decode(audio=0)):
                gathered.take(frame)
            return np.asarray(joined(gathered.finish(), round(HEARD_SECONDS * SAMPLE_RATE)).mean(axis=0))
    except (av.error.FFmpegError, OSError, ValueError):
        return np.zeros(0, dtype=np.float32)
