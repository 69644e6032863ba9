"""Hold tracks to train and measure on: one matrix per modality, a mask, and labels.

A data folder is one of two kinds, told apart by what lies in it.

- Ours: `tracks.jsonl`, one object a line with `id` and, where known, `title`, `artist`, `album`, `genres`, `positives`
  and `negatives` (ids); beside it `audio.npy`, `lyrics.npy`, ... float [n, d], `mask.npy` bool [n, 6] in the order of
  MODALITIES (without it every track has every modality there is), and `encoders.json`, encoder id by modality.
- The Fairouz data as published: `text_np.npy`, `image_np.npy`, `graph_np.npy`, `audio_unit_np.npy`,
  `id_to_track_mapping.json`, `tracks.json`, `positives_and_negatives.json`. All-zero text rows are missing lyrics.

Matrices are memory-mapped: a folder may be larger than memory.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError
from models.modality import MODALITIES, Modality

UNKNOWN = -1
"""The label of a track whose artist or album is not known."""

UNREADABLE = (
    OSError,
    EOFError,
    BadZipFile,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    RecursionError,
)
"""What numpy and JSON raise for files that are cut off, empty, or something else."""

_FAIROUZ = {
    Modality.AUDIO: ("audio_unit_np.npy", "vggish@fairouz"),
    Modality.LYRICS: ("text_np.npy", "mxbai-embed-large-v1@fairouz"),
    Modality.COVER: ("image_np.npy", "openclip-vit-b-32-laion2b@fairouz"),
    Modality.GRAPH: ("graph_np.npy", "randne@fairouz"),
}
"""File and encoder of each modality in the published folder. The audio is the one the paper trained on: unit length."""


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """n tracks with vectors and labels."""

    ids: tuple[str, ...]
    x: Mapping[Modality, NDArray[np.floating]]
    """[n, d] by modality; rows of tracks without the modality are not looked at."""
    present: NDArray[np.bool_]
    """[n, 6] in the order of MODALITIES."""
    encoders: Mapping[Modality, str]
    artists: NDArray[np.int64]
    """[n], one number an artist, UNKNOWN where not known."""
    albums: NDArray[np.int64]
    """[n], one number an album of an artist."""
    titles: NDArray[np.int64]
    """[n], one number a title of an artist; every unknown title has its own."""
    genres: tuple[tuple[str, ...], ...]
    """[n], the first one being the main one; empty where not known."""
    positives: tuple[NDArray[np.int64], ...] = field(default=())
    """[n], for each track the rows it belongs with; empty where the data lists none."""
    negatives: tuple[NDArray[np.int64], ...] = field(default=())
    """[n], for each track the rows it does not belong with; empty where the data lists none."""

    def __len__(self) -> int:
        """Return the number of tracks."""
        return len(self.ids)

    def modalities(self) -> tuple[Modality, ...]:
        """Return the modalities that some track has, in order."""
        return tuple(m for m in MODALITIES if m in self.x and self.present[:, MODALITIES.index(m)].any())

    def take(self, rows: NDArray[np.int64]) -> "Dataset":
        """Return the tracks of some rows; positives that are not among them are dropped."""
        position = np.full(len(self), -1)
        position[rows] = np.arange(len(rows))
        return Dataset(
            ids=tuple(self.ids[row] for row in rows),
            x={m: vectors[rows] for m, vectors in self.x.items()},
            present=self.present[rows],
            encoders=self.encoders,
            artists=self.artists[rows],
            albums=self.albums[rows],
            titles=self.titles[rows],
            genres=tuple(self.genres[row] for row in rows),
            positives=_among(self.positives, rows, position),
            negatives=_among(self.negatives, rows, position),
        )

    def without(self, modalities: Sequence[Modality]) -> "Dataset":
        """Return the same tracks as if nobody had these modalities."""
        present = self.present.copy()
        present[:, [MODALITIES.index(m) for m in modalities]] = False
        kept = {m: vectors for m, vectors in self.x.items() if m not in modalities}
        return Dataset(
            self.ids,
            kept,
            present,
            self.encoders,
            self.artists,
            self.albums,
            self.titles,
            self.genres,
            self.positives,
            self.negatives,
        )


def load_dataset(folder: Path) -> Dataset:
    """Read a data folder of either kind (see the head of this file).

    Raises ModelError, one line, where a file is missing, damaged or does not fit the others.
    """
    try:
        if (folder / "id_to_track_mapping.json").is_file():
            return _fairouz(folder)
        if (folder / "tracks.jsonl").is_file():
            return _own(folder)
    except ModelError:
        raise
    except UNREADABLE as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise ModelError(f"{folder} is not a readable data folder ({reason})") from error
    raise ModelError(f"{folder} is no data folder: it has neither tracks.jsonl nor id_to_track_mapping.json")


def _fairouz(folder: Path) -> Dataset:
    mapping = _json(folder / "id_to_track_mapping.json")
    ids = [str(mapping[str(i)]) for i in range(len(mapping))]
    listed = _json(folder / "tracks.json")
    file = folder / "positives_and_negatives.json"
    pairs = _json(file) if file.is_file() else {}
    tracks = [
        {
            "id": track_id,
            "title": listed[track_id].get("track_title"),
            "artist": listed[track_id].get("artist_name"),
            "album": listed[track_id].get("album_name"),
            "genres": listed[track_id].get("genres") or (),
            "positives": pairs.get(track_id, {}).get("positives", ()),
            "negatives": pairs.get(track_id, {}).get("negatives", ()),
        }
        for track_id in ids
    ]
    x = {m: _matrix(folder / name, len(ids)) for m, (name, _) in _FAIROUZ.items() if (folder / name).is_file()}
    present = np.zeros((len(ids), len(MODALITIES)), np.bool_)
    for m in x:
        present[:, MODALITIES.index(m)] = True
    if Modality.LYRICS in x:
        present[:, MODALITIES.index(Modality.LYRICS)] = np.abs(x[Modality.LYRICS]).max(axis=1) > 0
    return _dataset(tracks, x, present, {m: encoder for m, (_, encoder) in _FAIROUZ.items() if m in x})


def _own(folder: Path) -> Dataset:
    with (folder / "tracks.jsonl").open(encoding="utf-8") as lines:
        tracks = [json.loads(line) for line in lines if line.strip()]
    encoders = _json(folder / "encoders.json") if (folder / "encoders.json").is_file() else {}
    x = {m: _matrix(folder / f"{m}.npy", len(tracks)) for m in MODALITIES if (folder / f"{m}.npy").is_file()}
    present = np.zeros((len(tracks), len(MODALITIES)), np.bool_)
    for m in x:
        present[:, MODALITIES.index(m)] = True
    if (folder / "mask.npy").is_file():
        mask = np.load(folder / "mask.npy", allow_pickle=False)
        if mask.shape != present.shape or mask.dtype != np.bool_:
            raise ModelError(f"{folder / 'mask.npy'} is {mask.dtype} {mask.shape}, not bool {present.shape}")
        present &= mask
    return _dataset(tracks, x, present, {m: str(encoders.get(m.value, f"{m}@{folder.name}")) for m in x})


def _json(path: Path) -> dict[str, Any]:
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise ModelError(f"{path} holds no object")
    return content


def _matrix(path: Path, count: int) -> NDArray[np.floating]:
    """Map a float matrix of `count` rows from disk; rows are checked for NaN where they are used."""
    matrix = np.load(path, mmap_mode="r", allow_pickle=False)
    if matrix.ndim != 2 or len(matrix) != count or matrix.shape[1] == 0 or not np.issubdtype(matrix.dtype, np.floating):
        raise ModelError(f"{path} is {matrix.dtype} {matrix.shape}, not float [{count}, d]: one row a track")
    mapped: NDArray[np.floating] = matrix
    return mapped


def _dataset(
    tracks: Sequence[Mapping[str, Any]],
    x: Mapping[Modality, NDArray[np.floating]],
    present: NDArray[np.bool_],
    encoders: Mapping[Modality, str],
) -> Dataset:
    ids = tuple(str(track["id"]) for track in tracks)
    row = {track_id: i for i, track_id in enumerate(ids)}
    if len(row) != len(ids):
        raise ModelError("two tracks of the data folder have the same id")
    if not ids or not x:
        raise ModelError("the data folder has no tracks or no vectors")
    return Dataset(
        ids=ids,
        x=x,
        present=present,
        encoders=encoders,
        artists=_numbered([_known(track, "artist") for track in tracks]),
        albums=_numbered([_known(track, "artist", "album") for track in tracks]),
        titles=_numbered([_known(track, "artist", "title") or ("", i) for i, track in enumerate(tracks)]),
        genres=tuple(tuple(map(str, _list(track, "genres"))) for track in tracks),
        positives=_rows(tracks, "positives", row),
        negatives=_rows(tracks, "negatives", row),
    )


def _rows(tracks: Sequence[Mapping[str, Any]], key: str, row: Mapping[str, int]) -> tuple[NDArray[np.int64], ...]:
    """Turn lists of ids into lists of rows, rising, each once; ids that are no track are dropped."""
    listed = [sorted({row[str(one)] for one in _list(track, key) if str(one) in row}) for track in tracks]
    return tuple(np.array(rows, np.int64) for rows in listed) if any(listed) else ()


def _among(
    lists: tuple[NDArray[np.int64], ...], rows: NDArray[np.int64], position: NDArray[np.int64]
) -> tuple[NDArray[np.int64], ...]:
    """Take the lists of some rows and renumber what they hold; what is not among these rows is dropped."""
    moved = (position[lists[row]] for row in rows) if lists else ()
    return tuple(kept[kept >= 0] for kept in moved)


def _list(track: Mapping[str, Any], key: str) -> Sequence[Any]:
    listed = track.get(key) or ()
    if not isinstance(listed, list | tuple):
        raise ModelError(f'"{key}" of track {str(track["id"])[:60]} is no list: write ["..."]')
    return listed


def _known(track: Mapping[str, Any], *fields: str) -> tuple[str, ...] | None:
    values = tuple(" ".join(str(track.get(name) or "").casefold().split()) for name in fields)
    return values if all(values) else None


def _numbered(labels: Sequence[object]) -> NDArray[np.int64]:
    """Give labels numbers in the order in which they come; None is UNKNOWN."""
    numbers: dict[object, int] = {}
    return np.array(
        [UNKNOWN if label is None else numbers.setdefault(label, len(numbers)) for label in labels], np.int64
    )
