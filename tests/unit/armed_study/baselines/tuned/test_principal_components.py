import dataclasses

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.pipeline import make_pipeline

import small_images as small
from armed.errors import DataError
from armed_study.baselines.tuned import pca_glmm, pca_ridge, ridge
from armed_study.training import trainer


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    data = small.dataset(tmp_path_factory.mktemp("bytes"))
    return data, small.split(data)


@pytest.fixture(scope="module")
def folds(study):
    """Outcomes that neither the image nor the cluster tells for certain."""
    made = small.study_folds(study, folds=(0,))
    fold = made.folds[0]
    left = fold.x[:, 0, :, :6].mean((1, 2))
    logit = (left - left.mean()) / left.std() + np.where(fold.z % 2, 1.5, -1.5)
    drawn = np.random.default_rng(2).random(len(logit)) < 1 / (1 + np.exp(-logit))
    return with_fold(made, y=drawn.astype(np.float32))


def coefficients(folds, method=pca_ridge):
    return method.fit(folds, folds.folds[0]).coefficients


def with_fold(folds, **changed):
    fold = dataclasses.replace(folds.folds[0], **changed)
    return dataclasses.replace(folds, folds=(fold,))


def test_ridge_is_the_pipeline_that_the_validation_part_likes_best(folds):
    fold = folds.folds[0]
    x = fold.x.reshape(len(fold.y), -1) / 255
    train, watched, test = (fold.rows(name) for name in ("train", "validation", "test"))
    every = [
        make_pipeline(PCA(len(train) - 1), LogisticRegression(C=c, tol=1e-6))
        for c in ridge.INVERSE_PENALTIES
    ]
    for each in every:
        each.fit(x[train], fold.y[train])
    best = min(every, key=lambda p: log_loss(fold.y[watched], p.predict_proba(x[watched])[:, 1]))
    assert best not in (every[0], every[-1])
    found, _ = pca_ridge.fit(folds, fold).predict(x[test], None)
    np.testing.assert_allclose(found, best.predict_proba(x[test])[:, 1], atol=2e-4)


@pytest.mark.parametrize("method", [pca_ridge, pca_glmm])
def test_outcomes_of_test_and_unseen_rows_change_nothing(folds, method):
    fold = folds.folds[0]
    y = fold.y.copy()
    y[fold.rows("test", "unseen")] = 1 - y[fold.rows("test", "unseen")]
    found = coefficients(with_fold(folds, y=y), method)
    np.testing.assert_array_equal(found, coefficients(folds, method))


def test_mixed_model_scores_images_by_their_cluster_too(folds):
    table = trainer("pca_glmm")(folds, model="m", settings={}).table("predictions")
    known = table[table["assignment"] == "known"]
    assert (known["fixed"] - known["mixed"]).abs().max() > 0.01
    unseen = table[(table["partition"] == "unseen") & (table["assignment"] == "marginal")]
    assert unseen["mixed"].between(0, 1).all()
    assert len(unseen) == (folds.folds[0].partition == "unseen").sum()


def test_a_fold_without_validation_part_is_refused(folds):
    partition = folds.folds[0].partition.copy()
    partition[partition == "validation"] = ""
    with pytest.raises(
        DataError, match="found 0 validation rows, expected some to select a penalty"
    ):
        coefficients(with_fold(folds, partition=partition))
