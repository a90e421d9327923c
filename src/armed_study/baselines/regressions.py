"""Regressions of every kind of outcome, linear in columns, with a ridge that may be too weak to count."""

from dataclasses import dataclass

import numpy as np
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression, PoissonRegressor, Ridge

from armed_study.baselines.linear import Fit, LinearFit, of_cluster, training_rows
from armed_study.statistics.links import IDENTITY, LOG
from armed_study.statistics.regressions import INVERSE_PENALTY, fit_regression
from armed_study.training.fold_data import FoldData, StudyFolds
from armed_study.training.result_tables import Scores


@dataclass(frozen=True, eq=False)
class Multinomial(Fit):
    """``P(y = c) = softmax(x B + b)_c``: intercept (classes,), coefficients (columns, classes).

    With ``mean`` (K, classes), what the cluster adds to the linear predictors, there is a mixed score, too.
    """

    intercept: np.ndarray
    coefficients: np.ndarray
    mean: np.ndarray | None = None

    def predict(self, x: np.ndarray, z: np.ndarray | None) -> Scores:
        """Score rows ``x`` (n, columns): probabilities (n, classes)."""
        predictor = x @ self.coefficients + self.intercept
        fixed = softmax(predictor, axis=1)
        if self.mean is None or z is None:
            return fixed, None
        return fixed, softmax(predictor + of_cluster(self.mean, z), axis=1)

    def importance(self, x: np.ndarray) -> np.ndarray:
        """Mean of ``|d P(y = c) / d x_j| = P(y = c) |B_jc - sum_d P(y = d) B_jd|``."""
        p = self.predict(x, None)[0][:, None, :]
        mean = (p * self.coefficients).sum(axis=-1, keepdims=True)
        return np.abs(p * (self.coefficients - mean)).mean(axis=(0, 2))

    def parameters(self) -> dict[str, np.ndarray]:
        """Intercepts, coefficients and, where there is one, what the cluster adds."""
        named = {"intercepts": self.intercept, "coefficients": self.coefficients}
        return named if self.mean is None else {**named, "cluster_mean": self.mean}


Linear = LinearFit | Multinomial


def fit(study: StudyFolds, fold: FoldData) -> Linear:
    """Fit the training rows by maximum likelihood; the ridge is the weak one of `INVERSE_PENALTY`.

    A class without training rows has the probability 0. Warns (`ArmedWarning`) when the optimiser did not
    converge.
    """
    x, y, _ = training_rows(study, fold)
    return penalised(study, fold, x, y, INVERSE_PENALTY)


def penalised(
    study: StudyFolds, fold: FoldData, x: np.ndarray, y: np.ndarray, inverse_penalty: float
) -> Linear:
    """Maximise the likelihood less ``|b|^2 / 2 c`` over coefficients ``b`` of columns ``x`` (n, columns).

    ``c``, the ``inverse_penalty``, is the variance of the normal prior that the ridge puts on each
    coefficient, of a continuous outcome in units of the residual variance.
    """
    kind, what = study.outcome.kind, f"study '{study.name}', fold {fold.fold}: "
    if kind == "continuous":
        ridge = Ridge(alpha=1 / inverse_penalty).fit(x, y)
        return LinearFit(float(ridge.intercept_), ridge.coef_, link=IDENTITY)
    if kind == "count":
        # Its loss is a mean over samples, where that of the others is a sum.
        counts = PoissonRegressor(
            alpha=1 / (inverse_penalty * len(y)), solver="newton-cholesky", tol=1e-8, max_iter=1000
        )
        fit_regression(counts, x, y, what=f"{what}Poisson regression")
        return LinearFit(float(counts.intercept_), counts.coef_, link=LOG)
    logistic = LogisticRegression(C=inverse_penalty, tol=1e-8, max_iter=10_000)
    name = "logistic" if kind == "binary" else "multinomial"
    fit_regression(logistic, x, y, what=f"{what}{name} regression")
    if kind == "binary":
        return LinearFit(float(logistic.intercept_[0]), logistic.coef_[0])
    return _multinomial(logistic, len(study.outcome.classes))


def _multinomial(logistic: LogisticRegression, classes: int) -> Multinomial:
    """Return the fit with a column for every class, trained or not."""
    slopes, intercepts = logistic.coef_, logistic.intercept_
    if len(logistic.classes_) == 2:  # of which the second one's logit alone is fitted
        slopes, intercepts = (np.stack([0 * part[0], part[0]]) for part in (slopes, intercepts))
    present = logistic.classes_.astype(int)
    every = np.full(classes, -np.inf)
    every[present] = intercepts
    coefficients = np.zeros((slopes.shape[1], classes))
    coefficients[:, present] = slopes.T
    return Multinomial(every, coefficients)
