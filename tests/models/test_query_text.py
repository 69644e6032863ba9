"""The numpy forward pass gives what sentence-transformers gives."""

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
    quick, full = QueryEncoder(), TextEncoder()
    assert quick.encoder == full.encoder
    np.testing.assert_allclose(quick.encode(TEXTS), full.encode(TEXTS), atol=2e-6)


def test_a_whole_long_text_equals_the_full_encoder() -> None:
    lines = "\n".join(f"line {i}: the harbour light turns, and again it turns" for i in range(80))
    texts = [lines, lines.replace("\n", " "), "x" * 3000, "", *TEXTS]
    quick, full = QueryEncoder(), TextEncoder()
    np.testing.assert_allclose(quick.encode_whole(texts), full.encode(texts), atol=2e-6)
    assert not np.allclose(quick.encode_whole([lines]), quick.encode([lines]), atol=1e-2)


def test_blank_and_no_texts() -> None:
    encoder = QueryEncoder()
    assert encoder.encode([]).shape == (0, 384)
    assert not encoder.encode(["  ", ""]).any()


def test_a_text_beyond_the_model_is_cut() -> None:
    vectors = QueryEncoder().encode(["word " * 300, "word " * 9000])
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_array_equal(vectors[0], vectors[1])


def test_needs_no_torch() -> None:
    code = (
        "import sys; from models.encoders.query_text import QueryEncoder; QueryEncoder().encode(['a warm night']);"
        "print([m for m in ('torch', 'transformers', 'sentence_transformers', 'librosa') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
