"""Poisson regression without the cluster, of counts."""

from sklearn.linear_model import PoissonRegressor

from armed_study.baselines.linear import Baseline, LinearFit, training_rows
from armed_study.statistics.links import LOG
from armed_study.statistics.regressions import WEAKNESS, fit_regression
from armed_study.training.fold_data import FoldData, StudyFolds

OUTCOMES = ("count",)


def fit(study: StudyFolds, fold: FoldData) -> LinearFit:
    """``E(y) = exp(x b + b_0)`` by maximum likelihood, with the weak ridge of `WEAKNESS`.

    Warns (`ArmedWarning`) when the optimiser did not converge.
    """
    x, y, _ = training_rows(study, fold)
    # Its loss is a mean over samples, where that of the others is a sum.
    regression = PoissonRegressor(
        alpha=1 / (WEAKNESS * len(y)), solver="newton-cholesky", tol=1e-8, max_iter=1000
    )
    fit_regression(
        regression, x, y, what=f"study '{study.name}', fold {fold.fold}: Poisson regression"
    )
    return LinearFit(float(regression.intercept_), regression.coef_, link=LOG)


BASELINE = Baseline(fit, uses_clusters=False)
