"""Read the weights that tempo and key were fitted with (`python -m scripts.fit_attributes`)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from models.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.encoders.spectrogram import Array

CHECKPOINT = Path(__file__).parent.parent / "checkpoints" / "attributes.safetensors"


@lru_cache(maxsize=1)
def attribute_weights() -> Mapping[str, Array]:
    """Return the shipped float32 arrays by name; raise ModelError where the file is absent or broken."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return load_file(CHECKPOINT)
    except (OSError, SafetensorError) as error:
        raise ModelError(f"{CHECKPOINT} cannot be read ({error}); install the package again") from error
