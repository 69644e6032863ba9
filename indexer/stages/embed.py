"""Embed words and covers: whatever has no current vector, one distinct input once."""

import io
from collections import defaultdict
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from indexer.encoders import library_cover_encoder, scripts_of, text_encoder
from indexer.errors import IndexerError
from indexer.progress import Pace, Progress
from indexer.storing.switching import Destination
from models.encoders.scripts import readable, readable_parts
from models.modality import Modality

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Literal

    from numpy.typing import NDArray

    from indexer.encoders.text import TextEncoder
    from indexer.storing.store import Store

    Scripts = Literal["latin", "any"]

_BATCH, _SHORT_BATCH = 64, 256
"""Inputs, and short texts, to a transaction and a call of the encoder, which sorts them by length: larger batches are
faster, smaller ones lose less to a kill and tell sooner how far the run is."""
_COMMENT_CHARACTERS = 200
"""Comments are often adverts or rip logs; their beginning is enough."""


def embed_text(store: "Store") -> "Iterator[Progress]":
    """Embed the TAGS text and the LYRICS of every track whose words changed, or all by an encoder that is new."""
    try:
        encoder = text_encoder(store)
    except IndexerError as error:
        yield Progress("reading words", 0, 0, note=waits(str(error)))
        return
    yield from _embed_tags(store, encoder)
    yield from _embed_lyrics(store, encoder)
    yield from notes_of(encoder, "reading lyrics")


def _embed_tags(store: "Store", encoder: "TextEncoder") -> "Iterator[Progress]":
    tags = tag_texts(store, scripts=scripts_of(encoder.encoder))
    hashes = {track_id: _hash(text) for track_id, text in tags.items()}
    by_hash = {hashes[track_id]: text for track_id, text in tags.items()}

    def encode(inputs: "Sequence[str]") -> "list[NDArray[np.float32] | None]":
        return list(encoder.encode([by_hash[i] for i in inputs]))

    destination = Destination(store, Modality.TAGS, encoder.encoder)
    yield from _embed(destination, store, hashes, encode, "reading words", at_once=_SHORT_BATCH)


def _embed_lyrics(store: "Store", encoder: "TextEncoder") -> "Iterator[Progress]":
    scripts = scripts_of(encoder.encoder)

    def encode(inputs: "Sequence[str]") -> "list[NDArray[np.float32] | None]":
        marks = ",".join("?" * len(inputs))
        texts = dict(store.connection.execute(f"SELECT hash, text FROM lyrics WHERE hash IN ({marks})", list(inputs)))
        vectors = iter(encoder.encode([texts[i] for i in inputs if readable(texts[i], scripts)]))
        return [next(vectors) if readable(texts[i], scripts) else None for i in inputs]

    query = "SELECT id, lyrics_hash FROM tracks WHERE missing_since IS NULL AND lyrics_hash IS NOT NULL"
    lyrics = dict(store.connection.execute(query))
    destination = Destination(store, Modality.LYRICS, encoder.encoder)
    yield from _embed(destination, store, lyrics, encode, "reading lyrics")


def embed_covers(store: "Store") -> "Iterator[Progress]":
    """Embed each distinct cover once."""
    try:
        encoder = library_cover_encoder(store)
    except IndexerError as error:
        yield Progress("looking at covers", 0, 0, note=waits(str(error)))
        return

    def encode(inputs: "Sequence[str]") -> "list[NDArray[np.float32] | None]":
        marks = ",".join("?" * len(inputs))
        query = f"SELECT hash, thumbnail FROM covers WHERE hash IN ({marks})"
        pictures = {key: picture(data) for key, data in store.connection.execute(query, list(inputs))}
        return list(encoder.encode([pictures[i] for i in inputs]))

    query = "SELECT id, cover_hash FROM tracks WHERE missing_since IS NULL AND cover_hash IS NOT NULL"
    covers = dict(store.connection.execute(query))
    destination = Destination(store, Modality.COVER, encoder.encoder)
    yield from _embed(destination, store, covers, encode, "looking at covers")
    yield from notes_of(encoder, "looking at covers")


