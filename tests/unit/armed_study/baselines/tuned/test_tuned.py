"""Baselines of which the validation part selects a setting."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge
from sklearn.metrics import log_loss, mean_poisson_deviance, mean_squared_error, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from armed.errors import DataError
from armed_study.baselines.linear import training_rows
from armed_study.baselines.tuned import (
    gpboost,
    hist_gradient_boosting,
    own_cluster,
    ridge,
    target_encoding,
)
from armed_study.training import trainer
from small_outcomes import dataset, folds
from small_tables import SEEN, K, one_fold, study_of

TUNED = (
    "ridge",
    "combat_ridge",
    "target_encoding",
    "hist_gradient_boosting",
    "gpboost",
)


@pytest.fixture(scope="module")
def drawn():
    """A fold whose outcome follows features and clusters, and the true random intercepts."""
    return one_fold(np.random.default_rng(11), size=100)


@pytest.fixture(scope="module")
def fold(drawn):
    return drawn[0]


def scores(method, fold, partition):
    """Outcome, fixed and mixed scores of a partition by the own cluster, or none."""
    table = trainer(method)(study_of(fold), model=method, settings={}).table("predictions")
    kept = table["assignment"].isin(["known", "none", "zero"]) & (table["partition"] == partition)
    rows = table[kept].drop_duplicates("sample")
    mixed = rows["mixed"].where(rows["mixed"].notna(), rows["fixed"])
    return fold.y[rows["sample"].cat.codes], rows["fixed"].to_numpy(), mixed.to_numpy()


@pytest.mark.parametrize("method", TUNED)
def test_permuted_outcome_gives_an_auroc_of_a_half(fold, method):
    null = replace(fold, y=np.random.default_rng(2).permutation(fold.y))
    for partition in ("test", "unseen"):
        y, *both = scores(method, null, partition)
        assert all(abs(roc_auc_score(y, score) - 0.5) < 0.07 for score in both)


@pytest.mark.parametrize("method", TUNED)
def test_test_and_unseen_rows_change_no_score_of_others(fold, method):
    others = np.isin(fold.partition, ["test", "unseen"])
    x = np.where(others[:, None], fold.x + 1, fold.x)
    moved = replace(fold, x=x, y=np.where(others, 1 - fold.y, fold.y))
    for one, other in zip(
        scores(method, fold, "train"), scores(method, moved, "train"), strict=True
    ):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("method", TUNED)
def test_a_fold_without_validation_part_is_refused(fold, method):
    alone = replace(fold, partition=np.where(fold.partition == "validation", "", fold.partition))
    with pytest.raises(DataError, match="found 0 validation rows, expected some to select a pen"):
        trainer(method)(study_of(alone), model=method, settings={})


def test_ridge_does_not_depend_on_the_units_of_columns(fold):
    units = np.array([1000, 0.01, 1], dtype=np.float32)
    found = ridge.fit(study_of(fold), fold)
    other = ridge.fit(study_of(fold), replace(fold, x=fold.x * units))
    np.testing.assert_allclose(other.coefficients * units, found.coefficients, rtol=1e-4)


@pytest.mark.parametrize("kind", ["continuous", "count", "categorical"])
def test_ridge_is_the_pipeline_that_the_validation_part_likes_best(kind):
    study = folds(dataset(kind))
    fold = study.folds[0]
    x, y, _ = training_rows(study, fold)
    watched = fold.rows("validation")
    made, loss = {
        "continuous": (lambda c: Ridge(1 / c), mean_squared_error),
        "count": (lambda c: PoissonRegressor(alpha=1 / c / len(y), tol=1e-8), mean_poisson_deviance),
        "categorical": (lambda c: LogisticRegression(C=c, tol=1e-8), log_loss),
    }[kind]  # fmt: skip
    every = [make_pipeline(StandardScaler(), made(c)).fit(x, y) for c in ridge.INVERSE_PENALTIES]

    def predicted(model, rows):
        method = "predict_proba" if kind == "categorical" else "predict"
        return getattr(model, method)(fold.x[rows])

    best = min(every, key=lambda model: loss(fold.y[watched], predicted(model, watched)))
    test = fold.rows("test")
    found, _ = ridge.fit(study, fold).predict(fold.x[test], None)
    np.testing.assert_allclose(found, predicted(best, test), rtol=1e-3)


def test_own_cluster_is_the_regression_of_its_samples_alone(fold, monkeypatch):
    monkeypatch.setattr(own_cluster, "INVERSE_PENALTIES", (1e4,))  # whatever the s.d. of columns
    found, test = own_cluster.fit(study_of(fold), fold), fold.rows("test")
    x, k = fold.x[test], 3
    of_one = replace(
        fold, partition=np.where((fold.z == k) | (fold.partition != "train"), fold.partition, "")
    )
    alone = own_cluster.fit(study_of(of_one), of_one)
    expected, same = alone.predict(x, np.full(len(x), k))
    np.testing.assert_allclose(same, expected)
    np.testing.assert_allclose(found.predict(x, np.full(len(x), k))[1], expected, atol=1e-3)
    fixed, none = found.predict(x, np.full(len(x), SEEN))  # a cluster without training rows
    np.testing.assert_array_equal(none, fixed)
    one_hot = np.eye(K)[np.full(len(x), k)]
    np.testing.assert_allclose(
        found.predict(x, one_hot)[1], found.predict(x, np.full(len(x), k))[1]
    )


@pytest.mark.parametrize("method", [target_encoding, gpboost])
def test_intercepts_of_clusters_follow_the_true_ones(drawn, method):
    fold, u = drawn
    found = method.fit(study_of(fold), fold)
    assert np.corrcoef(found.mean[:SEEN], u[:SEEN])[0, 1] > 0.9
    assert (found.mean[SEEN:] == 0).all()


def test_cluster_means_of_noise_are_not_trusted(fold, monkeypatch):
    monkeypatch.setattr(ridge, "INVERSE_PENALTIES", (10.0,))  # which alone would shrink them, too
    # Clusters of 3 training rows: their means fit their own outcomes well.
    z, seen = np.arange(len(fold.y)) // 3, fold.partition == "train"
    kept = replace(fold, x=fold.x[seen][:1200], y=fold.y[seen][:1200], z=z[:1200],
                   partition=np.where(np.arange(1200) < 1000, "train", "validation"))  # fmt: skip
    study = replace(study_of(kept), clusters=tuple(f"c{k}" for k in range(400)))
    effects = target_encoding.fit(study, kept).mean
    assert effects.std() < 0.1


def test_target_encoding_of_classes_scores_by_the_cluster(fold):
    study = folds(dataset("categorical"))
    fold = study.folds[0]
    found, rows = target_encoding.fit(study, fold), fold.rows("test")
    fixed, mixed = found.predict(fold.x[rows], fold.known_z(rows))
    assert log_loss(fold.y[rows], mixed) < log_loss(fold.y[rows], fixed) - 0.05


def test_weights_over_clusters_mix_the_scores_of_trees(fold):
    found, rows = hist_gradient_boosting.fit(study_of(fold), fold), fold.rows("test")
    x, n = fold.x[rows], len(rows)
    fixed, own = found.predict(x, np.full(n, 2))
    other = found.predict(x, np.full(n, 5))[1]
    assert (own != fixed).mean() > 0.9
    for weights, expected in (
        ({2: 1.0}, own), ({2: 0.5, 5: 0.5}, (own + other) / 2), ({}, fixed),
        ({2: 0.5, SEEN: 0.5}, (own + fixed) / 2),  # a cluster without training rows
    ):  # fmt: skip
        z = np.zeros((n, K))
        for k, weight in weights.items():
            z[:, k] = weight
        np.testing.assert_allclose(found.predict(x, z)[1], expected)


def test_trees_give_a_class_without_training_rows_probability_zero():
    study = folds(dataset("categorical"))
    fold = study.folds[0]
    kept = (fold.y != 1) | (fold.partition != "train")
    fold = replace(fold, partition=np.where(kept, fold.partition, ""))
    score = hist_gradient_boosting.fit(study, fold).predict(
        fold.x, fold.known_z(np.arange(len(fold.y)))
    )[1]
    assert (score[:, 1] == 0).all()
    np.testing.assert_allclose(score.sum(axis=1), 1)


def test_more_clusters_than_categories_are_refused(fold):
    study = replace(study_of(fold), clusters=tuple(f"c{k}" for k in range(256)))
    with pytest.raises(DataError, match="found 256 clusters, expected at most 255 for hist_"):
        hist_gradient_boosting.fit(study, fold)
