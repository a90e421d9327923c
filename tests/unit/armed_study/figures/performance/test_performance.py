"""What is particular to the figures of performance, calibration, boundaries and costs."""

import numpy as np
import pandas as pd
import pytest

import study_tables
from armed_study.evaluation.performance import collect_performance
from armed_study.figures.heading import Heading
from armed_study.figures.performance import calibration, costs, performance
from figure_cases import drawn, given
from figure_text import texts

HEADING = Heading("Spirals")


def test_performance_without_published_values_or_unseen_clusters_is_drawn():
    known = study_tables.spirals()
    seen = [frame[frame["partition"] != "unseen"] for frame in (known.scores, known.summary)]
    shown = texts(performance.draw(collect_performance(*seen, metrics=["auroc"]), HEADING))
    assert "Seen clusters (test)" in shown
    assert "Unseen" not in shown
    assert "published" not in shown


def test_each_marker_of_a_cluster_s_source_has_one_entry_in_the_legend():
    known = study_tables.spirals()
    rows = collect_performance(known.scores, known.summary, metrics=["auroc"]).iloc[:4]
    sources = rows.assign(assignment=["known", "membership", "average", "zero"])
    shown = texts(performance.draw(sources, HEADING))
    assert "own cluster or inferred membership" in shown
    assert "average of the seen clusters" in shown


def test_panel_of_a_metric_that_is_not_defined_says_so():
    known = study_tables.spirals()
    table = collect_performance(known.scores, known.summary, metrics=["auroc"])
    said = "not defined for any of these clusters"
    assert said not in texts(performance.draw(table, HEADING))
    table = table.assign(value=table["value"].mask(table["partition"] == "unseen"))
    assert texts(performance.draw(table, HEADING)).count(said) == table["metric"].nunique()


def test_boundaries_without_truth_have_no_true_line():
    table = given("boundaries")["boundaries"]
    table = table[table["model"] != "oracle"].assign(true=float("nan"))
    assert "true boundary" not in texts(drawn("boundaries", boundaries=table))


def test_calibration_keeps_the_reported_assignment():
    table = calibration.table(study_tables.spirals().calibration)
    shown = set(zip(table["partition"], table["assignment"], strict=True))
    assert shown == {("test", "known"), ("unseen", "membership")}


@pytest.mark.parametrize("count", [[10, 10, 10], [1, 1, 8]])
def test_density_integrates_to_one_and_is_lower_in_wider_bins(count):
    height, edges = calibration._density(np.array([0.1, 0.2, 0.6]), np.array(count, dtype=float))
    assert np.sum(height * np.diff(edges)) == pytest.approx(1)
    assert edges.tolist() == pytest.approx([0.05, 0.15, 0.4, 0.8])


def test_costs_are_drawn_by_rule_with_their_jobs_and_memory_where_it_is_known():
    rows = [("train_model", 2, 30.0, 20.0, 501.0), ("split_samples", 2, 30.0, 20.0, None)]
    table = pd.DataFrame(rows, columns=list(costs.COLUMNS))
    shown = texts(costs.draw(table, HEADING))
    assert "train_model (2 jobs)" in shown
    assert "not measured" in shown
