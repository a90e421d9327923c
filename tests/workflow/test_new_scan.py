"""A scan that is added to a user's BIDS tree: its batch is prepared again, and what follows."""

import shutil

import numpy as np
import pandas as pd
import pytest
import yaml

from armed_study.simulation.mri import MriSettings, write_tree
from armed_study.studies.ad_mri.scans.bids import scans_of_part
from running import jobs, succeed, tiny_config

pytestmark = pytest.mark.slow

SIZES = MriSettings(
    sites_ge=1, sites_other=1, sites_unseen=1, subjects_seen_per_site=6, subjects_unseen_per_site=2,
    fewest_per_diagnosis=3, second_session_every=0, voxel_mm=3,
)  # fmt: skip
TRAINED = "results/tiny_mri/conventional/1-of-1/predictions.parquet"


def configuration():
    """The tiny study of images, on a tree of the user's, with one model."""
    study = tiny_config()["studies"]["tiny_mri"]
    study["data"] |= {"source": {"path": "tree"}, "seen_sites": ["S01", "S02"]}
    del study["data"]["generated"]
    study["models"] = {"conventional": {}}
    return {"seed": 1, "reference_model": "conventional", "studies": {"tiny_mri": study}}


def snakemake(folder, *arguments, parts=2):
    scatter = ("--set-scatter", f"scans={parts}")
    return succeed(*scatter, *arguments, cwd=folder, configs=[folder / "config.yaml"])


def add_scan(folder, sample):
    """A second session of a participant: a copy of the first."""
    for first in folder.glob(f"tree/derivatives/mni/{sample}/ses-01/anat/*"):
        second = folder / str(first.relative_to(folder)).replace("ses-01", "ses-02")
        second.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(first, second)


@pytest.fixture(scope="module")
def finished(made_once):
    """A folder in which the scans were prepared in two batches, and a model trained."""

    def make(folder):
        write_tree(folder / "tree", SIZES, 1)
        (folder / "config.yaml").write_text(yaml.safe_dump(configuration()), encoding="utf-8")
        snakemake(folder, "--cores", "1", "--", TRAINED)

    return made_once("users_scans", make)


@pytest.fixture
def folder(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "users")


def test_nothing_is_left_to_do(finished):
    assert "Nothing to be done" in snakemake(finished, "--dry-run", "--", TRAINED)


def test_new_scan_is_prepared_with_its_batch_and_the_other_batch_is_left(folder):
    own = [s.participant for s in scans_of_part(folder / "tree", "auto", "2-of-2")]
    add_scan(folder, own[0])
    planned = snakemake(folder, "--dry-run", "--", TRAINED)
    assert "scatteritem=2-of-2" in planned
    assert "scatteritem=1-of-2" not in planned
    once = dict.fromkeys(("prepare_scans", "join_scans", "split_samples", "train_model"), 1)
    assert jobs(planned) == once | {"infer_membership": 1}
    other = folder / "results" / "tiny_mri" / "scans" / "1-of-2" / "images.npy"
    before = other.stat().st_mtime_ns
    snakemake(folder, "--cores", "1", "--", "results/tiny_mri/samples.parquet")
    assert other.stat().st_mtime_ns == before
    samples = pd.read_parquet(folder / "results" / "tiny_mri" / "samples.parquet")
    assert f"{own[0]}_ses-02" in set(samples["sample"])


def test_changed_diagnosis_joins_and_trains_but_prepares_no_scan(folder):
    path = folder / "tree" / "derivatives" / "mni" / "participants.tsv"
    path.write_text(path.read_text().replace("\tAD\t", "\tCN\t", 1))
    planned = jobs(snakemake(folder, "--dry-run", "--", TRAINED))
    assert {"join_scans", "train_model"} <= set(planned)
    assert "prepare_scans" not in planned


def test_results_do_not_depend_on_the_number_of_batches(finished, tmp_path):
    shutil.copytree(finished / "tree", tmp_path / "tree")
    shutil.copy(finished / "config.yaml", tmp_path)
    snakemake(tmp_path, "--cores", "1", "--", "results/tiny_mri/samples.parquet", parts=1)
    two, one = (folder / "results" / "tiny_mri" for folder in (finished, tmp_path))
    np.testing.assert_array_equal(np.load(two / "images.npy"), np.load(one / "images.npy"))
    for name in ("samples.parquet", "qc.parquet", "flow.parquet"):
        assert (two / name).read_bytes() == (one / name).read_bytes(), name
