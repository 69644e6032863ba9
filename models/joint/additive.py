"""Compare tracks in a joint space whose score is a sum, so that every explanation of it is exact.

A track is one row of blocks: for each modality, in the order of MODALITIES, [z | p], the shared and the private block,
64 numbers each, unit length, zero where the track lacks the modality. With weights g_m = fader_m * weight_m,

    score(q, t) = alpha * sum over m in q, n in t of g_m g_n <z_m(q), z_n(t)> / (G_q G)
                + (1 - alpha) * sum over m in q and t of g_m^2 <p_m(q), p_m(t)> / S_q

    G_q = sum of g_m over m in q,  G = sum of g_m over the profile,  S_q = sum of g_m^2 over m in q

G_q and G run over the modalities whose head has a shared block: one without it adds no shared term and takes no
part in the norms. What a track lacks adds nothing and is not made up for. The score lies in [-1, 1].
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError
from models.joint.whitening import BLOCK, unit_rows
from models.modality import MODALITIES, Modality

WIDTH = 2 * BLOCK * len(MODALITIES)
"""Numbers in a row of blocks: 768."""

ALPHA = 0.2
"""The shared part of the score. On the Fairouz data (folds by artist) same-artist nDCG@10 falls slowly with it, by .002
at .2 and .017 at .5, and genre rises by .004."""

ROWS_AT_ONCE = 4096
"""Tracks widened to float64 at a time: 25 MB."""

Faders = Mapping[Modality, float]
"""The listener's weights, 0 or more; a modality that is not named has 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """How one encoder's vectors enter the space."""

    encoder: str
    """The id of the encoder, name@revision, or a name alone; see `reads`."""
    mean: NDArray[np.float32]
    """[d]."""
    shared: NDArray[np.float32] | None
    """[d, 64]; None where the modality's directions mean nothing to the others (yet)."""
    private: NDArray[np.float32]
    """[d, 64]."""
    weight: float = 1.0
    """w_m, above 0."""

    def reads(self, encoder: str) -> bool:
        """Tell whether the head was made for an encoder, name@revision.

        A head for a name without a revision reads every revision of it: weights published under one name and never
        changed, whose hash was not at hand when the head was made.
        """
        return encoder == self.encoder or ("@" not in self.encoder and encoder.partition("@")[0] == self.encoder)


@dataclass(frozen=True, slots=True)
class Pair:
    """One product of the score: modality `query` of the one against modality `track` of the other."""

    query: Modality
    track: Modality
    shared: float
    private: float


