"""Turn sound, and the words that describe sound, into vectors of one space with CLAP (Wu et al. 2023).

From a local folder in the hub's format. The two towers are loaded when they are first used: indexing needs the one,
a search the other.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.nn.functional import normalize

from models.encoders import clap_features
from models.encoders.device import Placement
from models.encoders.frame_mean import mean_of_frames
from models.encoders.hub_tower import load_tower, see_architecture
from models.encoders.model_folder import WEIGHTS, encoder_id, found_files, read_header, read_json, see_dimension, unfit
from models.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from tokenizers import Tokenizer

    from models.encoders.known import KnownEncoder
    from models.encoders.mel import Array

PICTURES_AT_ONCE = 3
TEXTS_AT_ONCE = 32
TOKENS = 77
"""The longest text, its two ends included, that the model was trained on."""
TOKENIZER, PREPROCESSING = "tokenizer.json", "preprocessor_config.json"
FILES = ("config.json", PREPROCESSING, TOKENIZER, WEIGHTS)
PADDING = "<pad>"

_FRONT_END = {
    "sampling_rate": clap_features.SAMPLE_RATE,
    "fft_window_size": clap_features.WINDOW_SAMPLES,
    "hop_length": clap_features.HOP_SAMPLES,
    "feature_size": clap_features.BANDS,
    "frequency_min": clap_features.LOW_HZ,
    "frequency_max": clap_features.HIGH_HZ,
    "max_length_s": clap_features.PIECE_SAMPLES // clap_features.SAMPLE_RATE,
    "truncation": "rand_trunc",
    "padding": "repeatpad",
}
"""What preprocessor_config.json must say, for `clap_features` to be what the model was trained on."""


class ClapEncoder:
    """CLAP from a folder; the published audio tower is 68 million weights, the text tower 126 million."""

    encoder: str
    dimension: int
    sample_rate = clap_features.SAMPLE_RATE

    def __init__(self, directory: Path, known: KnownEncoder, *, device: str = "cpu") -> None:
        """See that `directory` holds the model; raises ModelError where it is missing or another one."""
        found_files(directory, known.name, FILES)
        config = see_architecture(directory, "clap")
        _see_front_end(directory / PREPROCESSING)
        self.dimension = _dimension(directory, config)
        see_dimension(self.dimension, known.dimension, known.name, directory)
        self.encoder = encoder_id(known.name, directory / WEIGHTS)
        self.notes: list[str] = []
        self._directory, self._name, self._device = directory, known.name, device

    def encode(self, features: Sequence[Array]) -> Array:
        """Encode the pictures of each track (`clap_features.features`) to float32 [n, 512], unit rows.

        The mean of the unit vectors of a track's pieces of 10 s. Raises ModelError for pictures of another shape, and
        where the tower cannot be loaded.
        """
        shape = (clap_features.FRAMES, clap_features.BANDS)
        return mean_of_frames(features, self._hear, shape=shape, dimension=self.dimension, at_once=PICTURES_AT_ONCE)

    def encode_text(self, texts: Sequence[str]) -> Array:
        """Encode what sound is described by ("slow dark acoustic") to float32 [n, 512], unit rows; none give [0, 512].

        A text beyond 77 tokens is cut. Raises ModelError where the tower cannot be loaded.
        """
        batches = [np.zeros((0, self.dimension), dtype=np.float32)]
        batches += [self._read(texts[start : start + TEXTS_AT_ONCE]) for start in range(0, len(texts), TEXTS_AT_ONCE)]
        return np.concatenate(batches)

    def _hear(self, pictures: Array) -> Array:
        inputs = {"input_features": torch.from_numpy(pictures)[:, None]}
        return self._run(self._audio, inputs, lambda answer: answer.audio_embeds)

    def _read(self, texts: Sequence[str]) -> Array:
        encodings = self._tokenizer.encode_batch(list(texts))
        inputs = {
            "input_ids": torch.tensor([encoding.ids for encoding in encodings]),
            "attention_mask": torch.tensor([encoding.attention_mask for encoding in encodings]),
        }
        return self._run(self._text, inputs, lambda answer: answer.text_embeds)

    def _run(self, tower: Placement, inputs: Mapping[str, torch.Tensor], part: Callable[[Any], torch.Tensor]) -> Array:
        def unit_rows(model: Any, device: str) -> Array:
            answer = model(**{name: value.to(device) for name, value in inputs.items()})
            return np.asarray(normalize(part(answer), dim=-1).cpu().numpy())

        noted = len(tower.notes)
        with torch.inference_mode():
            vectors = tower.run(unit_rows)
        self.notes += tower.notes[noted:]
        return vectors

    @cached_property
    def _audio(self) -> Placement:
        return self._placed("ClapAudioModelWithProjection", "audio_config")

    @cached_property
    def _text(self) -> Placement:
        return self._placed("ClapTextModelWithProjection", "text_config")

    def _placed(self, model: str, part: str) -> Placement:
        tower = load_tower(self._directory, model, "ClapConfig", model_type="clap", part=part)
        placement = Placement(tower, device=self._device, name=self._name)
        self.notes += placement.notes
        return placement

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        path = self._directory / TOKENIZER
        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # tokenizers raises nothing narrower
            raise unfit(path, error) from error
        padding = tokenizer.token_to_id(PADDING)
        if padding is None:
            raise ModelError(f"{path} has no token {PADDING}: fetch the model again")
        tokenizer.enable_truncation(TOKENS)
        tokenizer.enable_padding(pad_id=padding, pad_token=PADDING)
        return tokenizer


def _see_front_end(path: Path) -> None:
    """Raise ModelError when preprocessor_config.json asks for other pictures than `clap_features` makes."""
    config = read_json(path)
    for name, wanted in _FRONT_END.items():
        if config.get(name) != wanted:
            raise ModelError(
                f"{path} says {name} = {config.get(name)!r}, and only {wanted!r} is read: use another model"
            )


def _dimension(directory: Path, config: Mapping[str, Any]) -> int:
    """Return how many numbers both towers give; raises ModelError when they fuse long sounds or are not there."""
    if config.get("audio_config", {}).get("enable_fusion", False):
        raise ModelError(f"{directory} is a CLAP model with fusion, which is not read: use one without")
    shapes = read_header(directory / WEIGHTS)[1]
    found = {shapes.get(f"{tower}_projection.linear2.weight", (0,))[0] for tower in ("audio", "text")}
    if len(found) > 1 or 0 in found:
        raise ModelError(f"{directory / WEIGHTS} lacks the projections of both towers: fetch the model again")
    return int(found.pop())
