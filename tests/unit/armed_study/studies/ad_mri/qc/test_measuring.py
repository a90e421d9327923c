"""Measures of finished images, on images whose measures are known."""

import numpy as np
import pandas as pd
import pytest
from scipy import ndimage

from armed_study.io.tables import cast_table
from armed_study.studies.ad_mri.qc.measuring import measure_image, measure_images
from armed_study.studies.ad_mri.scans.manufacturers import manufacturer_name, manufacturers, of_site

SIZE, POINT = 48, (30.0, 32.0)
ROWS, COLUMNS = np.indices((SIZE, SIZE))


def disc(radius=20):
    return np.hypot(ROWS - 24, COLUMNS - 24) < radius


def test_mean_and_contrast_are_those_of_the_brain_alone():
    values = np.where(disc(), np.where(COLUMNS < 24, 0.4, 0.8), 0)
    share = (disc() & (COLUMNS < 24)).sum() / disc().sum()
    intensity, contrast, _ = measure_image(values, POINT, 3.0)
    mean = 0.4 * share + 0.8 * (1 - share)
    assert intensity == pytest.approx(mean)
    assert contrast == pytest.approx(0.4 * np.sqrt(share * (1 - share)))


def test_dark_fluid_inside_is_brain():
    hole = disc(3)
    intensity, _, _ = measure_image(np.where(disc() & ~hole, 0.5, 0), POINT, 3.0)
    assert intensity == pytest.approx(0.5 * (1 - hole.sum() / disc().sum()))


@pytest.mark.parametrize("pixel_mm", [1.5, 3.0])
def test_edge_contrast_of_a_ramp_is_its_slope_by_the_mean(pixel_mm):
    values = np.where(disc(), 0.1 + 0.01 * COLUMNS, 0)
    intensity, _, edge = measure_image(values, POINT, pixel_mm)
    assert edge == pytest.approx(0.01 / pixel_mm / intensity)


def test_only_edges_near_the_point_count_and_not_that_of_the_brain():
    flat = np.where(disc(), 0.5, 0)
    assert measure_image(flat, (38.0, 24.0), 3.0)[2] == 0  # next to the edge of the brain
    far = np.where(disc() & (COLUMNS < 20), 0.2, flat)
    assert measure_image(far, POINT, 3.0)[2] == 0
    near = np.where(disc() & (COLUMNS < 32), 0.2, flat)
    assert measure_image(near, POINT, 3.0)[2] > 0.01


def test_blur_lowers_edge_contrast_and_brightness_does_not_change_it():
    values = np.where(disc(), 0.3 + 0.2 * (COLUMNS < 32), 0)
    sharp = measure_image(values, POINT, 3.0)[2]
    blurred = np.where(disc(), ndimage.gaussian_filter(values, (0, 2)), 0)
    assert measure_image(blurred, POINT, 3.0)[2] < 0.8 * sharp
    assert measure_image(values / 2, POINT, 3.0)[2] == pytest.approx(sharp)


def test_what_cannot_be_measured_is_missing():
    assert np.isnan(measure_image(np.zeros((SIZE, SIZE)), POINT, 3.0)).all()
    values = np.where(disc(), 0.5, 0)
    for point, pixel_mm in (((np.nan, np.nan), np.nan), ((-90.0, -90.0), 3.0)):
        intensity, contrast, edge = measure_image(values, point, pixel_mm)
        assert (intensity, contrast) == (0.5, 0)
        assert np.isnan(edge)


def test_images_are_taken_one_at_a_time_and_joined_to_their_points_by_name():
    qc = pd.DataFrame({"sample": pd.Categorical(["c", "a", "b"]), "point_row": [30.0, 30, 38]})
    qc = qc.assign(point_column=[32.0, 32, 24], pixel_mm=3.0)
    step = np.where(disc(), 0.3 + 0.2 * (COLUMNS < 32), 0)
    images = (step[None] for _ in range(2))  # no array: cannot be held at once
    found = measure_images(images, pd.Series(["b", "a"]), qc)
    assert found["sample"].tolist() == ["b", "a"]
    assert found.loc[1, "edge_contrast"] == measure_image(step, POINT, 3.0)[2]
    assert found.loc[0, "edge_contrast"] == measure_image(step, (38.0, 24.0), 3.0)[2]
    assert len(cast_table(found, "image_metrics")) == 2


@pytest.mark.parametrize(
    ("written", "name"),
    [("GE MEDICAL SYSTEMS", "GE"), ("SIEMENS", "Siemens"), ("Philips Medical Systems", "Philips"),
     ("Canon  Medical", "Canon Medical"), ("", "unknown"), (None, "unknown"), (np.nan, "unknown")],
)  # fmt: skip
def test_manufacturers_have_one_name_each(written, name):
    assert manufacturer_name(written) == name


def test_manufacturer_of_samples_and_sites():
    qc = pd.DataFrame({"sample": ["a", "b"], "manufacturer": pd.Categorical(["SIEMENS", None])})
    assert manufacturers(["b", "a", "elsewhere"], qc) == ["unknown", "Siemens", "unknown"]
    assert of_site(["GE", "GE", "unknown"]) == "GE"
    assert of_site(["GE", "Philips"]) == "several"
    assert of_site(["unknown"]) == of_site([]) == "unknown"
