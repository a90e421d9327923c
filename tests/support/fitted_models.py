"""Fitted mixed models for tests of what is asked of them."""

import numpy as np
import torch

from armed.inference.blocks.terms import EffectsTerm
from armed.inference.estimate import estimate
from armed.inference.mixed_model import MixedModel
from armed.summaries.fitted import FittedModel, fitted_estimate
from armed.tasks.outcomes import ContinuousTask
from mixed_data import simulated, tensor

NAMES = {1: ["intercept"], 2: ["intercept", "x"]}


def fitted_model(task=None, **given) -> FittedModel:
    """A model of `mixed_data.simulated`, fitted."""
    model = simulated(task or ContinuousTask(), **given)
    return fitted_estimate(model, estimate(model), names=[NAMES[model.terms[0].size]])


def one_way(y: np.ndarray) -> FittedModel:
    """Balanced one-way layout of outcomes (clusters, samples) with mean 0, fitted in closed form."""
    clusters, count = y.shape
    within = y.var(1, ddof=1).mean()
    between = max(y.mean(1).var() + y.mean() ** 2 - within / count, 0.0)
    shrunk = between / (between + within / count)
    index = torch.arange(clusters).repeat_interleave(count)
    one = torch.ones(y.size, dtype=torch.float64)
    term = EffectsTerm(one[:, None], index, clusters)
    return FittedModel(
        MixedModel(ContinuousTask(), tensor(y.ravel()), 0 * one, one, [term]),
        [tensor([[between]])],
        [tensor(shrunk * y.mean(1)[:, None])],
        [tensor(np.full((clusters, 1, 1), between * (1 - shrunk)))],
        one[:0],
        tensor(within),
        [("intercept",)],
        [tuple(range(clusters))],
        converged=True,
    )
