"""Baselines of outcomes that are not binary."""

from __future__ import annotations

import warnings
from dataclasses import replace
from importlib import import_module

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import norm, poisson

from armed.errors import DataError
from armed_study.baselines import linear_regression, multinomial_regression, poisson_regression
from armed_study.baselines.linear import Fit, training_rows
from armed_study.training import trainer
from armed_study.training.fold_data import FoldData, StudyFolds
from armed_study.training.result_tables import ModelResults
from small_outcomes import OUTCOMES, dataset, folds


def study_of(kind: str) -> tuple[StudyFolds, FoldData]:
    study = folds(dataset(kind))
    return study, study.folds[0]


def fit(method: str, study: StudyFolds) -> ModelResults:
    return trainer(method)(study, model=method, settings={})


def test_linear_regression_is_that_of_least_squares() -> None:
    study, fold = study_of("continuous")
    found = linear_regression.fit(study, fold)
    x, y, _ = training_rows(study, fold)
    expected = np.linalg.lstsq(np.column_stack([np.ones(len(x)), x]), y, rcond=None)[0]
    assert [found.intercept, *found.coefficients] == pytest.approx(list(expected), rel=1e-4)
    np.testing.assert_allclose(found.predict(x, None)[0], expected[0] + x @ expected[1:], rtol=1e-4)
    assert found.importance(x) == pytest.approx(np.abs(expected[1:]), rel=1e-4)


def test_poisson_regression_is_that_of_statsmodels() -> None:
    study, fold = study_of("count")
    found = poisson_regression.fit(study, fold)
    x, y, _ = training_rows(study, fold)
    model = sm.GLM(y, sm.add_constant(x), family=sm.families.Poisson()).fit()
    assert [found.intercept, *found.coefficients] == pytest.approx(list(model.params), rel=1e-3)
    step, state = 1e-5, np.r_[found.intercept, found.coefficients]
    slope = (np.exp(state[0] + (x + step) @ state[1:]) - np.exp(state[0] + x @ state[1:])) / step
    assert found.importance(x) == pytest.approx([np.abs(slope).mean()], rel=1e-3)


def test_multinomial_regression_is_that_of_statsmodels() -> None:
    study, fold = study_of("categorical")
    found = multinomial_regression.fit(study, fold)
    x, y, _ = training_rows(study, fold)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = sm.MNLogit(y, sm.add_constant(x)).fit(disp=0)
    np.testing.assert_allclose(
        found.predict(x, None)[0], model.predict(sm.add_constant(x)), atol=2e-3
    )
    step = 1e-6
    slope = (found.predict(x + step, None)[0] - found.predict(x, None)[0]) / step
    assert found.importance(x) == pytest.approx([np.abs(slope).mean()], rel=1e-3)


@pytest.mark.parametrize("absent", [0, 1, 2])
def test_a_class_without_training_rows_has_probability_zero(absent) -> None:
    study, fold = study_of("categorical")
    kept = (fold.y != absent) | (fold.partition != "train")
    fold = replace(fold, partition=np.where(kept, fold.partition, ""))
    found = multinomial_regression.fit(study, fold)
    score = found.predict(fold.x, None)[0]
    assert (score[:, absent] == 0).all()
    np.testing.assert_allclose(score.sum(axis=1), 1)
    assert np.isfinite(found.importance(fold.x)).all()


def test_mixed_model_has_the_estimates_of_statsmodels() -> None:
    study, fold = study_of("continuous")
    trained = fit("mixed_model", study)
    x, y, z = training_rows(study, fold)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = sm.MixedLM(y, sm.add_constant(x), z).fit(reml=True)
    found = [trained.state["intercept"][0], *trained.state["coefficients"][0]]
    assert found == pytest.approx(list(model.fe_params), rel=1e-3)
    effects = trained.table("random_effects")
    learned = effects.loc[effects["fold"] == 0, "mean"].to_numpy()
    expected = [model.random_effects[k].iloc[0] for k in np.unique(z)]
    # Closer than those of plain maximum likelihood are.
    np.testing.assert_allclose(learned, expected, rtol=1e-3, atol=2e-3)
    variances = (
        trained.table("variance_components").query("fold == 0").set_index("term")["estimate"]
    )
    sd = [variances["sd__intercept"], variances["sd__Observation"]]
    assert sd == pytest.approx([model.cov_re[0, 0] ** 0.5, model.scale**0.5], rel=2e-3)


def test_mixed_model_of_counts_adds_the_cluster_to_the_logarithm() -> None:
    study, fold = study_of("count")
    trained = fit("mixed_model", study)
    state, table = trained.state, trained.table("predictions")
    rows = table[(table["assignment"] == "known") & (table["fold"] == 0)]
    at = rows["sample"].cat.codes.to_numpy()
    fixed = np.exp(state["intercept"][0] + fold.x[at] @ state["coefficients"][0])
    np.testing.assert_allclose(rows["fixed"], fixed, rtol=1e-4)
    own = np.where(fold.z[at] >= 0, state["random_intercept_mean"][0][fold.z[at]], 0)
    np.testing.assert_allclose(rows["mixed"], fixed * np.exp(own), rtol=1e-4)
    means = pd.Series(fold.y).groupby(fold.z).mean()
    effects = trained.table("random_effects").groupby("cluster", observed=True)["mean"].mean()
    assert np.corrcoef(np.log(means[means.index >= 0]), effects)[0, 1] > 0.9


