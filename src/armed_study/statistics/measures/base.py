"""What measures of a kind of outcome are: sums over samples, and metrics of such sums.

A metric of a resampled set of clusters is a function of the sums of each cluster and of how often it
was drawn, so that a cluster bootstrap never returns to the samples.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from armed_study.statistics.layout import Layout, ratio

#: Probabilities are kept this far from 0 and 1 in the log loss, mean counts from 0 in the deviance (the
#: resolution of float32).
LOG_LOSS_FLOOR = 2.0**-23
#: Share of a sum below which a difference is what rounding left of none.
ROUNDING = 1e-12


def explained(left: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Share of a sum of squares or deviances that is not left; 0 where that is what rounding makes of it."""
    share = 1 - ratio(left, total)
    return np.where(np.abs(share) < ROUNDING, 0, share)


@dataclass(frozen=True)
class Measures:
    """How scores are turned into metrics, but for those of pairs (`armed_study.statistics.auroc`).

    Parameters
    ----------
    sums : callable
        From the layout of samples, their scores (samples,) or (samples, classes), and the threshold of
        decisions, to sums per unit: (units, columns).
    rates : callable
        From sums (..., columns) to metrics (...) by name; NaN where one is not defined.
    threshold : callable or None
        From outcomes and scores of training samples to the threshold of decisions; None: nothing is decided.
    """

    sums: Callable[[Layout, np.ndarray, float], np.ndarray]
    rates: Callable[[np.ndarray], dict[str, np.ndarray]]
    threshold: Callable[[np.ndarray, np.ndarray], float] | None = None
