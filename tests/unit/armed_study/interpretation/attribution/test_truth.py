"""True maps of the disease lie on the images as the disease lies in the scans."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from armed_study.interpretation.attribution.truth import write_disease_maps
from armed_study.simulation import mri
from armed_study.simulation.mri.scan import disease_map, ideal_image
from armed_study.simulation.mri.subject import subject
from armed_study.studies.ad_mri.prepare_scan import prepare_scan
from armed_study.studies.ad_mri.preprocessing.settings import MriSettings as Preparation
from armed_study.studies.ad_mri.preprocessing.slicing import make_companion, scale_intensity
from armed_study.studies.ad_mri.scans.bids import find_scans
from armed_study.studies.ad_mri.scans.volumes import Volume, load_volume
from small_heads import mni_path, template, write

SIZE, SEED = 48, 5
GENERATED = {
    "sites_ge": 1, "sites_other": 1, "sites_unseen": 0, "subjects_seen_per_site": 4, "voxel_mm": 3,
}  # fmt: skip
SETTINGS = mri.MriSettings(**GENERATED)
DATA = {"generated": GENERATED, "images": {"size": SIZE}}


@pytest.fixture(scope="module")
def scans(tmp_path_factory):
    """Three generated scans, prepared."""
    root = tmp_path_factory.mktemp("tree")
    mri.write_tree(root, SETTINGS, SEED, names=mri.scan_names(SETTINGS)[:3])
    return [(scan, prepare_scan(scan, Preparation(size=SIZE))) for scan in find_scans(root)]


@pytest.fixture(scope="module")
def tables(scans):
    qc = pd.DataFrame([prepared.row for _, prepared in scans])
    return pd.DataFrame({"sample": qc["sample"]}), qc


def test_companion_of_a_scan_is_its_image_pixel_by_pixel(scans):
    for scan, prepared in scans:
        volume = load_volume(scan.path).volume
        again = make_companion(volume, prepared.row, SIZE)
        np.testing.assert_array_equal(scale_intensity(again, (2, 98)), prepared.image)


def test_companion_follows_a_scan_of_long_voxels_with_its_brain_aside(tmp_path):
    data, affine = template(2)
    data = np.pad(data[:, :, ::2], ((30, 0), (0, 0), (0, 20)))
    moved = affine @ np.diag([1, 1, 2, 1])
    moved[0, 3] -= 30 * affine[0, 0]
    noise = np.random.default_rng(0).normal(0, 30, data.shape)
    path = write(mni_path(tmp_path, 1), data + (data > 0) * noise, moved)
    (scan,) = find_scans(tmp_path)
    prepared = prepare_scan(scan, Preparation(size=SIZE))
    again = make_companion(load_volume(path).volume, prepared.row, SIZE)
    np.testing.assert_array_equal(scale_intensity(again, (2, 98)), prepared.image)


def test_map_of_the_disease_lies_where_the_image_changes_with_the_disease(scans):
    _, prepared = scans[0]
    name = prepared.row["sample"]
    found, person = disease_map(SETTINGS, SEED, name), subject(SETTINGS, SEED, name)

    def cut(values):
        return make_companion(Volume(values, found.affine), prepared.row, SIZE)

    ill, well = (
        cut(ideal_image(SETTINGS, replace(person, disease=size), np.eye(4))) for size in (1.56, 0)
    )
    shown = cut(found.change)
    assert np.corrcoef(np.abs(ill - well).ravel(), shown.ravel())[0, 1] > 0.95
    assert np.corrcoef(well.ravel(), prepared.image.ravel())[0, 1] > 0.9
    assert 0.02 < (shown > 0.1).mean() < 0.15
    rows, columns = np.nonzero(shown > 0.2)
    assert columns.min() < SIZE / 2 < columns.max()  # on both sides
    assert rows.max() > 0.6 * SIZE  # down to the hippocampus


def test_written_maps_are_in_order_of_samples_and_nan_where_not_wanted(tables, tmp_path):
    samples, qc = tables
    wanted = samples["sample"].iloc[[2, 0]]
    shuffled = qc.sample(frac=1, random_state=3)
    for name in ("a", "b"):
        write_disease_maps(tmp_path / name, samples, shuffled, wanted, data=DATA, seed=SEED)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    maps = np.load(tmp_path / "a")
    assert maps.shape == (3, 1, SIZE, SIZE)
    assert maps.dtype == np.float32
    assert np.isnan(maps[1]).all()
    for place in (0, 2):
        found = disease_map(SETTINGS, SEED, samples["sample"][place])
        expected = make_companion(Volume(found.change, found.affine), qc.loc[place], SIZE)
        np.testing.assert_array_equal(maps[place, 0], expected)
    assert 0 <= maps[0].min() < 0.1 < maps[0].max() <= 1
