"""Single scans in MNI space, good and bad; those in subject space are in test_registration."""

import logging

import numpy as np
import pytest

from armed_study.studies.ad_mri.prepare_scan import prepare_scan
from armed_study.studies.ad_mri.preprocessing.settings import MriSettings
from armed_study.studies.ad_mri.qc.quality import template_image
from armed_study.studies.ad_mri.scans.bids import find_scans
from small_heads import mni_path, template, write, write_mni

SETTINGS = MriSettings(size=48)


def prepare(root, settings=SETTINGS):
    (scan,) = find_scans(root)
    prepared = prepare_scan(scan, settings)
    row = prepared.row
    assert prepared.picture.dtype == np.uint8
    assert prepared.picture.shape == (192, 384, 3)
    assert (prepared.image is None) == (row["status"] == "failed")
    assert (row["reason"] == "") == (row["status"] == "ok")
    assert "\n" not in row["reason"]
    if prepared.image is not None:
        assert prepared.image.shape == (settings.size, settings.size)
        assert prepared.image.dtype == np.float32
        assert prepared.image.min() == 0
        assert prepared.image.max() == 1
    return prepared


def noisy(seed=0):
    data, _ = template()
    return data + (data > 0) * np.random.default_rng(seed).normal(scale=30, size=data.shape)


def test_a_brain_in_template_space_becomes_an_image_and_a_row(tmp_path):
    write_mni(tmp_path, 1)
    image, row, _ = prepare(tmp_path)
    assert row["status"] == "ok"
    assert row["usable"]
    known = {"sample": "sub-0001_ses-01", "participant": "sub-0001", "session": "ses-01"}
    known |= {"space": "mni", "brain": "given", "manufacturer": "GE", "field_strength": 3.0}
    known |= {"flip_angle": 9.0, "point_x": 32, "point_y": -6, "point_z": -26}
    assert {name: row[name] for name in known} == known
    assert row["similarity"] > 0.97
    assert row["overlap"] > 0.97
    assert 1700 < row["brain_ml"] < 2100
    assert row["upright"] > 0.9 > 0.7 > row["turned"]
    assert np.corrcoef(image.ravel(), template_image(SETTINGS).ravel())[0, 1] > 0.93


def test_brightness_and_contrast_of_the_file_do_not_matter(tmp_path):
    data = noisy()
    write_mni(tmp_path / "a", 1, data=data)
    write_mni(tmp_path / "b", 1, data=(data * 0.01).astype(np.float32))
    a, b = prepare(tmp_path / "a"), prepare(tmp_path / "b")
    np.testing.assert_allclose(a.image, b.image, atol=1e-4)
    assert b.row["raw_mean"] == pytest.approx(0.01 * a.row["raw_mean"])
    assert b.row["raw_contrast"] == pytest.approx(a.row["raw_contrast"])
    inside = data[:, 32, :][data[:, 32, :] > 0]  # the plane through y = -6 mm
    assert a.row["raw_mean"] == pytest.approx(inside.mean(), rel=0.02)


def test_the_point_is_where_the_hippocampus_is_in_the_image(tmp_path):
    data, affine = template()
    marked = data.copy()
    at = np.linalg.inv(affine) @ (30, -6, -24, 1)  # the voxel nearest to the point (32, -6, -26) mm
    marked[tuple(at[:3].astype(int))] = 5 * data.max()
    write_mni(tmp_path, 1, data=marked)
    image, row, _ = prepare(tmp_path, MriSettings(size=96, percentiles=(0, 100)))
    brightest = np.array(np.unravel_index(image.argmax(), image.shape))
    point = np.array([row["point_row"], row["point_column"]])
    np.testing.assert_allclose((point - brightest) * row["pixel_mm"], 2, atol=row["pixel_mm"] / 2)


def test_contrast_of_a_brain_whose_mean_is_not_positive_is_not_defined(tmp_path):
    write_mni(tmp_path, 1, data=noisy() - 1000)
    assert np.isnan(prepare(tmp_path).row["raw_contrast"])


def test_air_around_the_brain_that_is_not_zero_is_known_as_air(tmp_path):
    data = noisy()
    write_mni(tmp_path / "a", 1, data=data)
    write_mni(tmp_path / "b", 1, data=data - 1000)
    a, b = prepare(tmp_path / "a"), prepare(tmp_path / "b")
    assert b.row["status"] == "ok"
    assert b.row["brain_ml"] == pytest.approx(a.row["brain_ml"], rel=0.01)
    assert np.corrcoef(a.image.ravel(), b.image.ravel())[0, 1] > 0.9


