"""Mixed models of read designs, fitted by the library."""

from dataclasses import dataclass

import numpy as np
import torch

from armed.inference.blocks.terms import EffectsTerm, fixed_term
from armed.inference.estimate import SMALLEST, Estimate, estimate
from armed.inference.mixed_model import MixedModel
from armed.tasks.base import Task
from armed.tasks.outcomes import BinaryTask, ContinuousTask, CountTask
from armed_study.data.mixed.design import MixedDesign, RandomTerm
from armed_study.interpretation.effects.documented import Family

TASKS: dict[Family, Task] = {
    "gaussian": ContinuousTask(),
    "bernoulli": BinaryTask(),
    "poisson": CountTask(),
}
"""Likelihood and link of each family of outcomes."""


@dataclass(frozen=True, eq=False)
class DesignFit:
    """A fitted design; ``terms`` are its random terms in the order of the estimate."""

    terms: tuple[RandomTerm, ...]
    estimate: Estimate

    @property
    def variances(self) -> dict[str, float]:
        """Variance that the effects of each factor add to the linear predictor, averaged over the rows."""
        pairs = zip(self.terms, self.estimate.covariances, strict=True)
        return {term.factor: term.mean_variance(found.numpy()) for term, found in pairs}

    @property
    def singular(self) -> dict[str, bool]:
        """Whether effects of each factor are of fewer dimensions than there are: a variance at 0."""
        least = SMALLEST**2 * float(self.estimate.noise)
        pairs = zip(self.terms, self.estimate.covariances, strict=True)
        return {
            term.factor: float(torch.linalg.eigvalsh(found)[0]) < least for term, found in pairs
        }


def fit_design(
    design: MixedDesign, family: Family, rows: np.ndarray | slice = slice(None)
) -> DesignFit:
    """Fit a design, of some of its rows if they are given.

    Continuous outcomes by restricted maximum likelihood, as lme4 does, others by maximum likelihood: exactly
    where there is one factor of one or two effects a cluster.
    """
    terms = tuple(sorted(design.terms, key=lambda term: -len(term.clusters)))
    y, offset, x = (
        torch.from_numpy(v[rows].astype(float)) for v in (design.y, design.offset, design.x)
    )
    model = MixedModel(
        TASKS[family],
        y,
        offset,
        torch.ones_like(y),
        [_effects(term, rows) for term in terms],
        fixed_term(x),
        restricted=family == "gaussian",
    )
    return DesignFit(terms, estimate(model))


def _effects(term: RandomTerm, rows: np.ndarray | slice) -> EffectsTerm:
    design, index = term.design[rows].astype(float), term.index[rows].astype(np.int64)
    clusters, correlated = len(term.clusters), term.correlated
    return EffectsTerm(
        torch.from_numpy(design),
        torch.from_numpy(index),
        clusters,
        correlated=correlated,
        name=term.factor,
    )
