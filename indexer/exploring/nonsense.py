"""Tell whether words that no track has are answered any better than made-up words are.

Made-up words ("blorp fnord") find something too: an encoder of texts puts all that it does not know into one region,
and tracks lie near it. On two libraries their best score was no lower than that of real questions, so no score can
tell. Two things can, and both are measured against words that are made up once for each encoder:

- the question: one that is as near the middle of made-up words as nearly all of them are says nothing;
- the answer: how far a track scores above what made-up words score with that same track, in their deviations.
"""

import random
import shutil
import unicodedata
import zlib
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from indexer.encoders import asked_encoder, query_reader, scripts_of
from indexer.errors import IndexerError
from indexer.storing.replacing import replacing
from indexer.storing.version import DATABASE
from models.errors import ModelError
from models.joint.additive import WIDTH
from models.modality import MODALITIES, Modality

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from indexer.encoders.text import QueryEncoder
    from indexer.exploring.session import Session

COUNT = 64
"""Made-up questions: 200 tell no more, and each costs an encoder some milliseconds."""
ALIKE = 0.05
"""The share of made-up questions that may be taken for real ones."""
USUAL = 0.5
"""The share of made-up questions whose best track a real one's must beat: songs may sing of it all the same."""
LEAST_DEVIATION = 0.02
"""Made-up words score so much apart with any track: few of them must not make a track look surprising."""
LOOKED_AT = 20
"""Tracks of an answer that are looked at."""
FILE = "nonsense.{}.safetensors"
_ENCODED: "dict[tuple[str, str], NDArray[np.float32]]" = {}
"""Encoder and script -> the vectors of made-up words."""

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_SOUNDS = {
    "latin": (
        "b c d f g h j k l m n p q r s t v w x z bl br cl dr fl fn gl gn kr pl sk sn spl str th tr vr",
        "a e i o u",
    ),
    "arabic": ("ب ت ث ج ح خ د ذ ر ز س ش ص ض ط ظ ع غ ف ق ك ل م ن ه", "ا و ي"),
}
"""Script -> what its made-up words begin and go on with."""


def made_up(script: str, *, count: int = COUNT) -> tuple[str, ...]:
    """Return questions of one to three words that mean nothing, the same ones every time."""
    dice = random.Random(0)
    return tuple(" ".join(_word(dice, script) for _ in range(1 + n % 3)) for n in range(count))


def _word(dice: random.Random, script: str) -> str:
    consonants, vowels = (letters.split() for letters in _SOUNDS[script])
    kind = dice.randrange(4)
    if kind == 0 and script == "latin":  # fingers run along a row of keys
        row = dice.choice(_ROWS)
        start = dice.randrange(len(row) - 3)
        return row[start : start + dice.randint(3, 6)]
    if kind == 1:
        return "".join(dice.choice(consonants + vowels)[0] for _ in range(dice.randint(3, 9)))
    ends = ["", "", *consonants]
    return "".join(dice.choice(part) for _ in range(dice.randint(1, 3)) for part in (consonants, vowels, ends))


def script_of(text: str) -> str | None:
    """Return the script of most letters of a text, where words can be made up in it."""
    names = Counter(unicodedata.name(letter, "").partition(" ")[0].lower() for letter in text if letter.isalpha())
    script = names.most_common(1)[0][0] if names else None
    return script if script in _SOUNDS else None


def scripts_read(session: "Session") -> tuple[str, ...]:
    """Return the scripts that made-up words are kept in for the text encoder of a library."""
    return ("latin",) if scripts_of(asked_encoder(session)) == "latin" else tuple(_SOUNDS)


def vectors_of_nonsense(session: "Session", script: str) -> "NDArray[np.float32] | None":
    """Return the vectors of made-up words [COUNT, d], as kept beside the library, or made and kept.

    None where the text encoder cannot be loaded.
    """
    if script not in session.nonsense:
        encoder = asked_encoder(session)
        about = f"{encoder} {zlib.crc32(repr(made_up(script)).encode()):08x}"
        kept = _read(session.catalogue.library / FILE.format(script), about, _widths(session))
        if kept is None:
            try:
                kept = _encoded(query_reader(session), script)
            except (ModelError, IndexerError):
                return None
            _write(session.catalogue.library, FILE.format(script), kept, about)
        session.nonsense[script] = kept
    return session.nonsense[script]


