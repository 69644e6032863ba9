"""Write a binding model to a file and read it back: safetensors with JSON beside the numbers, never pickle."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models.checkpoint import word
from models.joint.binding import Binding, BindingConfig, BindingModel
from models.joint.standardisation import Standardisation
from models.modality import MODALITIES, Modality
from models.model_file import Arrays, read_model, write_in_one_step

FORMAT = "fairouz-tui binding"
VERSION = 1
KEY = "binding"
"""The entry of the safetensors header that holds our JSON."""

BYTES_AT_MOST = 2 << 30
"""Six modalities at 1,024 numbers, contraction 1 and expansion 4 take 640 MB; a file beyond this is something else."""

NETWORK = "network."
"""How the names of the network's own arrays begin."""


def save_binding(model: BindingModel, path: Path) -> None:
    """Write `model` to `path` in one step: a reader sees the old file or the whole new one, also after a crash.

    Raises ModelError when the folder cannot be written.
    """
    from safetensors.numpy import save

    data = save(arrays(model), metadata={KEY: json.dumps(description(model))})
    write_in_one_step(data, path, what="binding model")


def load_binding(path: Path) -> BindingModel:
    """Read the binding model in `path`, ready to embed, on the processor.

    Raises ModelError, one line, for a file that is missing, truncated, of another kind or a newer version, or whose
    numbers have the wrong shape or type or are not finite.
    """
    return read_model(path, rebuilt, key=KEY, what="binding model", bytes_at_most=BYTES_AT_MOST)


def description(model: BindingModel) -> dict[str, Any]:
    """Describe everything of a model but its arrays, ready for JSON."""
    config = {field.name: getattr(model.network.config, field.name) for field in fields(BindingConfig)}
    config["widths"] = {m.value: width for m, width in model.network.config.widths.items()}
    encoders = {m.value: model.encoders[m] for m in model.network.modalities()}
    return {"format": FORMAT, "version": VERSION, "config": config, "encoders": encoders}


def arrays(model: BindingModel) -> Arrays:
    """Name the arrays of a model, float32: "audio.mean", "audio.scale" and so on, "network.fusion.0.weight"."""
    state = model.network.state_dict()
    named = {f"{NETWORK}{name}": tensor.detach().cpu().float().numpy() for name, tensor in state.items()}
    for m in model.network.modalities():
        named |= {f"{m}.mean": model.inputs[m].mean, f"{m}.scale": model.inputs[m].scale}
    return {name: np.ascontiguousarray(array, np.float32) for name, array in named.items()}


def rebuilt(description: dict[str, Any], read: Arrays) -> BindingModel:
    """Make the model of a description and its arrays; raises ValueError or ModelError for whatever does not fit."""
    if not isinstance(description, dict) or description.get("format") != FORMAT:
        raise ValueError("it is of another kind")
    if description.get("version") != VERSION:
        raise ValueError(f"version {description.get('version')!r}, this app reads {VERSION}")
    settings = dict(description["config"])
    widths = {Modality(m): width for m, width in settings.pop("widths").items()}
    config = BindingConfig(widths={m: widths[m] for m in MODALITIES if m in widths}, **settings)
    # A network without numbers: its shapes are known before the file can make us take memory for them.
    with torch.device("meta"):
        network = Binding(config)
    check(read, shapes(network))
    state = {name.removeprefix(NETWORK): torch.from_numpy(x) for name, x in read.items() if name.startswith(NETWORK)}
    network.load_state_dict(state, assign=True)
    network.eval()
    inputs = {m: Standardisation(read[f"{m}.mean"], read[f"{m}.scale"]) for m in network.modalities()}
    return BindingModel(network, inputs, {m: word(description["encoders"], m) for m in network.modalities()})


def shapes(network: Binding) -> dict[str, tuple[int, ...]]:
    """Return the shape of every array that the file of a network has."""
    expected = {f"{NETWORK}{name}": tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    for m, width in network.config.widths.items():
        expected |= {f"{m}.mean": (width,), f"{m}.scale": (width,)}
    return expected


def check(read: Arrays, expected: dict[str, tuple[int, ...]]) -> None:
    """Raise ValueError where an array is missing, unknown, of the wrong shape or type, or not finite."""
    if set(read) != set(expected):
        raise ValueError(f"array {min(set(read) ^ set(expected))!r} is missing or unknown")
    for name, array in read.items():
        if array.shape != expected[name] or array.dtype != np.float32:
            raise ValueError(f"{name} is {array.dtype} {array.shape}, not float32 {expected[name]}")
        if not np.isfinite(array).all() or (name.endswith(".scale") and not (array > 0).all()):
            raise ValueError(f"{name} has numbers that are not finite or no scale")
