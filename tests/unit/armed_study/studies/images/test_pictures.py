"""One image of any form becomes grey values of one size; what would be changed unasked is refused."""

import numpy as np
import pytest
from PIL import Image

from armed.errors import DataError
from armed_study.studies.images.pictures import fitted, prepared, read_picture

DEPTH = {"size": 8, "scale": "depth"}
EACH = {"size": 8, "scale": "each"}
LUMA = {**DEPTH, "colour": "luma"}
RAMP = np.arange(64, dtype=np.uint8).reshape(8, 8) * 4


def saved(path, values, **options):
    if path.suffix == ".npy":
        np.save(path, values)
    else:
        Image.fromarray(values).save(path, **options)
    return path


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.bmp", "a.PNG"])
def test_black_and_white_of_eight_bits_are_0_and_1(tmp_path, name):
    image, _ = prepared(saved(tmp_path / name, RAMP), DEPTH)
    assert image.dtype == np.float32
    np.testing.assert_allclose(image, RAMP / 255, atol=1e-6)


def test_sixteen_bits_are_scaled_by_their_own_depth(tmp_path):
    path = saved(tmp_path / "a.png", RAMP.astype(np.uint16) * 257)
    np.testing.assert_allclose(prepared(path, DEPTH)[0], RAMP / 255, atol=1e-6)


def test_each_image_goes_from_0_to_1_and_an_even_one_is_0(tmp_path):
    dark = prepared(saved(tmp_path / "a.png", RAMP // 3 + 20), EACH)[0]
    assert (dark.min(), dark.max()) == (0, 1)
    assert not prepared(saved(tmp_path / "b.png", np.full((8, 8), 90, np.uint8)), EACH)[0].any()


def test_channels_that_are_the_same_are_grey(tmp_path):
    image, picture = prepared(saved(tmp_path / "a.png", np.stack([RAMP] * 3, -1)), DEPTH)
    np.testing.assert_allclose(image, RAMP / 255, atol=1e-6)
    assert not picture.colour


def test_colour_becomes_its_brightness_if_that_is_asked_for_only(tmp_path):
    green = saved(tmp_path / "a.png", np.stack([0 * RAMP, RAMP, 0 * RAMP], -1))
    np.testing.assert_allclose(prepared(green, LUMA)[0], 0.587 * RAMP / 255, atol=1e-6)
    with pytest.raises(DataError, match="in colour, expected shades of grey"):
        prepared(green, DEPTH)


def test_alpha_that_hides_nothing_is_no_matter_and_one_that_does_is_refused(tmp_path):
    solid = np.stack([RAMP, np.full_like(RAMP, 255)], -1)
    np.testing.assert_allclose(
        prepared(saved(tmp_path / "a.png", solid), DEPTH)[0], RAMP / 255, atol=1e-6
    )
    with pytest.raises(DataError, match="partly transparent"):
        prepared(saved(tmp_path / "b.png", np.stack([RAMP, RAMP], -1)), DEPTH)


def test_palette_is_resolved(tmp_path):
    image = Image.fromarray(RAMP).convert("P")
    image.save(tmp_path / "a.png")
    np.testing.assert_allclose(prepared(tmp_path / "a.png", DEPTH)[0], RAMP / 255, atol=1e-6)


def test_image_is_upright_as_its_exif_says(tmp_path):
    exif = Image.Exif()
    exif[274] = 6  # turned by a quarter
    Image.fromarray(RAMP).save(tmp_path / "a.tif", exif=exif)
    np.testing.assert_allclose(
        prepared(tmp_path / "a.tif", DEPTH)[0], np.rot90(RAMP, -1) / 255, atol=1e-6
    )


def test_array_of_numbers_needs_a_scale_of_its_own(tmp_path):
    path = saved(tmp_path / "a.npy", np.linspace(-3, 5, 64).reshape(8, 8))
    np.testing.assert_allclose(
        prepared(path, EACH)[0], np.linspace(0, 1, 64).reshape(8, 8), atol=1e-6
    )
    with pytest.raises(DataError, match="no depth of 8 or 16 bits"):
        prepared(path, DEPTH)


def test_longer_side_is_the_size_and_the_rim_is_black():
    image = fitted(np.ones((8, 16)), 8)
    assert not image[[0, 1, 6, 7]].any()
    np.testing.assert_allclose(image[2:6], 1)


def test_every_pixel_counts_where_an_image_is_shrunk():
    values = np.random.default_rng(0).random((96, 96))
    assert fitted(values, 8).mean() == pytest.approx(values.mean(), abs=0.01)
    assert fitted(values, 8).std() < 0.06  # a picked pixel has a standard deviation of 0.29


def several(path):
    image = Image.fromarray(RAMP)
    image.save(path, save_all=True, append_images=[image])


@pytest.mark.parametrize(
    ("name", "make", "said"),
    [
        ("a.png", lambda p: p.write_bytes(b""), "no image that can be read"),
        ("a.png", lambda p: p.write_text("text"), "no image that can be read"),
        ("a.png", lambda p: (saved(p, RAMP), p.write_bytes(p.read_bytes()[:60])), "no image that can"),
        ("a.png", lambda p: saved(p, RAMP[:1, :1]), "has 1 x 1 pixels, expected at least 2 x 2"),
        ("a.tif", several, "holds 2 images, expected one a file"),
        ("a.jpg", lambda p: Image.new("CMYK", (8, 8)).save(p), "is in CMYK"),
        ("a.nii.gz", lambda p: p.write_bytes(b"x"), "kind ad_mri"),
        ("a.npy", lambda p: p.write_bytes(b"x"), "no array that can be read"),
        ("a.npy", lambda p: np.save(p, np.full((4, 4), np.nan)), "not finite"),
        ("a.npy", lambda p: np.save(p, np.array([["a"]])), "expected numbers"),
        ("a.npy", lambda p: np.save(p, np.zeros((4, 4, 7))), "has 7 channels"),
        ("a.npy", lambda p: np.save(p, np.array([None])), "no array that can be read"),
    ],
)  # fmt: skip
def test_what_is_no_image_is_refused_with_its_name(tmp_path, name, make, said):
    make(tmp_path / name)
    with pytest.raises(DataError, match=said) as error:
        read_picture(tmp_path / name)
    assert str(error.value).startswith(str(tmp_path / name))
