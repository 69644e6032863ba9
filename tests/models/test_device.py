"""A model whose device runs out of memory goes on on the processor, and says so once."""

import pytest
import torch

from models.encoders.device import Placement


class Small(torch.nn.Module):
    """Doubles; has no memory anywhere but on the processor, or none at all where `never` is set."""

    def __init__(self, *, never: bool = False, room_to_load: bool = True) -> None:
        super().__init__()
        self.moves: list[str] = []
        self.never, self.room_to_load = never, room_to_load

    def to(self, device: str) -> "Small":  # type: ignore[override]
        if device != "cpu" and not self.room_to_load:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        self.moves.append(device)
        return self

    def forward(self, x: torch.Tensor, device: str) -> torch.Tensor:
        if device != "cpu" or self.never:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return x * 2


def test_out_of_memory_goes_on_on_the_processor_and_says_so_once() -> None:
    model = Small()
    placement = Placement(model, device="cuda", name="mxbai-embed-large-v1")
    assert (placement.device, placement.notes) == ("cuda", [])
    for _ in range(3):
        doubled = placement.run(lambda model, device: model(torch.ones(2), device))
        assert doubled.tolist() == [2.0, 2.0]
    assert placement.device == "cpu"
    assert placement.notes == ["cuda ran out of memory: mxbai-embed-large-v1 goes on on the processor, slower"]
    assert model.moves == ["cuda", "cpu"]


def test_a_device_too_small_to_load_the_model() -> None:
    placement = Placement(Small(room_to_load=False), device="cuda:1", name="clap")
    assert placement.device == "cpu"
    assert placement.notes == ["cuda:1 has too little memory: clap goes on on the processor, slower"]


@pytest.mark.skipif(torch.cuda.is_available(), reason="says what happens where there is no CUDA device")
def test_a_device_that_is_not_there() -> None:
    placement = Placement(torch.nn.Linear(2, 2), device="cuda", name="clap")
    assert placement.device == "cpu"
    assert placement.notes == ["cuda is not there: clap goes on on the processor, slower"]
    assert placement.run(lambda model, device: model(torch.ones(1, 2, device=device))).shape == (1, 2)


def test_other_errors_and_a_full_processor_are_the_callers() -> None:
    placement = Placement(torch.nn.Linear(2, 2))
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        placement.run(lambda model, device: model(torch.ones(1, 3)))
    with pytest.raises(torch.cuda.OutOfMemoryError):
        Placement(Small(never=True), device="cuda").run(lambda model, device: model(torch.ones(2), device))
    assert placement.notes == []
