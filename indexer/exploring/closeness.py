"""Tell whether what answers a query is close to it: by a word, by the sound, or by more than made-up words mean."""

from typing import TYPE_CHECKING

import numpy as np

from indexer.exploring.nonsense import LOOKED_AT, USUAL, deviations, says_nothing, script_of, vectors_of_nonsense
from indexer.exploring.rank import is_far
from indexer.exploring.scale import nonsense_queries, nonsense_scale
from indexer.exploring.sounding import Lexicon

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from indexer.exploring.answer import Hit
    from indexer.exploring.hearing import Heard
    from indexer.exploring.query import Query
    from indexer.exploring.session import Point, Session
    from models.modality import Modality

_TELLING = 4
"""Letters of a word that is no accident in a text; of a query without one its longest words tell."""


def is_reached(query: "Query", heard: "Heard | None", ranked: "tuple[Hit, ...]") -> bool:
    """Tell whether a word stands in a hit or describes a sound; "the" or "r" count only where no word is longer."""
    places = {word: place for hit in ranked for word, place in hit.matched.items()}
    if not isinstance(heard, Lexicon):
        # An encoder of sound finds something for every word.
        places = {word: place for word, place in places.items() if place != "sound"}
    told = [*places, *(heard.words if isinstance(heard, Lexicon) else ())]
    least = min(_TELLING, max(map(len, query.words)))
    return any(len(word) >= least for word in told)


def is_nonsense(
    session: "Session",
    query: "Query",
    vector: "NDArray[np.float32]",
    point: "Point",
    ranked: "tuple[Hit, ...]",
    faders: "dict[Modality, float] | None",
) -> bool:
    """Tell whether a query whose words reached nothing is answered no better than made-up words; exploring/nonsense.py.

    Where no words can be made up in its script, the percentile of the best hit tells.
    """
    script = script_of(query.free_text)
    made_up = vectors_of_nonsense(session, script) if script else None
    if script is None or made_up is None:
        return is_far(ranked)
    if says_nothing(made_up, vector):
        return True
    scale = nonsense_scale(session, script, faders)
    if not len(scale):
        return is_far(ranked)
    blocks, _, _ = session.blocks([hit.track.id for hit in ranked[:LOOKED_AT]])
    theirs = blocks.astype(np.float32) @ nonsense_queries(session, script, faders).astype(np.float32).T
    best = deviations(session.rough_scores(point, blocks, faders=faders), theirs).max()
    return bool(best <= np.quantile(scale, USUAL))
