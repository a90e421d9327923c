"""Intervals of what samples of a new cluster will show: its outcome rate, and a continuous outcome."""

from collections.abc import Mapping
from typing import Any, cast

import torch
from torch import Tensor

from armed.data.samples import Samples
from armed.errors import ConfigError, DataError
from armed.methods.base import Method
from armed.methods.mixed import MixedMethod
from armed.prediction.averages import VALUES, blocks, scores_of
from armed.prediction.clusters import columns_of, columns_of_samples
from armed.prediction.conformal import conformal_margin
from armed.prediction.linear_parts import estimated_effects
from armed.prediction.new_clusters import Predicted, labelled_samples, predicted, predicted_new
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
    r"""Interval of the expected outcome rate of clusters: the mean over a cluster's samples of their score.

    Its distribution is that of ``mean_i link(f(x_i) + phi_i . (b + u))`` over ``u``, in quasi-random draws;
    the interval reaches between its quantiles. That ``D`` and the mean of the effects are estimates is in it
    (`armed.prediction.estimated_variances`), but with labelled samples. Of a cross-fitted network it has the
    error of ``f``, too, of which a cluster's samples count as independent; any other is taken as it is.

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
    Tensor, shape (clusters, 2)
        Of the clusters of the first factor that samples are of, in the order of their numbers.
    """
    one_predictor(method.task, "rate_intervals")
    _check(level, support, calibration)
    found = predicted_new(method, x, z, support, estimated=True)
    if z is not None and not isinstance(z, Mapping):
        _check_all(columns_of(z, len(found.unit))[""][0])
    ends = rate_ends(method, found, level)
    if calibration is not None:
        # As far as the same interval, of clusters whose outcomes are known, is off.
        own = _calibrated(method, calibration, z)
        y = method.task.outcome(calibration.y).double()
        observed = torch.bincount(own.unit, weights=y) / torch.bincount(own.unit)
        # The unit is a cluster, of which one rate is observed.
        rates = rate_ends(method, own, level)
        ends = _widened(ends, rates, observed, torch.arange(len(rates)), level)
    return ends.to(torch.float32)


def rate_ends(method: Method, found: Predicted, level: float) -> Tensor:
    """Interval of the rate of each unit that has samples, (units, 2)."""
    # All units have the same draws, so that each rate is a smooth function of them.
    draws, counts = found.known.drawn(DRAWS, further=1), torch.bincount(found.unit)
    at, error = draws[:, :-1].T, draws[:, -1]
    variance, total = _error_of_means(method, found), found.eta.new_zeros(len(counts), DRAWS)
    for some in blocks(len(found.eta), VALUES // DRAWS):
        own = variance[found.unit[some], None]
        eta = method.task.given_part(found.eta[some, None] + found.spread[some] @ at, own)
        total.index_add_(0, found.unit[some], scores_of(method.task, eta + own.sqrt() * error))
    # Labelled samples alone make no rate.
    rates = (total / counts[:, None])[counts > 0]
    # torch.quantile takes 2**24 numbers at most
    tails = rates.new_tensor(_tails(level))
    parts = [rates[some] for some in blocks(len(rates), VALUES // DRAWS)]
    return torch.cat([torch.quantile(part, tails, dim=1).T for part in parts])


def _error_of_means(method: Method, found: Predicted) -> Tensor:
    """Variance (units,) of the network's error in the mean over a unit's samples, those of ``found.eta``."""
    unknown = cast(MixedMethod, method).calibration[-1].double()
    # A rate moves with a predictor as the score does, whose derivative is the curvature.
    _, moves = method.task.derivatives(found.eta, torch.zeros_like(found.eta))
    squares, total = (torch.bincount(found.unit, each) for each in (moves.square(), moves))
    left = unknown * torch.where(total > 0, squares / total.square(), 0)
    # On the scale of a predictor that the rest of the error is averaged over.
    variance: Tensor = left / (1 + method.task.attenuation * (unknown - left))
    return variance


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
    found = predicted_new(method, x, z, support, estimated=True)
    ends = _sample_ends(method, found, level)
    if calibration is not None:
        own = _calibrated(method, calibration, z)
        ends = _widened(
            ends, _sample_ends(method, own, level), calibration.y.double(), own.unit, level
        )
    return ends.to(torch.float32)


def _sample_ends(method: Method, found: Predicted, level: float) -> Tensor:
    """Interval of each sample, (samples, 2)."""
    tails = found.eta.new_tensor(_tails(level))
    normal: Tensor = torch.special.ndtri(tails)
    # Of effects that are known it is 1 but for the draws, in units of their roots.
    further = torch.quantile(found.known.drawn(DRAWS), tails[1], dim=0) / normal[1]
    # What is not known of the cluster, and what no sample tells of another one.
    noise = estimated_effects(method)[0].noise.double()
    sd = ((found.spread * further).square().sum(-1) + noise).sqrt()
    return found.eta[:, None] + sd[:, None] * normal


def _calibrated(method: Method, calibration: Samples, z: Any) -> Predicted:
    """What is known of the samples of a calibration, as if they had no outcomes."""
    like, known = columns_of_samples(calibration), isinstance(z, Mapping)
    samples = labelled_samples(method, calibration, like, known=known, what="calibration.z")
    return predicted(method.task, estimated_effects(method), samples, estimated=True)


def _check_all(z: Tensor) -> None:
    counts = torch.bincount(z)
    if not bool(counts.all()):
        raise DataError(
            f"z has no sample of cluster {int((counts == 0).nonzero()[0])}, which has no rate then; expected "
            f"some of each from 0 to {len(counts) - 1}; number the clusters so"
        )


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
