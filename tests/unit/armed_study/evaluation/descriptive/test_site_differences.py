"""Differences between sites, on data whose differences are known."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from armed_study.evaluation.descriptive.site_differences import compare_sites
from armed_study.vocabulary.measures import SCAN_MEASURES as METRICS
from armed_study.vocabulary.measures import SHARE_OF_AD as SHARE

MAKERS = {"A": "GE", "B": "GE MEDICAL SYSTEMS", "C": "Philips", "D": "Philips"}


@pytest.fixture
def study():
    """Four sites, D unseen, 6 subjects each; every other subject has two scans, one apart."""
    rows = []
    for number, site in enumerate(MAKERS):
        for subject in range(6):
            value = 100 * number + subject
            for scan, add in enumerate((-0.5, 0.5) if subject % 2 else (0,)):
                rows.append((f"{site}{subject}_{scan}", site, f"{site}{subject}", value + add))
    frame = pd.DataFrame(rows, columns=["sample", "cluster", "group", "value"])
    ill = frame["group"].str[1].astype(int) < frame["cluster"].map({"A": 4, "B": 5, "C": 1, "D": 3})
    samples = frame[["sample", "cluster", "group"]].assign(outcome=ill.astype("float32"))
    samples["held_out"] = samples["cluster"] == "D"
    qc = pd.DataFrame({"sample": frame["sample"], "manufacturer": frame["cluster"].map(MAKERS)})
    qc = qc.assign(raw_mean=frame["value"], raw_contrast=0.3).sample(frac=1, random_state=0)
    metrics = frame[["sample"]].assign(intensity=0.6, contrast=0.2, edge_contrast=frame["value"])
    return samples, qc, metrics


def site(table, name, metric):
    return table[(table["cluster"] == name) & (table["metric"] == metric)].iloc[0]


def maker(table, name, metric, block="seen"):
    rows = table[(table["level"] == "manufacturer") & (table["metric"] == metric)]
    return rows[(rows["manufacturer"] == name) & (rows["block"] == block)].iloc[0]


def test_mean_of_a_site_is_over_subjects_and_not_over_scans(study):
    table = compare_sites(*study)
    for metric in ("raw_mean", "edge_contrast"):
        found = site(table, "B", metric)
        assert found["value"] == 102.5
        expected = stats.t.interval(0.95, 5, 102.5, np.std(range(6), ddof=1) / np.sqrt(6))
        assert (found["low"], found["high"]) == pytest.approx(expected)
        assert found["subjects"] == 6


def test_manufacturers_are_averaged_over_their_seen_and_unseen_sites_apart(study):
    table = compare_sites(*study)
    assert maker(table, "GE", "raw_mean")["value"] == 52.5
    assert maker(table, "GE", "raw_mean")["sites"] == 2
    assert maker(table, "Philips", "raw_mean")["value"] == 202.5
    assert maker(table, "Philips", "raw_mean", "unseen")["value"] == 302.5
    assert np.isnan(maker(table, "Philips", "raw_mean")["low"])  # of one site there is no interval


def test_diagnosis_by_site_and_manufacturer_has_wilsons_interval_over_subjects(study):
    table = compare_sites(*study)
    found = maker(table, "GE", SHARE)
    assert (found["value"], found["subjects"]) == (0.75, 12)
    expected = proportion_confint(9, 12, method="wilson")
    assert (found["low"], found["high"]) == pytest.approx(expected)
    assert maker(table, "Philips", SHARE)["value"] == pytest.approx(1 / 6)
    assert site(table, "D", SHARE)["value"] == 0.5


def test_share_of_the_variance_is_said_for_all_sites_of_a_block(study):
    table = compare_sites(*study).query("level == 'all sites'").set_index(["block", "metric"])
    assert table.loc[("seen", "raw_mean"), "sites_explain"] > 0.99
    assert np.isnan(table.loc[("unseen", "raw_mean"), "sites_explain"])  # of one site
    assert table.loc[("seen", SHARE), "subjects"] == 18
    assert set(table.loc["seen"].index) == {*METRICS, SHARE}


def test_sites_of_several_or_unknown_manufacturers_have_their_place(study):
    samples, qc, metrics = study
    mixed = qc.assign(manufacturer=["GE", "Philips"] * (len(qc) // 2))
    assert set(compare_sites(samples, mixed, metrics)["manufacturer"]) == {"several", ""}
    none = qc.assign(manufacturer=None)
    table = compare_sites(samples, none, metrics)
    assert set(table["manufacturer"]) == {"unknown", ""}
    assert site(table, "B", "raw_mean")["value"] == 102.5


def test_a_measure_that_no_scan_has_is_left_out(study):
    samples, qc, metrics = study
    table = compare_sites(samples, qc.assign(raw_mean=np.nan), metrics)
    assert "raw_mean" not in set(table["metric"])
    assert "raw_contrast" in set(table["metric"])
