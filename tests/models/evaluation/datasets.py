"""Make small datasets whose answers are known."""

import numpy as np

from models.dataset import Dataset
from models.modality import MODALITIES, Modality


def clusters(*, artists: int = 20, tracks_an_artist: int = 4, noise: float = 0.3, seed: int = 0) -> Dataset:
    """Make artists as points in space, tracks near their artist, seen through two random maps (audio and lyrics).

    Every artist has two albums and one genre of three; positives are the fellows of the artist.
    """
    generator = np.random.default_rng(seed)
    count = artists * tracks_an_artist
    artist = np.repeat(np.arange(artists), tracks_an_artist)
    latent = generator.normal(size=(artists, 6))[artist] + noise * generator.normal(size=(count, 6))
    x = {
        m: (latent @ generator.normal(size=(6, width)) + noise * generator.normal(size=(count, width))).astype(
            np.float32
        )
        for m, width in ((Modality.AUDIO, 10), (Modality.LYRICS, 14))
    }
    present = np.zeros((count, len(MODALITIES)), np.bool_)
    present[:, [MODALITIES.index(m) for m in x]] = True
    return Dataset(
        ids=tuple(f"t{i}" for i in range(count)),
        x=x,
        present=present,
        encoders={m: f"{m}@test" for m in x},
        artists=artist.astype(np.int64),
        albums=(artist * 2 + np.arange(count) % 2).astype(np.int64),
        titles=np.arange(count, dtype=np.int64),
        genres=tuple((f"genre {a % 3}",) for a in artist),
        positives=tuple(np.flatnonzero((artist == artist[i]) & (np.arange(count) != i)) for i in range(count)),
    )
