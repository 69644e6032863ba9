"""Build a tiny CLAP model in the form the hub keeps it on disk."""

import json
from pathlib import Path
from typing import Any

from models.encoders.clap import PREPROCESSING, TOKENIZER
from models.encoders.offline import go_offline
from models.encoders.torchvision_operators import declare_torchvision_operators

DIMENSION = 8
WORDS = ("slow dark acoustic guitar", "fast bright electronic music", "a quiet piano at night")
PREPROCESS: dict[str, Any] = {
    "chunk_length_s": 10,
    "feature_extractor_type": "ClapFeatureExtractor",
    "feature_size": 64,
    "fft_window_size": 1024,
    "frequency_max": 14000,
    "frequency_min": 50,
    "hop_length": 480,
    "max_length_s": 10,
    "n_fft": 1024,
    "nb_frequency_bins": 513,
    "nb_max_samples": 480000,
    "padding": "repeatpad",
    "padding_side": "right",
    "padding_value": 0.0,
    "processor_class": "ClapProcessor",
    "return_attention_mask": False,
    "sampling_rate": 48000,
    "top_db": None,
    "truncation": "rand_trunc",
}
"""As published."""


def make_tiny_clap(directory: Path) -> Path:
    """Write a model of the same architecture with seeded weights and a small tokenizer, and return its folder."""
    go_offline()
    declare_torchvision_operators()
    import torch
    from transformers import ClapConfig, ClapModel

    torch.manual_seed(0)
    shape = ClapConfig(
        audio_config={
            "depths": [1, 1], "num_attention_heads": [2, 2], "patch_embeds_hidden_size": 8, "hidden_size": 16,
            "num_mel_bins": 64, "spec_size": 256, "window_size": 8, "projection_hidden_size": 16,
        },
        text_config={
            "vocab_size": 400, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2,
            "intermediate_size": 32, "max_position_embeddings": 96, "initializer_range": 0.5,
        },
        projection_dim=DIMENSION,
    )  # fmt: skip
    ClapModel(shape).save_pretrained(directory)
    (directory / PREPROCESSING).write_text(json.dumps(PREPROCESS))
    write_tokenizer(directory / TOKENIZER)
    return directory


def write_tokenizer(path: Path) -> None:
    """Train RoBERTa's kind of tokenizer on a few words."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

    tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=400, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(WORDS, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    tokenizer.save(str(path))
