"""Samples of mixed models whose parameters are known."""

import numpy as np
import torch
from torch import Tensor

from armed.inference.blocks.classes import ClassesTerm
from armed.inference.blocks.terms import EffectsTerm, fixed_term
from armed.inference.mixed_model import MixedModel
from armed.tasks.base import Task
from armed.tasks.outcomes import BinaryTask, CategoricalTask, ContinuousTask


def tensor(values) -> Tensor:
    """Tensor of float64, or of int64 of whole numbers."""
    array = np.asarray(values)
    return torch.from_numpy(array if array.dtype.kind == "i" else array.astype(float))


def outcomes(rng: np.random.Generator, task: Task, eta: np.ndarray) -> np.ndarray:
    """Draw outcomes of linear predictors, with a unit residual variance where there is one."""
    if isinstance(task, ContinuousTask):
        return eta + rng.normal(size=len(eta))
    if isinstance(task, BinaryTask):
        return (rng.random(len(eta)) < 1 / (1 + np.exp(-eta))).astype(float)
    return rng.poisson(np.exp(eta)).astype(float)


def simulated(
    task: Task,
    *,
    clusters: int = 40,
    samples: int = 800,
    covariance: list[list[float]] | float = 1.0,
    seed: int = 0,
    correlated: bool = True,
) -> MixedModel:
    """Model with fixed effects (0.3, 0.7) and one term: an intercept, with a slope if 2 x 2."""
    rng = np.random.default_rng(seed)
    covariance = np.atleast_2d(covariance)
    index, x = rng.integers(0, clusters, samples), rng.normal(size=samples)
    design = np.stack([np.ones(samples), x], 1)
    effects = rng.multivariate_normal(np.zeros(len(covariance)), covariance, clusters)
    random = design[:, : len(covariance)]
    eta = design @ [0.3, 0.7] + (random * effects[index]).sum(1)
    return MixedModel(
        task,
        y=tensor(outcomes(rng, task, eta)),
        offset=torch.zeros(samples, dtype=torch.float64),
        weight=torch.ones(samples, dtype=torch.float64),
        terms=[EffectsTerm(tensor(random), tensor(index), clusters, correlated=correlated)],
        fixed=fixed_term(tensor(design)),
    )


def simulated_classes(
    variances: tuple[float, ...],
    *,
    clusters: int = 40,
    size: int = 20,
    seed: int = 0,
    crossed: tuple[int, float] | None = None,
) -> MixedModel:
    """Model of a random intercept for each class, of these variances, around known offsets.

    ``crossed``: clusters of a second factor, and the variance of its intercepts.
    """
    rng, classes = np.random.default_rng(seed), len(variances)
    index = np.repeat(np.arange(clusters), size)
    offset = rng.normal(size=(len(index), classes))
    eta = offset + (rng.normal(size=(clusters, classes)) * np.sqrt(variances))[index]
    factors = [(index, clusters)]
    if crossed is not None:
        count, variance = crossed
        factors.append((np.arange(len(index)) % count, count))
        eta = eta + (rng.normal(size=(count, classes)) * np.sqrt(variance))[factors[1][0]]
    # The largest of predictors with Gumbel noise is drawn by softmax.
    y = (eta + rng.gumbel(size=eta.shape)).argmax(1)
    one, each = torch.ones(len(y), dtype=torch.float64), torch.arange(classes)
    own = {"correlated": False, "variance_of": each, "classes": classes}
    terms = [ClassesTerm(one[:, None], tensor(z), count, **own) for z, count in factors]
    return MixedModel(CategoricalTask(classes), tensor(y * 1.0), tensor(offset), one, terms)
