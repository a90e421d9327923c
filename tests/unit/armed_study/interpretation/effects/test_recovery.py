"""Agreement of learned effects, and of univariate models, with what they should be."""

import numpy as np
import pytest
from scipy import stats

import study_tables
from armed_study.interpretation.effects import recovery
from armed_study.interpretation.effects.univariate import compare_univariate
from armed_study.report.published import published_univariate


@pytest.fixture(scope="module")
def table():
    return recovery.order_comparisons(study_tables.mci().effect_validation)


def test_correlations_have_the_interval_of_fishers_z_and_the_line_of_least_squares(table):
    row = recovery.recovery(table).set_index(["comparison", "model"]).loc[("slope_sd", "armed")]
    part = table.query("comparison == 'slope_sd' and model == 'armed'")
    r, p = stats.pearsonr(part["learned"], part["reference"])
    half = stats.norm.ppf(0.975) / np.sqrt(len(part) - 3)
    line = stats.linregress(part["reference"], part["learned"])
    expected = [r, np.tanh(np.arctanh(r) - half), np.tanh(np.arctanh(r) + half), p, 26]
    assert row.tolist() == pytest.approx([*expected, line.slope, line.intercept])


def test_comparison_with_equal_references_is_not_defined(table):
    part = table.query("comparison == 'slope_sd' and model == 'armed'")
    flat = recovery.recovery(part.assign(reference=1.0))
    assert flat[["r", "r_low", "p", "slope"]].isna().all(axis=None)
    assert recovery.recovery(table[:0]).empty


def test_correlations_are_told_in_words(table):
    found = recovery.recovery(table)
    words = recovery.readable(found)
    assert len(words) == len(found)
    assert not words["of learned"].str.contains("_").any()
    first = f"{found.iloc[0]['r']:.3f}".replace("-", "−")
    assert words["correlation r (interval)"][0].startswith(first)


def test_univariate_models_are_compared_in_published_errors():
    table = compare_univariate(study_tables.mci().univariate, published_univariate())
    assert table["published_coefficient"].is_monotonic_decreasing
    far = set(table.loc[~table["within"], "feature"])
    assert far == {"Years of education", "Age", "CDR-SB"}
    assert table["slope_r"].to_numpy() == pytest.approx(1)


def test_published_univariate_models_are_those_of_the_continuous_features():
    frame = published_univariate()
    assert len(frame) == frame["feature"].nunique() == 26
    assert (frame[["standard_error", "random_slope_sd"]] > 0).all(axis=None)
