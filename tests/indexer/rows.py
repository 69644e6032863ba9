"""Put rows into a real store: tags, credits and vectors are given, no file is read."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.storing.store import Store
from indexer.storing.tracks import FileState, put_track
from indexer.storing.vectors import put_vectors
from indexer.track import Credit, Reading, Role, Stream, Tags
from models.modality import Modality

ROOT = b"/music"
"""A root that need not exist."""


def open_store(library: Path) -> Store:
    """Open a store that knows the root."""
    store = Store(library)
    with store.db.atomic():
        store.connection.execute("INSERT OR IGNORE INTO roots (id, path, added) VALUES (1, ?, 0)", (ROOT,))
    return store


def song(title: str, *artists: str, **fields: object) -> Tags:
    """Make tags; each of `artists` is a credit, "role: name" for other roles than the artist's."""
    credits = []
    for text in artists:
        role, colon, name = text.partition(": ")
        credits.append(Credit(name, Role(role)) if colon else Credit(text, Role.ARTIST))
    tags = Tags(title=title, artist="; ".join(c.name for c in credits if c.role is Role.ARTIST), credits=tuple(credits))
    return replace(tags, **fields)  # type: ignore[arg-type]


def put_songs(store: Store, *songs: Tags, folder: str = "album") -> list[int]:
    """Put one row a song and return the ids."""
    start = store.connection.execute("SELECT count(*) FROM tracks").fetchone()[0]
    ids = []
    with store.writing() as connection:
        for number, tags in enumerate(songs, start=start):
            file = FileState(1, f"{folder}/{number:04}.mp3".encode(), 1000, 0, "")
            reading = Reading(tags, Stream(200.0, "mp3"), f"sound {number}")
            ids.append(put_track(connection, file, reading, track_id=None))
    return ids


def put_all(store: Store, ids: Sequence[int], x: Mapping[Modality, NDArray[np.float32]], *, revision: int = 1) -> None:
    """Put vectors [n, d] by modality for the tracks `ids`; rows that are all 0 are left out."""
    with store.writing() as connection:
        for m, vectors in x.items():
            rows = [(i, f"{i} {revision}", v) for i, v in zip(ids, vectors, strict=True) if v.any()]
            put_vectors(connection, m, f"test-{m}@{revision}", rows)


def artist_vectors(
    artists: NDArray[np.integer], *, seed: int, dimension: int = 24, noise: float = 0.6, shared: bool = True
) -> dict[Modality, NDArray[np.float32]]:
    """Draw AUDIO and TAGS vectors; `shared` lets both follow one hidden point of the track, else each has its own."""
    generator = np.random.default_rng(seed)
    centres = generator.normal(size=(int(artists.max(initial=0)) + 1, 12))
    hidden = centres[artists] + noise * generator.normal(size=(len(artists), 12))
    x = {}
    for m in (Modality.AUDIO, Modality.TAGS):
        points = hidden if shared else generator.normal(size=hidden.shape)
        x[m] = (points @ generator.normal(size=(12, dimension))).astype(np.float32)
    return x
