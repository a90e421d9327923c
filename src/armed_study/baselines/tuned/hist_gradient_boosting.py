"""Gradient boosting of trees, with the cluster as a category."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from armed.errors import DataError
from armed_study.baselines.linear import Baseline, Fit, training_rows
from armed_study.baselines.tuned.selection import validation_rows
from armed_study.training.fold_data import NO_CLUSTER, FoldData, StudyFolds
from armed_study.training.result_tables import Scores

MOST_TREES = 300
MOST_CLUSTERS = 255
"""Categories that a feature of scikit-learn's histograms may have."""
_LOSSES = {"continuous": "squared_error", "count": "poisson"}


@dataclass(frozen=True)
class HistGradientBoostingSettings:
    """Size of the trees, and of their steps.

    Parameters
    ----------
    shrinkage : float, above 0, at most 1
        By what each tree is multiplied.
    leaves : int, at least 2
        Leaves of a tree, at most.
    """

    shrinkage: float = 0.1
    leaves: int = 31


@dataclass(frozen=True, eq=False)
class Trees:
    """Boosted trees of an outcome; of a categorical one that has ``classes``, which training may lack."""

    model: Any
    classes: int

    def score(self, x: np.ndarray) -> np.ndarray:
        """Probability or mean, (n,), or probabilities, (n, classes), of rows ``x`` (n, columns)."""
        if not hasattr(self.model, "predict_proba"):
            return np.asarray(self.model.predict(x), dtype=np.float64)
        found = self.model.predict_proba(x)
        if not self.classes:
            return found[:, 1]
        every = np.zeros((len(x), self.classes))
        every[:, self.model.classes_.astype(int)] = found
        return every


@dataclass(frozen=True, eq=False)
class BoostedFit(Fit):
    """``yF`` by trees that do not know the cluster, ``yM`` by trees for which it is a category.

    ``seen`` are the clusters of the training rows. For others, and for what weights over clusters leave to
    none, ``yM`` is ``yF``.
    """

    alone: Trees
    with_cluster: Trees
    seen: np.ndarray

    def predict(self, x: np.ndarray, z: np.ndarray | None) -> Scores:
        """Score rows ``x`` (n, columns); weights ``z`` (n, K) mix the scores of the clusters."""
        fixed = self.alone.score(x)
        if z is None:
            return fixed, None
        if z.ndim == 1:
            known = np.isin(z, self.seen)
            mixed = fixed.copy()
            if known.any():
                mixed[known] = self._in_cluster(x[known], z[known])
            return fixed, mixed
        extra = [1] * (fixed.ndim - 1)
        mixed = fixed * (1 - z[:, self.seen].sum(axis=1)).reshape(-1, *extra)
        for k in self.seen[z[:, self.seen].any(axis=0)]:
            mixed += z[:, k].reshape(-1, *extra) * self._in_cluster(x, np.full(len(x), k))
        return fixed, mixed

    def parameters(self) -> dict[str, np.ndarray]:
        """Number of trees (for each class) without and with the cluster."""
        return {
            "trees": np.array([self.alone.model.n_iter_, self.with_cluster.model.n_iter_]),
        }

    def _in_cluster(self, x: np.ndarray, z: np.ndarray) -> np.ndarray:
        return self.with_cluster.score(np.column_stack([x, z]))


def fit(
    study: StudyFolds, fold: FoldData, *, shrinkage: float = 0.1, leaves: int = 31
) -> BoostedFit:
    """Fit both; the number of trees is that of the largest likelihood on the validation part.

    Raises
    ------
    DataError
        When the validation part has no rows, or there are more than `MOST_CLUSTERS`.

    References
    ----------
    G. Ke et al., LightGBM, NeurIPS 2017; scikit-learn's HistGradientBoosting.
    """
    if len(study.clusters) > MOST_CLUSTERS:
        raise DataError(
            f"study '{study.name}': found {len(study.clusters)} clusters, expected at most {MOST_CLUSTERS} "
            "for hist_gradient_boosting; leave it out of the study's models"
        )
    x, y, z = training_rows(study, fold)
    rows = validation_rows(study, fold)
    # A class that training lacks cannot be scored; nor, as a category, such a cluster.
    rows = rows[np.isin(fold.y[rows], y)] if study.outcome.classes else rows
    watched = fold.table(rows), fold.y[rows], fold.known_z(rows)
    own = np.where(watched[2] == NO_CLUSTER, np.nan, watched[2])
    with_cluster = np.column_stack([x, z]), np.column_stack([watched[0], own])
    size = {"learning_rate": shrinkage, "max_leaf_nodes": leaves}
    known = with_cluster[1], watched[1]
    return BoostedFit(
        _boosted(study, x, y, watched[:2], size),
        _boosted(study, with_cluster[0], y, known, {**size, "categorical_features": [x.shape[1]]}),
        fold.seen,
    )


def _boosted(
    study: StudyFolds,
    x: np.ndarray,
    y: np.ndarray,
    watched: tuple[np.ndarray, np.ndarray],
    given: Mapping[str, Any],
) -> Trees:
    """Fit until trees no longer help the rows ``watched``, then again with as many as helped."""
    loss = _LOSSES.get(study.outcome.kind)

    def model(**more: Any) -> Any:
        if loss:
            return HistGradientBoostingRegressor(loss=loss, random_state=0, **given, **more)
        return HistGradientBoostingClassifier(random_state=0, **given, **more)

    stopping = model(max_iter=MOST_TREES, early_stopping=True)
    stopping.fit(x, y, X_val=watched[0], y_val=watched[1])
    helped = int(np.argmax(stopping.validation_score_))  # the first score is that without a tree
    return Trees(
        model(max_iter=max(1, helped), early_stopping=False).fit(x, y),
        len(study.outcome.classes),
    )


BASELINE = Baseline(fit, uses_clusters=True)
