"""Convert OpenL3's audio weights, published as Keras HDF5, into a folder that fairouz-tui loads.

    pip install h5py
    python scripts/convert_openl3.py openl3_audio_mel256_music.h5 ~/converted/openl3

Layers are taken in the order in which Keras lists them, since their numbers differ from release to release; the layers
of the spectrogram, which some releases keep in the file, are compared with ours and left out.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from models.encoders.converted import write_converted
from models.encoders.openl3 import INPUT
from models.encoders.openl3_features import mel_filters
from models.encoders.openl3_network import CONVOLUTIONS, OpenL3Shape, shape_of
from models.errors import ModelError

Layer = dict[str, NDArray[Any]]
"""What one layer holds, by the last part of its name: kernel, bias, gamma ..."""

_NORM = {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var"}
_MEL_DIFFERENCE = 1e-5
"""Of filters of at most .09: single precision, and no more."""


def main() -> None:
    """Convert one file; exit 1 with a line that says why where it is none."""
    parser = argparse.ArgumentParser(description="Convert OpenL3's audio weights (.h5) into a folder of safetensors.")
    parser.add_argument("source", type=Path, help="openl3_audio_mel256_music.h5")
    parser.add_argument("folder", type=Path, help="the folder to make")
    parser.add_argument("--content", choices=("music", "env"), default="music", help="what it was trained on")
    arguments = parser.parse_args()
    try:
        path, shape = convert(arguments.source, arguments.folder, content=arguments.content)
    except ModelError as error:
        sys.exit(str(error))
    width = shape.channels[-1]
    print(f"{path}: {width} or {12 * width} numbers a second{'' if shape == OpenL3Shape() else ', not as published'}")


def convert(source: Path, folder: Path, *, content: str = "music") -> tuple[Path, OpenL3Shape]:
    """Convert one file and return what was written; raises ModelError where it does not hold the network."""
    layers = list(read_layers(source))
    see_filters(layers, source)
    tensors = named(layers, source)
    shape = shape_of({name: tuple(tensor.shape) for name, tensor in tensors.items()})
    for name, expected in shape.weights().items():
        if tuple(tensors[name].shape) != expected:
            raise ModelError(
                f"{name} made of {source} is {tuple(tensors[name].shape)}, not {expected}: another network"
            )
    about = {"architecture": "openl3", "input": INPUT, "content": content}
    return write_converted(folder, tensors, source=source, about=about), shape


def read_layers(source: Path) -> Iterator[Layer]:
    """Read the layers of a Keras file in their order, those without weights left out; raises ModelError for others."""
    try:
        import h5py
    except ImportError as error:
        raise ModelError("reading .h5 needs h5py: pip install h5py") from error
    try:
        with h5py.File(source, "r") as file:
            root = file.get("model_weights", file)
            for layer in root.attrs["layer_names"]:
                group = root[_text(layer)]
                names = [_text(name) for name in group.attrs["weight_names"]]
                if names:
                    yield {_last_part(name): np.asarray(group[name]) for name in names}
    except (OSError, KeyError, ValueError) as error:
        raise ModelError(f"{source} is no file of Keras weights ({error})") from error


def _text(name: bytes | str) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)


def _last_part(name: str) -> str:
    return name.rpartition("/")[2].partition(":")[0]


def see_filters(layers: list[Layer], source: Path) -> None:
    """Raise ModelError where the file holds mel filters, and others than `openl3_features` applies."""
    ours = mel_filters().T
    for layer in layers:
        for values in layer.values():
            if values.shape == ours.shape and np.abs(values - ours).max() > _MEL_DIFFERENCE:
                raise ModelError(f"{source} was trained on other mel filters than those applied here")


def named(layers: list[Layer], source: Path) -> dict[str, torch.Tensor]:
    """Name the weights as the network does and turn the kernels from [h, w, in, out] to [out, in, h, w]."""
    convolutions = [layer for layer in layers if layer.keys() == {"kernel", "bias"} and layer["kernel"].ndim == 4]
    norms = [layer for layer in layers if layer.keys() == _NORM.keys()]
    if (len(convolutions), len(norms)) != (CONVOLUTIONS, CONVOLUTIONS):
        raise ModelError(
            f"{source} holds {len(convolutions)} convolutions and {len(norms)} batch norms; OpenL3's audio network has "
            f"{CONVOLUTIONS} of each: this is another network"
        )
    tensors: dict[str, NDArray[Any]] = {}
    for place, layer in enumerate(convolutions):
        tensors[f"convolutions.{place}.weight"] = layer["kernel"].transpose(3, 2, 0, 1)
        tensors[f"convolutions.{place}.bias"] = layer["bias"]
    for place, layer in enumerate(norms):
        tensors |= {f"norms.{place}.{ours}": layer[theirs] for theirs, ours in _NORM.items()}
    return {name: torch.from_numpy(np.ascontiguousarray(values)) for name, values in tensors.items()}


if __name__ == "__main__":
    main()
