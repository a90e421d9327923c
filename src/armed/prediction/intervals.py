"""Intervals of what samples of a new cluster will show: its outcome rate, and a continuous outcome."""

from typing import Any

import torch
from torch import Tensor

from armed.data.samples import Samples
from armed.errors import ConfigError, DataError
from armed.methods.base import Method
from armed.prediction.averages import VALUES, blocks, scores_of
from armed.prediction.conformal import conformal_margin
from armed.prediction.known_effects import estimated_effects
from armed.prediction.new_clusters import known_of, one_cluster
from armed.tasks.base import one_predictor

DRAWS = 1024
"""Effects that quantiles of an outcome rate are taken of."""


def rate_intervals(
    method: Method,
    x: Any,
    z: Any = None,
    *,
    support: Samples | None = None,
    calibration: Samples | None = None,
    level: float = 0.9,
) -> Tensor:
    r"""Interval of the expected outcome rate of each new cluster: the mean over its samples of their score.

    Its distribution is that of ``mean_i link(f(x_i) + phi_i . (b + u))`` over ``u``, in quasi-random draws;
    the interval reaches between its quantiles. That ``D`` and the mean of the effects are estimates is in it
    (`armed.prediction.estimated_variances`), but with labelled samples; the network is taken as it is.

    Parameters
    ----------
    method, x, z, support
        See `predict_new`.
    calibration : Samples, optional
        Labelled samples of clusters that are neither in training nor here. With them the interval is of the
        *observed* rate of a cluster, and right however wrong the model is (`armed.prediction.conformal`).
    level : float
        Probability that the interval is to cover.

    Returns
    -------
    Tensor, shape (new clusters, 2)
    """
    one_predictor(method.task, "rate_intervals")
    _check(level, support, calibration)
    part, index, known = known_of(method, x, z, support)
    counts = torch.bincount(index, minlength=len(known.mean))
    if not bool(counts.all()):
        raise DataError(
            f"z has no sample of cluster {int((counts == 0).nonzero()[0])}, which has no rate then; expected "
            f"some of each from 0 to {len(counts) - 1}; number the clusters so"
        )
    known = known.as_estimated()
    eta, spread = known.predictor(part, index)
    at = known.drawn(DRAWS)
    total = eta.new_zeros(len(counts), DRAWS)
    for some in blocks(len(eta), VALUES // DRAWS):
        scores = scores_of(method.task, eta[some, None] + spread[some] @ at.T)
        total.index_add_(0, index[some], scores)
    tails = eta.new_tensor(_tails(level))
    rates = total / counts[:, None]
    # torch.quantile takes 2**24 numbers at most
    parts = [rates[some] for some in blocks(len(rates), VALUES // DRAWS)]
    ends = torch.cat([torch.quantile(part, tails, dim=1).T for part in parts])
    if calibration is not None:
        clusters = one_cluster(calibration.z, "calibration.z")
        # As far as the same interval, of clusters whose outcomes are known, is off.
        own = rate_intervals(method, calibration.x, clusters, level=level)
        y = method.task.outcome(calibration.y).double()
        observed = torch.bincount(clusters, weights=y) / torch.bincount(clusters)
        # The unit is a cluster, of which one rate is observed.
        ends = _widened(ends, own, observed, torch.arange(len(own)), level)
    return ends.to(torch.float32)


def sample_intervals(
    method: Method,
    x: Any,
    z: Any = None,
    *,
    support: Samples | None = None,
    calibration: Samples | None = None,
    level: float = 0.9,
) -> Tensor:
    """Interval of a new sample's continuous outcome, (samples, 2), of a cluster not in training.

    It is that of ``N(f(x) + phi . (b + m), phi' S phi + residual variance)``, ``m`` and ``S`` those of the
    effects, in which an estimated variance counts for as much as its quantile is further out than a normal
    one. For the parameters see `rate_intervals`.

    Raises
    ------
    ConfigError
        If the outcome is not continuous.
    """
    if not method.task.has_noise:
        raise ConfigError(
            f"the outcome of a {type(method.task).__name__} has no residual variance, expected a continuous "
            "one for the interval of a sample; ask for that of a cluster's rate (rate_intervals)"
        )
    _check(level, support, calibration)
    part, index, known = known_of(method, x, z, support)
    known = known.as_estimated()
    eta, spread = known.predictor(part, index)
    tails = eta.new_tensor(_tails(level))
    normal: Tensor = torch.special.ndtri(tails)
    # Of effects that are known it is 1 but for the draws, in units of their roots.
    further = torch.quantile(known.drawn(DRAWS), tails[1], dim=0) / normal[1]
    # What is not known of the cluster, and what no sample tells of another one.
    noise = estimated_effects(method).noise.double()
    sd = ((spread * further).square().sum(-1) + noise).sqrt()
    ends: Tensor = eta[:, None] + sd[:, None] * normal
    if calibration is not None:
        clusters = one_cluster(calibration.z, "calibration.z")
        own = sample_intervals(method, calibration.x, clusters, level=level)
        ends = _widened(ends, own, calibration.y.double(), clusters, level)
    return ends.to(torch.float32)


def _check(level: float, support: Samples | None, calibration: Samples | None) -> None:
    if not 0 < level < 1:
        raise ConfigError(f"level is {level}; expected a probability between 0 and 1, such as 0.9")
    if support is not None and calibration is not None:
        raise ConfigError(
            "both support and calibration are given; expected one, as the clusters of a calibration have no "
            "support; leave one out"
        )


def _tails(level: float) -> list[float]:
    return [(1 - level) / 2, (1 + level) / 2]


def _widened(ends: Tensor, own: Tensor, y: Tensor, z: Tensor, level: float) -> Tensor:
    """Intervals with the margin on both sides that those of the calibration need."""
    low, high = own.to(y).T
    # How far an outcome is out of its interval, negative inside (Romano, Patterson and Candes 2019)
    margin = conformal_margin(torch.maximum(low - y, y - high), z, level=level)
    widened: Tensor = ends + ends.new_tensor([-margin, margin])
    return widened
