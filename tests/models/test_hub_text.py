"""Text models from the hub: what they give is what the published architecture gives, on every path."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from models.encoders.hub_text import HubTextEncoder
from models.encoders.model_folder import digest
from models.encoders.onnx_text import OnnxTextEncoder
from models.encoders.torch_text import TorchText
from models.errors import ModelError
from tests.models.tiny_hub import LINES, SIZES, Kind, make_tiny_text, reference_model, split_weights, tiny_known

KINDS: tuple[Kind, ...] = ("bert", "xlm-roberta", "jina")
TEXTS = ["piano", *LINES, "x", "the old road over the water " * 3]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[Kind, Path]:
    base = tmp_path_factory.mktemp("hub")
    return {kind: make_tiny_text(base / kind, kind) for kind in KINDS}


def own_torch(encoder: HubTextEncoder) -> NDArray[np.float32]:
    """Compute the passages of TEXTS in torch, batched with padding."""
    torch_text = TorchText(encoder._shape, encoder._weights, encoder._known)
    return torch_text.vectors(encoder.tokens.ids(["passage: " + text for text in TEXTS]))


def published(folder: Path, kind: Kind, texts: list[str], *, pooling: str) -> NDArray[np.float32]:
    """Compute vectors one text at a time by transformers' own model."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    model = type(reference_model(kind, SIZES, 0)).from_pretrained(folder)
    rows = []
    for text in texts:
        with torch.no_grad():
            hidden = model(torch.tensor([tokenizer.encode(text).ids])).last_hidden_state[0]
        vector = hidden[0] if pooling == "cls" else hidden.mean(dim=0)
        rows.append((vector / vector.norm()).numpy())
    return np.stack(rows)


@pytest.mark.parametrize("pooling", ["cls", "mean"])
@pytest.mark.parametrize("kind", ["bert", "xlm-roberta"])
def test_gives_what_the_published_architecture_gives(folders: dict[Kind, Path], kind: Kind, pooling: str) -> None:
    encoder = HubTextEncoder(folders[kind], tiny_known(kind, pooling=pooling))
    for prompt, found in (("passage: ", encoder.encode(TEXTS)), ("query: ", encoder.encode_queries(TEXTS))):
        wanted = published(folders[kind], kind, [prompt + text for text in TEXTS], pooling=pooling)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, wanted, atol=2e-6)
    assert not np.allclose(encoder.encode(TEXTS), encoder.encode_queries(TEXTS), atol=1e-2)


