"""Logistic regression with a ridge on principal components, images included, without the cluster."""

from dataclasses import dataclass

import numpy as np

from armed_study.baselines.linear import Baseline, Inputs, training_rows
from armed_study.baselines.regressions import Linear
from armed_study.baselines.tuned.ridge import Coordinates, fits
from armed_study.baselines.tuned.selection import best_on_validation
from armed_study.training.fold_data import FoldData, StudyFolds

OUTCOMES = ("binary",)
MOST = 60
"""Principal components, at most."""


@dataclass(frozen=True)
class PcaRidgeSettings:
    """How strong the ridge is.

    Parameters
    ----------
    inverse_penalty : float, above 0, or None
        ``c`` of the penalty ``|b|^2 / 2 c``; null: the validation part selects it.
    """

    inverse_penalty: float | None = None


def pixels(fold: FoldData, rows: np.ndarray) -> np.ndarray:
    """Columns of some rows, (rows, columns), float32; of images their pixels, bytes from 0 to 1."""
    values = fold.x[rows].reshape(len(rows), -1).astype(np.float32)
    return values / 255 if fold.x.dtype == np.uint8 else values


def fit(
    study: StudyFolds,
    fold: FoldData,
    inputs: Inputs = pixels,
    *,
    inverse_penalty: float | None = None,
) -> Linear:
    """``P(y = 1) = sigmoid(t b + b_0)``, ``t`` the scores on components of ``inputs`` of the training part.

    The ridge is that of `armed_study.baselines.tuned.ridge`, on components in their own units.
    """
    x, y, _ = training_rows(study, fold, inputs)
    found = fits(study, fold, x, y, Coordinates.components(x, MOST), inverse_penalty)
    return best_on_validation(study, fold, found, inputs)


BASELINE = Baseline(fit, uses_clusters=False, inputs=pixels)
