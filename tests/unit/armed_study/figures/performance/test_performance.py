"""What is particular to the figures of performance, calibration, boundaries and costs."""

import pandas as pd

import study_tables
from armed_study.evaluation.performance import collect_performance
from armed_study.figures.heading import Heading
from armed_study.figures.performance import costs, performance
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


def test_each_marker_has_one_entry_in_the_legend():
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


def test_costs_are_drawn_by_rule_with_jobs_and_known_memory():
    rows = [
        ("train_model", 2, 30.0, 20.0, 501.0, 60.0),
        ("split_samples", 2, 30.0, 20.0, None, 60.0),
    ]
    table = pd.DataFrame(rows, columns=list(costs.COLUMNS))
    shown = texts(costs.draw(table, HEADING))
    assert "train_model (2 jobs)" in shown
    assert "not measured" in shown
