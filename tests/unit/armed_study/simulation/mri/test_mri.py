"""The generated MRI tree: its names, participants, truth, images and files."""

import json
from dataclasses import replace
from pathlib import PurePosixPath

import nibabel as nib
import numpy as np
import pandas as pd
import pytest
from nilearn.datasets import load_mni152_template
from scipy import ndimage
from sklearn.metrics import roc_auc_score

from armed.errors import ConfigError
from armed_study.simulation import mri
from armed_study.simulation.mri import names as mri_names
from armed_study.simulation.mri.anatomy import brain, template
from armed_study.simulation.mri.disease import changes
from armed_study.simulation.mri.lattice import Grid, Lattice
from armed_study.simulation.mri.names import MriSettings
from armed_study.simulation.mri.participants import people
from armed_study.simulation.mri.scan import form_scan, ideal_image, image_grid
from armed_study.simulation.mri.scanners import site_scanner
from armed_study.simulation.mri.subject import moved, subject
from refusals import refused
from trees import contents

SEED = 7
SMALL = MriSettings(
    sites_ge=1, sites_other=1, sites_unseen=2, subjects_seen_per_site=4,
    subjects_unseen_per_site=2, voxel_mm=3,
)  # fmt: skip
RAW = replace(SMALL, derivatives=False)
BOTH = pytest.mark.parametrize("settings", [SMALL, RAW], ids=["derivatives", "raw"])
SIZES = pytest.mark.parametrize(
    ("seen", "further"), [(9, 4), (10, 5), (12, 3), (15, 8), (20, 6), (33, 7)]
)
FIRST, SECOND = "sub-0004_ses-01", "sub-0004_ses-02"


def sized(seen: int, unseen: int) -> MriSettings:
    return MriSettings(subjects_seen_per_site=seen, subjects_unseen_per_site=unseen)


def scans(settings: MriSettings, seed: int = SEED) -> pd.DataFrame:
    table = mri.truth(settings, seed)[0].set_index("site")
    return table.join(mri.sites(settings, seed)).reset_index()


def tables_of(settings: MriSettings) -> set[str]:
    """Every file of a tree but the images and their sidecars."""
    images = mri_names.dataset_folder(settings)
    found = {images / name for name in ("participants.tsv", "participants.json")}
    for name in ("dataset_description.json", "README"):
        found |= {PurePosixPath(name), images / name}
    return {path.as_posix() for path in found}


@pytest.fixture(scope="module")
def trees(tmp_path_factory) -> dict[bool, object]:
    """Both variants, written whole by one worker."""
    roots = {s.derivatives: tmp_path_factory.mktemp("tree") for s in (SMALL, RAW)}
    for settings in (SMALL, RAW):
        mri.write_tree(roots[settings.derivatives], settings, SEED)
    return roots


@pytest.mark.parametrize("every", [0, 1, 3, 4])
def test_names_by_arithmetic_are_the_drawn_participants(every):
    settings = replace(SMALL, second_session_every=every)
    table, truth = mri.participants(settings, SEED), mri.truth(settings, SEED)[0]
    names = mri.scan_names(settings)
    assert truth["sample"].tolist() == names
    assert table["participant_id"].tolist() == sorted({name.split("_")[0] for name in names})
    assert len(names) == len(table) + (len(table) // every if every else 0)


@BOTH
def test_tree_holds_the_files_that_arithmetic_lists(trees, settings):
    places = (mri_names.image_path, mri_names.sidecar_path)
    names = mri.scan_names(settings)
    listed = {place(settings, name).as_posix() for place in places for name in names}
    assert set(contents(trees[settings.derivatives])) == listed | tables_of(settings)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"voxel_mm": 4}, "voxel_mm is 4, expected 1, 2 or 3"),
        ({"subjects_seen_per_site": 3}, "expected at least 4, twice fewest_per_diagnosis"),
        ({"derivatives": "yes"}, "derivatives is 'yes', expected true or false"),
    ],
)
def test_bad_setting_is_one_sentence_naming_it(change, words):
    with refused(f"studies.a.data: .*{words}", ConfigError):
        MriSettings.from_config(change, where="studies.a.data")


