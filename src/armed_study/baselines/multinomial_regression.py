"""Multinomial logistic regression without the cluster, of a categorical outcome."""

from dataclasses import dataclass

import numpy as np
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression

from armed_study.baselines.linear import Baseline, Fit, training_rows
from armed_study.statistics.regressions import WEAKNESS, fit_regression
from armed_study.training.fold_data import FoldData, StudyFolds
from armed_study.training.result_tables import Scores

OUTCOMES = ("categorical",)


@dataclass(frozen=True, eq=False)
class Multinomial(Fit):
    """``P(y = c) = softmax(x B + b)_c``: intercepts (classes,), coefficients (columns, classes)."""

    intercepts: np.ndarray
    coefficients: np.ndarray

    def predict(self, x: np.ndarray, z: np.ndarray | None) -> Scores:
        """Score rows ``x`` (n, columns): probabilities (n, classes)."""
        return softmax(x @ self.coefficients + self.intercepts, axis=1), None

    def importance(self, x: np.ndarray) -> np.ndarray:
        """Mean of ``|d P(y = c) / d x_j| = P(y = c) |B_jc - sum_d P(y = d) B_jd|``."""
        p = self.predict(x, None)[0][:, None, :]
        mean = (p * self.coefficients).sum(axis=-1, keepdims=True)
        return np.abs(p * (self.coefficients - mean)).mean(axis=(0, 2))

    def parameters(self) -> dict[str, np.ndarray]:
        """Intercepts and coefficients."""
        return {"intercepts": self.intercepts, "coefficients": self.coefficients}


def fit(study: StudyFolds, fold: FoldData) -> Multinomial:
    """Fit by maximum likelihood; a class without training rows has the probability 0.

    Warns (`ArmedWarning`) when the optimiser did not converge.
    """
    x, y, _ = training_rows(study, fold)
    regression = LogisticRegression(C=WEAKNESS, tol=1e-8, max_iter=10_000)
    fit_regression(
        regression, x, y, what=f"study '{study.name}', fold {fold.fold}: multinomial regression"
    )
    slopes, intercepts = regression.coef_, regression.intercept_
    if len(regression.classes_) == 2:  # of which the second one's logit alone is fitted
        slopes, intercepts = (np.stack([0 * part[0], part[0]]) for part in (slopes, intercepts))
    present, classes = regression.classes_.astype(int), len(study.outcome.classes)
    every = np.full(classes, -np.inf)
    every[present] = intercepts
    coefficients = np.zeros((x.shape[1], classes))
    coefficients[:, present] = slopes.T
    return Multinomial(every, coefficients)


BASELINE = Baseline(fit, uses_clusters=False)
