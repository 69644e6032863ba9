"""Convert VGGish's weights, published as a torch pickle, into a folder that fairouz-tui loads.

    python scripts/convert_vggish.py vggish-10086976.pth ~/converted/vggish

The pickle is read with weights_only, which builds tensors and runs nothing. See docs/converting.md for where it is
published.
"""

import argparse
import pickle
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from models.encoders.converted import write_converted
from models.encoders.vggish_network import VggishShape, shape_of
from models.errors import ModelError

if TYPE_CHECKING:
    from torch import Tensor


def main() -> None:
    """Convert one file; exit 1 with a line that says why where it is none."""
    parser = argparse.ArgumentParser(description="Convert VGGish's weights (.pth) into a folder of safetensors.")
    parser.add_argument("source", type=Path, help="vggish-10086976.pth")
    parser.add_argument("folder", type=Path, help="the folder to make")
    arguments = parser.parse_args()
    try:
        path, shape = convert(arguments.source, arguments.folder)
    except ModelError as error:
        sys.exit(str(error))
    note = "" if shape == VggishShape() else " (not the published widths)"
    print(f"{path}: {shape.dimension} numbers a picture{note}")


def convert(source: Path, folder: Path) -> tuple[Path, VggishShape]:
    """Convert one file and return what was written; raises ModelError where it does not hold VGGish."""
    tensors = read_pickle(source)
    try:
        shape = shape_of({name: tuple(tensor.shape) for name, tensor in tensors.items()})
    except (KeyError, IndexError) as error:
        raise ModelError(f"{source} lacks {error}: these are not VGGish's weights in torch's form") from error
    for name, expected in shape.weights().items():
        found = tuple(tensors[name].shape) if name in tensors else None
        if found != expected:
            raise ModelError(f"{name} in {source} is {found}, not {expected}: these are not VGGish's weights")
    # What else may lie there is the PCA of the published 8-bit vectors, which is not used.
    kept = {name: tensors[name] for name in shape.weights()}
    return write_converted(folder, kept, source=source, about={"architecture": "vggish"}), shape


def read_pickle(source: Path) -> dict[str, "Tensor"]:
    """Read a dictionary of tensors from a torch pickle; raises ModelError for anything else."""
    import torch

    try:
        content = torch.load(source, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, ValueError, pickle.UnpicklingError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ModelError(f"{source} is no file of torch weights ({reason})") from error
    if not isinstance(content, dict):
        raise ModelError(f"{source} holds no dictionary of weights")
    return {name: value for name, value in content.items() if isinstance(value, torch.Tensor)}


if __name__ == "__main__":
    main()
