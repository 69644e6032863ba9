"""Export the joint vectors of a library as .npz or .parquet, a batch at a time."""

import os
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from indexer.errors import IndexerError
from indexer.spaces.choice import misfits
from indexer.spaces.inputs import encoded_by
from indexer.spaces.shelf import SpaceRow, active_row, find_row, open_space, shipped_spaces
from indexer.storing.vectors import encoder_read_by, load_blocks
from models.joint.additive import parts
from models.modality import MODALITIES, Modality

if TYPE_CHECKING:
    import sqlite3

    from numpy.typing import NDArray

    from indexer.catalogue import Catalogue
    from models.joint.additive import Space

ROWS_AT_ONCE = 2048
"""Tracks held at a time: 4 MB of vectors, 25 MB while they are made."""
TEXTS = ("paths", "titles", "artists", "albums")


class _Batch(NamedTuple):
    ids: "NDArray[np.int64]"
    texts: dict[str, list[str]]
    blocks: "NDArray[np.float16]"
    masks: "NDArray[np.bool_]"
    hubs: "NDArray[np.float32]"


def export_space(catalogue: "Catalogue", file: Path, *, wanted: str | None = None, blocks: bool = False) -> int:
    """Write ids, paths, titles, artists, albums and joint vectors of all placed tracks; return how many.

    The inner product of two vectors, float32 [n, 448], is their score without hub and words, with the norms of a track
    that has every modality; `hubs` (of the space in use, else zeros) adds to the score of a track that is found. With
    `blocks`, the shared and private block of each modality, float32 [n, 64], zeros where a track lacks it.
    The file is there whole or not at all.

    wanted : id or name of a space, the one in use when None.

    Raises
    ------
    IndexerError
        For another ending, a space that is not there or does not fit, nothing to write, or a file that cannot be
        written; where pyarrow is needed and missing.

    """
    writers: dict[str, Callable[[_Source, Path, bool], None]] = {".npz": _write_npz, ".parquet": _write_parquet}
    if file.suffix not in writers:
        raise IndexerError(f'"{file.name}" ends in neither .npz nor .parquet: name the file after one of them')
    source = _open(catalogue, wanted)
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        # One moment of the library, however long the writing takes.
        source.connection.execute("BEGIN")
        count = len(source.ids())
        if not count:
            raise IndexerError("nothing to export: no track is in the space yet; run `fairouz-tui index`")
        writers[file.suffix](source, temporary, blocks)
        temporary.replace(file)
    except OSError as error:
        raise IndexerError(f"cannot write {file}: {error.strerror or error}; choose another place with -o") from error
    finally:
        source.connection.rollback()
        temporary.unlink(missing_ok=True)
    return count


@dataclass(frozen=True, eq=False)
class _Source:
    """The placed tracks of a library in one space."""

    catalogue: "Catalogue"
    space: "Space"
    in_use: bool
    """The stored blocks are those of this space."""

    @property
    def connection(self) -> "sqlite3.Connection":
        return self.catalogue.connection

    @cached_property
    def encoders(self) -> "dict[Modality, str]":
        """The encoders whose stored vectors the space reads, named once: looking them up scans all vectors."""
        return {m: encoder_read_by(self.connection, m, head) for m, head in self.space.heads.items()}

    def ids(self) -> list[int]:
        query = (
            "SELECT b.track_id FROM blocks b JOIN tracks t ON t.id = b.track_id "
            "WHERE t.missing_since IS NULL ORDER BY b.track_id"
        )
        return [row[0] for row in self.connection.execute(query)]

    def batches(self) -> Iterator[_Batch]:
        """Yield all tracks by rising id."""
        ids = self.ids()
        for start in range(0, len(ids), ROWS_AT_ONCE):
            part = ids[start : start + ROWS_AT_ONCE]
            blocks, masks, hubs = load_blocks(self.connection, part)
            if not self.in_use:
                blocks, masks = self._projected(part)
                hubs = np.zeros(len(part))
            yield _Batch(np.array(part, np.int64), self._texts(part), blocks, masks, hubs.astype(np.float32))

    def _texts(self, ids: list[int]) -> dict[str, list[str]]:
        rows = self.catalogue.rows(ids)
        columns = zip(*((row.path, row.title, row.artist, row.album) for row in rows), strict=True)
        return {name: list(column) for name, column in zip(TEXTS, columns, strict=True)}

    def _projected(self, ids: list[int]) -> "tuple[NDArray[np.float16], NDArray[np.bool_]]":
        """Make blocks from the stored vectors."""
        present = np.zeros((len(ids), len(MODALITIES)), np.bool_)
        x = {}
        for m, head in self.space.heads.items():
            x[m] = np.zeros((len(ids), len(head.mean)), np.float32)
            for row, vector in self._vectors(ids, m, self.encoders[m]):
                x[m][row] = vector
                present[row, MODALITIES.index(m)] = True
        return self.space.blocks(x, present)

    def _vectors(self, ids: list[int], m: Modality, encoder: str) -> "Iterator[tuple[int, NDArray[np.float32]]]":
        place = {track_id: row for row, track_id in enumerate(ids)}
        query = (
            "SELECT track_id, vector FROM vectors WHERE modality = ? AND encoder = ? AND track_id BETWEEN ? AND ? "
            "ORDER BY track_id"
        )
        for track_id, data in self.connection.execute(query, (m.value, encoder, ids[0], ids[-1])):
            vector = np.frombuffer(data, np.float16).astype(np.float32)
            if track_id in place and np.isfinite(vector).all():
                yield place[track_id], vector


