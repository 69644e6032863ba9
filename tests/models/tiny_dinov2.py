"""Build a tiny DINOv2 model in the form the hub keeps it on disk."""

import json
from pathlib import Path
from typing import Any

from models.encoders.dinov2 import PREPROCESSING
from models.encoders.offline import go_offline
from models.encoders.torchvision_operators import declare_torchvision_operators

DIMENSION = 16
PREPROCESS: dict[str, Any] = {
    "crop_size": {"height": 56, "width": 56},
    "do_center_crop": True,
    "do_convert_rgb": True,
    "do_normalize": True,
    "do_rescale": True,
    "do_resize": True,
    "image_mean": [0.485, 0.456, 0.406],
    "image_processor_type": "BitImageProcessor",
    "image_std": [0.229, 0.224, 0.225],
    "resample": 3,
    "rescale_factor": 0.00392156862745098,
    "size": {"shortest_edge": 64},
}
"""The published one with a smaller picture."""


def make_tiny_dinov2(directory: Path) -> Path:
    """Write a model of the same architecture with seeded weights and return its folder."""
    go_offline()
    declare_torchvision_operators()
    import torch
    from transformers import Dinov2Config, Dinov2Model

    torch.manual_seed(0)
    shape = Dinov2Config(
        hidden_size=DIMENSION, num_hidden_layers=2, num_attention_heads=2, patch_size=14, image_size=70,
        initializer_range=0.3, layerscale_value=0.5,
    )  # fmt: skip
    Dinov2Model(shape).save_pretrained(directory)
    (directory / PREPROCESSING).write_text(json.dumps(PREPROCESS))
    return directory
