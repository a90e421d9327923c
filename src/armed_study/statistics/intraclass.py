"""How much of the variance of values lies between clusters."""

import numpy as np
from scipy import stats


def between_clusters(values: np.ndarray, clusters: np.ndarray) -> float:
    """Give the share of the variance of values that lies between clusters: the intraclass correlation.

    `(B - W) / (B + (n - 1) W)` of the mean squares B between and W within clusters, with
    `n = (N - sum n_i^2 / N) / (k - 1)` for k clusters of unequal size (one-way analysis of variance); at
    least 0. NaN for one cluster, or without two values in any.
    """
    between, within, typical, _ = _mean_squares(values, clusters)
    spread = between + (typical - 1) * within
    return max((between - within) / spread, 0.0) if spread > 0 else float("nan")


def between_clusters_interval(values: np.ndarray, clusters: np.ndarray) -> tuple[float, float]:
    """Give the 95 % interval of `between_clusters`, of other clusters of the same kind.

    `(f - 1) / (f + n - 1)` of `f = B / W / F` and `f = B / W * F'` for the upper quantiles of the F
    distribution with k - 1 and N - k degrees of freedom, and the other way round: exact for normal
    values and clusters of one size (Donner 1986, International Statistical Review 54(1):67-82). NaN
    where the share is, or where values of a cluster do not differ.
    """
    between, within, typical, degrees = _mean_squares(values, clusters)
    if not within > 0:
        return float("nan"), float("nan")
    upper = (1 + 0.95) / 2
    ratio = between / within
    ends = ratio / stats.f.ppf(upper, *degrees), ratio * stats.f.ppf(upper, *degrees[::-1])
    low, high = (max((f - 1) / (f + typical - 1), 0.0) for f in ends)
    return float(low), float(high)


def _mean_squares(
    values: np.ndarray, clusters: np.ndarray
) -> tuple[float, float, float, tuple[int, int]]:
    """B, W and n of `between_clusters`, NaN where they are not defined; degrees of freedom of B and W."""
    _, code, sizes = np.unique(clusters, return_inverse=True, return_counts=True)
    total, count = len(values), len(sizes)
    degrees = count - 1, total - count
    if min(degrees) < 1:
        return float("nan"), float("nan"), float("nan"), degrees
    means = np.bincount(code, values) / sizes
    between = float((sizes * (means - values.mean()) ** 2).sum()) / degrees[0]
    within = float(((values - means[code]) ** 2).sum()) / degrees[1]
    return between, within, float((total - (sizes**2).sum() / total) / degrees[0]), degrees
