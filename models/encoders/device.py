"""Keep a model on the device asked for, and move it to the processor, once, where the device's memory runs out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = TypeVar("Answer")


class Placement:
    """A torch module and the device that it runs on: `placement.run(lambda model, device: model(x.to(device)).cpu())`.

    `notes` says in one line each what the person at the screen should know: that the processor took over, and why.
    """

    device: str
    """Where the model is now: "cpu", "cuda", "cuda:1", "mps"."""

    def __init__(self, model: Any, *, device: str = "cpu", name: str = "the model") -> None:
        """Move `model` to `device`; where that is absent or too small it stays on the processor and a note says so."""
        self.notes: list[str] = []
        self.device = "cpu"
        self._model = model
        self._name = name
        if device != "cpu":
            self._leave_processor(device)

    def run(self, work: Callable[[Any, str], Answer]) -> Answer:
        """Return `work(model, device)`; where the device's memory runs out, do the same on the processor from then on.

        `work` may be called twice and must leave nothing behind when it fails. Without memory on the processor the
        error is the caller's.
        """
        if self.device == "cpu":
            return work(self._model, "cpu")
        try:
            return work(self._model, self.device)
        except RuntimeError as error:
            if not out_of_memory(error):
                raise
        # Only here, where the error and the tensors that its frames hold are gone, is the device's memory free.
        self._return_to_processor("ran out of memory")
        return work(self._model, "cpu")

    def _leave_processor(self, device: str) -> None:
        try:
            self._model.to(device)
        except (RuntimeError, AssertionError) as error:  # torch built without CUDA raises AssertionError
            reason = "has too little memory" if out_of_memory(error) else "is not there"
        else:
            self.device = device
            return
        self.device = device
        self._return_to_processor(reason)

    def _return_to_processor(self, reason: str) -> None:
        import torch

        self._model.to("cpu")
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        self.notes.append(f"{self.device} {reason}: {self._name} goes on on the processor, slower")
        self.device = "cpu"


def out_of_memory(error: BaseException) -> bool:
    """Tell whether an error says that a device has no memory left (CUDA has a class for it, Metal only words)."""
    import torch

    return isinstance(error, torch.OutOfMemoryError) or "out of memory" in str(error).lower()