@pytest.mark.parametrize("name", ["sub-0099_ses-01", "sub-0001_ses-02", "sub-1_ses-01", "nobody"])
def test_unknown_scan_is_refused_before_anything_is_written(tmp_path, name):
    with pytest.raises(ConfigError, match=f"no scan '{name}'"):
        mri.write_tree(tmp_path, SMALL, SEED, names=[FIRST, name])
    assert not any(tmp_path.iterdir())


@SIZES
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_manufacturer_tells_diagnosis_at_seen_sites_only(seen, further, seed):
    table = scans(sized(seen, further), seed)
    first = table[table["session"] == "ses-01"]
    share = first[first["seen"]].groupby("manufacturer")["outcome"].mean()
    for rows in (table, first):
        score, inside = rows["manufacturer"].map(share), rows["seen"]
        assert roc_auc_score(rows["outcome"][inside], score[inside]) >= 0.75
        assert 0.45 <= roc_auc_score(rows["outcome"][~inside], score[~inside]) <= 0.55
    unseen = first[~first["seen"]]
    own = unseen["manufacturer"].map(unseen.groupby("manufacturer")["outcome"].mean())
    # Not even a score that knows the unseen sites tells it.
    assert roc_auc_score(unseen["outcome"], own) <= 0.55


@SIZES
def test_every_site_has_both_diagnoses(seen, further):
    table = mri.sites(sized(seen, further), SEED)
    fewest = np.minimum(table["cases"], table["subjects"] - table["cases"])
    assert fewest[table["seen"]].min() >= 2
    assert fewest.min() >= 1
    assert table["seen"].tolist() == [True] * 12 + [False] * 24
    assert (table["manufacturer"][:5] == "GE").all()
    assert set(table["manufacturer"][5:12]) == {"Philips", "Siemens"}


@pytest.mark.parametrize("seed", range(6))
def test_auroc_of_the_oracle_is_set_by_construction(seed):
    table = scans(MriSettings(), seed)
    for _, part in table.groupby("seen"):
        outcome = part["outcome"]
        assert 0.88 <= roc_auc_score(outcome, part["oracle"]) <= 0.92
        assert 0.855 <= roc_auc_score(outcome, part["oracle_no_cluster"]) <= 0.875
    assert 0.88 <= roc_auc_score(table["outcome"], table["oracle"]) <= 0.92


def test_oracle_is_a_calibrated_probability_and_the_better_one():
    table = scans(sized(200, 100))
    for part in (table[table["seen"]], table[~table["seen"]]):
        for _, rows in part.groupby(pd.cut(part["oracle"], [0, 0.2, 0.4, 0.6, 0.8, 1])):
            assert rows["outcome"].mean() == pytest.approx(rows["oracle"].mean(), abs=0.06)
        brier = ((part[["oracle", "oracle_no_cluster"]].sub(part["outcome"], axis=0)) ** 2).mean()
        assert brier["oracle"] < brier["oracle_no_cluster"]


def test_within_a_site_both_oracles_rank_alike():
    for _, rows in scans(MriSettings()).groupby("site"):
        assert (rows["oracle"].rank() == rows["oracle_no_cluster"].rank()).all()


def test_age_and_sex_tell_nothing_of_diagnosis_and_are_plausible():
    table = mri.participants(sized(200, 100), SEED)
    assert table["age"].between(55, 91).all()
    assert 0.47 < roc_auc_score(table["diagnosis"] == "AD", table["age"]) < 0.53
    women = pd.crosstab(table["diagnosis"], table["sex"], normalize="index")["F"]
    assert women["CN"] == pytest.approx(women["AD"], abs=0.05)


def test_truth_of_sites_holds_prevalence_intercept_and_scanner():
    settings = MriSettings()
    sites, long = mri.sites(settings, SEED), mri.truth(settings, SEED)[1]
    wide = long.pivot(index="cluster", columns="quantity", values="value")
    assert wide.index.tolist() == sites.index.tolist()
    share = sites["cases"] / sites["subjects"]
    assert wide["prevalence"].to_numpy() == pytest.approx(share, abs=1e-6)
    assert wide["intercept"].corr(wide["prevalence"], method="spearman") == pytest.approx(1)
    grey = wide["scanner[grey]"].groupby(sites["manufacturer"]).mean()
    assert grey["GE"] > grey["Philips"] > grey["Siemens"]


