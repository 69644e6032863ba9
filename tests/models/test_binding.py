import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from models.errors import ModelError
from models.joint.binding import ROWS_AT_ONCE, Binding, BindingConfig, BindingModel
from models.joint.standardisation import Standardisation, fit_standardisation
from models.modality import MODALITIES, Modality

WIDTHS = {Modality.LYRICS: 10, Modality.AUDIO: 8, Modality.COVER: 7}
COLUMN = {m: MODALITIES.index(m) for m in MODALITIES}
Data = tuple[dict[Modality, NDArray[np.floating]], NDArray[np.bool_]]


def library(count: int, *, seed: int = 0) -> Data:
    rng = np.random.default_rng(seed)
    x = {m: 3 + 2 * rng.standard_normal((count, width)).astype(np.float32) for m, width in WIDTHS.items()}
    present = np.zeros((count, len(MODALITIES)), np.bool_)
    for m in WIDTHS:
        present[:, COLUMN[m]] = rng.random(count) < 0.7
    return x, present


def binding(**changes: object) -> BindingModel:
    torch.manual_seed(0)
    config = BindingConfig(WIDTHS, size=16, **changes)  # type: ignore[arg-type]
    x, _ = library(50, seed=9)
    inputs = {m: fit_standardisation(rows) for m, rows in x.items()}
    return BindingModel(Binding(config), inputs, {m: f"{m}@1" for m in WIDTHS})


