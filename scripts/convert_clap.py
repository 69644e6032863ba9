"""Convert CLAP's weights, published as torch pickles, into a folder that fairouz-tui loads.

    python scripts/convert_clap.py pytorch_model.bin FOLDER ~/converted/clap
    python scripts/convert_clap.py music_audioset_epoch_15_esc_90.14.pt FOLDER ~/converted/clap

FOLDER holds config.json, preprocessor_config.json and tokenizer.json of the model on the hub. Both forms are read: the
hub's own, and the checkpoints of the training program, whose names are turned into the hub's. The pickle is read with
weights_only, which builds tensors and runs nothing.
"""

import argparse
import pickle
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import torch

from models.encoders.clap import FILES
from models.encoders.converted import write_converted
from models.encoders.model_folder import WEIGHTS, found_files
from models.errors import ModelError

Tensors = dict[str, torch.Tensor]

_TOWERS = ("audio_model.", "text_model.", "audio_projection.", "text_projection.")
_ORIGINAL = "text_branch."
"""What the names of the training program's text tower begin with."""
_NAMES = (
    (r"^text_branch\.", "text_model."),
    (r"^audio_branch\.", "audio_model.audio_encoder."),
    (r"_projection\.0\.", "_projection.linear1."),
    (r"_projection\.2\.", "_projection.linear2."),
)
_AUDIO_NAMES = (
    (r"\.bn0\.", ".batch_norm."),
    (r"\.attn\.proj\.", ".attention.output.dense."),
    (r"\.attn\.", ".attention.self."),
    (r"\.mlp\.fc1\.", ".intermediate.dense."),
    (r"\.mlp\.fc2\.", ".output.dense."),
    (r"\.norm1\.", ".layernorm_before."),
    (r"\.norm2\.", ".layernorm_after."),
)
_LEFT_OUT = re.compile(r"\.(spectrogram_extractor|logmel_extractor|tscam_conv|head|attn_mask)(\.|$)")
"""The front end, which is ours, and the heads of the training."""


def main() -> None:
    """Convert one file; exit 1 with a line that says why where it is none."""
    parser = argparse.ArgumentParser(description="Convert CLAP's weights (.bin, .pt) into a folder of safetensors.")
    parser.add_argument("source", type=Path, help="pytorch_model.bin, or a checkpoint of the training program")
    parser.add_argument("description", type=Path, help="the folder with " + ", ".join(FILES[:-1]))
    parser.add_argument("folder", type=Path, help="the folder to make")
    arguments = parser.parse_args()
    try:
        path = convert(arguments.source, arguments.description, arguments.folder)
    except ModelError as error:
        sys.exit(str(error))
    print(path)


def convert(source: Path, description: Path, folder: Path) -> Path:
    """Convert one file and copy what describes it; raises ModelError where it does not hold both towers."""
    found_files(description, "CLAP's description", FILES[:-1])
    tensors = read_weights(source)
    if any(name.startswith(_ORIGINAL) for name in tensors):
        tensors = renamed(tensors)
    kept = {name: tensor for name, tensor in tensors.items() if name.startswith(_TOWERS)}
    missing = [tower for tower in _TOWERS if not any(name.startswith(tower) for name in kept)]
    if missing:
        raise ModelError(f"{source} lacks {missing[0]}*: these are not CLAP's weights")
    if (folder / WEIGHTS).exists():
        raise ModelError(f"{folder / WEIGHTS} is there already: give another folder")
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES[:-1]:
        shutil.copyfile(description / name, folder / name)
    return write_converted(folder, kept, source=source, about={"architecture": "clap"})


def read_weights(source: Path) -> Tensors:
    """Read the tensors of a torch pickle, those of a training checkpoint's model; raises ModelError for others."""
    try:
        with torch.serialization.safe_globals(_harmless()):
            content = torch.load(source, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, ValueError, pickle.UnpicklingError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ModelError(f"{source} is no file of torch weights ({reason})") from error
    content = content.get("state_dict", content) if isinstance(content, dict) else {}
    tensors = {name: value for name, value in content.items() if isinstance(value, torch.Tensor)}
    return {name.removeprefix("module."): value for name, value in tensors.items()}


def _harmless() -> list[Any]:
    """List what a training checkpoint holds beside tensors: numbers of numpy, among the figures of the run."""
    import numpy as np

    kinds = {type(np.dtype(kind)) for kind in (np.float64, np.float32, np.int64, np.int32, np.bool_)}
    scalar = np._core.multiarray.scalar
    return [np.dtype, *kinds, scalar, (scalar, "numpy.core.multiarray.scalar")]


def renamed(tensors: Tensors) -> Tensors:
    """Give the tensors of the training program the hub's names; query, key and value lie in one there."""
    made: Tensors = {}
    for name, tensor in tensors.items():
        if _LEFT_OUT.search(name):
            continue
        new = _replaced(name, _NAMES)
        if name.startswith("audio_branch."):
            new = _replaced(new, _AUDIO_NAMES)
        if ".qkv." in new:
            parts = zip(("query", "key", "value"), tensor.chunk(3), strict=True)
            made |= {new.replace("qkv", part): values.clone() for part, values in parts}
        else:
            made[new] = tensor
    return made


def _replaced(name: str, rules: tuple[tuple[str, str], ...]) -> str:
    for pattern, replacement in rules:
        name = re.sub(pattern, replacement, name)
    return name


if __name__ == "__main__":
    main()