def test_a_head_in_template_space_gets_the_brain_of_the_template(tmp_path):
    data, _ = template()
    head = np.where(data > 0, data, 300) + np.random.default_rng(0).uniform(0, 9, data.shape)
    write_mni(tmp_path, 1, data=head)
    image, row, _ = prepare(tmp_path)
    assert row["brain"] == "template"
    assert np.corrcoef(image.ravel(), template_image(SETTINGS).ravel())[0, 1] > 0.93


def test_missing_and_broken_sidecars_are_flagged_and_the_image_is_used(tmp_path):
    write_mni(tmp_path, 1, sidecar=None)
    row = prepare(tmp_path).row
    assert (row["status"], row["reason"], row["usable"]) == ("flagged", "no sidecar", True)
    assert "manufacturer" not in row
    write_mni(tmp_path, 1, sidecar={"Manufacturer": "GE", "MagneticFieldStrength": "strong"})
    row = prepare(tmp_path).row
    assert row["reason"] == "sidecar has no usable MagneticFieldStrength"
    (sidecar,) = find_scans(tmp_path)[0].sidecars
    sidecar.write_text("{")
    row = prepare(tmp_path).row
    assert (row["reason"], row["usable"]) == ("sidecar is not JSON", True)


def test_voxels_without_a_number_are_flagged_and_leave_no_trace_in_the_image(tmp_path):
    data = noisy()
    data[30:33, 30:33, 20:23] = np.nan
    write_mni(tmp_path, 1, data=data)
    image, row, _ = prepare(tmp_path)
    assert (row["status"], row["usable"]) == ("flagged", False)
    assert row["reason"] == "27 voxels of the brain without a number"
    assert np.isfinite(image).all()


@pytest.mark.parametrize("shift", [0, -500])
def test_air_without_numbers_is_air_and_the_scan_is_used(tmp_path, shift):
    data = noisy() + shift
    air = template()[0] == 0
    write_mni(tmp_path / "a", 1, data=np.where(air, min(0, data[~air].min()), data))
    for name, value in (("nan", np.nan), ("inf", -np.inf)):
        write_mni(tmp_path / name, 1, data=np.where(air, value, data))
        b, row, _ = prepare(tmp_path / name)
        assert (row["status"], row["usable"], row["nonfinite"]) == ("ok", True, air.sum())
        np.testing.assert_array_equal(b, prepare(tmp_path / "a").image)


def test_further_images_of_a_session_are_told_of(tmp_path):
    path = write_mni(tmp_path, 1)
    write(path.with_name(path.name.replace("desc-brain", "desc-other")), *template())
    row = prepare(tmp_path).row
    assert row["reason"] == "1 further image of the session not used"
    assert row["usable"]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (lambda data: data * np.nan, "all voxels are 0"),
        (lambda data: np.where(np.arange(data.shape[1])[:, None] < 20, data, 0), "no brain"),
    ],
)
def test_a_bad_volume_fails_with_its_reason(tmp_path, broken, reason):
    data, _ = template()
    write_mni(tmp_path, 1, data=broken(data))
    row = prepare(tmp_path).row
    assert row["status"] == "failed"
    assert reason in row["reason"]
    assert not row["usable"]


def test_a_wrong_header_is_flagged_by_what_the_picture_shows(tmp_path):
    data, affine = template()
    write(mni_path(tmp_path / "down", 1), data[:, :, ::-1], affine)
    row = prepare(tmp_path / "down").row
    assert (row["status"], row["usable"]) == ("flagged", False)
    assert "registration unlike the template" in row["reason"]
    shifted = affine.copy()
    shifted[1, 3] += 40
    write(mni_path(tmp_path / "moved", 1), data, shifted)
    assert "brain does not cover the template's" in prepare(tmp_path / "moved").row["reason"]
    write(mni_path(tmp_path / "axes", 1), data.transpose(0, 2, 1)[:, :, :49], affine)
    assert prepare(tmp_path / "axes").row["status"] == "flagged"


def test_an_error_that_nobody_foresaw_fails_the_scan_and_is_logged(tmp_path, monkeypatch, caplog):
    def fail(*_):
        raise RuntimeError("strange\nfile")

    write_mni(tmp_path, 1)
    monkeypatch.setattr("armed_study.studies.ad_mri.prepare_scan.slice_in_template_space", fail)
    with caplog.at_level(logging.ERROR):
        row = prepare(tmp_path).row
    assert row["reason"] == "RuntimeError: strange"
    assert "Traceback" in caplog.text
