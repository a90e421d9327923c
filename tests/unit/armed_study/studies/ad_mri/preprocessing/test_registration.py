"""Scans in subject space: brain extraction, ANTs, and where the slice's point comes to lie."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from armed_study.io.tables import read_table
from armed_study.simulation.mri import MriSettings as Sizes
from armed_study.simulation.mri import carry, write_tree
from armed_study.studies.ad_mri.batch import prepare_batch
from armed_study.studies.ad_mri.prepare_scan import prepare_scan
from armed_study.studies.ad_mri.preprocessing import registration
from armed_study.studies.ad_mri.preprocessing.settings import MriSettings
from armed_study.studies.ad_mri.preprocessing.slice_extraction import slice_in_subject_space
from armed_study.studies.ad_mri.scans.bids import find_scans
from small_heads import POINT, Made, make, raw_path, write

pytestmark = pytest.mark.slow  # a scan takes two seconds of ANTs, or more

SETTINGS = MriSettings(size=48, grid_mm=4)
COARSE = replace(SETTINGS, grid_mm=6)  # in a third of the time, and a brain alone is found as well


def prepare(root, made: Made, settings=SETTINGS):
    write(raw_path(root, 1), made.data, made.affine)
    return prepare_scan(find_scans(root)[0], settings)


def error_mm(row, made: Made):
    return float(np.linalg.norm([row[f"point_{axis}"] for axis in "xyz"] - made.point))


def true_ml(made: Made):
    return made.brain.sum() * abs(np.linalg.det(made.affine[:3, :3])) / 1000


@pytest.fixture(scope="module")
def head():
    return make(1, skull=True)


@pytest.fixture(scope="module")
def watched(head, tmp_path_factory):
    """What the head became, its slice on the way there, and what stayed of temporary files."""
    cuts, folder = [], tmp_path_factory.mktemp("temporary")

    def cut(*given):
        cuts.append(slice_in_subject_space(*given))
        return cuts[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("armed_study.studies.ad_mri.prepare_scan.slice_in_subject_space", cut)
        patch.setattr("tempfile.tempdir", str(folder))
        result = prepare(tmp_path_factory.mktemp("head"), head)
    return result, cuts[0], os.listdir(folder)


@pytest.fixture(scope="module")
def prepared(watched):
    return watched[0]


def test_a_head_is_stripped_registered_and_cut_at_the_hippocampus(prepared, head):
    row = prepared.row
    assert (row["status"], row["space"], row["brain"]) == ("ok", "subject", "extracted")
    assert error_mm(row, head) < 1
    assert row["brain_ml"] == pytest.approx(true_ml(head), rel=0.08)
    assert row["upright"] > 0.7


def test_the_brain_of_a_head_is_found_and_nothing_else_and_no_transform_stays(head, watched):
    _, cut, left = watched
    true = head.brain[:, cut.plane.index, ::-1].T
    assert 2 * (cut.brain & true).sum() / (cut.brain.sum() + true.sum()) > 0.95
    assert 2 * (cut.template & true).sum() / (cut.template.sum() + true.sum()) > 0.95
    assert left == []


@pytest.mark.parametrize("noise", [0, 0.02])
def test_a_brain_that_is_extracted_already_is_not_eaten(tmp_path, noise):
    brain = make(2, noise=noise)
    image, row, _ = prepare(tmp_path, brain, COARSE)
    assert (row["status"], row["brain"]) == ("ok", "given")
    assert 0.98 < row["brain_ml"] / true_ml(brain) < 1.15  # its rim is only partly brain
    assert error_mm(row, brain) < 1
    assert image.shape == (48, 48)


def test_the_same_scan_gives_the_same_bytes_again_whatever_the_cores(prepared, head, tmp_path):
    """A second process, told to use two threads."""
    write(raw_path(tmp_path / "tree", 1), head.data, head.affine)
    code = (
        "import sys; from armed_study.studies.ad_mri.batch import prepare_part\n"
        "data = {'space': 'auto', 'images': {'size': 48, 'grid_mm': 4}}\n"
        "prepare_part(data, sys.argv[1], '1-of-1', sys.argv[2])"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "2"}
    environment["ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS"] = "2"
    call = [sys.executable, "-c", code, tmp_path / "tree", tmp_path / "out"]
    subprocess.run(call, check=True, env=environment)
    np.testing.assert_array_equal(np.load(tmp_path / "out" / "images.npy")[0, 0], prepared.image)
    row = read_table(tmp_path / "out" / "qc.parquet", "qc").loc[0]
    for name in ("point_x", "point_y", "point_z"):
        assert row[name] == prepared.row[name]


def test_a_volume_without_a_brain_is_not_used(tmp_path, monkeypatch):
    monkeypatch.setattr(registration, "_TILTS", registration._TILTS[:2])  # as seven are no better
    nothing = make(3)
    noise = np.random.default_rng(0).uniform(0, 100, nothing.data.shape).astype(np.float32)
    row = prepare(tmp_path, replace(nothing, data=noise)).row
    assert row["status"] in ("flagged", "failed")
    assert not row["usable"]


def test_points_of_a_small_bids_tree_of_raw_heads_are_found(tmp_path):
    """Generated heads, bent at random, which one affine map of the whole brain cannot follow."""
    sizes = Sizes(
        sites_ge=1, sites_other=1, sites_unseen=0, subjects_seen_per_site=2,
        fewest_per_diagnosis=1, second_session_every=0, voxel_mm=3, derivatives=False,
    )  # fmt: skip
    write_tree(tmp_path / "tree", sizes, 1)
    scans = find_scans(tmp_path / "tree")
    prepare_batch(scans, SETTINGS, tmp_path / "batch")
    qc = read_table(tmp_path / "batch" / "qc.parquet", "qc")
    assert qc["status"].tolist() == ["ok"] * 4
    assert qc["brain"].tolist() == ["extracted"] * 4
    found = qc[["point_x", "point_y", "point_z"]].to_numpy()
    true = [carry(sizes, 1, scan.sample, POINT[:, None])[:, 0] for scan in scans]
    errors = np.linalg.norm(found - true, axis=1)
    # One affine map of the whole brain, without a second look at the point: 4.1 and 5.8 mm.
    assert np.median(errors) < 2.5
    assert errors.max() < 5  # benchmarks/registration.py: what is reached on more of them


def test_a_head_that_lies_far_askew_is_found_by_starting_again_or_flagged(tmp_path, monkeypatch):
    found = make(104, skull=True, degrees=22)  # from an upright start, 22 mm off
    assert error_mm(prepare(tmp_path, found).row, found) < 1.5
    monkeypatch.setattr(registration, "_TILTS", registration._TILTS[:2])  # seven lose it, too
    lost = make(104, skull=True, degrees=30)
    row = prepare(tmp_path, lost).row
    assert error_mm(row, lost) < 1.5 or not row["usable"]


def test_syn_follows_a_deformation_that_an_affine_cannot(tmp_path):
    made = make(7, deform_mm=4, noise=0)
    affine = prepare(tmp_path, made, COARSE).row
    syn = prepare(tmp_path, made, replace(COARSE, transform="syn")).row
    assert syn["similarity"] > affine["similarity"]
    assert syn["overlap"] > affine["overlap"]
    assert error_mm(syn, made) < 0.8  # affine: 2.0


def test_bias_correction_takes_shading_away(tmp_path):
    made = make(8, noise=0)
    plain = prepare(tmp_path, made, COARSE).image
    slope = np.linspace(0.6, 1.4, made.data.shape[0])[:, None, None]
    shaded = replace(made, data=made.data * slope.astype(np.float32))
    off = prepare(tmp_path, shaded, COARSE).image
    on = prepare(tmp_path, shaded, replace(COARSE, bias_correction=True)).image
    assert np.abs(on - plain).mean() < 0.6 * np.abs(off - plain).mean()
