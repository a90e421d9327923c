"""A fitted mixed model, whether a network or a line is its fixed part."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from armed.errors import ConfigError
from armed.inference.blocks.classes import ClassesTerm
from armed.inference.blocks.products import GRAM_VALUES
from armed.inference.blocks.terms import EffectsTerm
from armed.inference.estimate import Estimate
from armed.inference.mixed_model import MixedModel
from armed.tasks.base import Task

Columns = dict[str, list[Any]]
"""A table by column; `pandas.DataFrame` takes it as it is."""


@dataclass(frozen=True, eq=False)
class FittedModel:
    r"""``y_i ~ task(offset_i + x_i . b + sum_t phi_ti . u_t,z_ti)``, ``u_tk ~ N(0, D_t)``, fitted.

    What is asked of it are functions of the other modules of this package.

    Parameters
    ----------
    model : MixedModel
        Samples and terms.
    covariances : sequence of Tensor, shape (d, d)
        ``D_t``.
    effects, effect_covariances : sequence of Tensor, shapes (clusters, d), (clusters, d, d)
        Posterior mean and covariance of ``u_tk``.
    fixed : Tensor, shape (p,)
        ``b``.
    noise : Tensor
        Residual variance, a scalar; 1 where the outcome has none.
    names : sequence of tuple of str
        Of the effects of each term.
    clusters : sequence of tuple
        Names of the clusters of each term.
    converged : bool
        Whether the parameters are those of the largest evidence with the offsets of ``model``, so that
        profiles of the evidence have their top there.
    """

    model: MixedModel
    covariances: Sequence[Tensor]
    effects: Sequence[Tensor]
    effect_covariances: Sequence[Tensor]
    fixed: Tensor
    noise: Tensor
    names: Sequence[tuple[str, ...]]
    clusters: Sequence[tuple[Any, ...]]
    converged: bool

    def on(self, model: MixedModel) -> "FittedModel":
        """Return the same parameters with other samples, see `armed.summaries.of_method.mixed_model`.

        Its terms are to have the clusters and effects of those fitted.
        """
        fitted = [(term.clusters, term.size) for term in self.model.terms]
        given = [(term.clusters, term.size) for term in model.terms]
        if given != fitted:
            raise ConfigError(
                f"samples were given with (clusters, effects) {given}; expected {fitted}, those of the "
                "fitted model; number clusters and order effects as there"
            )
        # Of other samples the evidence has its top elsewhere.
        return replace(self, model=model, converged=False)

    @property
    def population(self) -> Tensor:
        """Linear predictor of each sample with effects of 0, (samples,)."""
        fixed = self.model.fixed
        return self.model.offset + (fixed.design @ self.fixed if fixed is not None else 0)

    @property
    def conditional(self) -> Tensor:
        """Linear predictor of each sample with the effects of its clusters, (samples,)."""
        pairs = zip(self.model.terms, self.effects, strict=True)
        return self.population + sum(term.predictor(mean) for term, mean in pairs)

    @property
    def predictor_variance(self) -> Tensor:
        """Posterior variance of `conditional`, (samples,); terms count as independent of each other."""
        pairs = zip(self.model.terms, self.effect_covariances, strict=True)
        # Covariances between terms are not kept; of crossed factors they are small and mostly negative.
        return torch.stack([_quadratic(term, each) for term, each in pairs]).sum(0)

    @property
    def prior_variance(self) -> Tensor:
        """Variance over clusters of what the effects add to each linear predictor, (samples,)."""
        pairs = zip(self.model.terms, self.covariances, strict=True)
        each = [((term.design @ d) * term.design).sum(-1) for term, d in pairs]
        return torch.stack(each).sum(0)


def _quadratic(term: EffectsTerm, covariance: Tensor) -> Tensor:
    """``phi_i' C_k phi_i`` of covariances (clusters, d, d), (samples,); of classes see `ClassesTerm`."""
    if isinstance(term, ClassesTerm):
        return term.variance(covariance)
    block = max(1, GRAM_VALUES // term.size**2)
    # Some samples at a time, as the covariances of all of them would be (samples, d, d).
    parts = zip(term.design.split(block), term.index.split(block), strict=True)  # type: ignore[no-untyped-call]
    return torch.cat([torch.einsum("id,ide,ie->i", x, covariance[z], x) for x, z in parts])


def variances_of(term: EffectsTerm) -> list[Tensor]:
    """Which effects have each variance of a term: numbers of the effects, by variance."""
    numbers = torch.arange(term.size) if term.variance_of is None else term.variance_of
    return [(numbers == number).nonzero()[:, 0] for number in range(int(numbers.max()) + 1)]


def variance_names(term: EffectsTerm, names: Sequence[str]) -> list[str]:
    """Names of the variances of a term: of its effect, or of what effects that share one have in common."""
    groups = [[names[int(j)] for j in group] for group in variances_of(term)]
    return [name if not more else _together(name) for name, *more in groups]


def _together(name: str) -> str:
    """Name of what slope[0], slope[1] ... are together: "slope"; of slope[0, CLASS] ... "slope[*, CLASS]"."""
    kind, _, inside = name.partition("[")
    return f"{kind}[*, {inside.partition(', ')[2]}" if ", " in inside else kind


def fitted_intercepts(
    task: Task, *, y: Any, offset: Any, index: Any, mean: Any, sd: Any, prior_sd: float
) -> FittedModel:
    """Return random intercepts that another library fitted as a `FittedModel`.

    Parameters
    ----------
    task : Task
        Without a residual variance.
    y, offset, index : array, shape (samples,)
        Outcome, linear predictor with intercepts of 0, and cluster.
    mean, sd : array, shape (clusters,)
        Posterior of the intercepts.
    prior_sd : float
        Standard deviation of the intercepts.
    """
    y, offset, mean, sd = (torch.as_tensor(each).double() for each in (y, offset, mean, sd))
    one = torch.ones_like(offset)
    term = EffectsTerm(one[:, None], torch.as_tensor(index), len(mean))
    return FittedModel(
        MixedModel(task, y, offset, one, [term]),
        [torch.full_like(one[:1, None], prior_sd**2)],
        [mean[:, None]],
        [sd.square()[:, None, None]],
        one[:0],
        one[0],
        [("intercept",)],
        [tuple(range(len(mean)))],
        converged=False,
    )


def fitted_estimate(
    model: MixedModel,
    found: Estimate,
    *,
    names: Sequence[Sequence[str]] | None = None,
    clusters: Sequence[Sequence[Any]] | None = None,
) -> FittedModel:
    """Return what `armed.inference.estimate.estimate` found of ``model`` as a `FittedModel`.

    Names of effects are numbers, ``effect[0]``, and clusters are numbered, unless they are given.

    Examples
    --------
    >>> from armed.inference.estimate import estimate
    >>> from armed.summaries.components import variance_components
    >>> from armed.tasks.outcomes import ContinuousTask
    >>> z, y = torch.arange(40) // 4, torch.randn(40, dtype=torch.float64)
    >>> term = EffectsTerm(torch.ones(40, 1, dtype=torch.float64), z, 10)
    >>> one = torch.ones_like(y)
    >>> model = MixedModel(ContinuousTask(), y, 0 * one, one, [term])
    >>> fitted = fitted_estimate(model, estimate(model), names=[["intercept"]])
    >>> variance_components(fitted)["term"]
    ['sd__intercept', 'sd__Observation']
    """
    terms = model.terms
    numbered = [tuple(f"effect[{j}]" for j in range(term.size)) for term in terms]
    return FittedModel(
        model,
        found.covariances,
        found.effects,
        found.effect_covariances,
        found.fixed,
        found.noise,
        numbered if names is None else [tuple(each) for each in names],
        [tuple(range(t.clusters)) for t in terms]
        if clusters is None
        else [tuple(each) for each in clusters],
        found.converged,
    )
