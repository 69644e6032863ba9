"""Build tiny text models in the hub's on-disk format: the published architectures, seeded weights, a tokenizer trained
on a few lines."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from models.encoders.known import KnownEncoder
from models.encoders.offline import go_offline
from models.encoders.torchvision_operators import declare_torchvision_operators

Kind = Literal["bert", "xlm-roberta", "jina"]

SIZES: dict[str, Any] = {
    "hidden_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 6,  # no power of two: the slopes of jina's heads come from two rows
    "intermediate_size": 80,
    "max_position_embeddings": 66,
    "initializer_range": 0.3,  # far from 0, so that every part of the model shows in the vectors
}
TOKENS = 64
LINES = (
    "slow dark piano late at night",
    "the harbour light turns and again it turns over the water",
    "warm oud and a voice from the valley, query: passage: 1984",
    "Represent this sentence for searching relevant passages: we drive the old road",
    "نسم علينا الهوى من مفرق الوادي يا هوى دخل الهوى خذني على بلادي",
    "fado da saudade façade naïve señor",
)


def tiny_known(kind: Kind, **changes: Any) -> KnownEncoder:
    """Return what is to be known of such a model; e5's prompts and pooling unless `changes` say otherwise."""
    encoder = KnownEncoder(
        name=f"tiny-{kind}", kind="jina" if kind == "jina" else "text", modality="text", repository="owner/tiny",
        files=("config.json", "tokenizer.json", "model.safetensors"), dimension=SIZES["hidden_size"], megabytes=1,
        licence="MIT", query_prompt="query: ", passage_prompt="passage: ", tokens=TOKENS,
        scripts="any" if kind == "xlm-roberta" else "latin",
    )  # fmt: skip
    return replace(encoder, **changes)


def make_tiny_text(directory: Path, kind: Kind, *, seed: int = 0, **changes: Any) -> Path:
    """Write config.json, tokenizer.json and model.safetensors, seeded, and return the folder.

    `changes` are of the configuration.
    Training a tokenizer breaks ties as it likes: copy the folder where the same model is wanted twice.
    """
    directory.mkdir(parents=True, exist_ok=True)
    vocabulary = _write_tokenizer(directory, "xlm-roberta" if kind == "xlm-roberta" else "bert")
    sizes = {**SIZES, "vocab_size": vocabulary, **changes}
    if kind == "jina":
        _write_jina(directory, sizes, seed)
    else:
        reference_model(kind, sizes, seed).save_pretrained(directory)
    return directory


def reference_model(kind: Kind, sizes: dict[str, Any], seed: int) -> Any:
    """Make transformers' own model of that architecture with seeded weights."""
    go_offline()
    declare_torchvision_operators()
    import torch
    from transformers import BertConfig, BertModel, XLMRobertaConfig, XLMRobertaModel

    torch.manual_seed(seed)
    if kind == "bert":
        return BertModel(BertConfig(**sizes))
    return XLMRobertaModel(XLMRobertaConfig(**{"layer_norm_eps": 1e-5, "type_vocab_size": 1, **sizes}))


def _write_tokenizer(directory: Path, kind: Kind) -> int:
    """Train WordPiece as BERT has it, or Unigram as XLM-RoBERTa has; return the number of tokens."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

    if kind == "bert":
        tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        trainer: Any = trainers.WordPieceTrainer(vocab_size=400, special_tokens=special, show_progress=False)
        first, last = "[CLS]", "[SEP]"
    else:
        tokenizer = Tokenizer(models.Unigram())
        tokenizer.normalizer = normalizers.NFKC()
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
            [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]
        )
        special = ["<s>", "<pad>", "</s>", "<unk>"]
        trainer = trainers.UnigramTrainer(
            vocab_size=300, special_tokens=special, unk_token="<unk>", show_progress=False
        )
        first, last = "<s>", "</s>"
    tokenizer.train_from_iterator(LINES, trainer)
    ends = [(name, tokenizer.token_to_id(name)) for name in (first, last)]
    tokenizer.post_processor = processors.TemplateProcessing(single=f"{first} $A {last}", special_tokens=ends)
    tokenizer.save(str(directory / "tokenizer.json"))
    return int(tokenizer.get_vocab_size())


def _write_jina(directory: Path, sizes: dict[str, Any], seed: int) -> None:
    """Write the published configuration's keys and weights under their published names."""
    import torch
    from safetensors.torch import save_file

    config = {
        "architectures": ["JinaBertForMaskedLM"],
        "auto_map": {"AutoModel": "jinaai/jina-bert-implementation--modeling_bert.JinaBertModel"},
        "model_type": "bert",
        "hidden_act": "gelu",
        "position_embedding_type": "alibi",
        "feed_forward_type": "geglu",
        "emb_pooler": "mean",
        "layer_norm_eps": 1e-12,
        "pad_token_id": 0,
        "type_vocab_size": 2,
        **sizes,
    }
    (directory / "config.json").write_text(json.dumps(config))
    drawn = torch.Generator().manual_seed(seed)
    spread = sizes["initializer_range"]
    weights = {
        name: torch.randn(shape, generator=drawn) * spread + (1 if "norm.weight" in name.lower() else 0)
        for name, shape in _jina_shapes(config).items()
    }
    save_file(weights, directory / "model.safetensors", metadata={"format": "pt"})


def _jina_shapes(config: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    width, inner = config["hidden_size"], config["intermediate_size"]
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (config["vocab_size"], width),
        "embeddings.token_type_embeddings.weight": (config["type_vocab_size"], width),
        "embeddings.LayerNorm.weight": (width,),
        "embeddings.LayerNorm.bias": (width,),
        "pooler.dense.weight": (width, width),
        "pooler.dense.bias": (width,),
    }
    for layer in range(config["num_hidden_layers"]):
        at = f"encoder.layer.{layer}"
        for part in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
            shapes |= {f"{at}.{part}.weight": (width, width), f"{at}.{part}.bias": (width,)}
        for part in ("attention.output.LayerNorm", "mlp.layernorm"):
            shapes |= {f"{at}.{part}.weight": (width,), f"{at}.{part}.bias": (width,)}
        shapes |= {
            f"{at}.mlp.gated_layers.weight": (2 * inner, width),
            f"{at}.mlp.wo.weight": (width, inner),
            f"{at}.mlp.wo.bias": (width,),
        }
    return shapes


def split_weights(directory: Path) -> None:
    """Cut model.safetensors into two parts with an index, as large models are published."""
    from safetensors.torch import load_file, save_file

    weights = load_file(directory / "model.safetensors")
    names = sorted(weights)
    where: dict[str, str] = {}
    for number, part in enumerate((names[: len(names) // 2], names[len(names) // 2 :]), start=1):
        file = f"model-0000{number}-of-00002.safetensors"
        save_file({name: weights[name] for name in part}, directory / file, metadata={"format": "pt"})
        where |= dict.fromkeys(part, file)
    (directory / "model.safetensors").unlink()
    (directory / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": where}))
