"""Regression with a ridge on the features and the cluster's mean outcome, cross-fitted."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.preprocessing import TargetEncoder

from armed_study.baselines.linear import Baseline, training_rows
from armed_study.baselines.regressions import Linear
from armed_study.baselines.tuned.ridge import Coordinates, fits
from armed_study.baselines.tuned.selection import best_on_validation
from armed_study.training.fold_data import FoldData, StudyFolds

_TARGETS = {"binary": "binary", "continuous": "continuous", "categorical": "multiclass"}
OUTCOMES = ("binary", "continuous", "categorical")


@dataclass(frozen=True)
class TargetEncodingSettings:
    """How strong the ridge is.

    Parameters
    ----------
    inverse_penalty : float, above 0, or None
        ``c`` of the penalty ``|b|^2 / 2 c``; null: the validation part selects it.
    """

    inverse_penalty: float | None = None


def fit(study: StudyFolds, fold: FoldData, *, inverse_penalty: float | None = None) -> Linear:
    """``yM = link(x b + b_0 + c e_z)``, ``e_k`` the mean outcome of cluster ``k`` less that of all.

    The mean of a cluster is drawn to the overall one by an empirical Bayes estimate; of classes there is one
    ``e_k`` each. ``e`` of a training row comes from other parts of the training rows than its own, so that
    ``c`` does not learn to trust means that hold its own outcome. ``yF`` has ``e = 0``, and so has a cluster
    without training rows. The ridge is that of `armed_study.baselines.tuned.ridge`.

    References
    ----------
    D. Micci-Barreca, SIGKDD Explorations 3 (2001); scikit-learn's TargetEncoder.
    """
    x, y, z = training_rows(study, fold)
    parts = KFold if study.outcome.kind == "continuous" else StratifiedKFold
    inner = parts(5, shuffle=True, random_state=0)
    encoder = TargetEncoder(target_type=_TARGETS[study.outcome.kind], cv=inner)
    crossed = encoder.fit_transform(z[:, None], y) - encoder.target_mean_
    excess = encoder.transform(np.arange(len(study.clusters))[:, None]) - encoder.target_mean_
    columns = np.column_stack([x, crossed])

    def each() -> Iterator[Linear]:
        given = columns, y, Coordinates.standardised(columns), inverse_penalty
        for found in fits(study, fold, *given):
            own, of_encoding = np.split(found.coefficients, [x.shape[1]])
            yield replace(found, coefficients=own, mean=excess @ of_encoding)

    return best_on_validation(study, fold, each())


BASELINE = Baseline(fit, uses_clusters=True)
