"""Metrics of outcomes that are not binary: against scikit-learn, and by their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from armed_study.statistics.layout import Layout
from armed_study.statistics.measures import MEASURES
from armed_study.statistics.measures.unit_counts import Laid, evaluate
from armed_study.vocabulary.outcomes import BINARY, KINDS, Outcome

KIND = {
    "continuous": Outcome("continuous"),
    "count": Outcome("count"),
    "categorical": Outcome("categorical", ("a", "b", "c")),
}
SIZES = np.array([1, 5, 30, 64])
CLUSTER = np.repeat(np.arange(4), SIZES)


def invented(kind: str, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes of four clusters, and scores that lean towards them."""
    rng = np.random.default_rng(seed)
    predictor = rng.normal(size=len(CLUSTER)) + np.array([0.5, -1, 1, 0])[CLUSTER]
    if kind == "continuous":
        return 1000 + predictor, 1000 + predictor + rng.normal(size=len(CLUSTER))
    if kind == "count":
        return rng.poisson(np.exp(predictor)).astype(float), np.exp(predictor + 0.2)
    logits = np.round(np.stack([predictor, 0 * predictor, -predictor], axis=1), 1)  # with ties
    score = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return (logits + rng.gumbel(size=logits.shape)).argmax(axis=1).astype(float), score


def found(kind: str, y: np.ndarray, score: np.ndarray, cluster: np.ndarray = CLUSTER) -> dict:
    layout = Layout.of(y, cluster, about=KIND[kind])
    return evaluate(Laid(np.arange(len(y)), layout, None), score, np.nan, "unseen").values


@pytest.mark.parametrize("kind", KIND)
def test_metrics_are_those_that_their_kind_declares(kind: str) -> None:
    assert set(found(kind, *invented(kind))) == set(KINDS[kind].metrics)
    assert set(MEASURES) == set(KINDS)


def test_errors_of_numbers_equal_those_of_scikit_learn() -> None:
    y, score = invented("continuous")
    values = found("continuous", y, score)
    assert values["rmse"] == pytest.approx(metrics.root_mean_squared_error(y, score))
    assert values["mae"] == pytest.approx(metrics.mean_absolute_error(y, score))
    assert values["r2"] == pytest.approx(metrics.r2_score(y, score))


def test_within_clusters_numbers_are_taken_about_the_means_of_their_clusters() -> None:
    y, score = invented("continuous")
    about = [values - (np.bincount(CLUSTER, values) / SIZES)[CLUSTER] for values in (y, score)]
    values = found("continuous", y, score)
    assert values["r2_within"] == pytest.approx(metrics.r2_score(*about))
    assert values["correlation_within"] == pytest.approx(np.corrcoef(*about)[0, 1])
    shifted = found("continuous", y, score + np.array([3, -20, 7, 0])[CLUSTER])
    assert shifted["r2_within"] == pytest.approx(values["r2_within"])
    assert shifted["r2"] < values["r2"] - 1


def test_errors_of_counts_equal_those_of_scikit_learn() -> None:
    y, score = invented("count")
    values = found("count", y, score)
    assert values["poisson_deviance"] == pytest.approx(metrics.mean_poisson_deviance(y, score))
    assert values["d2"] == pytest.approx(metrics.d2_tweedie_score(y, score, power=1))
    assert values["rmse"] == pytest.approx(metrics.root_mean_squared_error(y, score))


def test_within_clusters_means_are_brought_to_the_sum_of_the_counts() -> None:
    y, score = invented("count")
    factor = np.bincount(CLUSTER, y) / np.bincount(CLUSTER, score)
    mean = (np.bincount(CLUSTER, y) / SIZES)[CLUSTER]
    deviances = [metrics.mean_poisson_deviance(y, of)
                 for of in (np.maximum(score * factor[CLUSTER], 1e-12), np.maximum(mean, 1e-12))]  # fmt: skip
    values = found("count", y, score)
    assert values["d2_within"] == pytest.approx(1 - deviances[0] / deviances[1], abs=1e-9)
    scaled = found("count", y, score * np.array([3, 0.1, 7, 2])[CLUSTER])
    assert scaled["d2_within"] == pytest.approx(values["d2_within"])


def test_a_mean_count_of_zero_is_finite_and_bad() -> None:
    y = np.array([0.0, 2.0, 1.0, 0.0])
    values = found("count", y, np.zeros(4), np.array([0, 0, 1, 1]))
    assert np.isfinite(values["poisson_deviance"])
    assert values["d2"] < -5


def test_metrics_of_classes_equal_those_of_scikit_learn_with_ties() -> None:
    y, score = invented("categorical")
    values, decided = found("categorical", y, score), score.argmax(axis=1)
    auroc = metrics.roc_auc_score(y, score, multi_class="ovr", average="macro")
    assert values["auroc"] == pytest.approx(auroc)
    assert values["accuracy"] == pytest.approx(metrics.accuracy_score(y, decided))
    balanced = metrics.balanced_accuracy_score(y, decided)
    assert values["balanced_accuracy"] == pytest.approx(balanced)
    assert values["log_loss"] == pytest.approx(metrics.log_loss(y, score))
    squared = ((score - np.eye(3)[y.astype(int)]) ** 2).sum(axis=1).mean()
    assert values["brier"] == pytest.approx(squared / 2)


def test_two_classes_have_the_scores_of_a_binary_outcome() -> None:
    rng = np.random.default_rng(2)
    y, p = (rng.random(100) < 0.4).astype(float), rng.random(100)
    layout = Layout.of(y, CLUSTER, about=BINARY)
    binary = evaluate(Laid(np.arange(100), layout, None), p, 0.5, "test").values
    two = Layout.of(y, CLUSTER, about=Outcome("categorical", ("a", "b")))
    both = evaluate(
        Laid(np.arange(100), two, None), np.stack([1 - p, p], axis=1), np.nan, "test"
    ).values
    assert {name: binary[name] for name in both} == pytest.approx(both)


def test_a_class_that_no_sample_has_is_left_out_of_the_means() -> None:
    y, score = invented("categorical")
    kept = y != 1
    values = found("categorical", y[kept], score[kept], CLUSTER[kept])
    each = [metrics.roc_auc_score(y[kept] == k, score[kept, k]) for k in (0, 2)]
    assert values["auroc"] == pytest.approx(np.mean(each))
    assert np.isfinite(values["balanced_accuracy"])


@pytest.mark.parametrize(("kind", "metric"), [("continuous", "r2_within"), ("count", "d2_within")])
def test_predictions_that_are_equal_within_clusters_explain_nothing_there(kind, metric) -> None:
    y = invented(kind)[0]
    level = np.array([3.3, 0.7, 5.1, 2.9])[CLUSTER]
    assert found(kind, y, level)[metric] == 0


@pytest.mark.parametrize("kind", KIND)
def test_equal_outcomes_have_nothing_to_be_explained(kind: str) -> None:
    score = invented(kind)[1]
    values = found(kind, np.full(len(CLUSTER), 1.0), score)
    undefined = {"continuous": {"r2", "r2_within", "correlation_within"},
                 "count": {"d2", "d2_within"}, "categorical": {"auroc", "auroc_within"}}  # fmt: skip
    assert {name for name, value in values.items() if np.isnan(value)} == undefined[kind]