def naive(
    model: BindingModel, x: dict[Modality, NDArray[np.floating]], present: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """One track at a time, numbers only."""
    state = {name: value.double().numpy() for name, value in model.network.state_dict().items()}
    rows = []
    for i in range(len(present)):
        joined = []
        for m in (m for m in MODALITIES if m in WIDTHS):
            weight, bias = state[f"encoders.{m}.0.weight"], state[f"encoders.{m}.0.bias"]
            standard = (x[m][i].astype(np.float64) - model.inputs[m].mean) / model.inputs[m].scale
            joined += list(np.maximum(weight @ standard + bias, 0) if present[i, COLUMN[m]] else 0 * bias)
        hidden = np.maximum(state["fusion.0.weight"] @ np.array(joined) + state["fusion.0.bias"], 0)
        fused = state["fusion.3.weight"] @ hidden + state["fusion.3.bias"]
        rows.append(fused * present[i].any())
    return np.array(rows)


@pytest.mark.parametrize("contraction", [1, 2, 4])
@pytest.mark.parametrize("expansion", [2, 4])
@pytest.mark.parametrize("twice", [False, True])
def test_shapes_are_the_papers(contraction: int, expansion: int, twice: bool) -> None:
    widths = {Modality.AUDIO: 128, Modality.LYRICS: 1024, Modality.COVER: 512, Modality.GRAPH: 128}
    network = Binding(BindingConfig(widths, contraction, expansion, twice))
    c, t = contraction, 2 if twice else 1
    joined = 128 // c + 1024 // (c * t) + 512 // (c * t) + 128 // c
    sizes = {name: tuple(p.shape) for name, p in network.named_parameters() if name.endswith("weight")}
    assert sizes["encoders.lyrics.0.weight"] == (1024 // (c * t), 1024)
    assert sizes["encoders.audio.0.weight"] == (128 // c, 128)
    assert sizes["fusion.0.weight"] == (expansion * joined, joined)
    assert sizes["fusion.3.weight"] == (128, expansion * joined)


def test_it_is_the_loop_over_tracks() -> None:
    model, (x, present) = binding(), library(20)
    present[5] = False
    expected = naive(model, x, present)
    np.testing.assert_allclose(model.fused(x, present), expected, rtol=1e-4, atol=1e-5)
    length = np.linalg.norm(expected, axis=1, keepdims=True)
    vectors = model.embed(x, present)
    assert vectors.dtype == np.float32
    assert vectors.shape == (20, 16)
    np.testing.assert_allclose(vectors, expected / np.where(length > 0, length, 1), rtol=1e-4, atol=1e-5)


def test_a_track_without_any_modality_gets_zeros_and_no_tracks_get_none() -> None:
    model, (x, present) = binding(), library(4)
    present[1] = False
    vectors = model.embed(x, present)
    assert (vectors[1] == 0).all()
    np.testing.assert_allclose(np.linalg.norm(vectors[[0, 2, 3]], axis=1), present[[0, 2, 3]].any(axis=1), rtol=1e-6)
    assert model.embed({m: rows[:0] for m, rows in x.items()}, present[:0]).shape == (0, 16)
    graph = np.zeros((4, len(MODALITIES)), np.bool_)
    graph[:, COLUMN[Modality.GRAPH]] = True
    assert (model.embed(x, graph) == 0).all()
    assert (model.embed({}, present) == 0).all()


def test_any_subset_works_and_a_missing_row_may_hold_anything() -> None:
    model, (x, present) = binding(), library(6)
    present[:] = False
    present[:, COLUMN[Modality.COVER]] = True
    present[:3, COLUMN[Modality.AUDIO]] = True
    alone = model.embed({Modality.COVER: x[Modality.COVER][3:]}, present[3:])
    x[Modality.AUDIO][3:] = np.nan
    x[Modality.LYRICS][:] = np.inf
    np.testing.assert_allclose(model.embed(x, present)[3:], alone, atol=1e-6)


def test_unknown_modalities_are_left_out() -> None:
    model, (x, present) = binding(), library(6)
    expected = model.embed(x, present)
    present[:, COLUMN[Modality.TAGS]] = True
    present[:, COLUMN[Modality.TAGS]] &= present.any(axis=1)
    lacking = ~present[:, [COLUMN[m] for m in WIDTHS]].any(axis=1)
    got = model.embed({**x, Modality.TAGS: np.ones((6, 3), np.float32)}, present)
    np.testing.assert_array_equal(got, expected)
    assert (got[lacking] == 0).all()


def test_batches_do_not_show() -> None:
    model, (x, present) = binding(), library(ROWS_AT_ONCE + 5)
    whole = model.embed(x, present)
    tail = model.embed({m: rows[-7:] for m, rows in x.items()}, present[-7:])
    np.testing.assert_allclose(whole[-7:], tail, atol=1e-5)


def test_order_of_tracks_does_not_matter() -> None:
    model, (x, present) = binding(), library(30)
    order = np.random.default_rng(1).permutation(30)
    shuffled = model.embed({m: rows[order] for m, rows in x.items()}, present[order])
    np.testing.assert_allclose(shuffled, model.embed(x, present)[order], atol=1e-5)


def test_dropout_is_off_while_embedding_and_on_again_afterwards() -> None:
    model, (x, present) = binding(dropout="everywhere", rate=0.5), library(30)
    model.network.train()
    np.testing.assert_array_equal(model.embed(x, present), model.embed(x, present))
    assert model.network.training
    model.network.eval()
    model.embed(x, present)
    assert not model.network.training


@pytest.mark.parametrize(("dropout", "rates"), [("none", (0, 0)), ("encoders", (0.2, 0)), ("everywhere", (0.2, 0.2))])
def test_dropout_stands_where_it_is_asked_for(dropout: str, rates: tuple[float, float]) -> None:
    found = {
        name: layer.p
        for name, layer in binding(dropout=dropout).network.named_modules()
        if type(layer) is torch.nn.Dropout
    }
    assert {rate for name, rate in found.items() if name.startswith("encoders")} == {rates[0]}
    assert found["fusion.2"] == rates[1]


def test_a_missing_row_gets_no_gradient_and_a_damaged_one_breaks_none() -> None:
    network = binding().network
    x, present = library(5)
    present[2, COLUMN[Modality.AUDIO]] = False
    present[3, COLUMN[Modality.AUDIO]] = True
    tensors = {m: torch.from_numpy(rows.copy()) for m, rows in x.items()}
    tensors[Modality.AUDIO][2] = torch.nan
    tensors[Modality.AUDIO].requires_grad_()
    network(tensors, torch.from_numpy(present)).square().sum().backward()
    gradient = tensors[Modality.AUDIO].grad
    assert gradient is not None
    assert (gradient[2] == 0).all()
    assert (gradient[3] != 0).any()
    assert all(p.grad is not None and torch.isfinite(p.grad).all() for p in network.parameters())


def test_vectors_that_do_not_fit_are_refused_in_one_line() -> None:
    model, (x, present) = binding(), library(5)
    present[0, COLUMN[Modality.AUDIO]] = True
    wide = {**x, Modality.AUDIO: np.ones((5, 9), np.float32)}
    short = {**x, Modality.AUDIO: x[Modality.AUDIO][:4]}
    flat = {**x, Modality.AUDIO: x[Modality.AUDIO][0]}
    broken, huge = dict(x), dict(x)
    broken[Modality.AUDIO] = np.where(np.arange(5)[:, None] == 0, np.float32(np.nan), x[Modality.AUDIO])
    huge[Modality.AUDIO] = np.full((5, 8), 1e300)
    for damaged in (wide, short, flat, broken, huge):
        with pytest.raises(ModelError) as caught:
            model.embed(damaged, present)
        assert "\n" not in str(caught.value)
    with torch.no_grad():
        model.network.fusion[3].weight.mul_(1e38)  # type: ignore[operator]
        model.network.fusion[0].weight.mul_(1e3)  # type: ignore[operator]
    with pytest.raises(ModelError, match="too large"):
        model.embed(x, present)


@pytest.mark.parametrize(
    "changes",
    [
        {"contraction": 3},
        {"contraction": True},
        {"expansion": 1},
        {"dropout": "some"},
        {"rate": 1.0},
        {"rate": float("nan")},
        {"size": 0},
        {"widths": {}},
        {"widths": {Modality.AUDIO: 0}},
        {"widths": {Modality.AUDIO: 1 << 40}},
        {"widths": {"smell": 3}},
    ],
)
def test_impossible_shapes_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ModelError, match="no binding model has this shape"):
        BindingConfig(**({"widths": WIDTHS} | changes))  # type: ignore[arg-type]


def test_narrow_encoders_keep_one_number() -> None:
    config = BindingConfig({Modality.TAGS: 3}, contraction=4, text_and_image_twice=True)
    assert config.contracted(Modality.TAGS) == 1
    assert Binding(config)({}, torch.zeros(2, 6, dtype=torch.bool)).shape == (2, 128)


def test_standardised_numbers_have_mean_zero_and_spread_one_and_constants_stay_finite() -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((500, 4)).astype(np.float32) * [1e-3, 1, 100, 0] + np.float32(7)
    fitted = fit_standardisation(x)
    rows = fitted.apply(x)
    np.testing.assert_allclose(rows.mean(axis=0), 0, atol=1e-3)
    np.testing.assert_allclose(rows.std(axis=0), [1, 1, 1, 0], atol=1e-3)
    assert fitted.scale[3] == 1
    one = fit_standardisation(x[:1])
    assert isinstance(one, Standardisation)
    np.testing.assert_allclose(one.apply(x[:1]), 0, atol=1e-5)
    for wrong in (x[:0], np.full((2, 3), np.nan)):
        with pytest.raises(ModelError):
            fit_standardisation(wrong)
