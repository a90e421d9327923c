"""What is known of the effects of a cluster that was not in training: their prior, or a posterior."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from armed.data.arrays import features
from armed.data.lazy_rows import read, rows_at_a_time
from armed.effects.linear_effects import LinearEffects
from armed.errors import ConfigError
from armed.inference.blocks.terms import EffectsTerm
from armed.inference.posterior import Likelihood, gaussian_posterior
from armed.inference.quadrature import NODES, adaptive_moments
from armed.methods.base import Method
from armed.prediction.averages import VALUES, blocks
from armed.tasks.base import Task

PASSES = 3
"""Times that quadrature nodes are put around the moments of the time before."""


@dataclass(frozen=True, eq=False)
class LinearPart:
    """Linear predictor ``offset + design . u`` of some samples, as a trained network gives it.

    ``offset`` (samples,): fixed effects; ``design`` (samples, d): what random effects multiply.
    """

    offset: Tensor
    design: Tensor


@dataclass(frozen=True, eq=False)
class KnownEffects:
    """``u_k ~ N(mean_k, root_k root_k')`` of clusters: ``mean`` (clusters, d), ``root`` (clusters, d, d).

    With a root, a variance of 0 is one.
    """

    mean: Tensor
    root: Tensor

    def predictor(self, part: LinearPart, index: Tensor) -> tuple[Tensor, Tensor]:
        """Mean (samples,) of each linear predictor, and ``s`` (samples, d) with the variance ``s . s``."""
        mean = part.offset + (part.design * self.mean[index]).sum(-1)
        # phi' R R' phi = |R' phi|^2, some rows at a time, as each brings the root of its cluster.
        spread = [
            torch.einsum("id,ide->ie", part.design[some], self.root[index[some]])
            for some in blocks(len(index), max(1, VALUES // self.root[0].numel()))
        ]
        return mean, torch.cat(spread)


def estimated_effects(method: Method) -> LinearEffects:
    """Return the effects of a method that say how clusters differ.

    Raises
    ------
    ConfigError
        If it has none.
    """
    if method.effects is None:
        raise ConfigError(
            f"{type(method).__name__} has no random effects of estimated variance; expected some, which say "
            "how a new cluster may differ; take Lmmnn, Menet, or Armed with LinearEffects"
        )
    return method.effects


@torch.no_grad()
def linear_part(method: Method, x: Any) -> LinearPart:
    """Run the network on samples, as many at a time as memory is meant for; in 64 bits from there on."""
    effects, x, parts = estimated_effects(method), features(x), []
    for start in range(0, len(x), rows_at_a_time(x.shape[1:])):
        some = method.ready(read(x[start : start + rows_at_a_time(x.shape[1:])]))
        with method.predicting(some):
            design, fixed = method.statistics(some)
        # Effects are deviations from their mean over clusters, which is part of the fixed predictor.
        parts.append((fixed + design @ effects.center, design))
    offset, design = (torch.cat(part).double() for part in zip(*parts, strict=True))
    return LinearPart(offset, design)


def prior_effects(effects: LinearEffects, clusters: int) -> KnownEffects:
    """Effects of clusters of which there is no labelled sample."""
    root = effects.prior_root.double()
    return KnownEffects(root.new_zeros(clusters, len(root)), root.expand(clusters, -1, -1))


def posterior_effects(
    task: Task, effects: LinearEffects, part: LinearPart, y: Tensor, index: Tensor, clusters: int
) -> KnownEffects:
    """Effects of clusters given labelled samples: the E step of training, the network untouched.

    Parameters
    ----------
    part : LinearPart
        Of the labelled samples.
    y, index : Tensor, shape (samples,)
        Outcome and cluster of each. A cluster without any keeps the prior.
    clusters : int
    """
    root, noise = effects.prior_root.double(), effects.noise.double()
    term = EffectsTerm(part.design, index, clusters).scaled(root)
    weight = torch.ones_like(part.offset) / noise
    likelihood = Likelihood(task, part.offset, y.to(part.offset.dtype), weight)
    # In v, u = R v, a variance of 0 needs no inverse; a residual variance divides the log-likelihood.
    found = gaussian_posterior([term], likelihood)
    mean, covariance = found.means[0], found.covariances[0]
    # Of one or two effects moments are exact, as in training.
    if task.curvature_change and term.size in NODES:
        for _ in range(PASSES):
            moments = adaptive_moments(term, likelihood, mean, covariance)
            mean, covariance = moments.mean, moments.covariance
    # u = R v, of whose prior N(0, I) the posterior is N(m, S)
    return KnownEffects(mean @ root.T, root @ torch.linalg.cholesky(covariance))
