"""Regressions of scikit-learn: a penalty so weak that it is none, and warnings where they do not converge."""

import warnings
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning

from armed.errors import ArmedWarning

INVERSE_PENALTY = 1e4
"""Inverse strength ``C`` of the ridge penalty of regressions.

It amounts to a normal prior of s.d. ``sqrt(C)`` = 100 on every coefficient, far wider than any
effect of a standardised column, so that the fit is that of plain maximum likelihood. It is finite
because a column that separates the classes in a small fold has no finite estimate without a
penalty, and one that is a sum of others no unique one.
"""


def fit_regression(regression: Any, x: np.ndarray, y: np.ndarray, *, what: str) -> None:
    """Fit a regression of scikit-learn; warns (`ArmedWarning`) when the optimiser did not converge."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        regression.fit(x, y)
    if any(issubclass(each.category, ConvergenceWarning) for each in caught):
        warnings.warn(
            f"{what} did not converge in {np.max(regression.n_iter_)} iterations; its scores are those of "
            "the last one; look for columns of extreme scale",
            ArmedWarning,
            stacklevel=3,
        )
