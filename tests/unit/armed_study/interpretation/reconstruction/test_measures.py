"""Looks of invented images are what they were made with, and similarity has its known values."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from armed_study.interpretation.reconstruction.measures import (
    mean_squared_error,
    measure_appearance,
    structural_similarity,
)

DRAW = torch.Generator().manual_seed(2)
FIRST, SECOND = (torch.rand(3, 1, 16, 14, generator=DRAW) for _ in range(2))


def measured(images):
    found = measure_appearance(torch.from_numpy(np.asarray(images, dtype=np.float32)))
    return {name: values.numpy() for name, values in found.items()}


def test_light_and_contrast_of_images_are_measured_one_by_one():
    pattern = np.tile([[0.0, 1.0], [1.0, 0.0]], (8, 8))
    found = measured([[0.5 + 0.1 * (pattern - 0.5)], [0.2 + 0.4 * (pattern - 0.5)]])
    assert found["brightness"] == pytest.approx([0.5, 0.2], abs=1e-6)
    assert found["contrast"] == pytest.approx([0.05, 0.2], abs=1e-6)
    # of a chessboard the Laplacian is eight times the deviation, of alternating sign
    assert found["sharpness"] == pytest.approx([0.4**2, 1.6**2], rel=1e-5)


def test_sharpness_falls_as_an_image_is_blurred_whatever_its_brightness():
    sharp = np.random.default_rng(0).random((32, 32))
    blurred = [ndimage.gaussian_filter(sharp, sd) for sd in (0.5, 1, 2)]
    found = measured([[image] for image in (sharp, *blurred)])["sharpness"]
    assert (np.diff(found) < 0).all()
    assert measured([[sharp + 3]])["sharpness"] == pytest.approx(found[:1], rel=1e-4)


@pytest.mark.parametrize("sd", [0.01, 0.05])
def test_signal_to_noise_is_that_of_noise_on_a_smooth_image(sd):
    row, column = np.indices((64, 64)) / 63
    smooth = 0.3 + 0.4 * row + 0.2 * column**2
    noisy = smooth + np.random.default_rng(1).normal(0, sd, (20, 1, 64, 64))
    wanted = 20 * np.log10(smooth.mean() / sd)
    assert measured(noisy)["snr"].mean() == pytest.approx(wanted, abs=0.2)


def test_an_image_without_noise_or_light_has_no_signal_to_noise():
    dark = np.random.default_rng(2).normal(-0.5, 0.1, (16, 16))
    black = np.tile([[-0.5, 0.5], [0.5, -0.5]], (8, 8))
    found = measured([[np.full((16, 16), 0.5)], [dark], [black]])
    assert np.isnan(found["snr"]).all()
    assert np.isfinite(found["sharpness"]).all()


def by_definition(a, b):
    """SSIM of two arrays (height, width), window by window."""
    places = np.arange(11) - 5
    window = np.exp(-(places[:, None] ** 2 + places**2) / (2 * 1.5**2))
    window /= window.sum()
    values = []
    for i in range(a.shape[0] - 10):
        for j in range(a.shape[1] - 10):
            p, q = a[i : i + 11, j : j + 11], b[i : i + 11, j : j + 11]
            m, n = (window * p).sum(), (window * q).sum()
            v, w = (window * (p - m) ** 2).sum(), (window * (q - n) ** 2).sum()
            both = (window * (p - m) * (q - n)).sum()
            top = (2 * m * n + 1e-4) * (2 * both + 9e-4)
            values.append(top / ((m * m + n * n + 1e-4) * (v + w + 9e-4)))
    return np.mean(values)


def test_equal_images_are_as_similar_as_can_be():
    assert structural_similarity(FIRST, FIRST).tolist() == pytest.approx([1, 1, 1], abs=1e-12)
    assert mean_squared_error(FIRST, FIRST).tolist() == [0, 0, 0]


def test_even_images_differ_by_their_brightness_alone():
    a, b = torch.full((1, 1, 12, 12), 0.25), torch.full((1, 1, 12, 12), 0.75)
    wanted = (2 * 0.25 * 0.75 + 1e-4) / (0.25**2 + 0.75**2 + 1e-4)
    assert structural_similarity(a, b).item() == pytest.approx(wanted, abs=1e-12)
    assert mean_squared_error(a, b).item() == 0.25


def test_structural_similarity_is_that_of_its_definition():
    found = structural_similarity(FIRST, SECOND)
    wanted = [
        by_definition(a[0].double().numpy(), b[0].double().numpy())
        for a, b in zip(FIRST, SECOND, strict=True)
    ]
    assert found.numpy() == pytest.approx(wanted, abs=1e-10)
    assert abs(found).max() < 0.9


def test_channels_are_averaged():
    both = structural_similarity(torch.cat([FIRST, FIRST], 1), torch.cat([FIRST, SECOND], 1))
    wanted = (1 + structural_similarity(FIRST, SECOND)) / 2
    torch.testing.assert_close(both, wanted)


def test_images_smaller_than_the_window_are_refused():
    with pytest.raises(ValueError, match="expected at least 11 x 11"):
        structural_similarity(torch.zeros(1, 1, 12, 10), torch.zeros(1, 1, 12, 10))
