"""A hub on this machine that has one small model of every kind of file."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import save

from models.encoders.known import KnownEncoder, known
from tests.indexer.encoders.local_hub import LocalHub, local_hub

REPOSITORY = "facebook/dinov2-base"


@pytest.fixture
def encoder() -> KnownEncoder:
    found = known("dinov2-base")
    assert found is not None
    return replace(found, optional=("special.json", "absent.json"))


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalHub]:
    weights = save({"w": np.random.default_rng(0).normal(size=(600, 1000)).astype(np.float32)})
    assert len(weights) > 2_000_000
    with local_hub() as hub:
        hub.files[REPOSITORY] = {
            "config.json": b'{"hidden_size": 8}',
            "preprocessor_config.json": b"{}",
            "model.safetensors": weights,
            "special.json": b"[]",
            "pytorch_model.bin": b"\x80never fetched",
        }
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.delenv(name, raising=False)
        yield hub
