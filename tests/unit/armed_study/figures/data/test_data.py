"""What is particular to the figures of the data: points, slices and differences between sites."""

import numpy as np
import pytest

import study_tables
from armed_study.evaluation.descriptive.site_differences import compare_sites
from armed_study.evaluation.descriptive.slices import shown_slices
from armed_study.figures import style
from armed_study.figures.data import points, site_differences, slices
from armed_study.figures.heading import Heading
from armed_study.vocabulary.measures import SCAN_MEASURES
from figure_text import texts

HEADING = Heading("AD or CN")


@pytest.fixture(scope="module")
def study():
    return study_tables.scans()


@pytest.fixture(scope="module")
def shown(study):
    return shown_slices(study.samples, study.qc)


def differences(study, **qc):
    return compare_sites(study.samples, study.qc.assign(**qc), study.metrics)


def test_points_are_of_seen_clusters_with_their_radius_where_it_is_known():
    known = study_tables.spirals()
    table = points.table(known.samples, known.cluster_truth)
    assert set(table["cluster"]) == {"1", "2", "10", "11"}
    assert table.groupby("cluster")["radius"].first()["2"] == -0.9
    assert "r = −0.90" in texts(points.draw(table, HEADING))
    one = known.samples[known.samples["cluster"] == "1"]
    table = points.table(one, known.cluster_truth[:0])
    assert table["radius"].isna().all()
    assert "radius" not in texts(points.draw(table, HEADING))


def test_shares_and_variances_are_written_at_the_points(study):
    known = differences(study)
    said = texts(site_differences.draw(known, HEADING))
    for row in known.query("level == 'manufacturer' and metric == 'share of AD'").itertuples():
        assert f"{row.value:.0%} of {row.subjects}".replace("%", " %") in said
    assert "> 99 % of the variance between sites" in said
    assert "12 seen sites, 168 subjects" in said


@pytest.mark.parametrize(("seen", "unseen"), [(2, 0), (3, 70)])
def test_few_and_many_sites_are_drawn(seen, unseen, tmp_path):
    few = study_tables.scans(seen, unseen, size=4)
    compared = site_differences.draw(differences(few), HEADING)
    assert (f"{unseen} unseen sites" in texts(compared)) == bool(unseen)
    pictured = slices.draw(shown_slices(few.samples, few.qc), HEADING, images=few.images)
    assert ("10 further sites not shown" in texts(pictured)) == (unseen == 70)
    for figure in (compared, pictured):
        style.save(figure, tmp_path / "a.svg", tmp_path / "a.png")


def test_sites_without_manufacturers_are_unknown(study):
    said = texts(site_differences.draw(differences(study, manufacturer=None), HEADING))
    assert "unknown" in said
    assert "GE" not in said
    table = shown_slices(study.samples, study.qc.assign(manufacturer=None))
    assert "unknown" in texts(slices.draw(table, HEADING, images=study.images))


def test_measures_that_no_scan_has_get_no_panel(study):
    whole = site_differences.draw(differences(study), HEADING)
    assert len(whole.axes) == 2 * (len(SCAN_MEASURES) + 1)
    less = site_differences.draw(differences(study, raw_mean=np.nan), HEADING)
    assert len(less.axes) == len(whole.axes) - 2


def test_each_slice_is_painted_in_its_place(study, shown):
    painted = slices.draw(shown, HEADING, images=study.images).axes[0].images
    assert len(painted) == len(shown)
    for picture, row in zip(painted, shown["row"], strict=True):
        np.testing.assert_array_equal(picture.get_array(), study.images[row, 0])
    places = {tuple(np.round(picture.get_extent(), 6)) for picture in painted}
    assert len(places) == len(painted)
