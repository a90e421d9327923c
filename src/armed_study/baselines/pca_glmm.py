"""Logistic mixed model on principal components, images included, with a random intercept per cluster."""

from collections.abc import Iterator

from armed_study.baselines.glmm import fit_columns
from armed_study.baselines.linear import Baseline, LinearFit, training_rows
from armed_study.baselines.pca_ridge import Components, best_on_validation, pixels
from armed_study.training.fold_data import FoldData, StudyFolds

OUTCOMES = ("binary",)
NUMBERS = (2, 5, 10, 20, 40)
"""How many components may have a fixed effect."""


def fit(study: StudyFolds, fold: FoldData) -> LinearFit:
    """``P(y = 1) = sigmoid(t b + b_0 + u_z)``, ``t`` the first scores on components of the training part.

    How many, the validation part selects by its likelihood; each as `armed_study.baselines.glmm` fits it.
    """
    x, y, z = training_rows(study, fold, pixels)
    components = Components.of(x)
    scores = components.scores(x)

    def fits() -> Iterator[LinearFit]:
        for number in NUMBERS:
            yield components.unfolded(fit_columns(study, fold, scores[:, :number], y, z))

    return best_on_validation(study, fold, fits)


BASELINE = Baseline(fit, uses_clusters=True, inputs=pixels)
