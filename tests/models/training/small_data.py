"""Generate small datasets whose modalities share one hidden point a track, in memory or as a data folder."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.dataset import Dataset, load_dataset
from models.modality import MODALITIES, Modality

TWO = (Modality.AUDIO, Modality.TAGS)


def write_folder(
    folder: Path,
    *,
    count: int = 120,
    artists: int = 12,
    modalities: Sequence[Modality] = TWO,
    dimension: int = 20,
    noise: float = 0.5,
    missing: float = 0.0,
    positives: bool = False,
    seed: int = 0,
) -> Path:
    """Write a data folder of `count` tracks; a share `missing` of every modality but the first is absent."""
    generator = np.random.default_rng(seed)
    artist = np.arange(count) % artists
    hidden = generator.normal(size=(artists, 8))[artist] + noise * generator.normal(size=(count, 8))
    folder.mkdir(parents=True, exist_ok=True)
    mask = np.zeros((count, len(MODALITIES)), np.bool_)
    for i, m in enumerate(modalities):
        x = hidden @ generator.normal(size=(8, dimension + i)) + 0.1 * generator.normal(size=(count, dimension + i))
        np.save(folder / f"{m}.npy", x.astype(np.float32))
        mask[:, MODALITIES.index(m)] = True if i == 0 else generator.random(count) >= missing
    np.save(folder / "mask.npy", mask)
    near = nearest(hidden)
    tracks = [
        {"id": f"t{i}", "title": f"Song {i}", "artist": f"Artist {artist[i]}", "album": "One", "genres": ["folk"]}
        | ({"positives": [f"t{j}" for j in near[i]]} if positives else {})
        for i in range(count)
    ]
    (folder / "tracks.jsonl").write_text("".join(json.dumps(track) + "\n" for track in tracks), "utf-8")
    return folder


def nearest(points: NDArray[np.float64], *, count: int = 4) -> NDArray[np.int64]:
    """Return the rows nearest to each row of [n, d], itself left out."""
    distances = ((points[:, None] - points[None]) ** 2).sum(axis=2)
    np.fill_diagonal(distances, np.inf)
    return np.argsort(distances, axis=1, kind="stable")[:, :count]


def small_dataset(folder: Path, **how: object) -> Dataset:
    """Write a folder and map it."""
    return load_dataset(write_folder(folder, **how))  # type: ignore[arg-type]
