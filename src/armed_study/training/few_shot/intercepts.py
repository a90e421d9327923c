"""Random intercepts of clusters that a logistic mixed model was not fitted on."""

import numpy as np
from scipy.special import expit, log_expit, softmax

from armed_study.training.few_shot.scores import Score

FURTHEST, POINTS = 8.0, 201
"""Where the intercept is evaluated, in standard deviations of its prior to either side."""


def intercept_score(logit: np.ndarray, y: np.ndarray, sd: float) -> Score:
    r"""Return how rows are scored whose ``u_k ~ N(0, sd^2)`` is integrated over, given labelled ones.

    ``E[sigmoid(logit + u)]`` over ``p(u_k | y) propto N(u; 0, sd^2) prod_i p(y_i | logit_i + u)``, exactly,
    as a sum over points of equal distance.

    Parameters
    ----------
    logit, y : ndarray, shape (samples,)
        Fixed linear predictor and outcome of all samples of the dataset.
    sd : float
    """
    at = np.linspace(-FURTHEST, FURTHEST, POINTS)

    def score(
        rows: np.ndarray, cluster: np.ndarray, labelled: np.ndarray, theirs: np.ndarray
    ) -> np.ndarray:
        log_weight = np.tile(-0.5 * at**2, (int(cluster.max()) + 1, 1))
        sign = np.where(y[labelled] == 1, 1.0, -1.0)[:, None]
        np.add.at(log_weight, theirs, log_expit(sign * (logit[labelled, None] + sd * at)))
        weight = softmax(log_weight, axis=1)
        # Some rows at a time: of each the scores at all points are held.
        parts = [
            (weight[cluster[some]] * expit(logit[rows[some], None] + sd * at)).sum(axis=1)
            for some in np.array_split(np.arange(len(rows)), 1 + len(rows) // 4096)
        ]
        return np.concatenate(parts)

    return score
