"""Keep the machine-learning packages off the network and quiet."""

import os

SETTINGS = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    # The tokenizer's own threads warn, and may hang, once the process forks.
    "TOKENIZERS_PARALLELISM": "false",
}
"""Read by huggingface_hub, transformers and tokenizers when they are first imported."""


def go_offline() -> None:
    """Set what keeps these packages from the network and the terminal; call it before they are imported."""
    os.environ.update(SETTINGS)
