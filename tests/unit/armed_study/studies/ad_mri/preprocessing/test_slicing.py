import numpy as np
import pytest

from armed.errors import DataError
from armed_study.studies.ad_mri.preprocessing.slicing import (
    brain_only,
    coronal_slice,
    fit_frame,
    frame_brain,
    place_in_frame,
    scale_intensity,
)
from armed_study.studies.ad_mri.scans.volumes import Volume

AFFINE = np.array([[2.0, 0, 0, -40], [0, 3, 0, -60], [0, 0, 1, -20], [0, 0, 0, 1]])


def ramp():
    """Each voxel holds x + 1000 y + 1000000 z, mm from the corner."""
    volume = Volume(np.zeros((40, 40, 50), np.float32), AFFINE)
    values = volume.places_mm() - AFFINE[:3, 3]
    return Volume((values @ [1, 1e3, 1e6]).astype(np.float64), AFFINE)


def disc(shape, edges, centre, radius):
    rows, columns = np.indices(shape)
    return (rows * edges[0] - centre[0]) ** 2 + (columns * edges[1] - centre[1]) ** 2 < radius**2


def test_the_slice_is_the_plane_of_the_point_with_up_at_the_top_and_right_at_the_right():
    plane = coronal_slice(ramp(), np.array([0.0, -28.6, 10.0]))
    assert plane.pixels.shape == (50, 40)
    assert plane.edge_mm == (1.0, 2.0)
    assert plane.index == 10  # of voxels 3 mm apart, that at -30 is the nearest
    x, y, z = plane.pixels % 1e3, plane.pixels // 1e3 % 1e3, plane.pixels // 1e6
    np.testing.assert_array_equal(x[0], np.arange(40) * 2)
    assert set(y.ravel()) == {30}
    np.testing.assert_array_equal(z[:, 0], np.arange(50)[::-1])
    assert plane.point == (49 - 30, 20)
    np.testing.assert_allclose(plane.places_mm()[19, 20], (0, -30, 10))


@pytest.mark.parametrize("point", [(-60, 0, 0), (0, 80, 0), (0, 0, -30), (0, 0, 31)])
def test_a_point_outside_the_volume_is_refused(point):
    with pytest.raises(DataError, match="outside the image"):
        coronal_slice(ramp(), np.array(point, dtype=float))


@pytest.mark.parametrize("edges", [(1.0, 1.0), (1.0, 2.0), (1.25, 0.9)])
@pytest.mark.parametrize("size", [48, 192])
def test_the_brain_fills_the_square_in_its_true_proportions(edges, size):
    shape = (int(200 / edges[0]), int(180 / edges[1]))
    brain = disc(shape, edges, (110, 70), 40)
    frame = frame_brain(brain, edges, margin=2)
    assert frame.centre == pytest.approx((110, 70), abs=2)
    assert frame.side == pytest.approx(80 + 4 * max(edges), abs=2 * max(edges))
    image = fit_frame(brain.astype(np.float32), edges, frame, size) > 0.5
    rows, columns = np.flatnonzero(image.any(1)), np.flatnonzero(image.any(0))
    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    assert height == pytest.approx(width, abs=0.04 * size)
    assert rows[0] + rows[-1] == pytest.approx(size - 1, abs=0.04 * size)
    assert columns[0] + columns[-1] == pytest.approx(size - 1, abs=0.04 * size)
    assert image.mean() == pytest.approx(np.pi * 40**2 / frame.side**2, rel=0.05)


@pytest.mark.parametrize("size", [48, 192])
def test_a_place_of_the_slice_is_found_again_in_the_picture(size):
    edges, brain = (1.25, 0.9), disc((150, 200), (1.25, 0.9), (100, 80), 50)
    frame = frame_brain(brain, edges, margin=2)
    rows, columns = np.indices(brain.shape)
    marked = np.exp(-((rows - 91) ** 2 + (columns - 71) ** 2) / 18)  # 21 mm off the brain's centre
    picture = fit_frame(marked, edges, frame, size)
    found = [(np.indices(picture.shape)[axis] * picture).sum() / picture.sum() for axis in (0, 1)]
    assert place_in_frame((91, 71), edges, frame, size) == pytest.approx(found, abs=0.05)


def test_a_wide_brain_is_padded_to_a_square_and_keeps_its_margin():
    brain = np.zeros((60, 80), dtype=bool)
    brain[20:30, 10:50] = True
    image = fit_frame(brain.astype(np.float32), (1, 1), frame_brain(brain, (1, 1), 2), 44)
    np.testing.assert_allclose(image[17:27, 2:42], 1)
    assert image.sum() == pytest.approx(400)


def test_a_frame_that_reaches_beyond_the_slice_is_padded_with_zero():
    brain = np.zeros((20, 20), dtype=bool)
    brain[:4, 8:12] = True
    image = fit_frame(np.ones((20, 20), np.float32), (1, 1), frame_brain(brain, (1, 1), 2), 8)
    np.testing.assert_allclose(image[:2], 0)
    np.testing.assert_allclose(image[2:], 1)


def test_thinning_out_averages_instead_of_picking():
    checks = (np.indices((64, 64)).sum(axis=0) % 2).astype(np.float32)
    frame = frame_brain(np.ones((64, 64), dtype=bool), (1, 1), 0)
    assert np.abs(fit_frame(checks, (1, 1), frame, 16)[1:-1, 1:-1] - 0.5).max() < 0.1


def test_percentiles_become_zero_and_one():
    image = np.arange(101, dtype=np.float64).reshape(1, 101) * 7 - 20
    scaled = scale_intensity(image, (2, 98))
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled[0, [0, 2, 50, 98, 100]], [0, 0, 0.5, 1, 1], atol=1e-6)
    np.testing.assert_allclose(scale_intensity(3 * image + 5, (2, 98)), scaled, atol=1e-6)


def test_what_is_not_brain_is_darker_than_the_brain_even_if_that_is_negative():
    pixels = np.array([[-5.0, 3.0], [9.0, -50.0]])
    brain = np.array([[True, True], [False, False]])
    np.testing.assert_array_equal(brain_only(pixels, brain), [[0, 8], [0, 0]])


def test_no_brain_and_no_contrast_are_refused():
    with pytest.raises(DataError, match="no brain"):
        frame_brain(np.zeros((5, 5), dtype=bool), (1, 1), 2)
    with pytest.raises(DataError, match="no contrast"):
        scale_intensity(np.ones((5, 5)), (2, 98))
