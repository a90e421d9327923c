import numpy as np
import pytest

import study_tables
from armed_study.figures import style
from armed_study.figures.data import slices
from armed_study.figures.heading import Heading
from figure_text import texts

HEADING = Heading("AD or CN")


@pytest.fixture(scope="module")
def study():
    return study_tables.scans()


@pytest.fixture(scope="module")
def table(study):
    return slices.table(study.samples, study.qc)


def test_slices_show_subjects_once_with_image_site_and_share(study, table):
    first = study.samples.loc[table["row"]].reset_index(drop=True)
    assert first["sample"].tolist() == table["sample"].tolist()
    assert first["cluster"].tolist() == table["cluster"].tolist()
    assert (first["outcome"] == table["outcome"]).all()
    assert not first["group"].duplicated().any()
    seen = table[table["block"] == "seen"]
    assert seen.groupby(["cluster", "outcome"]).size().max() == 5
    shares = study.samples.drop_duplicates("group").groupby("cluster")["outcome"].mean()
    assert seen["share"].to_numpy() == pytest.approx(seen["cluster"].map(shares).to_numpy())
    assert list(dict.fromkeys(seen["manufacturer"])) == ["GE", "Siemens", "Philips"]


def test_slices_show_one_image_of_each_unseen_site_in_turn(table):
    unseen = table.query("block == 'unseen'")
    assert len(unseen) == unseen["cluster"].nunique() == 24
    assert unseen["outcome"].sum() == 12


def test_each_slice_is_painted_in_its_place(study, table):
    painted = slices.draw(table, HEADING, images=study.images).axes[0].images
    assert len(painted) == len(table)
    for picture, row in zip(painted, table["row"], strict=True):
        np.testing.assert_array_equal(picture.get_array(), study.images[row, 0])
    places = {tuple(np.round(picture.get_extent(), 6)) for picture in painted}
    assert len(places) == len(painted)


@pytest.mark.parametrize(("seen", "unseen"), [(2, 0), (3, 70)])
def test_slices_of_few_and_many_sites_are_drawn(seen, unseen, tmp_path):
    few = study_tables.scans(seen, unseen, size=4)
    figure = slices.draw(slices.table(few.samples, few.qc), HEADING, images=few.images)
    assert ("10 further sites not shown" in texts(figure)) == (unseen == 70)
    style.save(figure, tmp_path / "a.svg", tmp_path / "a.png")


def test_slices_without_manufacturers_say_unknown(study):
    table = slices.table(study.samples, study.qc.assign(manufacturer=None))
    assert "unknown" in texts(slices.draw(table, HEADING, images=study.images))
