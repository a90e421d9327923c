import numpy as np
import pytest

import study_tables
from armed_study.evaluation.descriptive.site_differences import compare_sites
from armed_study.figures import style
from armed_study.figures.data import site_differences
from armed_study.figures.heading import Heading
from armed_study.vocabulary.measures import SCAN_MEASURES
from figure_text import texts

HEADING = Heading("AD or CN")


def table(seen=12, unseen=24, size=14, **qc):
    study = study_tables.scans(seen, unseen, size)
    return compare_sites(study.samples, study.qc.assign(**qc), study.metrics)


def test_shares_and_variances_are_written_at_the_points():
    known = table()
    shown = texts(site_differences.draw(known, HEADING))
    for row in known.query("level == 'manufacturer' and metric == 'share of AD'").itertuples():
        assert f"{row.value:.0%} of {row.subjects}".replace("%", " %") in shown
    assert "> 99 % of the variance between sites" in shown
    assert "12 seen sites, 168 subjects" in shown


@pytest.mark.parametrize(("seen", "unseen"), [(2, 0), (3, 70)])
def test_few_and_many_sites_are_drawn(seen, unseen, tmp_path):
    figure = site_differences.draw(table(seen, unseen, 4), HEADING)
    assert (f"{unseen} unseen sites" in texts(figure)) == bool(unseen)
    style.save(figure, tmp_path / "a.svg", tmp_path / "a.png")


def test_sites_without_manufacturers_are_unknown():
    shown = texts(site_differences.draw(table(manufacturer=None), HEADING))
    assert "unknown" in shown
    assert "GE" not in shown


def test_measures_that_no_scan_has_get_no_panel():
    whole = site_differences.draw(table(), HEADING)
    assert len(whole.axes) == 2 * (len(SCAN_MEASURES) + 1)
    less = site_differences.draw(table(raw_mean=np.nan), HEADING)
    assert len(less.axes) == len(whole.axes) - 2
