"""Load a model of the transformers package from a local folder, strictly: safetensors, float32, no remote code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from models.encoders.model_folder import WEIGHTS, read_header, read_json, unfit
from models.encoders.offline import go_offline
from models.encoders.torchvision_operators import declare_torchvision_operators
from models.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

UNFIT = (OSError, RuntimeError, ValueError, TypeError, KeyError, AttributeError, ImportError, IndexError)
"""What transformers raises for a configuration that it cannot build or weights that do not fit it."""


def load_tower(directory: Path, model: str, config: str, *, model_type: str, part: str = "") -> Any:
    """Load the class `model` of transformers with the configuration class `config` from config.json in `directory`.

    `model_type` is what config.json must say; `part` names the part of the configuration that this tower is built
    from. Raises ModelError for another architecture, and where a weight is missing or of another shape: transformers
    itself would only warn and go on with random ones.
    """
    see_architecture(directory, model_type)
    read_header(directory / WEIGHTS)
    go_offline()
    declare_torchvision_operators()
    import torch
    import transformers
    from safetensors import SafetensorError

    try:
        whole = getattr(transformers, config).from_pretrained(str(directory), local_files_only=True)
        loaded, report = getattr(transformers, model).from_pretrained(
            str(directory), config=getattr(whole, part) if part else whole, local_files_only=True,
            use_safetensors=True, dtype=torch.float32, output_loading_info=True, ignore_mismatched_sizes=True,
        )  # fmt: skip
    except (SafetensorError, *UNFIT) as error:
        raise unfit(directory, error) from error
    numbers = {name for name, tensor in loaded.state_dict().items() if tensor.is_floating_point()}
    lacking = sorted(set(report["missing_keys"]) & numbers)
    lacking += sorted(str(entry[0]) for entry in report["mismatched_keys"])
    if lacking:
        raise ModelError(f"{lacking[0]} in {directory} is missing or of another shape: fetch the model again")
    return loaded.eval()


def see_architecture(directory: Path, model_type: str) -> dict[str, Any]:
    """Read config.json; raises ModelError when it is missing or of another architecture."""
    config = read_json(directory / "config.json")
    if config.get("model_type") != model_type:
        found = config.get("model_type")
        raise ModelError(
            f"{directory / 'config.json'} is of architecture {found!r}, not {model_type!r}: fetch it again"
        )
    return config