def _widths(session: "Session") -> set[int]:
    """Return how wide the vectors of texts are that the space in use reads."""
    heads = (session.space.heads.get(modality) for modality in (Modality.TAGS, Modality.LYRICS))
    return {len(head.mean) for head in heads if head is not None}


def _encoded(encoder: "QueryEncoder", script: str) -> "NDArray[np.float32]":
    """Encode made-up words, once a process: a library that is made anew needs no others."""
    key = encoder.encoder, script
    if key not in _ENCODED:
        _ENCODED[key] = np.asarray(encoder.encode(made_up(script)), np.float32)
    return _ENCODED[key]


def says_nothing(nonsense: "NDArray[np.float32]", asked: "NDArray[np.floating]") -> bool:
    """Tell whether a question's vector [d] is as near the middle of made-up words [n, d] as nearly all of them are."""
    middle = nonsense.mean(axis=0)
    return bool(asked @ middle >= np.quantile(nonsense @ middle, ALIKE))


def points_of(session: "Session", nonsense: "NDArray[np.float32]") -> "tuple[NDArray[np.float16], NDArray[np.bool_]]":
    """Return the places of made-up words in the space, blocks [n, 768] and masks [n, 6]; none if it reads no text."""
    encoder = asked_encoder(session)
    try:
        placed = [session.space.text_blocks(vector, encoder=encoder) for vector in nonsense]
    except ModelError:
        placed = []
    blocks, masks = np.zeros((len(placed), WIDTH), np.float16), np.zeros((len(placed), len(MODALITIES)), np.bool_)
    for row, (block, mask) in enumerate(placed):
        blocks[row], masks[row] = block, mask
    return blocks, masks


def deviations(scores: "NDArray[np.floating]", made_up: "NDArray[np.floating]") -> "NDArray[np.float64]":
    """Return how far the scores [n] of tracks lie above those of made-up words with the same tracks [n, words]."""
    spread = np.sqrt(made_up.var(axis=1) + LEAST_DEVIATION**2)
    above: NDArray[np.float64] = (scores - made_up.mean(axis=1)) / spread
    return above


def best_of_nonsense(session: "Session", queries: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """Return the best score and the largest deviation that each made-up question [n, 768] reaches: [n, 2]."""
    found = session.nearest.search_many(queries, count=LOOKED_AT, hub=False)
    best = np.zeros((len(queries), 2))
    for row, near in enumerate(found):
        if not len(near):
            continue
        blocks, _, _ = session.blocks(near.tolist())
        scores = blocks.astype(np.float32) @ queries.astype(np.float32).T
        others = np.delete(scores, row, axis=1)
        best[row] = scores[:, row].max(), deviations(scores[:, row], others).max()
    return best


def _read(file: "Path", about: str, widths: set[int]) -> "NDArray[np.float32] | None":
    """Read the vectors; None where there are none, or others than `about` says, or none that can be reckoned with."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="numpy") as stored:
            if (stored.metadata() or {}).get("about") != about:
                return None
            kept: NDArray[np.float32] = stored.get_tensor("vectors").astype(np.float32)
    except (OSError, SafetensorError, ValueError):
        return None
    fits = kept.ndim == 2 and len(kept) == COUNT and kept.shape[1] in widths and np.isfinite(kept).all()
    return kept if fits else None


def _write(library: "Path", name: str, vectors: "NDArray[np.float32]", about: str) -> None:
    """Keep the vectors; a disk that is full or read-only costs only the next session some time."""
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    with suppress(OSError, SafetensorError), replacing(library / name) as file:
        save_file({"vectors": vectors.astype(np.float16)}, file, metadata={"about": about})
        shutil.copymode(library / DATABASE, file)
