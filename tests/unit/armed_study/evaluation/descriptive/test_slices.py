"""Which images of every site are shown."""

import pytest

import study_tables
from armed_study.evaluation.descriptive.slices import shown_slices


@pytest.fixture(scope="module")
def study():
    return study_tables.scans()


@pytest.fixture(scope="module")
def shown(study):
    return shown_slices(study.samples, study.qc)


def test_slices_show_subjects_once_with_image_site_and_share(study, shown):
    first = study.samples.loc[shown["row"]].reset_index(drop=True)
    for column in ("sample", "cluster", "outcome"):
        assert first[column].tolist() == shown[column].tolist()
    assert not first["group"].duplicated().any()
    seen = shown[shown["block"] == "seen"]
    assert seen.groupby(["cluster", "outcome"]).size().max() == 5
    shares = study.samples.drop_duplicates("group").groupby("cluster")["outcome"].mean()
    assert seen["share"].to_numpy() == pytest.approx(seen["cluster"].map(shares).to_numpy())
    assert list(dict.fromkeys(seen["manufacturer"])) == ["GE", "Siemens", "Philips"]


def test_slices_show_one_image_of_each_unseen_site_in_turn(shown):
    unseen = shown.query("block == 'unseen'")
    assert len(unseen) == unseen["cluster"].nunique() == 24
    assert unseen["outcome"].sum() == 12
