"""Networks with effects of several cluster factors, and samples of mixed models that have them."""

import numpy as np
import torch
from torch import Tensor, nn

from armed.data.samples import Samples
from armed.effects.linear_effects import LinearEffects
from armed.inference.blocks.terms import EffectsTerm, fixed_term
from armed.inference.mixed_model import MixedModel
from armed.methods.armed import Armed
from armed.methods.base import Method, ModelComponents
from armed.methods.lmmnn import Lmmnn
from armed.tasks.base import Task
from armed.tasks.outcomes import BinaryTask
from armed.training.fit import FitSettings, fit
from mixed_data import outcomes, tensor

SIZES = {"school": 30, "class": 90, "teacher": 12}
SLOPES = np.array([[1.0, 0.4], [0.4, 0.5]])
"""Covariance of intercept and slope of a school; classes are nested in these, teachers crossed with both."""


def drawn(task: Task, count: int = 2000, seed: int = 0) -> tuple[Samples, MixedModel]:
    """Draw samples, and give them as a mixed model with a linear fixed part, its largest factor first."""
    rng = np.random.default_rng(seed)
    school, teacher = rng.integers(0, 30, count), rng.integers(0, 12, count)
    rooms, x = 3 * school + rng.integers(0, 3, count), rng.normal(size=(count, 2))
    design = np.column_stack([np.ones(count), x])
    own = rng.multivariate_normal(np.zeros(2), SLOPES, 30)[school]
    eta = design @ [0.3, 0.7, -0.5] + (own * design[:, :2]).sum(1)
    eta += rng.normal(0, 0.6, 90)[rooms] + rng.normal(0, 0.8, 12)[teacher]
    y, one = outcomes(rng, task, eta), torch.ones(count, dtype=torch.float64)
    terms = [
        EffectsTerm(one[:, None], tensor(rooms), 90, name="class"),
        EffectsTerm(tensor(design[:, :2]), tensor(school), 30, name="school"),
        EffectsTerm(one[:, None], tensor(teacher), 12, name="teacher"),
    ]
    model = MixedModel(task, tensor(y), 0 * one, one, terms, fixed=fixed_term(tensor(design)))
    return Samples(x, y, {"school": school, "class": rooms, "teacher": teacher}), model


def method_of(
    name: str,
    sizes: dict[str, int] = SIZES,
    *,
    task: Task | None = None,
    slopes: bool = False,
    seed: int = 0,
) -> Method:
    """Make a network that is a line of two columns; the first factor may have slopes on the first of them."""
    torch.manual_seed(seed)
    (first, clusters), *others = sizes.items()
    sds = {"intercept": 0.5, "input": 0.3} if slopes else {"intercept": 0.5}
    effects = [
        LinearEffects(clusters, initial_sd=sds, factor=first, correlated=slopes, columns=[0]),
        *(LinearEffects(n, initial_sd={"intercept": 0.5}, factor=name) for name, n in others),
    ]
    components = ModelComponents(
        nn.Sequential(nn.Linear(2, 1)), task or BinaryTask(), (), clusters, random_effects=effects
    )
    if name == "lmmnn":
        return Lmmnn(components, Lmmnn.Settings())
    return Armed(components, Armed.Settings(adversary_weight=0.0))


def fitted_to(method: Method, samples: Samples, *, epochs: int = 1, rate: float = 0.01) -> Method:
    """Train a method."""
    settings = FitSettings(epochs=epochs, batch_size=100, learning_rate=rate)
    fit([method], [samples], settings=settings, seeds=[0])
    return method


def mean_of(method: Method, factor: str) -> Tensor:
    """Effects of a factor, (clusters, d)."""
    (found,) = [e.mean for e in method.estimated if e.factor == factor]
    return found
