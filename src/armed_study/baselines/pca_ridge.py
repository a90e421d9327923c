"""Logistic regression with a ridge on principal components, images included, without the cluster."""

from collections.abc import Iterator

import numpy as np
from sklearn.linear_model import LogisticRegression

from armed_study.baselines.linear import Baseline, LinearFit, training_rows
from armed_study.baselines.shared.principal_components import Components, best_on_validation, pixels
from armed_study.statistics.regressions import fit_regression
from armed_study.training.fold_data import FoldData, StudyFolds

OUTCOMES = ("binary",)
WEAKNESSES = tuple(np.logspace(-4, 1, 11))
"""``1 / penalty``: variances of the normal prior that the ridge puts on each coefficient."""


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
