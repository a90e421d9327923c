"""Simulated samples of clusters whose random intercepts, and so their variance, are known."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.special import expit

from armed.errors import ConfigError
from armed_study.simulation.settings import GeneratorSettings, at_least

FEATURES = 10
FIXED_SD = 1.5
"""Standard deviation of the nonlinear fixed part, on the scale of the linear predictor."""
SKEW = 1.5
"""Standard deviation of the logarithm of the share of the samples that an unbalanced cluster has."""


@dataclass(frozen=True)
class ClusteredSettings(GeneratorSettings):
    """What is drawn.

    Parameters
    ----------
    outcome
        ``binary``, or ``continuous`` with a residual variance of 1.
    clusters
        Seen clusters; there are as many that are unseen.
    variance
        Of the distribution that random intercepts are drawn from.
    sizes
        ``balanced``: seen clusters have `samples_per_cluster` training samples each; ``unbalanced``: at
        least one, and so many on average, by shares of a lognormal distribution (`SKEW`).
    test_samples
        Of the seen and of the unseen clusters each.
    """

    outcome: str = "binary"
    clusters: int = at_least(2, 100)
    variance: float = at_least(0, 1.0)
    sizes: str = "balanced"
    samples_per_cluster: int = at_least(2, 20)
    test_samples: int = at_least(2, 5000)
    known: ClassVar = {"outcome": ("binary", "continuous"), "sizes": ("balanced", "unbalanced")}

    def __post_init__(self) -> None:
        super().__post_init__()
        for name, words in self.known.items():
            if getattr(self, name) not in words:
                raise ConfigError(
                    f"{name} is {getattr(self, name)!r}, expected {' or '.join(words)}; correct it "
                    "in the config"
                )


@dataclass(frozen=True, eq=False)
class Part:
    """Samples: features ``x`` (n, 10), cluster ``z``, linear predictor ``eta``, outcome ``y``, each (n,)."""

    x: np.ndarray
    z: np.ndarray
    eta: np.ndarray
    y: np.ndarray


@dataclass(frozen=True, eq=False)
class Draw:
    """Random intercepts of the seen clusters (clusters,), and samples.

    Clusters of ``unseen`` samples are others than those of ``train`` and ``test``, with numbers of their own.
    """

    intercepts: np.ndarray
    train: Part
    test: Part
    unseen: Part

    @property
    def variance(self) -> float:
        """Variance of the intercepts that were drawn: all that data can tell of the distribution's."""
        return float(self.intercepts.var(ddof=1))


def simulate(settings: ClusteredSettings, rng: np.random.Generator) -> Draw:
    """Draw clusters and their samples.

    A test sample of seen clusters is of one with the chance that a training sample is; unseen clusters are
    equally frequent.
    """
    count, sd = settings.clusters, np.sqrt(settings.variance)
    intercepts, others = rng.normal(0, sd, count), rng.normal(0, sd, count)
    sizes = _sizes(settings, rng)
    chosen = rng.choice(count, settings.test_samples, p=sizes / sizes.sum())
    unseen = rng.integers(count, size=settings.test_samples)
    return Draw(
        intercepts,
        _part(np.repeat(np.arange(count), sizes), intercepts, settings.outcome, rng),
        _part(chosen, intercepts, settings.outcome, rng),
        _part(unseen, others, settings.outcome, rng),
    )


def fixed_part(x: np.ndarray) -> np.ndarray:
    """Return the fixed part of the linear predictor (n,) of independent standard normal ``x`` (n, 10).

    A line, a parabola, a wave, a kink and two interactions of eight of the features; mean 0, s.d. `FIXED_SD`.
    """
    a, b, c, d, e, f, g, h = x.T[:8]
    kink = np.abs(f) - np.sqrt(2 / np.pi)
    terms = (a * b, np.sin(2 * c), (d**2 - 1) / np.sqrt(2), e, kink, g * (h > 0))
    # Uncorrelated, with variances that integrals over the normal density give.
    variance = 1 + (1 - np.exp(-8)) / 2 + 1 + 1 + (1 - 2 / np.pi) + 0.5
    return FIXED_SD * np.sum(terms, axis=0) / np.sqrt(variance)


def _sizes(settings: ClusteredSettings, rng: np.random.Generator) -> np.ndarray:
    """Training samples of each cluster, (clusters,)."""
    count, mean = settings.clusters, settings.samples_per_cluster
    if settings.sizes == "balanced":
        return np.full(count, mean)
    share = rng.lognormal(0, SKEW, count)
    return 1 + rng.multinomial(count * (mean - 1), share / share.sum())


def _part(z: np.ndarray, intercepts: np.ndarray, outcome: str, rng: np.random.Generator) -> Part:
    x = rng.normal(size=(len(z), FEATURES))
    eta = fixed_part(x) + intercepts[z]
    if outcome == "binary":
        y = (rng.random(len(z)) < expit(eta)).astype(float)
    else:
        y = eta + rng.normal(size=len(z))
    return Part(x, z, eta, y)
