"""Say what large models run on: a CUDA device where torch sees one, else the processor; FAIROUZ_DEVICE overrides.

Where its memory runs out, the encoder itself goes on on the processor and notes it.
"""

import os

VARIABLE = "FAIROUZ_DEVICE"
"""Takes what torch calls a device: "cpu", "cuda", "cuda:1", "mps"."""


def processor() -> str:
    """Return the device for models that torch runs; imports torch."""
    chosen = os.environ.get(VARIABLE, "")
    if chosen:
        return chosen
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"
