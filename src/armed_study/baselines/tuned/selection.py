"""Which of several fits the validation part of a fold likes best."""

from collections.abc import Iterable
from typing import TypeVar

import numpy as np
from sklearn.metrics import log_loss, mean_poisson_deviance, mean_squared_error

from armed.errors import DataError
from armed_study.baselines.linear import Fit, Inputs
from armed_study.training.fold_data import FoldData, StudyFolds
from armed_study.vocabulary.outcomes import Outcome

Fitted = TypeVar("Fitted", bound=Fit)


def best_on_validation(
    study: StudyFolds, fold: FoldData, fits: Iterable[Fitted], inputs: Inputs = FoldData.table
) -> Fitted:
    """Return the fit of the largest likelihood, own clusters known, on the fold's validation part.

    ``fits`` are made one after the other, from what ``inputs`` gives of rows.

    Raises
    ------
    DataError
        When the validation part has no rows.
    """
    rows = validation_rows(study, fold)
    x, y, z = inputs(fold, rows), fold.y[rows], fold.known_z(rows)

    def loss(fit: Fitted) -> float:
        fixed, mixed = fit.predict(x, z)
        return loss_of(study.outcome, y, fixed if mixed is None else mixed)

    return min(fits, key=loss)


def validation_rows(study: StudyFolds, fold: FoldData) -> np.ndarray:
    """Row numbers of the validation part, (n,); `DataError` when there are none."""
    rows = fold.rows("validation")
    if not len(rows):
        raise DataError(
            f"study '{study.name}', fold {fold.fold}: found 0 validation rows, expected some to select a "
            "penalty or size by; set splits.validation above 0, or leave out models that do so, such as ridge"
        )
    return rows


def loss_of(outcome: Outcome, y: np.ndarray, scores: np.ndarray) -> float:
    """Mean negative log-likelihood of outcomes ``y`` (n,), but for constants and (numbers) the variance."""
    if outcome.kind == "continuous":
        return float(mean_squared_error(y, scores))
    if outcome.kind == "count":
        return float(mean_poisson_deviance(y, scores))
    return float(log_loss(y, scores, labels=range(len(outcome.classes) or 2)))