@pytest.mark.parametrize("kind", KINDS)
def test_torch_in_batches_gives_what_the_graph_gives(folders: dict[Kind, Path], kind: Kind) -> None:
    encoder = HubTextEncoder(folders[kind], tiny_known(kind))
    assert encoder.notes == []
    np.testing.assert_allclose(own_torch(encoder), encoder.encode(TEXTS), atol=2e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_order_and_company_do_not_matter(folders: dict[Kind, Path], kind: Kind) -> None:
    encoder = HubTextEncoder(folders[kind], tiny_known(kind))
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(encoder.encode(TEXTS), alone, atol=1e-5)
    np.testing.assert_allclose(encoder.encode(TEXTS[::-1])[::-1], alone, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(alone, axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_long_texts_are_cut_to_what_the_model_reads_with_its_prompt(folders: dict[Kind, Path], kind: Kind) -> None:
    encoder = HubTextEncoder(folders[kind], tiny_known(kind))
    lines = [f"line {i} the water turns over the road and again" for i in range(40)]
    chunks = encoder.tokens.chunks("\n".join(lines), prompt="passage: ")
    assert len(chunks) > 5
    assert [line for chunk in chunks for line in chunk.split("\n")] == lines
    tokenizer = Tokenizer.from_file(str(folders[kind] / "tokenizer.json"))
    assert max(len(tokenizer.encode("passage: " + chunk).ids) for chunk in chunks) <= 64
    weights = np.array([len(chunk) for chunk in chunks])
    mean = (encoder.encode(chunks) * weights[:, None]).sum(axis=0)
    np.testing.assert_allclose(encoder.encode(["\n".join(lines)])[0], mean / np.linalg.norm(mean), atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_in_nothing_out(folders: dict[Kind, Path], kind: Kind) -> None:
    encoder = HubTextEncoder(folders[kind], tiny_known(kind))
    assert encoder.encode([]).shape == (0, 48)
    assert not encoder.encode_queries(["", " \n"]).any()


def test_scripts(folders: dict[Kind, Path]) -> None:
    latin = HubTextEncoder(folders["bert"], tiny_known("bert"))
    every = HubTextEncoder(folders["xlm-roberta"], tiny_known("xlm-roberta"))
    assert (latin.readable("نسم علينا"), every.readable("نسم علينا")) == (None, "نسم علينا")
    assert latin.readable("façade") == every.readable("façade") == "façade"
    assert every.readable(" ♥ !?") is None


@pytest.mark.parametrize("kind", KINDS)
def test_the_id_names_the_weights_and_parts_give_the_same_vectors(tmp_path: Path, kind: Kind) -> None:
    folder = make_tiny_text(tmp_path / "model", kind)
    whole = HubTextEncoder(folder, tiny_known(kind))
    assert whole.encoder == f"tiny-{kind}@{digest(folder / 'model.safetensors')[:12]}"
    vectors = whole.encode(TEXTS)
    split_weights(folder)
    parts = HubTextEncoder(folder, tiny_known(kind))
    np.testing.assert_array_equal(parts.encode(TEXTS), vectors)
    assert parts.encoder != whole.encoder
    (folder / "model-00002-of-00002.safetensors").unlink()
    with pytest.raises(ModelError, match=r"model-00002-of-00002\.safetensors is missing"):
        HubTextEncoder(folder, tiny_known(kind))


@pytest.mark.parametrize("kind", ["float16", "bfloat16"])
def test_half_precision_weights_are_computed_in_single(folders: dict[Kind, Path], tmp_path: Path, kind: str) -> None:
    folder = shutil.copytree(folders["bert"], tmp_path / "half")
    halves = {name: value.to(getattr(torch, kind)) for name, value in load_file(folder / "model.safetensors").items()}
    save_file(halves, folder / "model.safetensors", metadata={"format": "pt"})
    half = HubTextEncoder(folder, tiny_known("bert"))
    rounded = shutil.copytree(folders["bert"], tmp_path / "rounded")
    save_file({n: v.float() for n, v in halves.items()}, rounded / "model.safetensors", metadata={"format": "pt"})
    np.testing.assert_array_equal(half.encode(TEXTS), HubTextEncoder(rounded, tiny_known("bert")).encode(TEXTS))


def test_weights_saved_under_a_head_are_found(folders: dict[Kind, Path], tmp_path: Path) -> None:
    folder = shutil.copytree(folders["bert"], tmp_path / "masked")
    weights = {f"bert.{name}": value for name, value in load_file(folder / "model.safetensors").items()}
    save_file({**weights, "cls.bias": torch.zeros(3)}, folder / "model.safetensors", metadata={"format": "pt"})
    found = HubTextEncoder(folder, tiny_known("bert")).encode(TEXTS)
    np.testing.assert_array_equal(found, HubTextEncoder(folders["bert"], tiny_known("bert")).encode(TEXTS))


def test_a_card_without_memory_leaves_it_to_the_processor(
    folders: dict[Kind, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = HubTextEncoder(folders["bert"], tiny_known("bert"), device="meta")  # a device that gives no numbers
    calls: list[str] = []

    def forward(model: object, device: str, ids: list[list[int]]) -> NDArray[np.float32]:
        calls.append(device)
        if device != "cpu":
            raise torch.cuda.OutOfMemoryError("CUDA out of memory")
        return np.ones((len(ids), 48), np.float32)

    computer = encoder._computer
    assert isinstance(computer, TorchText)
    monkeypatch.setattr(computer, "_forward", forward)
    monkeypatch.setattr(computer.placement, "_model", torch.nn.Identity())
    encoder.encode(TEXTS)
    assert calls[:2] == ["meta", "cpu"]
    assert "meta" not in calls[1:]
    assert encoder.notes == ["meta ran out of memory: tiny-bert goes on on the processor, slower"]


def test_query_encoder_gives_the_same_without_torch(folders: dict[Kind, Path]) -> None:
    known = tiny_known("xlm-roberta")
    library = HubTextEncoder(folders["xlm-roberta"], known)
    quick = OnnxTextEncoder(folders["xlm-roberta"], known)
    assert quick.encoder == library.encoder
    np.testing.assert_array_equal(quick.encode(TEXTS), library.encode_queries(TEXTS))
    np.testing.assert_array_equal(quick.encode_whole(TEXTS), library.encode(TEXTS))
    code = f"""
import sys
from pathlib import Path
from models.encoders.onnx_text import OnnxTextEncoder
from tests.models.tiny_hub import tiny_known
assert OnnxTextEncoder(Path({str(folders["xlm-roberta"])!r}), tiny_known("xlm-roberta")).encode(["piano"]).any()
print([m for m in ("torch", "onnx", "transformers", "sentence_transformers") if m in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=Path.cwd())
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "[]", "")


def spoil(folder: Path, how: str) -> None:
    """Damage a folder in one way."""
    config = json.loads((folder / "config.json").read_text())
    weights = folder / "model.safetensors"
    match how:
        case "config missing":
            (folder / "config.json").unlink()
        case "config broken":
            (folder / "config.json").write_text("{")
        case "size missing":
            del config["num_attention_heads"]
        case "other architecture":
            config["model_type"] = "t5"
        case "alibi":
            config["position_embedding_type"] = "alibi"
        case "other activation":
            config["hidden_act"] = "relu"
        case "tokenizer missing":
            (folder / "tokenizer.json").unlink()
        case "tokenizer broken":
            (folder / "tokenizer.json").write_text("[]")
        case "tokenizer larger":
            config["vocab_size"] -= 1
        case "weights missing":
            weights.unlink()
        case "pickle":
            weights.rename(folder / "pytorch_model.bin")
        case "weights cut short":
            weights.write_bytes(weights.read_bytes()[:-100])
        case "weights no safetensors":
            weights.write_bytes(b"hello")
        case "layer missing":
            config["num_hidden_layers"] += 1
        case "other width inside":
            config["intermediate_size"] = 81
        case "integers":
            values = load_file(weights)
            values["embeddings.LayerNorm.bias"] = values["embeddings.LayerNorm.bias"].to(torch.int64)
            save_file(values, weights)
        case "index empty":
            weights.unlink()
            (folder / "model.safetensors.index.json").write_text('{"weight_map": {}}')
        case "index leads elsewhere":
            weights.unlink()
            (folder / "model.safetensors.index.json").write_text('{"weight_map": {"a": "../other.safetensors"}}')
        case "index of pickles":
            weights.unlink()
            (folder / "model.safetensors.index.json").write_text('{"weight_map": {"a": "one.bin"}}')
        case "other pooling":
            (folder / "1_Pooling").mkdir()
            (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode_mean_tokens": false}')
    if (folder / "config.json").is_file() and how != "config broken":
        (folder / "config.json").write_text(json.dumps(config))


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("config missing", r"config\.json is missing: fetch tiny-bert again"),
        ("config broken", r"config\.json cannot be loaded"),
        ("size missing", r"config\.json does not say what the model is built of \('num_attention_heads'\)"),
        ("other architecture", r"is of architecture 't5', and tiny-bert of bert or xlm-roberta"),
        ("alibi", r"says position_embedding_type = 'alibi', and tiny-bert has 'absolute'"),
        ("other activation", r"says hidden_act = 'relu'"),
        ("tokenizer missing", r"tokenizer\.json is missing: fetch tiny-bert again"),
        ("tokenizer broken", r"tokenizer\.json cannot be loaded"),
        ("tokenizer larger", r"tokens and the model \d+: they belong to different models"),
        ("weights missing", r"model\.safetensors is missing: fetch tiny-bert again"),
        ("pickle", r"pytorch_model\.bin is a pickle, which can run code: convert it to model\.safetensors"),
        ("weights cut short", r"model\.safetensors cannot be loaded"),
        ("weights no safetensors", r"model\.safetensors cannot be loaded"),
        ("layer missing", r"encoder\.layer\.3\.attention\.self\.query\.weight is missing from the weights"),
        ("other width inside", r"intermediate\.dense\.weight in .* is of shape \[80, 48\], not \[81, 48\]"),
        ("integers", r"embeddings\.LayerNorm\.bias in .* is I64: only floating-point weights can be read"),
        ("index empty", r"does not name the parts of the weights"),
        ("index leads elsewhere", r"does not name the parts of the weights"),
        ("index of pickles", r"names parts that are not safetensors"),
        ("other pooling", r"asks for another pooling than tiny-bert's \(mean\)"),
    ],
)
def test_a_bad_folder_is_one_clear_line(tmp_path: Path, how: str, says: str) -> None:
    folder = make_tiny_text(tmp_path / "model", "bert")
    spoil(folder, how)
    with pytest.raises(ModelError, match=says) as caught:
        HubTextEncoder(folder, tiny_known("bert"))
    assert "\n" not in str(caught.value)


def test_a_missing_folder_and_another_dimension(folders: dict[Kind, Path], tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no folder .*absent: fetch tiny-bert first"):
        HubTextEncoder(tmp_path / "absent", tiny_known("bert"))
    with pytest.raises(ModelError, match=r"vectors of dimension 48, but tiny-bert has 1024: this is another model"):
        HubTextEncoder(folders["bert"], tiny_known("bert", dimension=1024))
    with pytest.raises(ModelError, match="says position_embedding_type = 'absolute', and tiny-jina has 'alibi'"):
        HubTextEncoder(folders["bert"], tiny_known("jina"))


def test_needs_no_network_and_says_nothing(folders: dict[Kind, Path], tmp_path: Path) -> None:
    folder = make_tiny_text(tmp_path / "fresh", "bert")
    code = f"""
import socket
def refuse(*args, **kwargs):
    raise AssertionError("the network was used")
socket.socket.connect = refuse
socket.getaddrinfo = refuse
from pathlib import Path
from models.encoders.hub_text import HubTextEncoder
from tests.models.tiny_hub import tiny_known
assert HubTextEncoder(Path({str(folder)!r}), tiny_known("bert")).encode(["oud"]).any()
"""
    online = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "TRANSFORMERS_"))}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=online)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
