"""Means of the scores of attribution."""

import numpy as np
import pytest

import study_tables
from armed_study.interpretation.attribution.summary import readable, summarise
from armed_study.report.tables import to_html
from armed_study.statistics.intervals import t_interval


@pytest.fixture(scope="module")
def scores():
    return study_tables.attribution().scores


def test_summary_averages_samples_seeds_and_folds(scores):
    table = summarise(scores)
    for row in table[table["kind"] == "summary"].itertuples():
        part = scores[
            (scores["model"] == row.model) & (scores["effect"] == row.effect)
            & (scores["partition"] == row.partition) & (scores["by"] == row.by)
        ]  # fmt: skip
        folds = part.groupby("fold")[row.metric].mean()
        assert row.value == pytest.approx(folds.mean())
        assert (row.folds, row.maps) == (study_tables.FOLDS, len(part))
        if row.metric == "auroc":
            assert (row.low, row.high) == pytest.approx(t_interval(folds.to_numpy()))
            assert row.chance == 0.5
        if row.metric == "inside":
            assert row.chance == pytest.approx(0.06)
    empty = table[(table["metric"] == "empty") & (table["kind"] == "summary")]
    shares = empty.set_index(["model", "effect", "by", "partition"])["value"]
    assert shares["armed", "mixed", "gradcam", "test"] == pytest.approx(1 / 12)
    assert np.isnan(empty["low"]).all()  # the same in all folds
    folds = (table["kind"] == "fold").sum()
    assert folds == study_tables.FOLDS * (table["kind"] == "summary").sum()


def test_scores_that_are_not_defined_are_left_out_of_the_means(scores):
    undefined = scores.assign(auroc=scores["auroc"].where(scores["sample"] != "s01"))
    table = summarise(undefined)
    assert table.loc[(table["kind"] == "summary"), "value"].notna().all()


def test_page_has_a_row_for_each_model_side_output_and_method(scores):
    page = readable(summarise(scores))
    assert len(page) == 2 * 5 * 2
    assert page["attribution"].tolist()[:2] == ["Grad-CAM", "Integrated gradients"]
    assert page["AUROC (interval)"].str.fullmatch(r"0\.\d+ \(0\.\d+ to [01]\.\d+\)").all()
    assert "ARMED" in to_html(page, title="t")
