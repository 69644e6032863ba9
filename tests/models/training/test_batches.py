"""The order of an epoch, its batches, and what is read for them."""

import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from models.modality import MODALITIES, Modality
from models.training.batches import SIDE_BY_SIDE, batches, epoch_order, read_rows
from tests.models.training.small_data import small_dataset


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("count", [0, 1, 7, 500])
def test_every_example_comes_once_an_epoch(count: int, grouped: bool) -> None:
    groups = np.arange(count) % 13 if grouped else None
    order = epoch_order(count, seed=3, epoch=5, groups=groups)
    assert sorted(order.tolist()) == list(range(count))
    assert (order == epoch_order(count, seed=3, epoch=5, groups=groups)).all()
    if count == 500:
        assert (order != epoch_order(count, seed=3, epoch=6, groups=groups)).any()
        assert (order != epoch_order(count, seed=4, epoch=5, groups=groups)).any()


def test_groups_stand_side_by_side_a_few_at_a_time() -> None:
    groups = np.random.default_rng(0).integers(0, 40, 600)
    order = epoch_order(600, seed=0, epoch=0, groups=groups)
    expected = sum(-(-int(size) // SIDE_BY_SIDE) for size in np.bincount(groups))
    changes = 1 + int((np.diff(groups[order]) != 0).sum())
    assert changes <= expected
    assert changes > expected * 0.9  # two runs of a group may meet, but seldom do: runs are shuffled
    longest = max(len(run) for run in np.split(order, np.flatnonzero(np.diff(groups[order])) + 1))
    assert longest >= SIDE_BY_SIDE


@pytest.mark.parametrize("start", [0, 1, 3, 9])
def test_batches_go_on_in_the_middle(start: int) -> None:
    order = np.random.default_rng(0).permutation(103)
    whole = [part.tolist() for part in batches(order, size=25)]
    assert [len(part) for part in whole] == [25, 25, 25, 25, 3]
    assert [part.tolist() for part in batches(order, size=25, start=start)] == whole[start:]


def test_rows_are_read_as_they_are_asked_for(tmp_path: Path) -> None:
    dataset = small_dataset(tmp_path, count=50, missing=0.5)
    rows = np.array([7, 3, 3, 49, 0])
    x, present = read_rows(dataset, rows, "cpu")
    assert (present.numpy() == dataset.present[rows]).all()
    for m in (Modality.AUDIO, Modality.TAGS):
        here = dataset.present[rows, MODALITIES.index(m)]
        assert x[m].shape == (5, dataset.x[m].shape[1])
        assert (x[m].numpy()[here] == np.asarray(dataset.x[m])[rows[here]]).all()
        assert not x[m].numpy()[~here].any()


MEMORY = """
import resource, sys
from pathlib import Path
import numpy as np
import torch
torch.set_num_threads(1)
from models.dataset import Dataset, load_dataset
from models.training.recipes import RECIPES
from models.training.run import Run
from models.modality import MODALITIES, Modality
import models.training.contrastive_task, scipy.linalg

folder, out, limit = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
count, width = 120_000, 2048
generator = np.random.default_rng(0)
x = {}
for m in (Modality.AUDIO, Modality.TAGS):
    # A file with holes: what is not written takes no disk and reads as zeros.
    matrix = np.lib.format.open_memmap(folder / f"{m}.npy", mode="w+", dtype=np.float32, shape=(count, width))
    matrix[::400] = generator.normal(size=(300, width))
    matrix.flush()
    x[m] = np.load(folder / f"{m}.npy", mmap_mode="r")
present = np.zeros((count, len(MODALITIES)), np.bool_)
present[::400, [MODALITIES.index(m) for m in x]] = True
used = [int(line.split()[1]) << 10 for line in open("/proc/self/status") if line.startswith("VmData")][0]
resource.setrlimit(resource.RLIMIT_DATA, (used + limit, used + limit))
try:
    np.ones(count * width // 2, np.float32)
except MemoryError:
    print("one matrix does not fit")
none = np.zeros(count, np.int64)
ids, artists = tuple(map(str, range(count))), np.arange(count) // 8
dataset = Dataset(ids, x, present, {m: "e" for m in x}, artists, none, none, ((),) * count)
recipe = RECIPES["contrastive"]
run = Run(out, dataset, recipe, recipe.options(epochs=2, batch=64), threads=1)
print([moment.epoch for moment in run.train() if moment.epoch_ended])
"""


@pytest.mark.skipif(
    not hasattr(resource, "RLIMIT_DATA") or sys.platform != "linux", reason="limits memory as Linux does"
)
def test_matrices_larger_than_memory_are_trained_on(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    command = [sys.executable, "-c", MEMORY, str(tmp_path / "data"), str(tmp_path / "run"), str(450 << 20)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["one matrix does not fit", "[1, 2]"]
