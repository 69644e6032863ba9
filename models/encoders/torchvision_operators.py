"""Let torchvision be imported beside a torch that its compiled half does not fit.

The package index has torchvision built for CUDA alone. Beside the CPU build of torch its compiled half does not load,
and its import then fails ("operator torchvision::nms does not exist"), and with it those of transformers,
sentence_transformers and open_clip. Nothing here uses the operators themselves: it is enough that they are declared.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

OPERATORS = {
    "nms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}
"""Those that torchvision registers shapes for whether or not they exist (torchvision/_meta_registrations.py)."""


@cache
def declare_torchvision_operators() -> tuple[str, ...]:
    """Declare the operators that torchvision's import needs and that do not exist; return their names.

    Call it before the first import of torchvision, transformers, sentence_transformers or open_clip. Where the compiled
    half loads, or torchvision is not installed, nothing is declared. A declared operator raises NotImplementedError
    when called.
    """
    import torch

    if not load_compiled_half():
        return ()
    missing = tuple(name for name in OPERATORS if not hasattr(torch.ops.torchvision, name))
    for name in missing:
        torch.library.define(f"torchvision::{name}", OPERATORS[name])
    return missing


def load_compiled_half() -> bool:
    """Load torchvision's compiled operators if they fit this torch; return whether torchvision is installed at all."""
    import torch

    spec = find_spec("torchvision")
    if spec is None or spec.origin is None:
        return False
    for library in sorted(Path(spec.origin).parent.glob("_C*.so")):
        try:
            torch.ops.load_library(str(library))  # type: ignore[no-untyped-call]
        except (OSError, ImportError):
            continue
    return True
