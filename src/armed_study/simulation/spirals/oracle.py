"""Bayes classifier of the spirals, with and without knowledge of the cluster.

Write ``d(t)`` for the noise-free point of class 0 per unit of radius. Given angle and class,
``x = +-r d(t) + noise`` is linear in the radius, so for ``r ~ N(m, s^2)``::

    x | t, y  ~  N(+-m d(t), noise_sd^2 I + s^2 d(t) d(t)^T)

and only the angle ``t ~ U(0, 2 pi)`` is left to numerical integration. A known cluster is the case
``m = r_k, s = 0``. Radius and class ratio are independent, hence without the cluster the prior
odds are those of the expected class ratio given the probes.

Rules are composite Gauss-Legendre with panels of a few peak widths, set by the distribution alone: a score
depends neither on the other samples nor on the number of cores.
"""

from math import erfc, sqrt

import numpy as np

from armed_study.simulation.spirals import RATIO_HIGH, RATIO_LOW, SpiralsSettings, spiral_direction

_PANEL_NODES = 16
_PANEL_WIDTHS = 6.0  # peak widths (standard deviations) that one panel spans
_CELLS = 100_000  # samples x nodes computed at a time: keeps the arrays of a step in the cache
_DISPLAY_REACH = 2.4  # farthest point evaluated apart from the samples: corner of the display grid


def oracle(
    points: np.ndarray,
    *,
    radius: np.ndarray,
    class_ratio: np.ndarray,
    settings: SpiralsSettings,
    refine: int = 1,
) -> np.ndarray:
    """``P(y = 1 | x, cluster)``; probes add nothing once the cluster is known.

    Parameters
    ----------
    points : array (samples, 2)
    radius, class_ratio : array (samples,)
        True values of each sample's cluster.
    refine : int
        Multiplies the number of quadrature nodes.
    """
    return _posterior(_log_odds(points, radius, 0.0, settings, refine), class_ratio)


def oracle_no_cluster(
    points: np.ndarray, probes: np.ndarray, *, settings: SpiralsSettings, refine: int = 1
) -> np.ndarray:
    """``P(y = 1 | x, probes)`` for one sample of a cluster drawn from the distribution.

    Parameters
    ----------
    points : array (samples, 2)
    probes : array (samples, settings.probes)
    refine : int
        Multiplies the number of quadrature nodes.
    """
    mean = np.full(len(points), settings.radius_mean)
    log_odds = _log_odds(points, mean, settings.radius_sd, settings, refine)
    return _posterior(log_odds, expected_class_ratio(probes, settings=settings, refine=refine))


def expected_class_ratio(
    probes: np.ndarray, *, settings: SpiralsSettings, refine: int = 1
) -> np.ndarray:
    """Posterior mean of a cluster's class ratio given one sample's probes, shape (samples,).

    The distribution of the ratio is a normal clipped to [0.1, 0.9]: a density inside and an atom at each
    clip point. Without probes, or with one ratio for all clusters, the mean is 0.5 by symmetry.
    """
    spread = settings.class_ratio_sd
    if spread == 0 or probes.shape[1] == 0:
        return np.full(len(probes), 0.5)
    error = settings.probe_noise_sd / np.sqrt(probes.shape[1])
    # Beyond 10 s.d. the density is below the smallest float: leave it out, keep the peak resolved.
    low, high = max(RATIO_LOW, 0.5 - 10 * spread), min(RATIO_HIGH, 0.5 + 10 * spread)
    width = 1 / np.hypot(1 / spread, 1 / error)
    ratio, weight = _rule(low, high, width=width, refine=refine)
    density = np.exp(-((ratio - 0.5) ** 2) / (2 * spread**2)) / (spread * np.sqrt(2 * np.pi))
    tail = 0.5 * erfc((RATIO_HIGH - 0.5) / (spread * sqrt(2)))
    values = np.concatenate([[RATIO_LOW], ratio, [RATIO_HIGH]])
    prior = np.concatenate([[tail], weight * density, [tail]])
    observed = _chunks(probes.mean(axis=1), len(values))
    return np.concatenate([_weighted_mean(values, prior, chunk, error) for chunk in observed])


def _weighted_mean(
    values: np.ndarray, prior: np.ndarray, observed: np.ndarray, error: float
) -> np.ndarray:
    exponent = -((observed[:, None] - values) ** 2) / (2 * error**2)
    with np.errstate(divide="ignore"):  # a tail that underflows has weight 0
        exponent = exponent + np.log(prior)
    weight = np.exp(exponent - exponent.max(axis=1, keepdims=True))
    return (weight * values).sum(axis=1) / weight.sum(axis=1)


def _log_odds(
    points: np.ndarray,
    radius_mean: np.ndarray,
    radius_sd: float,
    settings: SpiralsSettings,
    refine: int,
) -> np.ndarray:
    """``log p(x | y=1) - log p(x | y=0)`` for a radius ``N(radius_mean, radius_sd^2)``."""
    reach = max(_DISPLAY_REACH, abs(settings.radius_mean) + 5 * settings.radius_sd)
    angle, weight = _rule(0.0, 2 * np.pi, width=settings.noise_sd / reach, refine=refine)
    direction = spiral_direction(angle)
    length = angle / (2 * np.pi)
    unit = direction / length[:, None]
    across_variance = settings.noise_sd**2
    along_variance = across_variance + (radius_sd * length) ** 2
    log_weight = np.log(weight) - 0.5 * np.log(along_variance)
    parts = []
    # Elementwise products, not a matrix product: its rounding may depend on the number of threads.
    for x, mean in zip(*(_chunks(a, len(angle)) for a in (points, radius_mean)), strict=True):
        along = x[:, :1] * unit[:, 0] + x[:, 1:] * unit[:, 1]
        across = x[:, :1] * unit[:, 1] - x[:, 1:] * unit[:, 0]
        centre = mean[:, None] * length
        even = log_weight - (along**2 + centre**2) / (2 * along_variance)
        even -= across**2 / (2 * across_variance)
        odd = along * centre / along_variance
        parts.append(_log_sum(even - odd) - _log_sum(even + odd))
    return np.concatenate(parts)


def _log_sum(exponent: np.ndarray) -> np.ndarray:
    peak = exponent.max(axis=1, keepdims=True)
    return np.log(np.exp(exponent - peak).sum(axis=1)) + peak[:, 0]


def _posterior(log_odds: np.ndarray, prior: np.ndarray) -> np.ndarray:
    return np.exp(-np.logaddexp(0.0, -(log_odds + np.log(prior) - np.log1p(-prior))))


def _rule(low: float, high: float, *, width: float, refine: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights on [low, high] that resolve peaks of standard deviation `width`."""
    panels = max(2, int(np.ceil((high - low) / (_PANEL_WIDTHS * width)))) * refine
    node, weight = np.polynomial.legendre.leggauss(_PANEL_NODES)
    edges = np.linspace(low, high, panels + 1)
    half, middle = np.diff(edges) / 2, (edges[1:] + edges[:-1]) / 2
    return (middle[:, None] + half[:, None] * node).ravel(), (half[:, None] * weight).ravel()


def _chunks(values: np.ndarray, nodes: int) -> list[np.ndarray]:
    size = max(1, _CELLS // nodes)
    return [values[start : start + size] for start in range(0, max(1, len(values)), size)]
