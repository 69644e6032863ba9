"""The encoder of questions gives what the encoder of libraries gives."""

import subprocess
import sys

import numpy as np

from models.encoders.query_text import QueryEncoder
from models.encoders.text import TextEncoder

TEXTS = [
    "slow dark piano",
    "x",
    "Fado da Saudade — late at night, naïve façade",
    "rain " * 120,
    "1984",
    "A longer line with punctuation, numbers (42), and a rare word: antidisestablishmentarianism!",
]


def test_equals_the_full_encoder() -> None:
    lines = "\n".join(f"line {i}: the harbour light turns, and again it turns" for i in range(80))
    texts = [*TEXTS, lines, lines.replace("\n", " "), "x" * 3000, ""]
    quick, full = QueryEncoder(), TextEncoder()
    assert quick.encoder == full.encoder
    np.testing.assert_allclose(quick.encode(texts), full.encode(texts), atol=2e-6)
    np.testing.assert_array_equal(quick.encode_whole(texts), quick.encode(texts))


def test_blank_and_no_texts() -> None:
    encoder = QueryEncoder()
    assert encoder.encode([]).shape == (0, 384)
    assert not encoder.encode(["  ", ""]).any()


def test_needs_no_torch() -> None:
    code = (
        "import sys; from models.encoders.query_text import QueryEncoder; QueryEncoder().encode(['a warm night']);"
        "print([m for m in ('torch', 'onnx', 'transformers', 'sentence_transformers', 'librosa') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
