"""Quantiles and tails of the distributions that intervals are made by.

From `scipy.special`: `scipy.stats`, which gives the same, takes as long to import as most tables and
figures to make.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy import special


def normal(p: ArrayLike) -> np.ndarray:
    """Quantile of the standard normal distribution."""
    return special.ndtri(p)


def student(p: ArrayLike, degrees: ArrayLike) -> np.ndarray:
    """Quantile of Student's t distribution; nan for less than one degree of freedom."""
    return special.stdtrit(np.where(np.asarray(degrees) > 0, degrees, np.nan), p)


def student_two_sided(t: ArrayLike, degrees: ArrayLike) -> np.ndarray:
    """Probability that Student's t is at least as far from 0 as ``t``."""
    return 2 * special.stdtr(degrees, -np.abs(t))


def fisher(p: ArrayLike, above: ArrayLike, below: ArrayLike) -> np.ndarray:
    """Quantile of the F distribution, with the degrees of freedom above and below the line."""
    return special.fdtri(above, below, p)
