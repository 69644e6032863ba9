"""Put vectors into a real store and place them, without files of music."""

from pathlib import Path

import numpy as np

from indexer.spaces.inputs import Inputs
from indexer.spaces.shelf import open_space
from indexer.stages.space import place
from indexer.storing.store import Store
from models.checkpoint import save_space
from models.joint.additive import Space
from models.joint.closed_form import fit_private_space
from tests.indexer.rows import artist_vectors, open_store, put_all, put_songs, song


def fill(store: Store, count: int, *, seed: int = 0, shared: bool = True, noise: float = 0.6) -> list[int]:
    """Put `count` tracks of six artists with vectors of two modalities, and return their ids."""
    artists = np.arange(count) % 6
    ids = put_songs(store, *(song(f"Song {i}", f"Artist {artist}") for i, artist in enumerate(artists)))
    put_all(store, ids, artist_vectors(artists, seed=seed, shared=shared, noise=noise))
    return ids


def placed(library: Path, count: int) -> list[int]:
    """Make a library of `count` placed tracks in the folder and return their ids."""
    with open_store(library) as store:
        ids = fill(store, count)
        list(place(store))
    return ids


def write_space(library: Path, file: Path, *, alpha: float = 0.0) -> Path:
    """Write a space that fits the library's encoders and differs from any that it makes itself."""
    with Store(library) as store:
        inputs = Inputs(store)
        made = fit_private_space(inputs.x, inputs.present, encoders=inputs.encoders, exponent=0.9)
    save_space(Space(made.heads, alpha=alpha, name="trained"), file)
    return file


def active(store: Store) -> Space:
    """Return the space in use."""
    name, file = store.connection.execute("SELECT name, file FROM spaces WHERE active").fetchone()
    return open_space(name, file, store.library)


def files_of_spaces(library: Path) -> list[str]:
    """Return the names of the spaces' files, in order."""
    return sorted(file.name for file in (library / "spaces").iterdir())


def in_use(library: Path) -> tuple[str, bytes]:
    """Return the name of the space in use and all blocks with their hub terms, as bytes."""
    with Store(library) as store:
        ((name,),) = store.connection.execute("SELECT name FROM spaces WHERE active").fetchall()
        rows = store.connection.execute("SELECT track_id, space_id, mask, block, hub FROM blocks ORDER BY track_id")
        return name, repr([tuple(row) for row in rows]).encode()


def check_placed(library: Path) -> None:
    """Assert that every block is the one that the space in use makes of the stored vectors."""
    with Store(library) as store:
        inputs = Inputs(store)
        expected, _ = active(store).blocks(inputs.x, inputs.present)
        rows = store.connection.execute("SELECT track_id, block, space_id FROM blocks ORDER BY track_id").fetchall()
        space_ids = store.connection.execute("SELECT id FROM spaces WHERE active").fetchall()
        sound = inputs.present.any(axis=1)
        assert [row[0] for row in rows] == inputs.ids[sound].tolist()
        blocks = np.frombuffer(b"".join(row[1] for row in rows), np.float16).reshape(len(rows), -1)
        # The last digit of a product depends on how many rows are multiplied at once.
        np.testing.assert_allclose(blocks.astype(np.float32), expected[sound].astype(np.float32), atol=1e-3)
        assert {row[2] for row in rows} == {space_ids[0][0]}
        assert store.connection.execute("SELECT count(*) FROM staged_blocks").fetchone()[0] == 0