def test_both_variants_are_of_the_same_people_and_scanners():
    derived, raw = MriSettings(), MriSettings(derivatives=False)
    pd.testing.assert_frame_equal(people(derived, SEED), people(raw, SEED))
    assert site_scanner(derived, SEED, "S03") == site_scanner(raw, SEED, "S03")
    assert site_scanner(derived, SEED, "S03") != site_scanner(derived, SEED + 1, "S03")


@BOTH
def test_bytes_depend_on_neither_workers_nor_the_other_scans(trees, tmp_path, settings):
    whole = contents(trees[settings.derivatives])
    chosen = [SECOND, "sub-0002_ses-01", "sub-0009_ses-01"]
    mri.write_tree(tmp_path, settings, SEED, names=chosen, workers=2)
    part = contents(tmp_path)
    assert len(part) == 2 * len(chosen) + len(tables_of(settings))
    assert part == {path: whole[path] for path in part}


def test_another_seed_gives_other_images():
    assert (form_scan(SMALL, 1, FIRST).values != form_scan(SMALL, 2, FIRST).values).any()


@BOTH
def test_sidecars_tell_of_the_scanner_in_units_of_bids(trees, settings):
    sites = mri.participants(settings, SEED).set_index("participant_id")["site"]
    makers = mri.sites(settings, SEED)["manufacturer"]
    for name in mri.scan_names(settings):
        path = trees[settings.derivatives] / mri_names.sidecar_path(settings, name)
        sidecar = json.loads(path.read_text())
        assert sidecar["Manufacturer"] == makers[sites[name.split("_")[0]]]
        assert sidecar["MagneticFieldStrength"] in (1.5, 3)
        assert 0 < sidecar["EchoTime"] < sidecar["RepetitionTime"] < 5  # seconds
        assert 0 < sidecar["FlipAngle"] < 90
        assert isinstance(sidecar["ManufacturersModelName"], str)
        assert sidecar.get("SkullStripped", False) is settings.derivatives


@BOTH
def test_tables_of_the_tree_describe_themselves(trees, settings):
    root = trees[settings.derivatives]
    images = root / mri_names.dataset_folder(settings)
    table = pd.read_csv(images / "participants.tsv", sep="\t")
    assert table["participant_id"].tolist() == mri_names.participant_names(settings)
    assert set(json.loads((images / "participants.json").read_text())) == set(table)
    kinds = {root: "study"} | {images: "derivative" if settings.derivatives else "raw"}
    for folder, kind in kinds.items():
        about = json.loads((folder / "dataset_description.json").read_text())
        assert about["DatasetType"] == kind
        assert "generated" in about["Name"].lower()
        assert "Generated" in (folder / "README").read_text()


@BOTH
def test_image_file_holds_the_scan_with_its_affine_and_no_time(trees, settings):
    path = trees[settings.derivatives] / mri_names.image_path(settings, FIRST)
    assert path.read_bytes()[4:8] == b"\0\0\0\0"
    image, scan = nib.load(path), form_scan(settings, SEED, FIRST)
    assert "".join(nib.aff2axcodes(image.affine)) == scan.stored
    standard = nib.as_closest_canonical(image)
    assert np.array_equal(np.asarray(standard.dataobj), scan.values)
    assert standard.affine == pytest.approx(scan.affine)
    assert image.get_data_dtype() == np.int16
    assert image.header.get_zooms() == (3, 3, 3)
    assert image.get_sform(coded=True)[1] == image.get_qform(coded=True)[1] > 0
    assert image.get_qform() == pytest.approx(image.affine, abs=1e-4)


def test_raw_images_of_the_manufacturers_are_stored_in_different_orientations():
    settings = replace(RAW, sites_unseen=3)
    table = scans(settings).drop_duplicates("manufacturer")
    stored = {form_scan(settings, SEED, name).stored for name in table["sample"]}
    assert stored == {"LAS", "RAS", "PIR"}


