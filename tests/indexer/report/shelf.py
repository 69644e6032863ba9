"""Make small libraries whose report is known beforehand."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.graph import rebuild_graph
from indexer.storing.store import Store
from indexer.track import Tags
from models.checkpoint import save_space
from models.joint.additive import Space
from models.joint.closed_form import fit_private_space
from models.modality import MODALITIES, Modality
from tests.indexer.rows import open_store, put_all, put_songs, song

Vectors = Mapping[Modality, NDArray[np.float32]]


def songs(artists: Sequence[object], *, albums: int = 1, title: str = "Song") -> list[Tags]:
    """Make a song for each of `artists` ("" for none), dealt round over `albums` albums of the artist."""
    seen: dict[object, int] = {}
    made = []
    for number, artist in enumerate(artists):
        seen[artist] = seen.get(artist, -1) + 1
        album = f"Album {artist} {seen[artist] % albums}"
        named = (f"Artist {artist}",) if artist != "" else ()
        made.append(song(f"{title} {number}", *named, album=album, album_artist="".join(named)))
    return made


def fill(
    library: Path, tags: Sequence[Tags], x: Vectors, *, space: Space | None = None, recipe: str = "shipped"
) -> Store:
    """Put songs with vectors (a row of zeros: none) and a space to use, private by default, in a new store."""
    store = open_store(library)
    ids = put_songs(store, *tags)
    put_all(store, ids, x)
    rebuild_graph(store)
    activate(store, space or private(x), recipe=recipe)
    return store


def private(x: Vectors) -> Space:
    """Fit private blocks alone."""
    present = np.column_stack([x[m].any(axis=1) if m in x else np.zeros(_count(x), np.bool_) for m in MODALITIES])
    return fit_private_space(x, present, encoders={m: f"test-{m}@1" for m in x})


def activate(store: Store, space: Space, *, recipe: str) -> None:
    """Put a space to use."""
    folder = store.library / "spaces"
    folder.mkdir(exist_ok=True)
    save_space(space, folder / "used.safetensors")
    with store.writing() as connection:
        connection.execute(
            "INSERT INTO spaces (name, file, created, active, report, recipe, activated) "
            "VALUES ('used', 'used.safetensors', 0, 1, '{}', ?, 0)",
            (recipe,),
        )


def clusters(artists: Sequence[int], *, seed: int, spread: float = 0.01, dimension: int = 48) -> NDArray[np.float32]:
    """Draw vectors [n, d] that lie close to the centre of their artist."""
    generator = np.random.default_rng(seed)
    centres = generator.normal(size=(max(artists) + 1, dimension))
    return (centres[list(artists)] + spread * generator.normal(size=(len(artists), dimension))).astype(np.float32)


def _count(x: Vectors) -> int:
    return len(next(iter(x.values())))
