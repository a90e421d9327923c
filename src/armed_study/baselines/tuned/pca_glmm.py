"""Logistic mixed model on principal components, images included, with a random intercept per cluster."""

from armed_study.baselines.glmm import fit_columns
from armed_study.baselines.linear import Baseline, training_rows
from armed_study.baselines.regressions import Linear
from armed_study.baselines.tuned.pca_ridge import MOST, pixels
from armed_study.baselines.tuned.ridge import Coordinates
from armed_study.baselines.tuned.selection import best_on_validation
from armed_study.training.fold_data import FoldData, StudyFolds

OUTCOMES = ("binary",)
NUMBERS = (2, 5, 10, 20, 40)
"""How many components may have a fixed effect."""


def fit(study: StudyFolds, fold: FoldData) -> Linear:
    """``P(y = 1) = sigmoid(t b + b_0 + u_z)``, ``t`` the first scores on components of the training part.

    How many, the validation part selects by its likelihood; each as `armed_study.baselines.glmm` fits it.
    """
    x, y, z = training_rows(study, fold, pixels)
    components = Coordinates.components(x, MOST)
    t = components.of(x)
    fits = (components.unfolded(fit_columns(study, fold, t[:, :n], y, z)) for n in NUMBERS)
    return best_on_validation(study, fold, fits, pixels)


BASELINE = Baseline(fit, uses_clusters=True, inputs=pixels)
