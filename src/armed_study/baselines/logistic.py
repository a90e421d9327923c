"""Logistic regression without the cluster: what the features alone are worth, linearly."""

from sklearn.linear_model import LogisticRegression

from armed_study.baselines.linear import Baseline, LinearFit, training_rows
from armed_study.statistics.regressions import WEAKNESS, fit_regression
from armed_study.training.fold_data import FoldData, StudyFolds

OUTCOMES = ("binary",)


def fit(study: StudyFolds, fold: FoldData) -> LinearFit:
    """``P(y = 1) = sigmoid(x b + b_0)`` by maximum likelihood.

    Warns (`ArmedWarning`) when the optimiser did not converge.
    """
    x, y, _ = training_rows(study, fold)
    regression = LogisticRegression(C=WEAKNESS, tol=1e-8, max_iter=10_000)
    fit_regression(
        regression, x, y, what=f"study '{study.name}', fold {fold.fold}: logistic regression"
    )
    return LinearFit(float(regression.intercept_[0]), regression.coef_[0])


BASELINE = Baseline(fit, uses_clusters=False)
