import os
import subprocess
import sys

import numpy as np
import pytest

from models.encoders.names import TEXT_ENCODER
from models.encoders.text import TOKENS_AT_MOST, WEIGHTS_SHA256, TextEncoder, borders, readable, readable_parts


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    return TextEncoder()


def test_vectors_are_unit_rows_that_mean_something(encoder: TextEncoder) -> None:
    vectors = encoder.encode(["a slow sad song about the sea", "melancholy ballad of the ocean", "tax return form"])
    assert vectors.shape == (3, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2] + 0.3


def test_same_text_same_vector_wherever_it_stands(encoder: TextEncoder) -> None:
    texts = ["warm oud, late night", "x", "a much longer line of text so that the padding differs " * 5]
    together = encoder.encode(texts)
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_nothing_in_nothing_out(encoder: TextEncoder) -> None:
    assert encoder.encode([]).shape == (0, 384)
    vectors = encoder.encode(["", " \n ", "oud"])
    assert not vectors[:2].any()
    assert vectors[2].any()


def test_chunks_end_at_lines_and_keep_every_word(encoder: TextEncoder) -> None:
    lines = [f"line {i} of the song goes on and on until the end" for i in range(120)]
    chunks = encoder.chunks("\n".join(lines))
    assert len(chunks) > 3
    assert [line for chunk in chunks for line in chunk.split("\n")] == lines
    tokens = [len(encoder._model.tokenizer(chunk)["input_ids"]) for chunk in chunks]
    assert max(tokens) <= 256
    assert min(tokens[:-1]) > 200


@pytest.mark.parametrize("text", ["la " * 1500, "!" * 3000, "a" * 5000, "na-na " * 800])
def test_text_without_line_borders_is_still_cut(encoder: TextEncoder, text: str) -> None:
    chunks = encoder.chunks(text)
    assert "".join("".join(chunks).split()) == "".join(text.split())
    assert max(len(encoder._model.tokenizer(chunk)["input_ids"]) for chunk in chunks) <= 256


def test_the_end_of_long_lyrics_counts(encoder: TextEncoder) -> None:
    start = "\n".join("we drive the old road through the desert" for _ in range(60))
    other = "\n".join("the ship sails over the cold grey sea" for _ in range(60))
    long, sea, road = encoder.encode([start + "\n" + other, other, start])
    assert abs(long @ sea - long @ road) < 0.1
    assert long @ sea > sea @ road


def test_a_huge_text_is_cut_short(encoder: TextEncoder) -> None:
    assert sum(len(chunk) for chunk in encoder.chunks("word " * 2_000_000)) <= 20_000


def test_borders_prefer_lines_then_words() -> None:
    text = "a " * 200 + "\n" + "b " * 200
    offsets = [(i, i + 1) for i, character in enumerate(text) if character.isalpha()]
    assert borders(text, offsets, list(range(400))) == [offsets[200][0]]
    # All tokens but the first 100 belong to one endless word: cut before it, then wherever the reach ends.
    words = list(range(100)) + [100] * 300
    flat = text.replace("\n", " ")
    assert borders(flat, offsets, words) == [offsets[100][0], offsets[100 + TOKENS_AT_MOST][0]]
    assert borders("", [], []) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nassam Alayna", True),
        ("Ça va, señor Dvořák", True),
        ("Ｆｕｌｌ ｗｉｄｔｈ", True),
        ("1984", True),
        ("نسم علينا الهوى", False),
        ("Калинка", False),
        ("Θάλασσα", False),
        ("夜に駆ける", False),
        ("فيروز Fairouz live", True),
        ("نسم علينا الهوى من مفرق الوادي (live)", False),
        ("", False),
        (" \n!?♥ ", False),
    ],
)
def test_readable_knows_latin_script(text: str, expected: bool) -> None:
    assert readable(text) == (text if expected else None)


def test_readable_parts_keep_what_can_be_read() -> None:
    assert readable_parts(["نسم علينا", "Arabic pop", "1967", "Народная"]) == ["Arabic pop", "1967"]


def test_encoder_says_nothing_and_needs_no_network() -> None:
    code = """
import socket
def refuse(*args, **kwargs):
    raise AssertionError("the network was used")
socket.socket.connect = refuse
socket.getaddrinfo = refuse
from models.encoders.text import TextEncoder
assert TextEncoder().encode(["oud"]).any()
"""
    online = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "TRANSFORMERS_"))}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=online)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_importing_the_module_loads_nothing_heavy() -> None:
    code = (
        "import sys, models.encoders.text; print([m for m in ('torch', 'sentence_transformers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_id_names_the_weights() -> None:
    assert TEXT_ENCODER.endswith(f"@{WEIGHTS_SHA256[:12]}")
