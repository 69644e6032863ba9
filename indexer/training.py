"""Lay a library out as a data folder to train on: vectors in .npy files, labels from tags.

Vectors go from SQLite to the files a row at a time, so that a library may be larger than memory. The folder
is a copy: what is indexed while training runs changes nothing.
"""

import json
import shutil
from typing import TYPE_CHECKING

import numpy as np

from indexer.errors import IndexerError
from indexer.reading.credits import is_placeholder
from indexer.storing.vectors import encoder_of
from models.modality import MODALITIES, Modality

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

    from numpy.typing import NDArray

    from indexer.catalogue import Catalogue

_PRESENT = "FROM vectors v JOIN tracks t ON t.id = v.track_id WHERE t.missing_since IS NULL"


def export_library(catalogue: "Catalogue", folder: "Path") -> int:
    """Write all present tracks with a vector to `folder`, in one step, and return their number.

    Each modality comes from the encoder that most tracks have vectors of, float16. An artist that was only guessed
    from the path is no label.

    Raises
    ------
    IndexerError
        When no track has a vector yet, or the folder is there already or cannot be written.

    """
    connection = catalogue.connection
    if folder.exists():
        raise IndexerError(f"{folder} is there already: delete it, or choose another --out")
    part = folder.with_name(f".{folder.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        # One transaction: rows that an indexing run adds meanwhile are not seen by some of the queries only.
        connection.execute("BEGIN")
        try:
            count = _export(connection, part)
        finally:
            connection.execute("ROLLBACK")
        part.replace(folder)
    except OSError as error:
        raise IndexerError(f"cannot write {folder}: {error.strerror or error}; choose another --out") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return count


def _export(connection: "sqlite3.Connection", folder: "Path") -> int:
    query = f"SELECT DISTINCT v.track_id {_PRESENT} ORDER BY v.track_id"
    ids = np.fromiter((row[0] for row in connection.execute(query)), np.int64)
    if not len(ids):
        raise IndexerError("no track has a vector yet: run `fairouz-tui index FOLDER` first")
    mask = np.zeros((len(ids), len(MODALITIES)), np.bool_)
    encoders = {}
    for m in MODALITIES:
        encoder = encoder_of(connection, m)
        if encoder is not None:
            mask[:, MODALITIES.index(m)] = _write_vectors(connection, m, encoder, ids, folder)
            encoders[m.value] = encoder
    np.save(folder / "mask.npy", mask)
    (folder / "encoders.json").write_text(json.dumps(encoders), "utf-8")
    _write_tracks(connection, ids, folder)
    return len(ids)


def _write_vectors(
    connection: "sqlite3.Connection", m: Modality, encoder: str, ids: "NDArray[np.int64]", folder: "Path"
) -> "NDArray[np.bool_]":
    """Write one modality's vectors in the order of `ids`; return which tracks have one, bool [n]."""
    chosen = f"{_PRESENT} AND v.modality = ? AND v.encoder = ?"
    (width,) = connection.execute(
        f"SELECT v.dimension {chosen} GROUP BY v.dimension ORDER BY count(*) DESC LIMIT 1", (m.value, encoder)
    ).fetchone()
    here = np.zeros(len(ids), np.bool_)
    rows = connection.execute(
        f"SELECT v.track_id, v.vector {chosen} AND v.dimension = ? ORDER BY v.track_id", (m.value, encoder, width)
    )
    nothing = bytes(2 * int(width))
    header = {"descr": "<f2", "fortran_order": False, "shape": (len(ids), int(width))}
    # Written from front to back, not through a mapped file: on a full disk that would end the process without a word.
    with (folder / f"{m}.npy").open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        written = 0
        for track_id, vector in rows:
            row = int(np.searchsorted(ids, track_id))
            file.write(nothing * (row - written) + vector)
            here[row], written = True, row + 1
        file.write(nothing * (len(ids) - written))
    return here


def _write_tracks(connection: "sqlite3.Connection", ids: "NDArray[np.int64]", folder: "Path") -> None:
    """Write tracks.jsonl: the labels that tags give, in the order of `ids`."""
    wanted = set(ids.tolist())
    # The first artist of several: "A feat. B" is a track of A.
    artist = (
        "(SELECT c.folded FROM credits c WHERE c.track_id = t.id AND c.role = 'artist' AND c.evidence != 'path' "
        "ORDER BY c.position LIMIT 1)"
    )
    genres = "(SELECT json_group_array(g.folded) FROM track_genres g WHERE g.track_id = t.id)"
    query = f"SELECT t.id, t.title, t.album, {artist}, {genres} FROM tracks t ORDER BY t.id"
    with (folder / "tracks.jsonl").open("w", encoding="ascii") as file:
        for track_id, title, album, name, kinds in connection.execute(query):
            if track_id in wanted:
                track = {"id": str(track_id), "title": title, "artist": name, "album": album}
                named = [genre for genre in json.loads(kinds) if genre and not is_placeholder(genre)]
                file.write(json.dumps(track | {"genres": named}) + "\n")
