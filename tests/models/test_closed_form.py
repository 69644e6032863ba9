import numpy as np
import pytest
from numpy.typing import NDArray

from models.errors import ModelError
from models.joint.additive import ALPHA
from models.joint.closed_form import fit_private_space, fit_shared_space
from models.modality import MODALITIES, Modality

ENCODERS = {m: f"{m}@1" for m in MODALITIES}
Data = tuple[dict[Modality, NDArray[np.float64]], NDArray[np.bool_]]


def library(count: int, *, seed: int = 0) -> Data:
    """Sound, lyrics and cover that share six causes; playlists of their own; no tags, no graph."""
    rng = np.random.default_rng(seed)
    causes = rng.standard_normal((count, 6))
    x = {}
    for m, width in ((Modality.AUDIO, 30), (Modality.LYRICS, 40), (Modality.COVER, 20)):
        mixing = np.random.default_rng(width).standard_normal((6, width))
        x[m] = causes @ mixing + 0.5 * rng.standard_normal((count, width))
    x[Modality.PLAYLISTS] = rng.standard_normal((count, 10))
    present = rng.random((count, len(MODALITIES))) < 0.9
    present[:, [MODALITIES.index(Modality.TAGS), MODALITIES.index(Modality.GRAPH)]] = False
    return x, present


def test_shared_space_finds_a_track_by_another_modality() -> None:
    space = fit_shared_space(*library(400), encoders=ENCODERS, alpha=1.0)
    x, _ = library(50, seed=9)
    sound, sound_mask = space.blocks({Modality.AUDIO: x[Modality.AUDIO]})
    covers, _ = space.blocks({Modality.COVER: x[Modality.COVER]})
    scores = space.queries(sound, sound_mask) @ covers.astype(float).T
    assert np.mean(scores.argmax(axis=1) == np.arange(50)) > 0.8


def test_heads_carry_encoders_weights_and_only_modalities_at_hand() -> None:
    space = fit_shared_space(*library(100), encoders=ENCODERS, weights={Modality.COVER: 0.5}, name="mine")
    assert set(space.heads) == {Modality.AUDIO, Modality.LYRICS, Modality.COVER, Modality.PLAYLISTS}
    assert space.heads[Modality.COVER].weight == 0.5
    assert space.heads[Modality.AUDIO].encoder == "audio@1"
    assert (space.name, space.alpha) == ("mine", ALPHA)
    assert all(head.private.shape == (len(head.mean), 64) for head in space.heads.values())


@pytest.mark.parametrize("count", [1, 2, 12, 60])
def test_small_libraries_get_a_private_space(count: int) -> None:
    x, present = library(count)
    present[:, 0] = True
    space = fit_private_space(x, present, encoders=ENCODERS)
    blocks, mask = space.blocks(x, present)
    scores = space.queries(blocks, mask) @ blocks.astype(float).T
    assert np.isfinite(scores).all()
    assert space.alpha == 0
    assert all(head.shared is None for head in space.heads.values())


def test_nothing_to_fit_is_refused() -> None:
    x, present = library(5)
    with pytest.raises(ModelError, match="index some music"):
        fit_private_space(x, np.zeros_like(present), encoders=ENCODERS)
    with pytest.raises(ModelError, match="two modalities"):
        fit_shared_space({Modality.AUDIO: x[Modality.AUDIO]}, np.ones_like(present), encoders=ENCODERS)
