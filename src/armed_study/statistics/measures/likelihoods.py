"""Mean log likelihoods of predictions by kind of outcome, which early stopping maximises."""

from collections.abc import Callable

import numpy as np

_TINY = np.finfo(np.float64).eps


def _of_probability(y: np.ndarray, score: np.ndarray) -> float:
    """Mean log likelihood of binary outcomes; probabilities are kept off 0 and 1."""
    p = np.clip(np.asarray(score, dtype=np.float64), _TINY, 1 - _TINY)
    return float(np.log(np.where(y == 1, p, 1 - p)).mean())


def _of_classes(y: np.ndarray, score: np.ndarray) -> float:
    """Mean log likelihood of classes, of probabilities (samples, classes)."""
    own = np.take_along_axis(score, y[:, None].astype(np.int64), axis=1)
    return float(np.log(np.clip(own.astype(np.float64), _TINY, 1)).mean())


def _of_count(y: np.ndarray, score: np.ndarray) -> float:
    """Mean log likelihood of counts, without what does not depend on their means."""
    mean = np.clip(np.asarray(score, dtype=np.float64), _TINY, None)
    return float((y * np.log(mean) - mean).mean())


def _of_mean(y: np.ndarray, score: np.ndarray) -> float:
    """Mean log likelihood of a normal outcome, likewise, of variance 1."""
    return float(-((np.asarray(score, dtype=np.float64) - y) ** 2).mean() / 2)


LIKELIHOODS: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "binary": _of_probability,
    "categorical": _of_classes,
    "count": _of_count,
    "continuous": _of_mean,
}
