import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.encoders.clap import FILES, PREPROCESSING, TOKENIZER, ClapEncoder
from models.encoders.clap_features import features
from models.encoders.known import KNOWN, KnownEncoder
from models.encoders.model_folder import WEIGHTS, digest
from models.errors import ModelError
from tests.models.tiny_clap import DIMENSION, PREPROCESS, WORDS, make_tiny_clap


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tiny_clap(tmp_path_factory.mktemp("hub") / "clap")


@pytest.fixture(scope="module")
def entry() -> KnownEncoder:
    entry = next(encoder for encoder in KNOWN if encoder.kind == "clap")
    return replace(entry, dimension=DIMENSION)


@pytest.fixture(scope="module")
def encoder(folder: Path, entry: KnownEncoder) -> ClapEncoder:
    return ClapEncoder(folder, entry)


def sound(seconds: float, *, seed: int = 0) -> NDArray[np.float32]:
    samples = round(seconds * 48_000)
    rng = np.random.default_rng(seed)
    tone = np.sin(2 * np.pi * rng.uniform(100, 2000) * np.arange(samples) / 48_000)
    return (0.3 * tone + rng.normal(0, 0.05, samples)).astype(np.float32)


@pytest.fixture(scope="module")
def reference(folder: Path) -> Any:
    """The whole model as transformers loads it."""
    from transformers import ClapModel

    model: Any = ClapModel.from_pretrained(folder)
    return model.eval()


def test_sound_is_encoded_as_transformers_does(encoder: ClapEncoder, reference: Any) -> None:
    import torch
    from transformers import ClapFeatureExtractor

    extractor = ClapFeatureExtractor(**PREPROCESS)
    pieces = [sound(10.0), sound(10.0, seed=1), sound(4.0, seed=2)]
    inputs = extractor(pieces, sampling_rate=48_000, return_tensors="pt")
    with torch.no_grad():
        theirs = reference.get_audio_features(**inputs).pooler_output.numpy()
    theirs /= np.linalg.norm(theirs, axis=1, keepdims=True)
    np.testing.assert_allclose(encoder.encode([features([piece]) for piece in pieces]), theirs, atol=1e-4)
    mean = theirs.sum(axis=0)
    np.testing.assert_allclose(encoder.encode([features(pieces)])[0], mean / np.linalg.norm(mean), atol=1e-4)


def test_words_are_encoded_as_transformers_does(encoder: ClapEncoder, reference: Any) -> None:
    import torch
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(encoder._directory / TOKENIZER))
    ours = encoder.encode_text(WORDS)
    for row, words in enumerate(WORDS):
        tokens = torch.tensor([tokenizer.encode(words).ids])
        with torch.no_grad():
            theirs = reference.get_text_features(input_ids=tokens).pooler_output.numpy()[0]
        np.testing.assert_allclose(ours[row], theirs / np.linalg.norm(theirs), atol=1e-5)


def test_words_and_sound_share_a_space(encoder: ClapEncoder) -> None:
    texts, sounds = encoder.encode_text(list(WORDS) * 20), encoder.encode([features([sound(3.0)])])
    assert texts.shape == (60, DIMENSION)
    assert sounds.shape == (1, DIMENSION)
    for vectors in (texts, sounds):
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(texts[:3], texts[57:], atol=1e-5)
    assert (texts[0] @ texts[1], texts[0] @ texts[2]) != (1.0, 1.0)
    assert encoder.encode_text([]).shape == (0, DIMENSION)
    assert encoder.encode([]).shape == (0, DIMENSION)


def test_a_text_longer_than_the_model_reads_is_cut(encoder: ClapEncoder) -> None:
    long = "slow " * 500
    np.testing.assert_allclose(encoder.encode_text([long]), encoder.encode_text([long + " fast"]), atol=1e-6)
    assert encoder.encode_text([""]).shape == (1, DIMENSION)


def test_indexing_loads_no_text_tower(folder: Path, entry: KnownEncoder) -> None:
    encoder = ClapEncoder(folder, entry)
    encoder.encode([features([sound(1.0)])])
    assert "_text" not in vars(encoder)
    encoder = ClapEncoder(folder, entry)
    encoder.encode_text(["slow"])
    assert "_audio" not in vars(encoder)


def test_id_names_the_model_and_its_weights(encoder: ClapEncoder, folder: Path, entry: KnownEncoder) -> None:
    assert encoder.encoder == f"{entry.name}@{digest(folder / WEIGHTS)[:12]}"
    assert (encoder.dimension, encoder.sample_rate, encoder.notes) == (DIMENSION, 48_000, [])


def test_a_device_that_is_not_there_is_noted_for_each_tower(folder: Path, entry: KnownEncoder) -> None:
    encoder = ClapEncoder(folder, entry, device="cuda:99")
    encoder.encode([features([sound(1.0)])])
    assert len(encoder.notes) == 1
    encoder.encode_text(["slow"])
    assert all("processor" in note for note in encoder.notes)


def linked(folder: Path, to: Path, *, without: str) -> Path:
    for name in FILES:
        if name != without:
            (to / name).symlink_to(folder / name)
    return to


@pytest.mark.parametrize(
    "change", [{"truncation": "fusion"}, {"frequency_min": 0}, {"sampling_rate": 44_100}, {"hop_length": None}]
)
def test_another_front_end_is_refused(
    folder: Path, entry: KnownEncoder, tmp_path: Path, change: dict[str, Any]
) -> None:
    linked(folder, tmp_path, without=PREPROCESSING)
    (tmp_path / PREPROCESSING).write_text(json.dumps(PREPROCESS | change))
    with pytest.raises(ModelError, match=next(iter(change))):
        ClapEncoder(tmp_path, entry)


def test_fusion_is_refused(folder: Path, entry: KnownEncoder, tmp_path: Path) -> None:
    linked(folder, tmp_path, without="config.json")
    config = json.loads((folder / "config.json").read_text())
    config["audio_config"]["enable_fusion"] = True
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match="fusion"):
        ClapEncoder(tmp_path, entry)


@pytest.mark.parametrize("content", ["", "{}", '{"version": "1.0"}'])
def test_a_tokenizer_that_is_none_is_refused(folder: Path, entry: KnownEncoder, tmp_path: Path, content: str) -> None:
    linked(folder, tmp_path, without=TOKENIZER)
    (tmp_path / TOKENIZER).write_text(content)
    with pytest.raises(ModelError, match=TOKENIZER):
        ClapEncoder(tmp_path, entry).encode_text(["slow"])


def test_the_terminal_stays_clean(folder: Path, entry: KnownEncoder) -> None:
    """Transformers reports every tower's unused weights, and draws a bar, unless told not to."""
    program = (
        "import sys\nfrom dataclasses import replace\nfrom pathlib import Path\n"
        "import numpy as np\nfrom models.encoders.clap import ClapEncoder\nfrom models.encoders.known import known\n"
        f"encoder = ClapEncoder(Path(sys.argv[1]), replace(known({entry.name!r}), dimension={DIMENSION}))\n"
        "encoder.encode([np.zeros((1, 1001, 64), np.float32)])\nencoder.encode_text(['slow'])"
    )
    done = subprocess.run([sys.executable, "-c", program, folder], capture_output=True, text=True, check=True)
    assert done.stdout + done.stderr == ""