def test_mixed_model_of_large_counts_converges() -> None:
    study, fold = study_of("count")
    large = replace(fold, y=fold.y * 50)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trained = fit("mixed_model", replace(study, folds=(large,)))
    assert np.isfinite(trained.table("predictions")["mixed"]).all()


@pytest.mark.parametrize("kind", OUTCOMES)
def test_prevalence_gives_means_or_shares_of_the_clusters(kind) -> None:
    study, fold = study_of(kind)
    table = fit("prevalence", study).table("predictions")
    table = table[(table["fold"] == 0) & (table["assignment"] == "known")]
    rows, cluster = fold.rows("train"), 2
    own = fold.y[rows][fold.z[rows] == cluster]
    found = table[fold.z[table["sample"].cat.codes] == cluster]
    if kind == "categorical":
        for number, name in enumerate(study.outcome.classes):
            of_class = found.loc[found["class"] == name, "mixed"]
            np.testing.assert_allclose(of_class, np.mean(own == number), rtol=1e-5, atol=1e-6)
    else:
        np.testing.assert_allclose(found["mixed"], own.mean(), rtol=1e-5)
        np.testing.assert_allclose(found["fixed"], fold.y[rows].mean(), rtol=1e-5)


def few_shot_of(method: str, kind: str) -> tuple[Fit, FoldData, np.ndarray, np.ndarray]:
    """A fitted baseline, its fold, and rows of the unseen cluster: scored ones, and four labelled."""
    study, fold = study_of(kind)
    unseen = fold.rows("unseen")
    return (
        import_module(f"armed_study.baselines.{method}").fit(study, fold),
        fold,
        unseen[4:7],
        unseen[:4],
    )


def scored(found: Fit, fold: FoldData, rows: np.ndarray, labelled: np.ndarray) -> np.ndarray:
    score = found.new_cluster_score(fold.table(np.arange(len(fold.y))), fold.y)
    assert score is not None
    zeros = np.zeros(len(rows), dtype=np.int64)
    return score(rows, zeros, labelled, zeros[:1].repeat(len(labelled)))


def test_few_shot_mixed_model_of_numbers_is_the_conditional_normal_mean() -> None:
    found, fold, rows, labelled = few_shot_of("mixed_model", "continuous")
    fixed = found.predict(fold.table(np.arange(len(fold.y))), None)[0]
    precision = 1 / found.prior_sd**2 + len(labelled) / found.noise
    mean = (fold.y[labelled] - fixed[labelled]).sum() / found.noise / precision
    np.testing.assert_allclose(scored(found, fold, rows, labelled), fixed[rows] + mean, rtol=1e-5)
    np.testing.assert_allclose(scored(found, fold, rows, labelled[:0]), fixed[rows], rtol=1e-5)


def test_few_shot_mixed_model_of_counts_is_the_integral_over_the_intercept() -> None:
    found, fold, rows, labelled = few_shot_of("mixed_model", "count")
    eta = np.log(found.predict(fold.table(np.arange(len(fold.y))), None)[0])
    u = np.linspace(-8, 8, 4001) * found.prior_sd
    joint = norm.pdf(u, scale=found.prior_sd)
    for row in labelled:
        joint = joint * poisson.pmf(fold.y[row], np.exp(eta[row] + u))
    expected = np.exp(eta[rows]) * (joint * np.exp(u)).sum() / joint.sum()
    np.testing.assert_allclose(scored(found, fold, rows, labelled), expected, rtol=0.01)


@pytest.mark.parametrize("kind", OUTCOMES)
def test_few_shot_prevalence_is_between_the_overall_and_the_labelled_mean(kind) -> None:
    found, fold, rows, labelled = few_shot_of("prevalence", kind)
    y, ratio = fold.y[labelled].astype(float), (1 - found.intraclass) / found.intraclass
    own = (y[:, None] == np.arange(3)).mean(0) if kind == "categorical" else y.mean()
    expected = found.overall + len(y) / (len(y) + ratio) * (own - found.overall)
    whole = scored(found, fold, rows, labelled)
    np.testing.assert_allclose(whole, np.stack([expected] * 3), rtol=1e-6)
    none = scored(found, fold, rows, labelled[:0])
    np.testing.assert_allclose(none, np.stack([found.overall] * 3), rtol=1e-6)
    assert 0.02 < found.intraclass < 0.9


def test_labelled_samples_help_every_baseline_that_knows_clusters() -> None:
    for kind in OUTCOMES:
        study = folds(dataset(kind, seed=5), shots=(1, 20))
        for method in ("prevalence", "mixed_model")[: 1 + (kind != "categorical")]:
            table = fit(method, study).table("few_shot_predictions")
            truth = study.folds[0].y[table["sample"].cat.codes]
            if kind == "categorical":
                own = (
                    table["class"].astype(str) == np.array(study.outcome.classes)[truth.astype(int)]
                )
                error = pd.Series(np.where(own, 1 - table["mixed"], 0.0))
            else:
                error = (table["mixed"] - truth) ** 2
            by = error.groupby([table["assignment"], table["shots"]]).mean()
            assert by["few_shot", 20] < by["marginal", 0], (kind, method)


def test_equal_outcomes_in_training_are_refused() -> None:
    study, fold = study_of("count")
    with pytest.raises(DataError, match=r"fold 0: .* with one outcome; expected several"):
        poisson_regression.fit(study, replace(fold, y=np.ones_like(fold.y)))
