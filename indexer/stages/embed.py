"""Embed words, covers, graph and playlists: whatever has no current vector, one distinct input once."""

import io
from collections import defaultdict
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from indexer.encoders import cover_encoder, text_encoder
from indexer.fold import fold
from indexer.progress import Pace, Progress
from indexer.storing.vectors import drop_vectors, input_hashes, put_vectors
from models.encoders.collaborative import collaborative_vectors
from models.encoders.graph import graph_vectors
from models.encoders.names import COLLABORATIVE_ENCODER, GRAPH_ENCODER
from models.encoders.text import readable, readable_parts
from models.modality import Modality

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from indexer.graph import Graph, NodeKey
    from indexer.storing.store import Store

_BATCH = 64
_COMMENT_CHARACTERS = 200
"""Comments are often adverts or rip logs; their beginning is enough."""


def embed_text(store: "Store") -> "Iterator[Progress]":
    """Embed the TAGS text and the LYRICS of every track whose words changed."""
    encoder = text_encoder()
    tags = tag_texts(store)
    hashes = {track_id: _hash(text) for track_id, text in tags.items()}
    by_hash = {hashes[track_id]: text for track_id, text in tags.items()}

    def encode_tags(inputs: "Sequence[str]") -> "list[NDArray[np.float32] | None]":
        return list(encoder.encode([by_hash[i] for i in inputs]))

    yield from _embed(store, Modality.TAGS, encoder.encoder, hashes, encode_tags, stage="reading words")

    def encode_lyrics(inputs: "Sequence[str]") -> "list[NDArray[np.float32] | None]":
        marks = ",".join("?" * len(inputs))
        texts = dict(store.connection.execute(f"SELECT hash, text FROM lyrics WHERE hash IN ({marks})", list(inputs)))
        vectors = iter(encoder.encode([texts[i] for i in inputs if readable(texts[i])]))
        return [next(vectors) if readable(texts[i]) else None for i in inputs]

    query = "SELECT id, lyrics_hash FROM tracks WHERE missing_since IS NULL AND lyrics_hash IS NOT NULL"
    yield from _embed(
        store,
        Modality.LYRICS,
        encoder.encoder,
        dict(store.connection.execute(query)),
        encode_lyrics,
        stage="reading lyrics",
    )


def embed_covers(store: "Store") -> "Iterator[Progress]":
    """Embed each distinct cover once."""
    encoder = cover_encoder(store.fact("cover_model"))

    def encode(inputs: "Sequence[str]") -> "list[NDArray[np.float32] | None]":
        marks = ",".join("?" * len(inputs))
        query = f"SELECT hash, thumbnail FROM covers WHERE hash IN ({marks})"
        pictures = {key: picture(data) for key, data in store.connection.execute(query, list(inputs))}
        return list(encoder.encode([pictures[i] for i in inputs]))

    query = "SELECT id, cover_hash FROM tracks WHERE missing_since IS NULL AND cover_hash IS NOT NULL"
    yield from _embed(
        store, Modality.COVER, encoder.encoder, dict(store.connection.execute(query)), encode, stage="looking at covers"
    )


def embed_relations(store: "Store", graph: "Graph") -> "Iterator[Progress]":
    """Embed all tracks by the graph and by the playlists they stand in; both change as a whole."""
    pace = Pace("relations", 2)
    keys = list(graph.names)
    rows = {key: row for row, key in enumerate(keys)}
    tracks = [key for key in keys if key[0] == "track"]
    yield _embed_graph(store, graph, keys, rows, tracks, pace)
    yield _embed_playlists(store, tracks, pace)


def tag_texts(store: "Store") -> dict[int, str]:
    """Compose the TAGS text of every present track: title, genres, year, comment and the words of its sound.

    Never artist or album: they belong to the graph and would turn every score into a match of names. Parts in a script
    that the encoder cannot read are left out; a track of which nothing remains is not in the answer.
    """
    texts: dict[int, str] = {}
    query = (
        "SELECT t.id, t.title, t.genre, t.year, t.comment, s.words FROM tracks t "
        "LEFT JOIN sound_words s ON s.track_id = t.id WHERE t.missing_since IS NULL"
    )
    for row in store.connection.execute(query):
        text = tag_text(row["title"], row["genre"], row["comment"], row["words"] or "", row["year"])
        if text:
            texts[row["id"]] = text
    return texts


def tag_text(title: str, genre: str, comment: str, sound_words: str, year: int | None) -> str:
    """Compose the TAGS text of one track; "" when the encoder could read nothing of it."""
    kept = readable_parts([part for part in (title, genre, comment[:_COMMENT_CHARACTERS], sound_words) if part])
    return ". ".join([*kept, *([str(year)] if year else [])]) if kept else ""


