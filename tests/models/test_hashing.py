import subprocess
import sys

import numpy as np

from models.encoders.hashing import seeded_gaussian, seeded_gaussians


def test_known_values_hold_on_every_machine_and_version() -> None:
    expected = [-0.5071538, -1.0413659, -1.079132, -0.499729]
    np.testing.assert_allclose(seeded_gaussian("artist:fairouz", dimension=4), expected, rtol=1e-6)


def test_another_process_draws_the_same() -> None:
    code = (
        "from models.encoders.hashing import seeded_gaussian\n"
        "print(seeded_gaussian('فيروز', dimension=3).tobytes().hex())"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert told == seeded_gaussian("فيروز", dimension=3).tobytes().hex()


def test_vectors_are_standard_normal_and_nearly_orthogonal() -> None:
    rows = seeded_gaussians([f"key {i}" for i in range(400)], dimension=128)
    assert rows.dtype == np.float32
    assert abs(rows.mean()) < 0.02
    assert abs(rows.std() - 1) < 0.02
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    cosines = (unit @ unit.T)[np.triu_indices(400, 1)]
    assert abs(cosines.std() - 128**-0.5) < 0.005


def test_bulk_equals_one_by_one_and_none_is_zero() -> None:
    keys = ["a", None, "b", "a", "\udcff"]
    rows = seeded_gaussians(keys, dimension=8)
    for key, row in zip(keys, rows, strict=True):
        np.testing.assert_array_equal(row, np.zeros(8) if key is None else seeded_gaussian(key, dimension=8))
    assert seeded_gaussians([], dimension=8).shape == (0, 8)
