"""Build a tiny OpenCLIP model in the form the hub keeps it on disk."""

import json
from pathlib import Path

from models.encoders.offline import go_offline
from models.encoders.open_clip import CONFIG, WEIGHTS
from models.encoders.torchvision_operators import declare_torchvision_operators

MODEL = {
    "embed_dim": 16,
    "vision_cfg": {"image_size": 32, "layers": 2, "width": 32, "patch_size": 8, "head_width": 16},
    "text_cfg": {"context_length": 8, "vocab_size": 64, "width": 16, "heads": 2, "layers": 1},
}


def make_tiny_open_clip(directory: Path) -> Path:
    """Write a model of the same architecture with seeded weights and return its folder."""
    go_offline()
    declare_torchvision_operators()
    import open_clip
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(0)
    directory.mkdir()
    model = open_clip.CLIP(**MODEL)
    save_file({name: value.contiguous() for name, value in model.state_dict().items()}, directory / WEIGHTS)
    preprocess = {"mean": [0.48, 0.46, 0.41], "std": [0.27, 0.26, 0.28], "interpolation": "bicubic"}
    (directory / CONFIG).write_text(json.dumps({"model_cfg": MODEL, "preprocess_cfg": preprocess}))
    return directory
