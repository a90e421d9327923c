"""Regression with a ridge on standardised columns, those of categories too, without the cluster."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from sklearn.decomposition import PCA

from armed_study.baselines.linear import Baseline, training_rows
from armed_study.baselines.regressions import Linear, penalised
from armed_study.baselines.tuned.selection import best_on_validation
from armed_study.training.fold_data import FoldData, StudyFolds

INVERSE_PENALTIES = tuple(np.logspace(-4, 1, 11))
"""``1 / penalty``: variances of the normal prior that the ridge puts on each coefficient."""
_CONSTANT = 1e-6  # s.d. in units of the largest value, below which a column does not vary


@dataclass(frozen=True)
class RidgeSettings:
    """How strong the ridge is.

    Parameters
    ----------
    inverse_penalty : float, above 0, or None
        ``c`` of the penalty ``|b|^2 / 2 c``; null: the validation part selects it.
    """

    inverse_penalty: float | None = None


@dataclass(frozen=True, eq=False)
class Coordinates:
    """``t = (x - m) W``: other coordinates of the columns, of which a model is linear."""

    mean: np.ndarray
    axes: np.ndarray

    @classmethod
    def standardised(cls, x: np.ndarray) -> "Coordinates":
        """Each column of rows ``x`` (n, columns) in units of its s.d.; a constant one is 0."""
        sd = x.std(axis=0)
        varies = sd > _CONSTANT * np.abs(x).max(axis=0, initial=0)
        return cls(x.mean(axis=0), np.diag(np.divide(1, sd, where=varies, out=np.zeros_like(sd))))

    @classmethod
    def components(cls, x: np.ndarray, most: int) -> "Coordinates":
        """Scores on the principal components of rows ``x``, ``most`` at most, by variance."""
        found = PCA(min(most, len(x) - 1, x.shape[1]), svd_solver="full").fit(x)
        return cls(found.mean_.astype(np.float64), found.components_.T.astype(np.float64))

    def of(self, x: np.ndarray) -> np.ndarray:
        """``t`` of rows ``x``, (n, coordinates)."""
        found: np.ndarray = (x - self.mean) @ self.axes
        return found

    def unfolded(self, fit: Linear) -> Linear:
        """Return what is linear in the first coordinates as linear in the columns."""
        coefficients = self.axes[:, : len(fit.coefficients)] @ fit.coefficients
        intercept = fit.intercept - self.mean @ coefficients
        return replace(fit, intercept=intercept, coefficients=coefficients)


def fits(
    study: StudyFolds,
    fold: FoldData,
    x: np.ndarray,
    y: np.ndarray,
    coordinates: Coordinates,
    inverse_penalty: float | None = None,
) -> Iterator[Linear]:
    """Fit ``y`` (n,) linearly in coordinates of columns ``x`` (n, columns).

    By the ``inverse_penalty``, or by each of `INVERSE_PENALTIES`.
    """
    t = coordinates.of(x)
    for each in INVERSE_PENALTIES if inverse_penalty is None else (inverse_penalty,):
        yield coordinates.unfolded(penalised(study, fold, t, y, each))


def fit(study: StudyFolds, fold: FoldData, *, inverse_penalty: float | None = None) -> Linear:
    """Penalise ``|b|^2 / 2 c``; unless ``c`` is given, the validation part selects it by its likelihood."""
    x, y, _ = training_rows(study, fold)
    found = fits(study, fold, x, y, Coordinates.standardised(x), inverse_penalty)
    return best_on_validation(study, fold, found)


BASELINE = Baseline(fit, uses_clusters=False)
