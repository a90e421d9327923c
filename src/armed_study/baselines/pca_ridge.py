"""Logistic regression with a ridge on principal components, images included, without the cluster."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss

from armed.errors import DataError
from armed_study.baselines.linear import Baseline, LinearFit, training_rows
from armed_study.statistics.regressions import fit_regression
from armed_study.training.fold_data import FoldData, StudyFolds

OUTCOMES = ("binary",)
WEAKNESSES = tuple(np.logspace(-4, 1, 11))
"""``1 / penalty``: variances of the normal prior that the ridge puts on each coefficient."""
MOST = 60
"""Principal components, at most."""


def pixels(fold: FoldData, rows: np.ndarray) -> np.ndarray:
    """Columns of some rows, (rows, columns), float32; of images their pixels, bytes from 0 to 1."""
    values = fold.x[rows].reshape(len(rows), -1).astype(np.float32)
    return values / 255 if fold.x.dtype == np.uint8 else values


@dataclass(frozen=True, eq=False)
class Components:
    """``t = (x - m) W``: scores on the components of most variance, in order."""

    mean: np.ndarray
    axes: np.ndarray

    @classmethod
    def of(cls, x: np.ndarray) -> "Components":
        """Components of rows ``x`` (n, columns)."""
        found = PCA(min(MOST, len(x) - 1, x.shape[1]), svd_solver="full").fit(x)
        return cls(found.mean_.astype(np.float64), found.components_.T.astype(np.float64))

    def scores(self, x: np.ndarray) -> np.ndarray:
        """``t`` of rows ``x``, (n, components)."""
        scores: np.ndarray = (x - self.mean) @ self.axes
        return scores

    def unfolded(self, fit: LinearFit) -> LinearFit:
        """Return what is linear in the first components as linear in the columns."""
        coefficients = self.axes[:, : len(fit.coefficients)] @ fit.coefficients
        intercept = fit.intercept - float(self.mean @ coefficients)
        return replace(fit, intercept=intercept, coefficients=coefficients)


def best_on_validation(
    study: StudyFolds, fold: FoldData, fits: Callable[[], Iterable[LinearFit]]
) -> LinearFit:
    """Return the fit of the largest likelihood, own clusters known, on the fold's validation part.

    Raises
    ------
    DataError
        When that has no rows.
    """
    rows = fold.rows("validation")
    if not len(rows):
        raise DataError(
            f"study '{study.name}', fold {fold.fold}: found 0 validation rows, expected some to select a "
            "penalty by; set splits.validation above 0, or leave models of principal components out"
        )
    x, y, z = pixels(fold, rows), fold.y[rows], fold.known_z(rows)

    def loss(fit: LinearFit) -> float:
        fixed, mixed = fit.predict(x, z)
        return float(log_loss(y, fixed if mixed is None else mixed, labels=[0, 1]))

    return min(fits(), key=loss)


def fit(study: StudyFolds, fold: FoldData) -> LinearFit:
    """``P(y = 1) = sigmoid(t b + b_0)``, ``t`` the scores on components of the training part.

    Penalised by ``|b|^2 / 2 c``, of which the validation part selects ``c`` by its likelihood.
    """
    x, y, _ = training_rows(study, fold, pixels)
    components = Components.of(x)
    scores = components.scores(x)

    def fits() -> Iterator[LinearFit]:
        for weakness in WEAKNESSES:
            regression = LogisticRegression(C=weakness, tol=1e-6, max_iter=10_000)
            what = f"study '{study.name}', fold {fold.fold}: logistic regression on components"
            fit_regression(regression, scores, y, what=what)
            found = LinearFit(float(regression.intercept_[0]), regression.coef_[0])
            yield components.unfolded(found)

    return best_on_validation(study, fold, fits)


BASELINE = Baseline(fit, uses_clusters=False, inputs=pixels)