@pytest.mark.parametrize("voxel", [1, 2, 3])
def test_undeformed_brain_is_the_template_at_its_coordinates(voxel):
    settings = replace(SMALL, voxel_mm=voxel)
    grid, reference = image_grid(settings), load_mni152_template(resolution=1)
    plain = subject(settings, SEED, FIRST)
    still = Lattice(0 * plain.deformation.values, plain.deformation.origin, 5.0)
    plain = replace(plain, deformation=still, disease=0.0, age=0.0)
    image = ideal_image(settings, plain, np.eye(4))
    assert nib.aff2axcodes(grid.affine) == ("R", "A", "S")
    landmarks = np.array([[32, -6, -26], [20, -60, -40], [0, 0, 25], [-14, 0, 17], [30, 30, 10]])
    for point in np.vstack([landmarks, landmarks * [-1, 1, 1]]):
        here = np.rint(np.linalg.inv(grid.affine) @ [*point, 1])[:3].astype(int)
        centre = (grid.affine @ [*here, 1])[:3]
        there = np.rint(np.linalg.inv(reference.affine) @ [*centre, 1])[:3].astype(int)
        reach = voxel if voxel > 1 else 0
        around = tuple(slice(i - reach, i + reach + 1) for i in there)
        wanted = reference.get_fdata()[around].mean()
        assert image[tuple(here)] == pytest.approx(wanted, abs=0.12 if voxel > 1 else 1e-5)


def test_disease_changes_nothing_outside_its_region_and_something_inside():
    for settings in (SMALL, RAW):
        person, matrix = subject(settings, SEED, FIRST), mri.pose(settings, SEED, FIRST)
        well, ill = (ideal_image(settings, replace(person, disease=d), matrix) for d in (-2.0, 4.0))
        found = mri.disease_map(settings, SEED, FIRST)
        assert np.array_equal(well[found.region == 0], ill[found.region == 0])
        assert (np.abs(well - ill)[found.region > 0.5] > 0.05).mean() > 0.1
        assert 0.01 < (found.region > 0).mean() < 0.1


def test_disease_map_is_of_the_subject_and_not_of_its_severity():
    found, other = (mri.disease_map(SMALL, SEED, name) for name in (FIRST, "sub-0002_ses-01"))
    assert found.change.shape == found.region.shape == form_scan(SMALL, SEED, FIRST).values.shape
    assert found.affine == pytest.approx(image_grid(SMALL).affine)
    for values in (found.change, found.region):
        assert values.min() == 0
        assert 0.9 < values.max() <= 1
    assert (found.change[found.region == 0] == 0).all()
    assert not np.array_equal(found.change, other.change)
    assert np.array_equal(mri.disease_map(SMALL, SEED, FIRST).change, found.change)


@pytest.mark.parametrize("x", [-27, 27])
def test_disease_map_is_strong_at_the_hippocampus_and_the_ventricles(x):
    found = mri.disease_map(replace(SMALL, voxel_mm=2), SEED, FIRST)
    strong = found.change > 0.15
    for centre in ([x, -16, -18], [x / 2, -6, 17]):
        here = mri.carry(SMALL, SEED, FIRST, np.array(centre, dtype=float)[:, None])[:, 0]
        index = np.rint((here - found.affine[:3, 3]) / 2).astype(int)
        assert strong[tuple(slice(i - 4, i + 5) for i in index)].mean() > 0.1


@pytest.mark.parametrize(("disease", "age"), [((-1, 1, 3), (0, 0, 0)), ((0, 0, 0), (-2, 0, 2))])
def test_fluid_grows_with_disease_and_with_age(disease, age):
    plain = subject(SMALL, SEED, FIRST)
    aged = [replace(plain, disease=d, age=a) for d, a in zip(disease, age, strict=True)]
    images = [ideal_image(SMALL, person, np.eye(4)) for person in aged]
    fluid = [int(((image > 0.06) & (image < 0.45)).sum()) for image in images]
    assert fluid == sorted(set(fluid))


@pytest.mark.parametrize(
    ("disease", "age", "most"), [(1.6, 0, 0), (-2.5, -2.5, 0), (0, 2.3, 0), (4, 2.3, 0.01)]
)
def test_changes_fold_no_tissue_but_a_little_in_the_extreme(disease, age, most):
    field = changes().lattice(disease, age).values[:3]
    jacobian = np.stack([np.stack(np.gradient(component, 2.0)) for component in field])
    jacobian = np.moveaxis(jacobian, (0, 1), (-2, -1)) + np.eye(3)
    inside = template()[::2, ::2, ::2] > 0
    assert (np.linalg.det(jacobian)[inside] <= 0).mean() <= most


