"""Digest a dataset, so that a run is resumed and a model is described with the data it was made from."""

import json
from hashlib import blake2b

import numpy as np

from models.dataset import Dataset
from models.errors import ModelError
from models.modality import MODALITIES

_BYTES_AT_ONCE = 16 << 20


def fingerprint(dataset: Dataset) -> str:
    """Return a digest of everything a recipe may look at: ids, labels, pairs, mask, and the vectors of present rows.

    Reads all vectors once, 16 MB at a time. Raises ModelError for a number that is not finite, naming the track.
    """
    digest = blake2b(digest_size=16)
    digest.update(json.dumps([dataset.ids, dataset.genres], ensure_ascii=True).encode())
    digest.update(json.dumps({m.value: dataset.encoders[m] for m in dataset.modalities()}).encode())
    pairs = (*dataset.positives, *dataset.negatives)
    for labels in (dataset.artists, dataset.albums, dataset.titles, dataset.present, *pairs):
        digest.update(f"{labels.shape}".encode() + np.ascontiguousarray(labels).tobytes())
    for m in dataset.modalities():
        vectors, here = dataset.x[m], dataset.present[:, MODALITIES.index(m)]
        digest.update(f"{m} {vectors.dtype} {vectors.shape}".encode())
        step = max(1, _BYTES_AT_ONCE // (vectors.shape[1] * vectors.itemsize))
        for start in range(0, len(dataset), step):
            rows = np.asarray(vectors[start : start + step])[here[start : start + step]]
            if not np.isfinite(rows).all():
                row = start + int(np.flatnonzero(here[start : start + step])[~np.isfinite(rows).all(axis=1)][0])
                raise ModelError(
                    f"the {m} vector of track {dataset.ids[row]} has numbers that are not finite: "
                    f"embed it again, or mark it absent in mask.npy"
                )
            digest.update(rows.tobytes())
    return digest.hexdigest()
