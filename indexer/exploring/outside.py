"""Encode a file outside the library, so that it can be asked about and explained like a track; nothing is stored.

Its vectors are rounded as the store rounds them, so that a copy of a track scores as the track does. The graph places
it by its artists, album and genres where the library knows any of them; playlists it has none.
"""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from indexer.encoders import asked_encoder, cover_reader, outside_sound, query_reader, scripts_of
from indexer.errors import IndexerError
from indexer.exploring.answer import TrackRow
from indexer.exploring.evidence import Facts, Tie
from indexer.exploring.session import Point
from indexer.graph_outside import OUTSIDE, tie_outside
from indexer.reading.cleaning import clean_line, decode_name
from indexer.stages.embed import picture, tag_text
from indexer.storing.vectors import encoder_read_by
from models.encoders.graph import placed_vector
from models.encoders.names import AUDIO_ENCODER, GRAPH_ENCODER
from models.encoders.scripts import readable
from models.errors import ModelError
from models.modality import MODALITIES, Modality

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from indexer.exploring.session import Session
    from indexer.graph_outside import Graph
    from indexer.reading.contents import Contents

    Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Outside:
    """A file that was read and encoded; `row` has the id 0, which no track has."""

    row: TrackRow
    vectors: "Mapping[Modality, Vector]"
    """The encoders' vectors [d], rounded to float16."""
    facts: Facts
    note: str
    """What it is compared by, and what of it could not be used."""

    def point(self, session: "Session") -> Point:
        """Return its place in the space."""
        blocks, mask = session.space.blocks({m: vector[None] for m, vector in self.vectors.items()})
        return Point(blocks[0], mask[0])


def open_outside(session: "Session", path: str, *, asked: "frozenset[Modality]" = frozenset(MODALITIES)) -> Outside:
    """Read and encode the file at `path`: sound with its tags, words and cover, a picture, or words alone.

    asked : the modalities to encode it by, all by default.

    Raises
    ------
    IndexerError
        When it cannot be read, holds nothing that the library's encoders can read, or an encoder is not at hand.

    """
    from indexer.reading.contents import read_guarded

    contents = read_guarded(path)
    ties = tie_outside(session.connection, contents.tags, path) if contents.tags else None
    has = [m for m in MODALITIES if _holds(m, contents, ties, session)]
    usable = [m for m in has if m in asked and m in session.space.heads]
    vectors = {m: rounded(vector) for m in usable if (vector := _encode(m, path, contents, ties, session)) is not None}
    problems = [*contents.problems, *_unread(contents, session)]
    if not vectors:
        raise IndexerError(f"{path}: nothing to compare by ({_why(has, asked, problems)})")
    name = clean_line(decode_name(os.path.basename(path)))
    note = "; ".join([f"{name} is compared by {', '.join(vectors)}", *problems])
    return Outside(_row(path, contents, vectors), vectors, _facts(contents, ties, session.connection), note)


def rounded(vector: "Vector") -> "Vector":
    """Round to what the store keeps of a vector."""
    return vector.astype(np.float16).astype(np.float32)


def _holds(m: Modality, contents: "Contents", ties: "Graph | None", session: "Session") -> bool:
    """Tell whether the file has something that the encoder of a modality can read."""
    match m:
        case Modality.AUDIO:
            return contents.sound is not None
        case Modality.LYRICS:
            scripts = scripts_of(asked_encoder(session))
            return contents.lyrics is not None and readable(contents.lyrics.text, scripts) is not None
        case Modality.TAGS:
            return bool(_tag_text(contents, session))
        case Modality.COVER:
            return contents.cover is not None
        case Modality.GRAPH:
            return ties is not None and bool(_known(session.connection, ties))
        case _:
            return False


def _encode(m: Modality, path: str, contents: "Contents", ties: "Graph | None", session: "Session") -> "Vector | None":
    """Encode what the file has of a modality; None where the graph gives it no place."""
    if m is Modality.AUDIO and contents.sound is not None:
        heard = outside_sound(session, path)
        _same_encoder(session, m, AUDIO_ENCODER if heard is None else heard[0])
        return np.asarray(contents.sound.vector if heard is None else heard[1], np.float32)
    if m is Modality.COVER and contents.cover is not None:
        encoder = cover_reader(session)
        _same_encoder(session, m, encoder.encoder)
        return np.asarray(encoder.encode([picture(contents.cover.thumbnail)])[0])
    if m is Modality.GRAPH and ties is not None:
        _same_encoder(session, m, GRAPH_ENCODER)
        return _graph_vector(session.connection, ties)
    reader = query_reader(session)
    _same_encoder(session, m, reader.encoder)
    text = _tag_text(contents, session) if m is Modality.TAGS else contents.lyrics.text if contents.lyrics else ""
    try:
        return np.asarray(reader.encode_whole([text])[0])
    except ModelError as error:
        raise IndexerError(str(error)) from error


