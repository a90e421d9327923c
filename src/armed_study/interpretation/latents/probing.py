"""Classifiers of the cluster from features of samples: what these tell, whoever may be listening."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegressionCV
from sklearn.metrics import log_loss
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.preprocessing import StandardScaler

PARTS = 3
"""Parts of the inner cross-validation; clusters of fewer groups of training samples are left out."""

PENALTIES = (1e-3, 1e-1, 1e1)  # inverse, of standardised features
TREES, LEAVES = 50, (10, 40)
_LEAST = 1e-3  # probability that a forest gives a cluster; no tree may have a sample of it


class Labelled(NamedTuple):
    """Cluster (n,) and group (n,) of training samples, clusters (m,) of test samples, from 0."""

    cluster: np.ndarray
    group: np.ndarray
    tested: np.ndarray

    @property
    def shares(self) -> np.ndarray:
        """Share of each cluster in the training samples (clusters,)."""
        counts = np.bincount(self.cluster)
        return counts / counts.sum()

    def parts(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Deal the training samples to the inner cross-validation, groups whole."""
        folds = StratifiedGroupKFold(PARTS, shuffle=True, random_state=0)
        return list(folds.split(np.zeros(len(self.cluster)), self.cluster, self.group))


Probe = Callable[[np.ndarray, np.ndarray, Labelled, list[Any]], np.ndarray]
"""Probabilities (m, clusters) from features (n, ...) of training and (m, ...) of test samples."""


def logistic(
    features: np.ndarray, tested: np.ndarray, known: Labelled, parts: list[Any]
) -> np.ndarray:
    """Multinomial logistic regression on standardised features, its L2 penalty cross-validated."""
    scaler = StandardScaler().fit(features)
    model = LogisticRegressionCV(
        Cs=PENALTIES,
        l1_ratios=(0,),
        cv=parts,
        scoring="neg_log_loss",
        max_iter=200,
        tol=1e-3,
        use_legacy_attributes=False,
    )
    model.fit(scaler.transform(features), known.cluster)
    return model.predict_proba(scaler.transform(tested))


def forest(
    features: np.ndarray, tested: np.ndarray, known: Labelled, parts: list[Any]
) -> np.ndarray:
    """Random forest, the size of its leaves that of the least log loss out of bag."""
    found = []
    for leaf in LEAVES:
        model = RandomForestClassifier(
            TREES, min_samples_leaf=leaf, oob_score=True, random_state=0, n_jobs=1
        ).fit(features, known.cluster)
        out = model.oob_decision_function_
        left = np.isfinite(out).all(axis=1)
        loss = log_loss(known.cluster[left], _off_zero(out[left]), labels=model.classes_)
        found.append((loss, leaf, model))
    return _off_zero(min(found)[2].predict_proba(tested))


def _off_zero(shares: np.ndarray) -> np.ndarray:
    raised = np.clip(shares, _LEAST, None)
    return raised / raised.sum(axis=1, keepdims=True)


PROBES: dict[str, Probe] = {"logistic regression": logistic, "random forest": forest}
