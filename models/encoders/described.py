"""Tell from words how the sound they describe is: which way each scale (tempo, loudness, likeness to jazz ...) points.

A lexicon made by `scripts/fit_described.py` from what musicians wrote of recordings: "gloomy" stands beside "slow" and
"dark", "party" beside "loud" and "dance". No sound was heard for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

CHECKPOINT = Path(__file__).parent.parent / "checkpoints" / "described.safetensors"
LIKE = "like "
"""Before the name of a genre: the scale of likeness to it; the other scales are attributes."""


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """What words say of the sound."""

    scales: tuple[str, ...]
    """Names of attributes, such as "tempo_bpm", and of likenesses, such as "like jazz"."""
    rows: Mapping[str, int]
    """Word -> row of `directions`; other words, names above all, say nothing of the sound."""
    directions: NDArray[np.float32]
    """[words, scales] in (-1, 1): 1 is clearly the upper end (fast, loud, bright), -1 the lower, 0 says nothing."""


def save_described(described: Described, *, path: Path = CHECKPOINT) -> None:
    """Write a lexicon as safetensors, float16."""
    import numpy as np
    from safetensors.numpy import save_file

    words = sorted(described.rows, key=described.rows.__getitem__)
    told = {"scales": ",".join(described.scales), "words": " ".join(words)}
    save_file({"directions": described.directions.astype(np.float16)}, path, metadata=told)
    path.chmod(0o644)  # safetensors writes for the owner alone


@cache
def load_described(path: Path = CHECKPOINT) -> Described:
    """Read a lexicon; raise ModelError where it is absent or broken."""
    import numpy as np
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="np") as stored:
            told = stored.metadata() or {}
            directions = stored.get_tensor("directions").astype(np.float32)
    except (OSError, SafetensorError) as error:
        raise ModelError(f"{path.name} cannot be read ({error}): install fairouz-tui again") from error
    scales, words = tuple(told.get("scales", "").split(",")), told.get("words", "").split()
    if directions.shape != (len(words), len(scales)):
        raise ModelError(f"{path.name} is damaged: install fairouz-tui again")
    return Described(scales, {word: row for row, word in enumerate(words)}, directions)
