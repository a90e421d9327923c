"""The likelihood of one random intercept by quadrature, maximised without anything of the library."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, gammaln

from armed_study.data.mixed.design import MixedDesign
from armed_study.interpretation.effects.documented import Family


def maximum_likelihood(
    design: MixedDesign, family: Family, nodes: int, *, starts: Sequence[float] = (0.3, 1.0, 3.0)
) -> float:
    """Return the variance of the only random intercept of a binary or count outcome.

    Adaptive Gauss-Hermite quadrature around the mode of each cluster: with 1 node Laplace's approximation, as
    lme4's default.

    Parameters
    ----------
    starts
        Standard deviations that the search begins at, as a step too long may end at 0.
    """
    (term,) = design.terms
    x, y, k = design.x, design.y, len(term.clusters)
    places, weights = np.polynomial.hermite_e.hermegauss(nodes)
    log_weights = np.log(weights / np.sqrt(2 * np.pi)) + places**2 / 2

    def sums(values: np.ndarray) -> np.ndarray:
        return np.bincount(term.index, values, k)

    def deviance(given: np.ndarray) -> float:
        tau, base = given[0], design.offset + x @ given[1:]
        u = np.zeros(k)
        for _ in range(100):  # Newton's steps to the modes
            mu = _mean(family, base + tau * u[term.index])
            curvature = mu * (1 - mu) if family == "bernoulli" else mu
            precision = 1 + tau**2 * sums(curvature)
            step = (tau * sums(y - mu) - u) / precision
            u += np.clip(step, -2 / max(tau, 1), 2 / max(tau, 1))  # or modes far off oscillate
            if np.abs(step).max() < 1e-10:
                break
        sd = precision**-0.5
        at = u[:, None] + sd[:, None] * places
        each = [sums(_log_likelihood(family, base + tau * v[term.index], y)) for v in at.T]
        logs = np.stack(each, axis=1) + log_weights - at**2 / 2 + np.log(sd)[:, None]
        top = logs.max(axis=1)
        return -2 * float((top + np.log(np.exp(logs - top[:, None]).sum(axis=1))).sum())

    start = np.zeros(1 + x.shape[1])
    start[0] = 1.0
    bounds = [(0, None)] + [(None, None)] * x.shape[1]
    return float(minimum(deviance, start, bounds, starts)[0] ** 2)


def minimum(
    function: Callable, start: np.ndarray, bounds: list, scales: Sequence[float] = (0.3, 1.0, 3.0)
) -> np.ndarray:
    """Return the best of where a search leads from multiples of a start."""
    found = []
    for scale in scales:
        best = scale * start
        for _ in range(3):  # again from where a line search by differences stopped
            best = minimize(function, best, method="L-BFGS-B", bounds=bounds, tol=1e-12).x
        found.append(best)
    return min(found, key=function)


def _mean(family: Family, eta: np.ndarray) -> np.ndarray:
    return expit(eta) if family == "bernoulli" else np.exp(eta)


def _log_likelihood(family: Family, eta: np.ndarray, y: np.ndarray) -> np.ndarray:
    if family == "bernoulli":
        return y * eta - np.logaddexp(0, eta)
    return y * eta - np.exp(eta) - gammaln(y + 1)
