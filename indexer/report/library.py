"""Report on the user's own library: what its space finds, misses and crowds, beside the baselines.

There are no labels but the tags, so the questions are ones that the tags answer: tracks of one artist should find each
other by sound, words and covers alone, and one modality should find the same track in another. Nothing is written.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.errors import IndexerError
from indexer.report.advice import advice, beats_tags
from indexer.report.agreement import Agreement, measure_agreement
from indexer.report.coverage import Coverage, measure_coverage
from indexer.report.cross_modal import Crossing, measure_cross_modal
from indexer.report.duplicates import Duplicates, measure_duplicates
from indexer.report.hubs import Hubness, measure_hubs
from indexer.report.labels import AMONG
from indexer.report.likeness import SPACE
from indexer.report.material import Opened, read_material
from indexer.report.retrieval import Retrieval, measure_retrieval

PROTOCOL = "own library: same artist by content alone, graph and playlists left out"
Report = Callable[[str, int, int], None]
"""Called with the step at work, how much of it is done, and of how much."""


@dataclass(frozen=True, slots=True, eq=False)
class LibraryReport:
    """The report; every figure that the library cannot answer is None, NaN or left out."""

    space: str
    protocol: str
    coverage: Coverage
    retrieval: Retrieval | None
    hub_tracks: int
    """Tracks among which hubs were counted."""
    hubs: list[Hubness]
    agreement: list[Agreement]
    cross_modal: list[Crossing]
    duplicates: Duplicates | None
    ids: NDArray[np.int64]
    """[n], the track of each row."""
    names: dict[int, str]
    """Track id to "artist - title" of the tracks that the report names; from tags, and so not to be trusted."""
    seconds: float

    @property
    def answer(self) -> str:
        """Answer in one sentence whether embeddings beat tags."""
        return beats_tags(self.retrieval.beats_tags() if self.retrieval else None)

    @property
    def advice(self) -> tuple[str, ...]:
        """Say what one could do."""
        return advice(self)

    def to_json(self) -> dict[str, Any]:
        """Return everything for JSON: `protocol` and `rows` as `evaluate` always gives them, and the parts beside.

        The `sd` of a row is over queries, and NaN becomes None.
        """
        return {
            "protocol": f"{PROTOCOL}; {self.protocol}",
            "rows": [row for name in (self.retrieval.found if self.retrieval else ()) for row in self._rows(name)],
            "space": self.space,
            "coverage": self._coverage(),
            "retrieval": self._retrieval(),
            "hubs": {"tracks": self.hub_tracks, "rows": [self._hubness(one) for one in self.hubs]},
            "agreement": [self._agreement(one) for one in self.agreement],
            "cross_modal": [self._crossing(one) for one in self.cross_modal],
            "duplicates": self._duplicates(),
            "answer": self.answer,
            "advice": list(self.advice),
            "seconds": self.seconds,
        }

    def _rows(self, name: str) -> list[dict[str, Any]]:
        figures = self.retrieval.found[name].figures() if self.retrieval else {}
        known = {metric: values[~np.isnan(values)] for metric, values in figures.items()}
        return [
            {
                "model": name,
                "metric": metric,
                "mean": float(values.mean()) if len(values) else None,
                "sd": float(values.std()) if len(values) else None,
                "seeds": 1,
                "queries": len(values),
            }
            for metric, values in known.items()
        ]

    def _coverage(self) -> dict[str, Any]:
        coverage = self.coverage
        return {
            "tracks": coverage.tracks,
            "nothing": coverage.nothing,
            "modalities": {
                m.value: {"tracks": count, "share": coverage.share(m), "encoder": coverage.encoders[m]}
                for m, count in coverage.counts.items()
            },
            "pairs": [{"a": a.value, "b": b.value, "tracks": count} for (a, b), count in coverage.pairs.items()],
        }

    def _retrieval(self) -> dict[str, Any] | None:
        retrieval = self.retrieval
        if retrieval is None:
            return None
        return {
            "queries": len(retrieval.queries),
            "candidates": retrieval.candidates,
            "artists": len(np.unique(retrieval.groups)),
            "space_over_tags": retrieval.beats_tags().to_json(),
            "ways": [
                {
                    "model": name,
                    "answers": float(found.can.mean()),
                    "where_it_answers": plain(_mean(found.artist_ndcg10[found.can])),
                    "space_there": plain(_mean(retrieval.found[SPACE].artist_ndcg10[found.can])),
                    "space_over_it": retrieval.against(SPACE, name).to_json(),
                }
                for name, found in retrieval.found.items()
            ],
        }

    def _hubness(self, one: Hubness) -> dict[str, Any]:
        return {
            "model": one.name,
            "skewness": plain(one.skewness),
            "orphans": plain(one.orphans),
            "robin_hood": plain(one.robin_hood),
            "worst": [
                {"id": int(self.ids[row]), "name": self.names[int(self.ids[row])], "lists": count}
                for row, count in one.worst
            ],
        }

    def _agreement(self, one: Agreement) -> dict[str, Any]:
        overlap = one.overlap.to_json()
        return {"a": one.a, "b": one.b, "tracks": one.tracks, "overlap10": overlap, "chance": one.chance}

    def _crossing(self, one: Crossing) -> dict[str, Any]:
        return {
            "a": one.a.value,
            "b": one.b.value,
            "shared": one.shared,
            "queries": one.queries,
            "tracks": one.tracks,
            "recall10": plain(one.recall10),
            "chance_recall10": plain(one.chance_recall10),
            "median_rank": plain(one.median_rank),
            "chance_rank": plain(one.chance_rank),
        }

    def _duplicates(self) -> dict[str, Any] | None:
        if self.duplicates is None:
            return None
        found = self.duplicates
        return {
            "pairs": found.pairs,
            "tracks": found.tracks,
            "asked": found.asked,
            "examples": [[int(self.ids[a]), int(self.ids[b])] for a, b in found.examples],
        }


def library_report(opened: Opened, *, progress: Report = lambda step, done, total: None) -> LibraryReport:
    """Measure the space in use on the library of a Store or Catalogue.

    Samples are seeded: the same library gives the same figures. Of a library of more than 30,000 tracks whole artists
    are drawn up to so many; what is counted (coverage) is counted over all. That takes half a minute of CPU and .8 GB
    however large the library is.

    Raises
    ------
    IndexerError
        When nothing has been embedded yet.

    """
    started = time.monotonic()
    progress("reading", 0, 1)
    material = read_material(opened)
    if material is None:
        raise IndexerError("nothing to evaluate yet: run `fairouz-tui index FOLDER` with your music folder first")
    query = f"SELECT track_id, hub FROM blocks WHERE track_id {AMONG}"
    terms = dict(opened.connection.execute(query, (json.dumps(material.ids.tolist()),)).fetchall())
    retrieval = measure_retrieval(material, progress=lambda done, total: progress("retrieval", done, total))
    progress("hubs", 0, 1)
    hub_tracks, hubs = measure_hubs(material, np.array([terms.get(i, 0.0) for i in material.ids.tolist()]))
    progress("agreement", 0, 1)
    agreement = measure_agreement(material)
    progress("cross-modal", 0, 1)
    cross_modal = measure_cross_modal(material)
    progress("duplicates", 0, 1)
    duplicates = measure_duplicates(material)
    named = [int(material.ids[row]) for one in hubs for row, _ in one.worst]
    return LibraryReport(
        material.space_name,
        material.protocol,
        measure_coverage(material),
        retrieval,
        hub_tracks,
        hubs,
        agreement,
        cross_modal,
        duplicates,
        material.ids,
        _names(opened, named),
        time.monotonic() - started,
    )


def plain(value: float) -> float | None:
    """Return a figure for JSON: None for NaN."""
    return None if np.isnan(value) else float(value)


def _mean(figures: NDArray[np.float64]) -> float:
    known = figures[~np.isnan(figures)]
    return float(known.mean()) if len(known) else np.nan


def _names(opened: Opened, ids: list[int]) -> dict[int, str]:
    names = {}
    for track_id in dict.fromkeys(ids):
        artist, title = opened.connection.execute(
            "SELECT artist, title FROM tracks WHERE id = ?", (track_id,)
        ).fetchone()
        names[track_id] = " - ".join(part for part in (artist, title) if part)
    return names
