"""Write the folder of a model whose weights are published in another form: model.safetensors, described in its header.

For the converters among the scripts; the program itself converts nothing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from models.encoders.model_folder import ABOUT, WEIGHTS, digest
from models.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor


def write_converted(directory: Path, tensors: Mapping[str, Tensor], *, source: Path, about: Mapping[str, str]) -> Path:
    """Write `tensors` to model.safetensors in `directory`, with `about` and the source's hash in its header.

    Numbers become float32, integers stay. The same source gives the same file, bit for bit. Returns its path; raises
    ModelError where one is there already.
    """
    import torch
    from safetensors.torch import save_file

    path = directory / WEIGHTS
    if path.exists():
        raise ModelError(f"{path} is there already: give another folder")
    directory.mkdir(parents=True, exist_ok=True)
    described = {**about, "source": source.name, "source_sha256": digest(source)}
    unfinished = path.with_suffix(".part")
    single = {
        name: tensor.to(torch.float32) if tensor.is_floating_point() else tensor for name, tensor in tensors.items()
    }
    ready = {name: tensor.detach().contiguous() for name, tensor in single.items()}
    save_file(ready, unfinished, metadata={ABOUT: json.dumps(described, sort_keys=True)})
    unfinished.replace(path)
    return path
