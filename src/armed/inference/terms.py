"""What the linear predictor of a mixed model is made of: terms of fixed and of random effects."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from armed.data.arrays import refuse
from armed.errors import ConfigError


@dataclass(frozen=True, eq=False)
class EffectsTerm:
    r"""``design_i . u_{index_i}``: effects of one cluster factor, as ``(design | factor)`` in lme4.

    Fixed effects are a term of one cluster (`fixed_term`), whose prior is flat.

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
    """

    design: Tensor
    index: Tensor
    clusters: int
    correlated: bool = True
    name: str = "cluster"
    variance_of: Tensor | None = None

    def shared(self, values: Tensor) -> Tensor:
        """Mean of ``values`` (d,) over the effects that share a variance, (d,)."""
        if self.variance_of is None:
            return values
        count = torch.bincount(self.variance_of)
        total = values.new_zeros(len(count)).index_add(0, self.variance_of, values)
        return (total / count)[self.variance_of]

    @property
    def size(self) -> int:
        """Effects of a cluster, ``d``."""
        return self.design.shape[-1]

    def scaled(self, root: Tensor) -> "EffectsTerm":
        """Return the term of effects ``v``, ``u = root v``: its design is ``design root``."""
        return replace(self, design=self.design @ root)

    def predictor(self, effects: Tensor) -> Tensor:
        """``design_i . u_{index_i}``, (samples,), of effects (clusters, d)."""
        return (self.design * effects[self.index]).sum(-1)

    def gather(self, values: Tensor) -> Tensor:
        """Sum ``values_i design_i`` over the samples of a cluster, (clusters, d)."""
        total = values.new_zeros(self.clusters, self.size)
        return total.index_add(0, self.index, self.design * values[:, None])

    def present(self, weight: Tensor) -> Tensor:
        """Whether a cluster has samples of any weight, (clusters,)."""
        total = weight.new_zeros(self.clusters).index_add(0, self.index, weight)
        return total > 0


def fixed_term(design: Tensor, name: str = "fixed") -> EffectsTerm:
    """Fixed effects of ``design`` (samples, p)."""
    index = torch.zeros(len(design), dtype=torch.int64, device=design.device)
    return EffectsTerm(design, index, 1, name=name)


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