def waits(problem: str) -> str:
    """Say what becomes of a modality whose encoder is not to be had: nothing, until it is."""
    return f"{problem}; until then the vectors that are there stay in use"


def notes_of(encoder: object, stage: str) -> "Iterator[Progress]":
    """Pass on what an encoder had to say, such as that the GPU ran out of memory."""
    for note in getattr(encoder, "notes", ()):
        yield Progress(stage, 0, 0, note=note)


def tag_texts(store: "Store", *, scripts: "Scripts" = "latin") -> dict[int, str]:
    """Compose the TAGS text of every present track: title, genres, year, comment and the words of its sound.

    Never artist or album: they belong to the graph and would turn every score into a match of names. Parts in a script
    that the encoder cannot read are left out; a track of which nothing remains is not in the answer.
    """
    texts: dict[int, str] = {}
    query = (
        "SELECT t.id, t.title, t.genre, t.year, t.comment, s.words FROM tracks t "
        "LEFT JOIN sounds s ON s.track_id = t.id WHERE t.missing_since IS NULL"
    )
    for row in store.connection.execute(query):
        text = tag_text(row["title"], row["genre"], row["comment"], row["words"] or "", row["year"], scripts=scripts)
        if text:
            texts[row["id"]] = text
    return texts


def tag_text(
    title: str, genre: str, comment: str, sound_words: str, year: int | None, *, scripts: "Scripts" = "latin"
) -> str:
    """Compose the TAGS text of one track; "" when an encoder of these scripts could read nothing of it."""
    parts = [part for part in (title, genre, comment[:_COMMENT_CHARACTERS], sound_words) if part]
    kept = readable_parts(parts, scripts)
    return ". ".join([*kept, *([str(year)] if year else [])]) if kept else ""


def picture(thumbnail: bytes) -> "NDArray[np.uint8]":
    """Decode a stored thumbnail to uint8 [h, w, 3]."""
    from PIL import Image

    with Image.open(io.BytesIO(thumbnail)) as image:
        return np.asarray(image.convert("RGB"))


def _embed(
    destination: Destination,
    store: "Store",
    inputs: dict[int, str],
    encode: "Callable[[Sequence[str]], list[NDArray[np.float32] | None]]",
    stage: str,
    *,
    at_once: int = _BATCH,
) -> "Iterator[Progress]":
    """Encode the distinct inputs (track id -> input hash) that are new; forget vectors of tracks that have none now."""
    have = destination.hashes(store.connection)
    holders = destination.holders(store.connection)
    stale = [track_id for track_id in holders if track_id not in inputs and _is_present(store, track_id)]
    wanted: dict[str, list[int]] = defaultdict(list)
    for track_id, input_hash in inputs.items():
        if have.get(track_id) != input_hash:
            wanted[input_hash].append(track_id)
    if stale:
        with store.writing() as connection:
            destination.drop(connection, stale)
    pace = Pace(stage, len(wanted))
    keys = sorted(wanted)
    for start in range(0, len(keys), at_once):
        batch = keys[start : start + at_once]
        vectors = encode(batch)  # before the transaction: a large model may take a minute, and others wait to write
        with store.writing() as connection:
            for key, vector in zip(batch, vectors, strict=True):
                if vector is None:
                    destination.put_nothing(connection, wanted[key], key)
                else:
                    destination.put(connection, [(i, key, vector) for i in wanted[key]])
        yield pace.advance(len(batch))


def _is_present(store: "Store", track_id: int) -> bool:
    row = store.connection.execute("SELECT missing_since FROM tracks WHERE id = ?", (track_id,)).fetchone()
    return row is not None and row[0] is None


def _hash(text: str) -> str:
    return blake2b(text.encode(errors="replace"), digest_size=16).hexdigest()