@BOTH
def test_carried_point_shows_the_tissue_it_came_from(settings):
    settings = replace(settings, voxel_mm=2)
    person, matrix = subject(settings, SEED, FIRST), mri.pose(settings, SEED, FIRST)
    lattice = image_grid(settings).lattice(ideal_image(settings, person, matrix)[None])
    rng = np.random.default_rng(0)
    points = rng.uniform([-55, -80, -10], [55, 50, 60], (3000, 3)).T
    wanted = brain(2.0).at(points.astype(np.float32))[0]
    carried = mri.carry(settings, SEED, FIRST, points)
    found = lattice.at(carried.astype(np.float32))[0]
    naive = lattice.at(moved(matrix, points).astype(np.float32))[0]
    assert np.corrcoef(found, wanted)[0, 1] > 0.95 > np.corrcoef(naive, wanted)[0, 1] + 0.05
    distance = np.linalg.norm(carried - moved(matrix, points), axis=0)
    assert 1 < np.median(distance) < 8  # mm, a subject's own shape


def test_pose_is_rigid_bounded_and_new_at_every_session():
    poses = [mri.pose(RAW, SEED, name) for name in mri.scan_names(RAW)]
    for matrix in poses:
        turn = matrix[:3, :3]
        assert turn @ turn.T == pytest.approx(np.eye(3))
        assert np.linalg.det(turn) == pytest.approx(1)
        assert np.abs(matrix[:3, 3]).max() <= 15
    assert len({matrix.tobytes() for matrix in poses}) == len(poses)
    assert np.array_equal(mri.pose(SMALL, SEED, FIRST), np.eye(4))


def test_sessions_of_a_subject_share_anatomy_and_are_a_year_apart():
    first, second = (subject(SMALL, SEED, name) for name in (FIRST, SECOND))
    assert np.array_equal(first.deformation.values, second.deformation.values)
    assert first.disease == second.disease
    assert second.age - first.age == pytest.approx(1 / 7)
    images = [form_scan(SMALL, SEED, name).values for name in (FIRST, SECOND)]
    assert not np.array_equal(*images)
    assert np.corrcoef(images[0].ravel(), images[1].ravel())[0, 1] > 0.98


@BOTH
def test_scan_shows_the_ideal_image_where_it_is(settings):
    person, matrix = subject(settings, SEED, FIRST), mri.pose(settings, SEED, FIRST)
    ideal = ideal_image(settings, person, matrix)
    values = form_scan(settings, SEED, FIRST).values
    fit = np.corrcoef(values.ravel(), ideal.ravel())[0, 1]
    assert fit > 0.93
    for axis in range(3):
        assert fit > 0.02 + np.corrcoef(np.flip(values, axis).ravel(), ideal.ravel())[0, 1]


def test_brains_are_extracted_in_derivatives_and_stand_in_noisy_air_in_raw_heads():
    derived, raw = (form_scan(settings, SEED, FIRST).values for settings in (SMALL, RAW))
    brain_litres = (derived > 0).sum() * 27e-6
    assert 1.4 < brain_litres < 2.4
    assert (derived[:, :, -8:] == 0).all()
    assert (raw[:4, :4, :4] > 0).mean() > 0.5
    assert raw.max() < 32767


@pytest.mark.parametrize("components", [1, 3, 4])
def test_lattice_is_read_linearly_and_alike_at_points_and_on_a_grid(components):
    rng = np.random.default_rng(5)
    lattice = Lattice(rng.random((components, 6, 7, 8), np.float32), np.array([-9.0, -8, -7]), 2.5)
    grid, box = (
        Grid((-11.0, -10.0, -9.0), (30, 31, 32), 1.0),
        (slice(2, 30), slice(31), slice(5, 9)),
    )
    places = grid.points().reshape(3, *grid.shape)[:, *box]  # also beyond the lattice
    found = lattice.at(places.reshape(3, -1)).reshape(components, *places.shape[1:])
    np.testing.assert_array_equal(lattice.on(grid, box), found)
    index = (places - lattice.origin[:, None, None, None]) / 2.5
    each = [ndimage.map_coordinates(v, index, order=1, mode="nearest") for v in lattice.values]
    np.testing.assert_allclose(found, each, atol=1e-5)
