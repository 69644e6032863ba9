"""The score of DESIGN.md as plain loops over the stored blocks: what everything faster is compared with."""

import math
import sqlite3

import numpy as np

from indexer.exploring.session import Session
from models.modality import MODALITIES, Modality

Blocks = dict[Modality, tuple[list[float], list[float]]]
"""Modality -> its shared and its private block."""


def stored_blocks(connection: sqlite3.Connection, track_id: int) -> tuple[Blocks, float]:
    """Read a track's blocks and hub term straight from the table."""
    mask, block, hub = connection.execute(
        "SELECT mask, block, hub FROM blocks WHERE track_id = ?", (track_id,)
    ).fetchone()
    return split(np.frombuffer(block, np.float16), [mask >> i & 1 == 1 for i in range(6)]), float(hub)


def split(row: "np.ndarray[tuple[int], np.dtype[np.float16]]", mask: list[bool]) -> Blocks:
    """Cut 768 numbers into the blocks of the modalities that are there."""
    numbers = [float(x) for x in row]
    return {
        m: (numbers[128 * i : 128 * i + 64], numbers[128 * i + 64 : 128 * i + 128])
        for i, m in enumerate(MODALITIES)
        if mask[i]
    }


def naive_terms(
    session: Session, query: Blocks, track: Blocks, faders: dict[str, float] | None = None
) -> dict[tuple[Modality, Modality], tuple[float, float]]:
    """Return (modality of the query, of the track) -> (shared, private) part of the score, without hub and words."""
    heads = session.space.heads
    gains = {m: head.weight * (faders or {}).get(m.value, 1.0) for m, head in heads.items()}
    sharing = {m: gains[m] for m in heads if heads[m].shared is not None}
    of_query = sum(sharing.get(m, 0.0) for m in query)
    of_profile = sum(sharing.values())
    squares = sum(gains[m] ** 2 for m in query)
    alpha = session.space.alpha
    terms: dict[tuple[Modality, Modality], tuple[float, float]] = {}
    for m in query:
        for n in track:
            shared = private = 0.0
            if m in sharing and n in sharing and of_query > 0:
                shared = alpha * gains[m] * gains[n] * _dot(query[m][0], track[n][0]) / (of_query * of_profile)
            if m is n and squares > 0:
                private = (1 - alpha) * gains[m] ** 2 * _dot(query[m][1], track[m][1]) / squares
            if gains[m] > 0 and gains[n] > 0:
                terms[m, n] = (shared, private)
    return terms


def between_tracks(terms: dict[tuple[Modality, Modality], tuple[float, float]]) -> dict[str, float]:
    """Give each term half to each of its two modalities."""
    shares: dict[str, float] = {}
    for (m, n), (shared, private) in terms.items():
        for name in (m.value, n.value):
            shares[name] = shares.get(name, 0.0) + (shared + private) / 2
    return shares


def for_a_text(terms: dict[tuple[Modality, Modality], tuple[float, float]]) -> dict[str, float]:
    """Give each term wholly to the track's modality."""
    shares: dict[str, float] = {}
    for (_, n), (shared, private) in terms.items():
        shares[n.value] = shares.get(n.value, 0.0) + shared + private
    return shares


def _dot(a: list[float], b: list[float]) -> float:
    return math.fsum(x * y for x, y in zip(a, b, strict=True))
