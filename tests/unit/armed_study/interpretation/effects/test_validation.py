"""Univariate mixed models, and learned random effects against what they should be."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.special import expit

import study_tables
from armed_study.data.dataset import ClusteredDataset, Feature
from armed_study.interpretation.effects.univariate import (
    compare_univariate,
    seen_samples,
    univariate_models,
)
from armed_study.interpretation.effects.validation import (
    order_comparisons,
    readable,
    recovery,
    validate_effects,
)
from armed_study.io.tables import cast_table, empty_table
from armed_study.report.published import published_univariate

SITES, SIZE = 60, 150
SLOPE_SD, INTERCEPT_SD, COEFFICIENT = 0.6, 0.8, 1.0


def made(missing=0.0, unseen=3):
    """Clusters of which the last are unseen; the slope of x varies over them, that of w is 0."""
    rng = np.random.default_rng(3)
    cluster = np.repeat(np.arange(SITES + unseen), SIZE)
    x, w = rng.normal(size=(2, len(cluster)))
    intercept = rng.normal(0, INTERCEPT_SD, SITES + unseen)
    slope = rng.normal(0, SLOPE_SD, SITES + unseen)
    logit = intercept[cluster] + (COEFFICIENT + slope[cluster]) * x - 0.5
    y = (rng.random(len(x)) < expit(logit)).astype(float)
    x[rng.random(len(x)) < missing] = np.nan
    names = [f"s{i:05d}" for i in range(len(x))]
    sex = np.where(rng.random(len(x)) < 0.5, "f", "m")
    known = {"sample": names, "cluster": [f"c{k:02d}" for k in cluster], "outcome": y}
    samples = pd.DataFrame(known | {"x": 7 + 100 * x, "w": w, "sex": sex})
    samples = samples.assign(group=None, held_out=False)
    features = (
        Feature("x", "continuous"), Feature("w", "continuous"),
        Feature("sex", "categorical", levels=("m", "f")),
    )  # fmt: skip
    dataset = ClusteredDataset("made", cast_table(samples, "samples"), features, "generated", True)
    parts = []
    for fold in (0, 1):
        side = np.where(np.arange(len(x)) % 2 == fold, "test", "train")
        side = np.where(cluster >= SITES, "unseen", side)
        parts.append(pd.DataFrame({"fold": fold, "sample": names, "partition": side}))
    return dataset, pd.concat(parts, ignore_index=True), intercept, slope


@pytest.fixture(scope="module")
def study():
    return made(missing=0.2)


def test_univariate_models_find_coefficients_and_spreads_of_the_generator(study):
    dataset, splits, intercept, slope = study
    found = univariate_models(dataset, splits).set_index("feature")
    assert list(found.index) == ["x", "w"]
    x = found.loc["x"]
    assert x["coefficient"] == pytest.approx(COEFFICIENT + slope[:SITES].mean(), abs=0.1)
    assert x["slope_sd"] == pytest.approx(slope[:SITES].std(), abs=0.1)
    assert x["intercept_sd"] == pytest.approx(intercept[:SITES].std(), abs=0.1)
    assert found.loc["w", "slope_sd"] < 0.1
    assert abs(found.loc["w", "coefficient"]) < 3 * found.loc["w", "standard_error"]


def test_univariate_models_use_seen_samples_that_have_the_feature(study):
    dataset, splits, *_ = study
    found = univariate_models(dataset, splits).set_index("feature")
    assert found.loc["w", "samples"] == SITES * SIZE
    seen = seen_samples(dataset, splits)
    assert found.loc["x", "samples"] == seen["x"].notna().sum() < SITES * SIZE
    assert not set(seen["cluster"].astype(str)) & {"c60", "c61", "c62"}


def test_a_feature_without_variation_has_no_univariate_model():
    dataset, splits, *_ = made()
    dataset.samples["w"] = 1.0
    found = univariate_models(dataset, splits).set_index("feature")
    assert np.isnan(found.loc["w", "coefficient"])
    assert np.isfinite(found.loc["x", "coefficient"])


def effects_of(intercept, slope, folds=2, seeds=2):
    """Random effects as a model would have learned them: the true ones, some seeds off by a bit."""
    rows = []
    for fold in range(folds):
        for seed in range(seeds):
            off = 0.1 * (1 if seed else -1)
            for k in range(SITES):
                values = {
                    "intercept": intercept[k] + off + 0.01 * fold, "slope[0]": 99.0,
                    "linear_slope[x]": slope[k] * (1 + off), "linear_slope[sex: f]": 0.2 * slope[k],
                }  # fmt: skip
                about = ("made", "armed", fold, seed)
                rows += [(*about, name, f"c{k:02d}", own, 0.1) for name, own in values.items()]
    columns = ["study", "model", "fold", "seed", "effect", "cluster", "mean", "sd"]
    return pd.DataFrame(rows, columns=columns)


def truth_of(intercept, slope):
    names = [f"c{k:02d}" for k in range(SITES + 3)]
    known = pd.DataFrame({"cluster": names, "intercept": intercept, "slope[x]": slope})
    return known.melt("cluster", var_name="quantity")


@pytest.fixture(scope="module")
def validated(study):
    dataset, splits, intercept, slope = study
    table = validate_effects(
        dataset, splits, effects_of(intercept, slope), univariate=univariate_models(dataset, splits),
        cluster_truth=truth_of(intercept, slope),
    )  # fmt: skip
    return table.set_index(["comparison", "model", "item"])


def test_spread_of_slopes_is_taken_over_seen_clusters_and_averaged_over_replicas(study, validated):
    *_, slope = study
    row = validated.loc[("true_slope_sd", "armed", "x")]
    assert row["learned"] == pytest.approx(slope[:SITES].std(ddof=1))
    assert row["reference"] == pytest.approx(slope[:SITES].std(ddof=1))
    again = validated.loc[("slope_sd", "armed", "x")]
    assert again["reference"] == pytest.approx(SLOPE_SD, abs=0.15)


def test_slopes_of_no_variance_follow_nothing(study):
    dataset, splits, intercept, slope = study
    found = recovery(
        validate_effects(
            dataset, splits, effects_of(intercept, 1e-8 * slope),
            univariate=univariate_models(dataset, splits), cluster_truth=truth_of(intercept, slope),
        )
    ).set_index(["comparison", "model"])  # fmt: skip
    assert np.isnan(found.loc[("slope_sd", "armed"), "r"])
    assert found.loc[("true_intercept", "armed"), "r"] > 0.9


def test_the_univariate_models_are_judged_by_the_truth_too(validated):
    row = validated.loc[("true_slope_sd", "univariate", "x")]
    assert row["learned"] == validated.loc[("slope_sd", "armed", "x"), "reference"]
    assert np.isnan(row["low"])


def test_intercepts_stand_against_truth_and_share_with_an_interval_over_folds(study, validated):
    dataset, _, intercept, _ = study
    row = validated.loc[("true_intercept", "armed", "c07")]
    assert row["learned"] == pytest.approx(intercept[7] + 0.005)
    assert row["low"] < row["learned"] < row["high"]
    share = dataset.samples.loc[dataset.samples["cluster"] == "c07", "outcome"].mean()
    found = validated.loc[("conversion_rate", "armed", "c07"), "reference"]
    assert found == pytest.approx(share)
    assert len(validated.loc["true_intercept"]) == SITES


def test_relative_risk_of_a_level_is_that_of_counts(study, validated):
    dataset, splits, *_ = study
    seen = seen_samples(dataset, splits).astype({"sex": str, "cluster": str})
    table = pd.crosstab([seen["cluster"], seen["sex"]], seen["outcome"]).unstack()
    with_f = (table[(1.0, "f")] + 0.5) / (table[(0.0, "f")] + table[(1.0, "f")] + 1)
    with_m = (table[(1.0, "m")] + 0.5) / (table[(0.0, "m")] + table[(1.0, "m")] + 1)
    expected = (with_f / with_m).std()
    found = validated.loc[("relative_risk_sd", "armed", "sex: f"), "reference"]
    assert found == pytest.approx(expected)


def test_without_truth_the_comparisons_with_it_are_absent(study):
    dataset, splits, intercept, slope = study
    table = validate_effects(
        dataset, splits, effects_of(intercept, slope), univariate=univariate_models(dataset, splits),
        cluster_truth=empty_table("cluster_truth"),
    )  # fmt: skip
    assert set(table["comparison"]) == {"slope_sd", "relative_risk_sd", "conversion_rate"}
    assert len(cast_table(table, "effect_validation")) == len(table)


@pytest.fixture(scope="module")
def compared():
    return order_comparisons(study_tables.mci().effect_validation)


def test_correlations_have_fishers_interval_and_the_line_of_least_squares(compared):
    row = recovery(compared).set_index(["comparison", "model"]).loc[("slope_sd", "armed")]
    part = compared.query("comparison == 'slope_sd' and model == 'armed'")
    r, p = stats.pearsonr(part["learned"], part["reference"])
    half = stats.norm.ppf(0.975) / np.sqrt(len(part) - 3)
    line = stats.linregress(part["reference"], part["learned"])
    expected = [r, np.tanh(np.arctanh(r) - half), np.tanh(np.arctanh(r) + half), p, 26]
    assert row.tolist() == pytest.approx([*expected, line.slope, line.intercept])


def test_comparison_with_equal_references_is_not_defined(compared):
    part = compared.query("comparison == 'slope_sd' and model == 'armed'")
    flat = recovery(part.assign(reference=1.0))
    assert flat[["r", "r_low", "p", "slope"]].isna().all(axis=None)
    assert recovery(compared[:0]).empty


def test_correlations_are_told_in_words(compared):
    found = recovery(compared)
    words = readable(found)
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
