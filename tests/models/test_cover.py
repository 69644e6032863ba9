import io

import numpy as np
import pytest
from PIL import Image

from models.encoders.cover import BLOCKS, DIMENSIONS, Pixels, dominant_colours, encode_cover, to_lab


def picture(seed: int, *, size: int = 200) -> Pixels:
    """A cover of a graded ground, coloured boxes and stripes, different for each seed."""
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.linspace(0, 1, size), np.linspace(0, 1, size))
    image = np.stack([x, y, 1 - x], axis=-1) * rng.integers(60, 255, 3)
    for _ in range(4):
        top, left = rng.integers(0, size * 2 // 3, 2)
        image[top : top + size // 4, left : left + size // 3] = rng.integers(0, 255, 3)
    stripes = np.sin((x * rng.uniform(-1, 1) + y * rng.uniform(-1, 1)) * 60) > 0.6
    image[stripes & (y > rng.uniform(0.2, 0.7))] = rng.integers(0, 255, 3)
    return image.astype(np.uint8)


def plain(*colour: int) -> Pixels:
    return np.full((50, 80, 3), colour, dtype=np.uint8)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("size", "quality"), [(64, 90), (150, 40), (500, 75)])
def test_the_same_picture_in_another_size_and_quality(seed: int, size: int, quality: int) -> None:
    original = picture(seed)
    file = io.BytesIO()
    Image.fromarray(original).resize((size, size), Image.Resampling.LANCZOS).save(file, "JPEG", quality=quality)
    again = np.asarray(Image.open(file).convert("RGB"))
    assert encode_cover(original) @ encode_cover(again) > 0.97


def test_other_pictures_are_far() -> None:
    vectors = np.stack([encode_cover(picture(seed)) for seed in range(12)])
    cosines = vectors @ vectors.T
    assert cosines[~np.eye(12, dtype=bool)].max() < 0.9
    assert cosines[~np.eye(12, dtype=bool)].mean() < 0.6


def test_vector_has_unit_length_and_three_blocks_of_equal_weight() -> None:
    vector = encode_cover(picture(1))
    assert vector.shape == (DIMENSIONS,)
    assert vector.dtype == np.float32
    for block in BLOCKS.values():
        assert np.square(vector[block]).sum() == pytest.approx(1 / 3, abs=1e-4)
    assert [block.stop for block in BLOCKS.values()] == [100, 148, 276]


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (700, 2), (64, 64), (65, 63)])
def test_any_size_has_a_vector(shape: tuple[int, int]) -> None:
    vector = encode_cover(np.full((*shape, 3), 90, dtype=np.uint8))
    assert np.isfinite(vector).all()
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (255, 0, 0), (119, 119, 119)])
def test_plain_pictures(colour: tuple[int, int, int]) -> None:
    assert np.isfinite(encode_cover(plain(*colour))).all()
    assert dominant_colours(plain(*colour)) == ("#{:02x}{:02x}{:02x}".format(*colour),)


def test_colours_are_told_apart_and_shades_are_near() -> None:
    red, dark_red, blue = (encode_cover(plain(*c)) for c in ((200, 20, 20), (180, 15, 15), (20, 20, 200)))
    assert red @ dark_red > 0.95
    assert red @ blue < 0.5


def test_layout_and_texture_see_a_turn() -> None:
    upright = picture(3)
    turned = np.rot90(upright).copy()
    one, other = encode_cover(upright), encode_cover(turned)
    assert one[BLOCKS["colour"]] @ other[BLOCKS["colour"]] == pytest.approx(1 / 3, abs=5e-3)
    assert one[BLOCKS["texture"]] @ other[BLOCKS["texture"]] < 0.3


def test_lab_of_known_colours() -> None:
    """CIE values of the sRGB primaries under D65 (Lindbloom's calculator)."""
    levels = np.array([[255, 255, 255], [255, 0, 0], [0, 255, 0], [0, 0, 255], [0, 0, 0]], dtype=np.float32)
    expected = [[100, 0, 0], [53.24, 80.09, 67.20], [87.73, -86.18, 83.18], [32.30, 79.19, -107.86], [0, 0, 0]]
    np.testing.assert_allclose(to_lab(levels), np.array(expected), atol=0.05)


def test_dominant_colours_by_share() -> None:
    image = plain(250, 250, 250)
    image[:, :30] = (200, 30, 30)
    image[:15, 70:] = (10, 20, 120)
    image[49, 79] = (0, 255, 0)
    assert dominant_colours(image, most=3)[:2] == ("#fafafa", "#c81e1e")
    assert len(dominant_colours(image)) <= 5
    assert dominant_colours(image) == dominant_colours(image.copy())


@pytest.mark.parametrize("bad", [np.zeros((4, 4)), np.zeros((4, 4, 4), np.uint8), np.zeros((0, 4, 3), np.uint8)])
def test_other_shapes_are_refused(bad: Pixels) -> None:
    with pytest.raises(ValueError, match="a cover is uint8"):
        encode_cover(bad)
