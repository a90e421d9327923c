"""Logistic regression without the cluster: what the features alone are worth, linearly."""

import warnings

from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from armed.errors import ArmedWarning
from armed_study.baselines.linear import Baseline, LinearFit, training_rows
from armed_study.training.fold_data import FoldData, StudyFolds

WEAKNESS = 1e4
"""Inverse strength ``C`` of the ridge penalty.

It amounts to a normal prior of s.d. ``sqrt(C)`` = 100 on every coefficient, far wider than any
effect of a standardised column, so that the fit is that of plain maximum likelihood. It is finite
because a column that separates the classes in a small fold has no finite estimate without a
penalty, and one that is a sum of others no unique one.
"""


def fit(study: StudyFolds, fold: FoldData) -> LinearFit:
    """``P(y = 1) = sigmoid(x b + b_0)`` by maximum likelihood.

    Warns (`ArmedWarning`) when the optimiser did not converge.
    """
    x, y, _ = training_rows(study.name, fold)
    regression = LogisticRegression(C=WEAKNESS, tol=1e-8, max_iter=10_000)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        regression.fit(x, y)
    if any(issubclass(each.category, ConvergenceWarning) for each in caught):
        warnings.warn(
            f"study '{study.name}', fold {fold.fold}: logistic regression did not converge in "
            f"{regression.n_iter_[0]} iterations; its scores are those of the last one; look for "
            "columns of extreme scale",
            ArmedWarning,
            stacklevel=2,
        )
    return LinearFit(float(regression.intercept_[0]), regression.coef_[0])


BASELINE = Baseline(fit, uses_clusters=False)