@dataclass(frozen=True, slots=True)
class Contributions:
    """Where a score comes from; both parts sum to the score."""

    by_modality: dict[Modality, float]
    """Every modality of the profile that either side has and whose fader is up."""
    pairs: tuple[Pair, ...]

    @property
    def score(self) -> float:
        """Add the contributions up."""
        return float(sum(self.by_modality.values()))


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """A joint space: one head per modality of the profile, and the share `alpha` of the shared blocks, in [0, 1]."""

    heads: Mapping[Modality, Head]
    alpha: float = ALPHA
    name: str = ""

    def blocks(
        self, x: Mapping[Modality, NDArray[np.floating]], present: NDArray[np.bool_] | None = None
    ) -> tuple[NDArray[np.float16], NDArray[np.bool_]]:
        """Project the encoders' vectors [n, d] of n tracks: blocks float16 [n, 768] and mask bool [n, 6].

        `present`, bool [n, 6], says which tracks have which modality (all those in `x`, when None); rows that it rules
        out are not looked at. Modalities without a head are left out. Nothing is longer than one: float16 is
        rounded towards zero. Raises ModelError for vectors of a width the head does not know, for
        different numbers of tracks, or for numbers that are not finite.
        """
        counts = {len(rows) for rows in x.values()}
        if len(counts) > 1:
            raise ModelError(
                f"the modalities have different numbers of tracks ({sorted(counts)}): pass one row a track"
            )
        count = counts.pop() if counts else 0
        blocks = np.zeros((count, WIDTH), dtype=np.float16)
        mask = np.zeros((count, len(MODALITIES)), dtype=np.bool_)
        for m in (m for m in MODALITIES if m in x and m in self.heads):
            column = MODALITIES.index(m)
            rows = np.ones(count, dtype=np.bool_) if present is None else np.asarray(present[:, column], dtype=np.bool_)
            blocks[rows, span(m)] = projected(self.heads[m], np.asarray(x[m])[rows], modality=m)
            mask[:, column] = rows
        return blocks, mask

    def embed(self, x: Mapping[Modality, NDArray[np.floating]], present: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Return one vector a track, float32 [n, 64 * 7], whose inner product is the likeness of two tracks.

        It is the score with G for G_q and S for S_q: the same order of tracks for a query that has all modalities, and
        for others all but the same, since only the balance of the shared and the private part moves a little.
        """
        blocks, _ = self.blocks(x, present)
        return self.joint(blocks)

    def joint(self, blocks: NDArray[np.floating]) -> NDArray[np.float32]:
        """Fold blocks [n, 768] into the vectors of `embed`."""
        gains = self.gains()
        shared, private = parts(blocks)
        pooled = np.einsum("nmd,m->nd", shared, gains * self.sharing)
        g, s = (gains * self.sharing).sum(), (gains**2).sum()
        pooled *= np.sqrt(self.alpha) * reciprocal(np.array([g]))
        own = private * (gains * np.sqrt((1 - self.alpha) / s))[:, None]
        return np.hstack([pooled, own.reshape(len(own), -1)]).astype(np.float32)

    def text_blocks(
        self, vector: NDArray[np.floating], *, encoder: str | None = None
    ) -> tuple[NDArray[np.float16], NDArray[np.bool_]]:
        """Project the vector [d] of a text query, as TAGS and LYRICS at once: blocks float16 [768] and mask bool [6].

        `encoder` is what gave it, and leaves out the heads that read another one. Raises ModelError where none is left.
        """
        row = np.asarray(vector)[None]
        texts = (m for m in (Modality.TAGS, Modality.LYRICS) if m in self.heads)
        x = {m: row for m in texts if encoder is None or self.heads[m].reads(encoder)}
        if not x:
            raise ModelError(f'the space "{self.name}" reads no text: choose one with tags or lyrics')
        blocks, mask = self.blocks(x)
        return blocks[0], mask[0]

    def query(
        self, blocks: NDArray[np.floating], mask: NDArray[np.bool_], *, faders: Faders | None = None
    ) -> NDArray[np.float64]:
        """Turn blocks [768] and mask [6] of a track or text into a query, float64 [768]: score(t) = query @ blocks(t).

        The faders act here alone: a fader at 0 takes its modality from both sides. The vectors of several queries may
        be added and subtracted. Raises ModelError when all faders are 0, one is negative, or nothing that the
        query has is turned up.
        """
        present = np.logical_and(mask, self.gains(faders) > 0)
        if not present.any():
            has = ", ".join(m for m, here in zip(MODALITIES, mask, strict=True) if here) or "nothing"
            raise ModelError(f"nothing to compare by: the query has {has}; turn up the fader of one it has")
        query: NDArray[np.float64] = self.queries(np.asarray(blocks)[None], np.asarray(mask)[None], faders=faders)[0]
        return query

    def queries(
        self, blocks: NDArray[np.floating], mask: NDArray[np.bool_], *, faders: Faders | None = None
    ) -> NDArray[np.float64]:
        """Turn many rows of blocks [n, 768] with masks [n, 6] into queries: float64 [n, 768].

        A row with nothing to compare by gives zeros (scores 0 with everything) rather than an error.
        """
        gains = self.gains(faders)
        shared, private = parts(blocks)
        shared_scale, private_scale = self.scales(np.asarray(mask, dtype=np.bool_), gains)
        pooled = np.einsum("nmd,m->nd", shared, gains * self.sharing)
        rows = np.empty_like(shared, shape=(len(shared), len(MODALITIES), 2, BLOCK))
        rows[:, :, 0] = pooled[:, None] * (shared_scale[:, None] * gains * self.sharing)[:, :, None]
        rows[:, :, 1] = private * (private_scale[:, None] * gains**2)[:, :, None]
        return rows.reshape(len(rows), WIDTH)

    def contributions(
        self,
        query: NDArray[np.floating],
        query_mask: NDArray[np.bool_],
        track: NDArray[np.floating],
        track_mask: NDArray[np.bool_],
        *,
        faders: Faders | None = None,
        text_query: bool = False,
    ) -> Contributions:
        """Say where the score of a track (blocks [768], mask [6]) for a query (the same) comes from, in float64.

        Between two tracks the product of two different modalities counts half to each; for a text query, which has no
        modalities of its own, wholly to the track's. The sum equals the score to 1e-12.
        """
        gains = self.gains(faders)
        here, there = (
            np.asarray(query_mask, dtype=np.bool_) & (gains > 0),
            np.asarray(track_mask, dtype=np.bool_) & (gains > 0),
        )
        (zq,), (pq,) = parts(np.asarray(query)[None])
        (zt,), (pt,) = parts(np.asarray(track)[None])
        (shared_scale,), (private_scale,) = self.scales(np.asarray(query_mask, dtype=np.bool_)[None], gains)
        shared = shared_scale * np.outer(gains * self.sharing, gains * self.sharing) * (zq @ zt.T)
        private = private_scale * np.diag(gains**2 * np.einsum("md,md->m", pq, pt))
        terms = shared + private
        shares = terms.sum(axis=0) if text_query else (terms.sum(axis=0) + terms.sum(axis=1)) / 2
        return Contributions(
            by_modality={
                m: float(shares[i]) for i, m in enumerate(MODALITIES) if there[i] or (here[i] and not text_query)
            },
            pairs=tuple(
                Pair(MODALITIES[i], MODALITIES[j], float(shared[i, j]), float(private[i, j]))
                for i in np.flatnonzero(here)
                for j in np.flatnonzero(there)
            ),
        )

    def contributions_many(
        self,
        query: NDArray[np.floating],
        query_mask: NDArray[np.bool_],
        tracks: NDArray[np.floating],
        *,
        faders: Faders | None = None,
        text_query: bool = False,
    ) -> NDArray[np.float64]:
        """Say where the scores of many tracks (blocks [n, 768]) come from: float64 [n, 6] in the order of MODALITIES.

        Each row sums to that track's score, the same to the last digit whatever other rows are asked with it; see
        `contributions`. No tracks give [0, 6].
        """
        shares = np.empty((len(tracks), len(MODALITIES)))
        for start in range(0, len(tracks), ROWS_AT_ONCE):
            rows = np.asarray(tracks[start : start + ROWS_AT_ONCE], dtype=np.float64)
            shares[start : start + ROWS_AT_ONCE] = self._shares(query, query_mask, rows, faders, text_query)
        return shares

    def _shares(
        self,
        query: NDArray[np.floating],
        query_mask: NDArray[np.bool_],
        tracks: NDArray[np.float64],
        faders: Faders | None,
        text_query: bool,
    ) -> NDArray[np.float64]:
        gains = self.gains(faders)
        vector = self.queries(np.asarray(query)[None], np.asarray(query_mask)[None], faders=faders)[0]
        # Products and sums along the last axis, never of matrices: those round their last digit by the number of rows,
        # and a track must have the same score to that digit whether it is asked for alone or among others.
        terms = (tracks * vector).reshape(len(tracks), len(MODALITIES), 2, BLOCK).sum(axis=3)
        if text_query:
            whole: NDArray[np.float64] = terms[:, :, 0] + terms[:, :, 1]
            return whole
        (zq,), _ = parts(np.asarray(query)[None])
        zt, _ = parts(tracks)
        (scale,), _ = self.scales(np.asarray(query_mask, dtype=np.bool_)[None], gains)
        sharing = gains * self.sharing
        pooled = np.zeros((len(tracks), BLOCK))
        for column in np.flatnonzero(sharing):
            pooled += zt[:, column] * sharing[column]
        from_query = np.zeros((len(tracks), len(MODALITIES)))
        for column in np.flatnonzero(sharing):
            from_query[:, column] = (pooled * (zq[column] * (scale * sharing[column]))).sum(axis=1)
        shares: NDArray[np.float64] = terms[:, :, 1] + (terms[:, :, 0] + from_query) / 2
        return shares

    @property
    def sharing(self) -> NDArray[np.float64]:
        """Mark the modalities that have a shared block: 1 or 0, float64 [6]."""
        heads = (self.heads.get(m) for m in MODALITIES)
        return np.array([head is not None and head.shared is not None for head in heads], dtype=np.float64)

    def gains(self, faders: Faders | None = None) -> NDArray[np.float64]:
        """Return g_m = fader_m * weight_m, float64 [6], 0 for modalities outside the profile.

        Raises ModelError when a fader is negative or not finite, or when all those of the profile are 0.
        """
        faders = {} if faders is None else faders
        for m, value in faders.items():
            if not 0 <= value < np.inf:
                raise ModelError(f"the fader {m} is {value}: give a number from 0 upwards")
        weights = {m: head.weight * faders.get(m, 1.0) for m, head in self.heads.items()}
        gains = np.array([weights.get(m, 0.0) for m in MODALITIES], dtype=np.float64)
        if not gains.any():
            raise ModelError(f"all faders are 0: turn up at least one of {', '.join(self.heads) or 'none'}")
        # Only ratios count; bringing them to 1 keeps squares of tiny and huge faders within float64.
        ratios: NDArray[np.float64] = gains / gains.max()
        return ratios

    def scales(
        self, mask: NDArray[np.bool_], gains: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return alpha / (G_q G) and (1 - alpha) / S_q for query masks [n, 6]: float64 [n] each, 0 for a norm of 0."""
        g_query = mask @ (gains * self.sharing)
        norm = g_query * (gains * self.sharing).sum()
        s_query = mask @ gains**2
        return reciprocal(norm) * self.alpha, reciprocal(s_query) * (1 - self.alpha)


def span(modality: Modality) -> slice:
    """Return the columns of a modality in a row of blocks: its shared, then its private block."""
    start = 2 * BLOCK * MODALITIES.index(modality)
    return slice(start, start + 2 * BLOCK)


def parts(blocks: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Split rows of blocks [n, 768] into shared and private blocks, float64 [n, 6, 64] each."""
    rows = np.asarray(blocks, dtype=np.float64).reshape(-1, len(MODALITIES), 2, BLOCK)
    return rows[:, :, 0], rows[:, :, 1]


def reciprocal(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 / values, 0 for 0."""
    return np.divide(1.0, values, out=np.zeros_like(values), where=values > 0)


def projected(head: Head, x: NDArray[np.floating], *, modality: Modality) -> NDArray[np.float16]:
    """Project vectors [n, d] to [z | p], float16 [n, 128]; z is zero where the head has no shared block."""
    if x.ndim != 2 or x.shape[1] != len(head.mean):
        raise ModelError(
            f"{modality} vectors of shape {x.shape}, but {head.encoder} gives {len(head.mean)} a track: embed again"
        )
    if not np.isfinite(x).all():
        raise ModelError(f"{modality} vectors that are not finite: embed that modality again")
    centred = np.asarray(x, dtype=np.float32) - head.mean
    shared = np.zeros((len(x), BLOCK)) if head.shared is None else unit_rows(centred @ head.shared)
    return towards_zero(np.hstack([shared, unit_rows(centred @ head.private)]))


def towards_zero(x: NDArray[np.float64]) -> NDArray[np.float16]:
    """Round to float16 so that no number grows, and no block is longer than one."""
    halves = x.astype(np.float16)
    smaller: NDArray[np.float16] = np.where(np.abs(halves) > np.abs(x), np.nextafter(halves, np.float16(0)), halves)
    return smaller
