"""The cluster bootstrap: clusters, and folds, drawn with replacement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Resampling:
    """How often each unit of clusters, and each fold, is drawn.

    Parameters
    ----------
    units : per fold, (draws, units of that fold).
    folds : (draws, folds).
    """

    units: tuple[np.ndarray, ...]
    folds: np.ndarray


def nested(labels: Sequence[np.ndarray]) -> bool:
    """Say whether every cluster is unseen in one fold only, of several."""
    together = np.concatenate(labels)
    return len(labels) > 1 and len(np.unique(together)) == len(together)


def resample(labels: Sequence[np.ndarray], *, draws: int, seed: int) -> Resampling:
    """Draw clusters, and folds where these are crossed with them, with replacement.

    Where the same clusters are unseen in several folds, clusters and folds are drawn independently:
    the pigeonhole bootstrap (Owen 2007, Annals of Applied Statistics 1(2):386-411), somewhat
    conservative. Where every cluster is unseen in one fold only (leave-clusters-out), clusters are
    drawn within folds and the folds stay.

    Parameters
    ----------
    labels : per fold, (units,) which clusters it left unseen; the draws depend on these and on
        `seed` alone, so that all models meet the same draws.
    """
    generator = np.random.default_rng(seed)
    folds = len(labels)
    union = np.unique(np.concatenate(labels))
    if nested(labels):
        units = tuple(_multinomial(generator, len(own), draws) for own in labels)
        return Resampling(units, np.ones((draws, folds)))
    weights = _multinomial(generator, len(union), draws)
    units = tuple(weights[:, np.searchsorted(union, own)] for own in labels)
    return Resampling(units, _multinomial(generator, folds, draws))


def percentile_interval(draws: np.ndarray, level: float = 0.95) -> tuple[float, float]:
    """Give the central interval of bootstrap draws; NaN if fewer than half of them are defined."""
    defined = draws[~np.isnan(draws)]
    if 2 * len(defined) < len(draws) or not len(defined):
        return float("nan"), float("nan")
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _multinomial(generator: np.random.Generator, size: int, draws: int) -> np.ndarray:
    return generator.multinomial(size, np.full(size, 1 / size), size=draws).astype(np.float64)