def picture(thumbnail: bytes) -> "NDArray[np.uint8]":
    """Decode a stored thumbnail to uint8 [h, w, 3]."""
    from PIL import Image

    with Image.open(io.BytesIO(thumbnail)) as image:
        return np.asarray(image.convert("RGB"))


def _embed(
    store: "Store",
    modality: Modality,
    encoder: str,
    inputs: dict[int, str],
    encode: "Callable[[Sequence[str]], list[NDArray[np.float32] | None]]",
    *,
    stage: str,
) -> "Iterator[Progress]":
    """Encode the distinct inputs (track id -> input hash) that are new; forget vectors of tracks that have none now."""
    have = input_hashes(store.connection, modality, encoder)
    stale = [track_id for track_id in have if track_id not in inputs and _is_present(store, track_id)]
    wanted: dict[str, list[int]] = defaultdict(list)
    for track_id, input_hash in inputs.items():
        if have.get(track_id) != input_hash:
            wanted[input_hash].append(track_id)
    if stale:
        with store.writing() as connection:
            drop_vectors(connection, modality, stale)
    pace = Pace(stage, len(wanted))
    keys = sorted(wanted)
    for start in range(0, len(keys), _BATCH):
        batch = keys[start : start + _BATCH]
        with store.writing() as connection:
            for key, vector in zip(batch, encode(batch), strict=True):
                if vector is None:
                    drop_vectors(connection, modality, wanted[key])
                else:
                    put_vectors(connection, modality, encoder, [(i, key, vector) for i in wanted[key]])
        yield pace.advance(len(batch))


def _is_present(store: "Store", track_id: int) -> bool:
    row = store.connection.execute("SELECT missing_since FROM tracks WHERE id = ?", (track_id,)).fetchone()
    return row is not None and row[0] is None


def _embed_graph(
    store: "Store",
    graph: "Graph",
    keys: "list[NodeKey]",
    rows: "dict[NodeKey, int]",
    tracks: "list[NodeKey]",
    pace: Pace,
) -> Progress:
    # Playlists have a modality of their own and would otherwise count twice.
    edges = [(rows[a], rows[b], w) for (a, b, _), w in graph.edges.items() if "playlist" not in (a[0], b[0])]
    vectors, present = graph_vectors(
        [None if kind == "track" else f"{kind}\0{key}" for kind, key in keys],
        sources=np.array([edge[0] for edge in edges], np.int64),
        targets=np.array([edge[1] for edge in edges], np.int64),
        weights=np.array([edge[2] for edge in edges], np.float32),
    )
    chosen = [rows[track] for track in tracks]
    return _put_all(store, Modality.GRAPH, GRAPH_ENCODER, tracks, vectors[chosen], present[chosen], pace)


def _embed_playlists(store: "Store", tracks: "list[NodeKey]", pace: Pace) -> Progress:
    rows = {int(key): row for row, (_, key) in enumerate(tracks)}
    query = (
        "SELECT DISTINCT e.track_id, p.name FROM playlist_entries e JOIN playlists p ON p.id = e.playlist_id "
        "WHERE e.track_id IS NOT NULL"
    )
    members = [(rows[track_id], fold(name)) for track_id, name in store.connection.execute(query) if track_id in rows]
    vectors, present = collaborative_vectors(
        np.array([row for row, _ in members], np.int64),
        playlists=[name for _, name in members],
        weights=np.ones(len(members)),
        count=len(tracks),
    )
    return _put_all(store, Modality.PLAYLISTS, COLLABORATIVE_ENCODER, tracks, vectors, present, pace)


def _put_all(
    store: "Store",
    modality: Modality,
    encoder: str,
    tracks: "list[NodeKey]",
    vectors: "NDArray[np.float32]",
    present: "NDArray[np.bool_]",
    pace: Pace,
) -> Progress:
    """Store the vectors of the tracks that have one, where they differ from what is stored."""
    have = input_hashes(store.connection, modality, encoder)
    ids = [int(key) for _, key in tracks]
    hashes = [blake2b(row.tobytes(), digest_size=16).hexdigest() for row in vectors]
    with store.writing() as connection:
        drop_vectors(connection, modality, [i for i, here in zip(ids, present, strict=True) if not here and i in have])
        put_vectors(
            connection,
            modality,
            encoder,
            [
                (i, h, v)
                for i, h, v, here in zip(ids, hashes, vectors, present, strict=True)
                if here and have.get(i) != h
            ],
        )
    return pace.advance()


def _hash(text: str) -> str:
    return blake2b(text.encode(errors="replace"), digest_size=16).hexdigest()