def _open(catalogue: "Catalogue", wanted: str | None) -> _Source:
    row: SpaceRow | None = active_row(catalogue.connection)
    if wanted is not None:
        row = find_row(catalogue.connection, wanted)
        if row is None and wanted not in shipped_spaces():
            raise IndexerError(f'there is no space "{wanted}": `fairouz-tui spaces` lists them')
    if row is None and wanted is None:
        raise IndexerError("the tracks are not embedded yet: let `fairouz-tui index` finish first")
    name, file = (row.name, row.file) if row else (str(wanted), None)
    space = open_space(name, file, catalogue.library)
    wrong = misfits(space, encoded_by(catalogue))
    if wrong:
        raise IndexerError(f'the space "{name}" does not fit this library: {"; ".join(wrong)}')
    return _Source(catalogue, space, row is not None and row.active)


def _arrays(source: _Source, blocks: bool) -> "dict[str, Callable[[_Batch], NDArray[np.float32]]]":
    """Name the numeric columns and say how a batch gives them."""

    def block(index: int, shared: bool) -> "Callable[[_Batch], NDArray[np.float32]]":
        return lambda batch: parts(batch.blocks)[0 if shared else 1][:, index].astype(np.float32)

    arrays: dict[str, Callable[[_Batch], NDArray[np.float32]]] = {
        "joint": lambda batch: source.space.joint(batch.blocks)
    }
    for m in source.space.heads if blocks else ():
        index = MODALITIES.index(m)
        arrays |= {f"{m.value}_shared": block(index, True), f"{m.value}_private": block(index, False)}
    return arrays


def _write_npz(source: _Source, file: Path, blocks: bool) -> None:
    """Write one array after the other, each in a pass of its own over the library: no array is ever held whole."""
    count = len(source.ids())
    widths = _text_widths(source)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1, allowZip64=True) as archive:
        _put(archive, "ids", "<i8", (count,), (batch.ids for batch in source.batches()))
        _put(archive, "hubs", "<f4", (count,), (batch.hubs for batch in source.batches()))
        for name, width in widths.items():
            kind = f"<U{width}"
            _put(archive, name, kind, (count,), (np.array(b.texts[name], kind) for b in source.batches()))
        for name, make in _arrays(source, blocks).items():
            width = make(next(source.batches())).shape[1]
            _put(archive, name, "<f4", (count, width), (make(batch) for batch in source.batches()))


def _text_widths(source: _Source) -> dict[str, int]:
    widths = dict.fromkeys(TEXTS, 1)
    for batch in source.batches():
        for name, texts in batch.texts.items():
            widths[name] = max(widths[name], *map(len, texts))
    return widths


def _put(
    archive: zipfile.ZipFile, name: str, kind: str, shape: tuple[int, ...], pieces: "Iterator[NDArray[Any]]"
) -> None:
    """Write an array, whose rows come in pieces, in the format of numpy.save."""
    header = {"descr": kind, "fortran_order": False, "shape": shape}
    with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
        np.lib.format.write_array_header_2_0(entry, header)
        for piece in pieces:
            entry.write(np.ascontiguousarray(piece, dtype=kind).tobytes())


def _write_parquet(source: _Source, file: Path, blocks: bool) -> None:
    """Write one row group a batch; vectors are lists of a fixed size, bytes of a path that are no text are escaped."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise IndexerError(
            "writing .parquet needs pyarrow: install it with `pip install 'fairouz-tui[parquet]'`, or write .npz"
        ) from error
    arrays = _arrays(source, blocks)
    writer: Any = None
    try:
        for batch in source.batches():
            columns = {"ids": pyarrow.array(batch.ids), "hubs": pyarrow.array(batch.hubs)}
            for name, texts in batch.texts.items():
                columns[name] = pyarrow.array([t.encode("utf-8", "backslashreplace").decode() for t in texts])
            for name, make in arrays.items():
                rows = make(batch)
                columns[name] = pyarrow.FixedSizeListArray.from_arrays(pyarrow.array(rows.ravel()), rows.shape[1])
            table = pyarrow.table(columns)
            writer = writer or parquet.ParquetWriter(file, table.schema)
            writer.write_table(table)
    finally:
        if writer is not None:
            writer.close()