def _same_encoder(session: "Session", m: Modality, encoder: str) -> None:
    theirs = encoder_read_by(session.connection, m, session.space.heads[m])
    if theirs != encoder:
        raise IndexerError(f"the library has its {m} from {theirs}, here is {encoder}: run `fairouz-tui index` again")


def _tag_text(contents: "Contents", session: "Session") -> str:
    tags, sound = contents.tags, contents.sound
    if tags is None:
        return ""
    words = " ".join(sound.words) if sound else ""
    scripts = scripts_of(asked_encoder(session))
    return tag_text(tags.title, "; ".join(tags.genres), tags.comment, words, tags.year, scripts=scripts)


def _known(connection: "sqlite3.Connection", ties: "Graph") -> list[Tie]:
    """Return the ties to names of the library."""
    found = []
    for _, node, kind in ties.edges:
        row = connection.execute("SELECT id FROM nodes WHERE kind = ? AND key = ?", node).fetchone()
        if row is not None:
            found.append(Tie(row[0], kind, ties.provenance[OUTSIDE, node, kind]))
    return found


def _graph_vector(connection: "sqlite3.Connection", ties: "Graph") -> "Vector | None":
    """Place the file in the library's graph, playlists left out as they are for tracks."""
    query = "SELECT id, kind, key FROM nodes WHERE kind != 'playlist' UNION ALL SELECT id, 'track', id FROM tracks"
    nodes = connection.execute(query).fetchall()
    rows = {row["id"]: number for number, row in enumerate(nodes)}
    keys = {(row["kind"], row["key"]): number for number, row in enumerate(nodes)}
    edges = [
        (rows[source], rows[target], weight)
        for source, target, weight in connection.execute("SELECT source, target, weight FROM edges")
        if source in rows and target in rows
    ]
    neighbours = [keys.setdefault(node, len(keys)) for _, node, _ in ties.edges]
    return placed_vector(
        [None if kind == "track" else f"{kind}\0{key}" for kind, key in keys],
        sources=np.array([edge[0] for edge in edges], np.int64),
        targets=np.array([edge[1] for edge in edges], np.int64),
        weights=np.array([edge[2] for edge in edges], np.float32),
        neighbours=np.array(neighbours, np.int64),
        ties=np.array(list(ties.edges.values())),
    )


def _unread(contents: "Contents", session: "Session") -> list[str]:
    """Say that there are words which the text model cannot read."""
    lyrics = contents.lyrics
    unread = lyrics is not None and readable(lyrics.text, scripts_of(asked_encoder(session))) is None
    return ["its lyrics are in a script that the text model does not read"] if unread else []


def _why(has: list[Modality], asked: "frozenset[Modality]", problems: list[str]) -> str:
    """Say why there is nothing: the file has it and was not asked for it, or has none."""
    if has and not asked & set(has):
        return f"it has {', '.join(has)}: ask by one of these, and turn up its fader"
    if has:
        return f"it has {', '.join(has)}, which the library has not: index music that has"
    return "; ".join(problems) or "nothing readable in it"


def _row(path: str, contents: "Contents", vectors: "Mapping[Modality, Vector]") -> TrackRow:
    tags = contents.tags
    return TrackRow(
        id=0,
        path=os.path.abspath(path),
        title=tags.title if tags else "",
        artist=tags.artist if tags else "",
        album=tags.album if tags else "",
        year=tags.year if tags else None,
        modalities=frozenset(m.value for m in vectors),
    )


def _facts(contents: "Contents", ties: "Graph | None", connection: "sqlite3.Connection") -> Facts:
    cover, tags = contents.cover, contents.tags
    return Facts(
        name=tags.title if tags else "",
        attributes={a.name: a.text for a in sorted(contents.sound.attributes, key=lambda a: a.name)}
        if contents.sound
        else {},
        lyrics=contents.lyrics.text if contents.lyrics else "",
        tag_text=_words_of(contents),
        cover=(cover.content_hash, cover.thumbnail) if cover else None,
        ties=tuple(_known(connection, ties)) if ties else (),
    )


def _words_of(contents: "Contents") -> str:
    tags, sound = contents.tags, contents.sound
    parts = (tags.title, *tags.genres, tags.comment) if tags else ()
    return " ".join((*parts, *(sound.words if sound else ())))
