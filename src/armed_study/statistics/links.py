"""Links of generalised linear models."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import expit


class Link(NamedTuple):
    """From the linear predictor to the mean, and the derivative of that as a function of the mean."""

    mean: Callable[[np.ndarray], np.ndarray]
    derivative: Callable[[np.ndarray], np.ndarray]


LOGIT = Link(expit, lambda mean: mean * (1 - mean))
IDENTITY = Link(lambda predictor: predictor, np.ones_like)
LOG = Link(np.exp, lambda mean: mean)
