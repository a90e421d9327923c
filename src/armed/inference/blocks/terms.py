"""What the linear predictor of a mixed model is made of: terms of fixed and of random effects."""

from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

from armed.data.arrays import refuse
from armed.effects.units import over_shared
from armed.errors import ConfigError
from armed.inference.blocks.products import summed_products


@dataclass(frozen=True, eq=False)
class EffectsTerm:
    r"""``design_i . u_{index_i}``: effects of one cluster factor, as ``(design | factor)`` in lme4.

    Fixed effects are a term of one cluster (`fixed_term`), whose prior is flat unless it says otherwise.

    Parameters
    ----------
    design : Tensor, shape (samples, d)
        What the effects multiply: ones for an intercept, values for a slope.
    index : Tensor of int64, shape (samples,)
        Cluster of each sample.
    clusters : int
        Number of clusters, those without a sample included.
    correlated : bool
        Whether effects of one cluster may be correlated, ``(1 + x | g)``; else ``(1 + x || g)``.
    name : str
        Of the factor.
    variance_of : Tensor of int64, shape (d,), optional
        Number of the variance of each effect, from 0, where several share one and are not correlated.
    block : int
        Number of samples, one behind the other, that are of one cluster (`in_blocks`), by which
        the samples can be divided: sums over a cluster then are matrix products.
    precision : float, or Tensor of shape (d,)
        Of the prior of effects that are solved for: 1 of random ones, which are standardised then.
    """

    design: Tensor
    index: Tensor
    clusters: int
    correlated: bool = True
    name: str = "cluster"
    variance_of: Tensor | None = None
    block: int = 1
    precision: Tensor | float = 1.0

    def shared(self, values: Tensor) -> Tensor:
        """Mean of ``values`` (d,) over the effects that share a variance, (d,)."""
        return over_shared(self.variance_of, values)

    @property
    def size(self) -> int:
        """Effects of a cluster, ``d``."""
        return self.design.shape[-1]

    def by_effect(self, values: Tensor) -> Tensor:
        """Values (d,) of columns of the design as those of effects: the same, of one linear predictor."""
        return values

    @property
    def length(self) -> int:
        """Samples of a block."""
        return max(1, len(self.design)) if self.clusters == 1 else self.block

    @cached_property
    def owner(self) -> Tensor:
        """Cluster of each block, (blocks,)."""
        return self.index[:: self.length].contiguous()

    @cached_property
    def columns(self) -> Tensor:
        """Design of each block, samples last, (blocks, d, length): sums over samples read memory in order."""
        return self.in_columns(self.design).contiguous()

    def in_columns(self, values: Tensor) -> Tensor:
        """Values (samples, e) by block, (blocks, e, length)."""
        return values.reshape(-1, self.length, values.shape[-1]).transpose(1, 2)

    def by_cluster(self, values: Tensor) -> Tensor:
        """Sum values (blocks, ...) over the blocks of a cluster, (clusters, ...)."""
        return values.new_zeros(self.clusters, *values.shape[1:]).index_add(0, self.owner, values)

    def scaled(self, root: Tensor) -> "EffectsTerm":
        """Return the term of effects ``v``, ``u = root v``: its design is ``design root``."""
        columns = root.T @ self.columns  # what is known of this one has not to be found again
        term = replace(self, design=columns.mT.flatten(0, 1))
        vars(term).update(owner=self.owner, columns=columns)
        return term

    def predictor(self, effects: Tensor) -> Tensor:
        """``design_i . u_{index_i}``, (samples,), of effects (clusters, d)."""
        return (effects[self.owner][:, None] @ self.columns).flatten()

    def variance(self, covariance: Tensor) -> Tensor:
        """``design_i' S_{index_i} design_i``, (samples,), of covariances (clusters, d, d)."""
        return ((covariance[self.owner] @ self.columns) * self.columns).sum(1).flatten()

    def times(self, matrix: Tensor) -> Tensor:
        """Products of matrices (samples, e, d) with the design, (samples, e)."""
        return torch.einsum("ied,id->ie", matrix, self.design)

    def times_own(self, covariance: Tensor) -> Tensor:
        """`times` of the matrices (clusters, d, d) of the samples' clusters, (samples, d)."""
        return (covariance[self.owner] @ self.columns).mT.flatten(0, 1)

    def within(self, values: Tensor) -> Tensor:
        """Products of the design with values (samples, d), (samples,)."""
        return (self.design * values).sum(-1)

    def curved(self, weight: Tensor, values: Tensor) -> Tensor:
        """Sum over the samples of design times weights times values, (d,)."""
        return (self.design * weight[:, None] * values).sum(0)

    def gather(self, values: Tensor) -> Tensor:
        """Sum ``values_i design_i`` over the samples of a cluster, (clusters, d)."""
        return self.by_cluster((values.view(-1, 1, self.length) @ self.columns.mT)[:, 0])

    def gram(self, weight: Tensor) -> Tensor:
        """``sum_i weight_i phi_i phi_i'`` by cluster: (clusters, d, d)."""
        weighted = self.columns * self.in_columns(weight[:, None])
        return summed_products(weighted, self.columns, self.owner, self.clusters)

    def largest(self, values: Tensor) -> Tensor:
        """Largest value of the samples of a cluster, (clusters,), at least 0."""
        each = values.view(-1, self.length).amax(1)
        return each.new_zeros(self.clusters).scatter_reduce(0, self.owner, each, "amax")

    def present(self, weight: Tensor) -> Tensor:
        """Whether a cluster has samples of any weight, (clusters,)."""
        return self.by_cluster(weight.view(-1, self.length).sum(1)) > 0


def fixed_term(
    design: Tensor, name: str = "fixed", *, precision: Tensor | float = 0.0
) -> EffectsTerm:
    """Fixed effects of ``design`` (samples, p), with a prior of mean 0 and that precision."""
    index = torch.zeros(len(design), dtype=torch.int64, device=design.device)
    return EffectsTerm(design, index, 1, name=name, precision=precision)


def check_term(term: EffectsTerm, samples: int) -> None:
    """Check that a term fits so many samples.

    Raises
    ------
    ConfigError
        If its tensors are of other shapes.
    DataError
        If a cluster is none of those counted.
    """
    if term.design.ndim != 2 or len(term.design) != samples or term.index.shape != (samples,):
        raise ConfigError(
            f"term {term.name!r} has a design of shape {tuple(term.design.shape)} and clusters of shape "
            f"{tuple(term.index.shape)} for {samples} samples; expected (samples, effects) and "
            "(samples,); give one row and one cluster a sample"
        )
    if not term.size:
        raise ConfigError(
            f"term {term.name!r} has 0 effects; expected at least 1; give it a column"
        )
    bad = (term.index < 0) | (term.index >= term.clusters)
    expected = f"clusters from 0 to {term.clusters - 1}; number them so"
    refuse(term.index, bad, f"the index of term {term.name!r}", expected)


def hard_clusters(z: Tensor) -> tuple[Tensor, Tensor]:
    """Cluster of each sample and how much of the sample is of it, (samples,) each.

    Of weights over clusters (samples, clusters) it is the one of the most weight.
    """
    if not z.is_floating_point():
        return z, torch.ones_like(z, dtype=torch.float32)
    share, index = z.max(-1)
    return index, share
