"""A mixed model: what is known of it, its parameters, and the moments of its effects."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

from armed.inference.blocks.layout import Slots, in_blocks
from armed.inference.blocks.terms import EffectsTerm
from armed.inference.posterior import Averages
from armed.inference.quadrature import NODES
from armed.tasks.base import Task


@dataclass(frozen=True, eq=False)
class MixedModel:
    r"""``y_i ~ task(offset_i + x_i . b + sum_t design_ti . u_t,index_ti)``, ``u_tk ~ N(0, D_t)``.

    Parameters
    ----------
    task : Task
        Likelihood and link; with a residual variance if it has one.
    y, offset, weight : Tensor, shape (samples,)
        Outcome, known part of the linear predictor, and how much a sample counts.
    terms : sequence of EffectsTerm
        Random effects, at least one; that of the most clusters comes first.
    fixed : EffectsTerm, optional
        Fixed effects ``b``.
    restricted : bool
        Whether the fixed effects are integrated out, as in restricted maximum likelihood (lme4's default of
        continuous outcomes), or maximised over.
    exact : bool
        Whether moments are exact (`armed.inference.quadrature`) where they can be: of one term of one or
        two effects. A Gaussian outcome needs none of it.
    sd_scale : float, optional
        Scale of a half-normal prior on the standard deviations of what effects add to the linear predictor:
        where they separate 0 from 1, the likelihood alone has no maximum. Default: none.
    """

    task: Task
    y: Tensor
    offset: Tensor
    weight: Tensor
    terms: Sequence[EffectsTerm]
    fixed: EffectsTerm | None = None
    restricted: bool = False
    exact: bool = True
    sd_scale: float | None = None

    @property
    def uses_quadrature(self) -> bool:
        """Whether the moments of the effects are those of quadrature."""
        few = len(self.terms) == 1 and self.terms[0].size in NODES
        one = self.task.predictors == 1
        return self.exact and few and one and bool(self.task.curvature_change)

    @cached_property
    def slots(self) -> list[Slots]:
        """Which clusters of the other terms those of the first one meet; the fixed effects come last."""
        return [Slots.of(self.terms[0], term) for term in self._all[1:]]

    @cached_property
    def scales(self) -> list[Tensor]:
        """Root mean square of what each effect multiplies, by term, the fixed effects last."""
        real = (self.weight > 0).to(self.weight.dtype)
        squares = [term.by_effect(real @ term.design.square()) for term in self._all]
        return [(each / real.sum()).sqrt() for each in squares]

    @cached_property
    def outcome_variance(self) -> Tensor:
        """Variance of the outcomes of the samples that count."""
        return self.y[self.weight > 0].var(correction=0)

    @property
    def _all(self) -> list[EffectsTerm]:
        return [*self.terms, *([] if self.fixed is None else [self.fixed])]

    def log_prior(self, state: "State") -> Tensor:
        """Of variances, ``-sum_j D_jj / (2 c_j^2)``, see ``sd_scale``, and fixed effects, less constants."""
        total = torch.zeros_like(self.weight[:1])[0]
        if self.fixed is not None:
            total = total - 0.5 * (self.fixed.precision * state.fixed.square()).sum()
        if self.sd_scale is None:
            return total
        for root, scale in zip(state.roots, self.scales, strict=False):
            total = total - 0.5 * ((root * scale[:, None]).square().sum() / self.sd_scale**2)
        return total

    def in_blocks(self) -> tuple["MixedModel", Tensor]:
        """Return the model of the samples that count, in blocks of the first term, and their order."""
        if not bool((self.weight > 0).any()):
            return self, torch.arange(len(self.y), device=self.y.device)
        order, real, length = in_blocks(self.terms[0].index, self.weight > 0)

        def ordered(term: EffectsTerm, block: int = 1) -> EffectsTerm:
            return replace(term, design=term.design[order], index=term.index[order], block=block)

        found = replace(
            self,
            y=self.y[order],
            offset=self.offset[order],
            weight=self.weight[order] * real,
            terms=[ordered(self.terms[0], length), *map(ordered, self.terms[1:])],
            fixed=self.fixed and ordered(self.fixed),
        )
        return found, order


@dataclass(frozen=True, eq=False)
class State:
    """Parameters of a mixed model, and the effects that were found with them.

    ``roots[t]`` (d, d), lower triangular: ``D_t = root root'``. ``fixed`` (p,), ``noise`` a scalar, the
    residual variance (1 where the outcome has none). ``means[t]`` (clusters, d) are the effects ``u``,
    ``variance`` (samples,) that of the linear predictor, ``averages`` its averaged derivatives, if known.
    """

    roots: list[Tensor]
    fixed: Tensor
    noise: Tensor
    means: list[Tensor]
    variance: Tensor
    averages: Averages | None = None


@dataclass(frozen=True, eq=False)
class Factors:
    """Derivatives of the expected log-likelihood in a factor of each effect, by which the M step scales them.

    ``gradients[t]`` (d,); ``curvatures[t]`` (d, d), minus the Hessian; ``averages`` over the linear
    predictors: see `armed.inference.posterior.averaged_derivatives`.
    """

    gradients: list[Tensor]
    curvatures: list[Tensor]
    averages: Averages


@dataclass(frozen=True, eq=False)
class Expectation:
    """E step: moments of standardised effects ``v``, ``u = root v``, by term; all else when asked for."""

    state: State
    means: list[Tensor]
    covariances: list[Tensor]
    find_residual: Callable[[], Tensor]
    find_factors: Callable[[], Factors]
    find_evidence: Callable[[], Tensor]

    @cached_property
    def residual(self) -> Tensor:
        """Expected squared residual of each sample, (samples,)."""
        return self.find_residual()

    @cached_property
    def factors(self) -> Factors:
        """What the M step scales effects by."""
        return self.find_factors()

    @cached_property
    def evidence(self) -> Tensor:
        """Log-likelihood of the parameters, or a bound of it."""
        return self.find_evidence()


def to_vector(state: State) -> Tensor:
    """Parameters without bounds: fixed effects, log noise, log sd, regressions on the effects before."""
    parts = [state.fixed, state.noise.log()[None]]
    for root in state.roots:
        # D = U S^2 U', U unit lower triangular: any real numbers below its diagonal and for log S are one
        sd = root.diagonal()
        below = torch.tril_indices(len(root), len(root), -1)
        parts += [sd.log(), (root / sd)[below[0], below[1]]]
    return torch.cat(parts)


def to_state(vector: Tensor, like: State) -> State:
    """Inverse of `to_vector`."""
    width = len(like.fixed)
    fixed, noise, at, roots = vector[:width], vector[width].exp(), width + 1, []
    for root in like.roots:
        size = len(root)
        below = torch.tril_indices(size, size, -1)
        unit = torch.eye(size, dtype=root.dtype, device=root.device)
        unit[below[0], below[1]] = vector[at + size : at + size + below.shape[1]]
        roots.append(unit * vector[at : at + size].exp())
        at += size + below.shape[1]
    # with the fixed effects the linear predictors move
    averages = None if width else like.averages
    return replace(like, roots=roots, fixed=fixed, noise=noise, averages=averages)
