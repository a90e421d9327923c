"""Features that follow how frequent the outcome is in a cluster, as training rows alone tell it."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from armed_study.data.dataset import Feature

#: Functions of a cluster's rate c, and of the least rate that it is taken to have where it divides.
RATE_FUNCTIONS = {
    "c": lambda c, least: c,
    "c^2": lambda c, least: c**2,
    "1/c": lambda c, least: 1 / np.maximum(c, least),
    "cos c": lambda c, least: np.cos(c),
    "sin c": lambda c, least: np.sin(c),
}


def add_rates(
    numbers: pd.DataFrame, rows: pd.DataFrame, features: Sequence[Feature], training: pd.DataFrame
) -> pd.DataFrame:
    """Add to each feature that has a `rate_function` what that makes of the rate in the cluster.

    The rate ``c`` is the share of y = 1 among the cluster's ``n`` training rows. In ``1/c`` it is at
    least ``1 / (2n)``, half a case, so that a cluster without one has a value. In a cluster without
    training rows the feature is 0, whatever its column holds.

    Parameters
    ----------
    numbers
        The features of `rows`, as numbers.
    rows, training
        Columns cluster and, of the training rows, outcome.
    """
    following = [f for f in features if f.rate_function]
    if not following:
        return numbers
    outcome = training["outcome"].astype(float).groupby(training["cluster"].astype(str))
    cluster = rows["cluster"].astype(str)
    rate = cluster.map(outcome.mean()).to_numpy(float)
    least = 0.5 / cluster.map(outcome.size()).to_numpy(float)
    own = {
        f.name: numbers[f.name] + RATE_FUNCTIONS[f.rate_function](rate, least) for f in following
    }
    return numbers.assign(**{name: np.where(np.isnan(rate), 0.0, own[name]) for name in own})
