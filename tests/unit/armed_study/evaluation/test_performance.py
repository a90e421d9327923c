"""Scores and ROC curves of the output by which each model is reported."""

import numpy as np
import pandas as pd
import pytest

import figure_cases
import study_tables
from armed.errors import DataError
from armed_study.evaluation.performance import collect_curves, collect_performance
from armed_study.evaluation.roc import GRID, true_positive_rates
from figure_text import coded


@pytest.fixture(scope="module")
def curves():
    return figure_cases.given("roc")["roc"]


def test_performance_shows_the_reported_output_and_assignments():
    table = figure_cases.given("performance")["performance"]
    means = table[table["kind"] == "summary"]
    shown = means.groupby(["model", "partition"])["assignment"].agg(set)
    assert shown["armed", "test"] == {"known", "average", "zero"}
    assert shown["armed", "unseen"] == {"zero", "average", "membership"}
    assert shown["conventional", "unseen"] == {"none"}
    assert shown["armed_randomized_z", "test"] == {"random"}
    assert set(means.loc[means["model"] == "armed", "effect"]) == {"mixed"}
    assert set(means.loc[means["model"] == "cluster_input", "effect"]) == {"fixed"}


def test_values_of_folds_are_means_over_seeds():
    known = study_tables.spirals()
    table = collect_performance(known.scores, known.summary, metrics=("accuracy", "auroc"))
    where = "model == 'conventional' and partition == 'test' and metric == 'auroc' and fold == 2"
    expected = known.scores.query(where)["value"].mean()
    assert table.query(f"kind == 'fold' and {where}")["value"].tolist() == pytest.approx([expected])


def test_metric_that_was_not_computed_is_named():
    known = study_tables.spirals()
    with pytest.raises(DataError, match=r"sharpness.*holds accuracy, auroc"):
        collect_performance(known.scores, known.summary, metrics=["sharpness"])


def test_roc_curve_is_the_share_above_each_threshold():
    outcome, score = np.array([1, 0, 1, 0, 0]), np.array([0.9, 0.8, 0.7, 0.2, 0.1])
    curve = true_positive_rates(outcome, score)[0]
    assert curve[0] == 0.5
    assert curve[GRID < 1 / 3].tolist() == [0.5] * 34
    assert curve[GRID > 1 / 3].tolist() == [1.0] * 67
    tied = true_positive_rates(outcome, np.ones(5))[0]
    assert tied == pytest.approx(GRID)
    drawn_twice = true_positive_rates(outcome, score, np.array([[1, 1, 1, 1, 1], [3, 1, 1, 0, 0]]))
    assert drawn_twice[:, 0].tolist() == [0.5, 0.75]
    assert np.isnan(true_positive_rates(np.ones(3), np.arange(3))).all()


def test_area_under_the_mean_curve_is_the_mean_auroc(curves):
    for _, rows in curves.groupby(["model", "partition"]):
        area = np.trapezoid(rows["tpr"], rows["fpr"])
        assert area == pytest.approx(rows["auroc"].iloc[0], abs=0.006)
        assert (rows["low"] <= rows["tpr"] + 0.02).all()
        assert (rows["high"] >= rows["tpr"] - 0.02).all()


def test_curves_are_of_the_reported_output_and_assignment(curves):
    shown = curves.groupby(["model", "partition"])[["assignment", "effect"]].first()
    assert shown.loc[("armed", "unseen")].tolist() == ["membership", "mixed"]
    assert shown.loc[("armed", "test")].tolist() == ["known", "mixed"]
    assert shown.loc[("armed_randomized_z", "test")].tolist() == ["random", "mixed"]
    assert ("oracle_no_cluster", "unseen") in shown.index
    better = curves.groupby("model")["tpr"].mean()
    assert better["conventional"] < better["armed"] < better["oracle"]


def test_curves_are_the_same_from_text_and_from_categories(curves):
    known, invented = study_tables.mci(), study_tables.mci().invented
    given = map(coded, (invented.predictions, known.samples, invented.truth, known.summary))
    pd.testing.assert_frame_equal(collect_curves(*given, rows=study_tables.ROWS), curves)


def test_band_on_unseen_clusters_is_wider_with_fewer_clusters():
    known, invented = study_tables.mci(), study_tables.mci().invented
    kept = invented.samples[invented.samples["cluster"].isin([f"c{n}" for n in range(6)])]
    part = invented.predictions[invented.predictions["sample"].isin(kept["sample"])]
    widths = [
        (rows["high"] - rows["low"])[rows["partition"] == "unseen"].mean()
        for rows in (
            collect_curves(predictions, samples, invented.truth.iloc[:0], known.summary)
            for predictions, samples in ((invented.predictions, invented.samples), (part, kept))
        )
    ]
    assert widths[0] < widths[1]
