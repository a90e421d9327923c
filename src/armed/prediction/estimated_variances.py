"""What is not known of a variance of effects, as it is an estimate from so many clusters."""

from dataclasses import dataclass

import torch
from torch import Tensor

from armed.effects.linear_effects import LinearEffects

FEWEST = 3.0
"""Clusters that a variance counts as estimated from at least: fewer would say nothing of another one."""
LEAST = 0.01
"""Reliability below which a variance counts as 0: posteriors of 32 bits do not tell it."""
SMALLEST = 1e-6
"""Cube root of a ratio of variances that stands for 0."""


@dataclass(frozen=True, eq=False)
class EstimatedFrom:
    """Clusters (d,) that the variance of each effect is from, and what their effects' reliability is (d,).

    Reliability is the share of an effect's variance that its cluster's samples explain; 1 if they are many.
    Where it is 0, ``sd`` (d,) is the standard deviation of a cluster's own estimate.
    """

    clusters: Tensor
    reliability: Tensor
    sd: Tensor

    def effects(self, normal: Tensor) -> Tensor:
        r"""Effects (n, d) of a next cluster, in units of a cluster's own estimate, of draws (n, 2 d).

        A cluster's own estimate of its effect has the variance ``s = D / r``, sampling error ``(1 - r) s``
        included. The mean square of ``K`` of these around their mean is ``s chi2 / K``, of ``K - 1`` degrees
        of freedom, so that the variance may be ``D + s (K / chi2 - 1)``, at least 0; the variance of their
        mean is ``s / K``. Where ``r`` is 1 the result is Student's t. An estimate of 0 leaves what the
        sampling error hides.

        Parameters
        ----------
        normal : Tensor, shape (n, 2 d)
            Of the standard normal distribution: for the effects, and for their variances.

        References
        ----------
        Weerahandi, Journal of the American Statistical Association 88:899-905, 1993; Wilson and Hilferty,
        Proceedings of the National Academy of Sciences 17:684-688, 1931, for the quantiles of chi2.
        """
        effect, variance = normal.chunk(2, -1)
        freedom = self.clusters - 1
        error = 2 / (9 * freedom)
        chi2 = freedom * (1 - error + variance * error.sqrt()).clamp_min(SMALLEST) ** 3
        own = self.clusters / chi2  # s by what it is estimated as
        return effect * ((self.reliability + own - 1).clamp_min(0) + own / self.clusters).sqrt()

    def root(self, root: Tensor) -> Tensor:
        """Return a root (..., d, d) of ``D`` in these units."""
        none = self.reliability == 0
        units = torch.where(none, 0, self.reliability.clamp_min(LEAST).rsqrt())
        return root * units + torch.diag(torch.where(none, self.sd, 0))


def estimated_from(effects: LinearEffects) -> EstimatedFrom:
    """Return what the variances of effects were estimated from: the clusters that had training samples."""
    root = effects.prior_root.double()
    # of a variance of 0 anything will do
    inverse = torch.linalg.inv(root + torch.diag((root.diagonal() == 0).to(root.dtype)))
    left = (inverse @ effects.covariance.double() @ inverse.T).diagonal(dim1=1, dim2=2)
    share = (1 - left).clamp(0, 1) * (root.diagonal() != 0)
    count, squares = over_clusters(effects, share)
    # Reliabilities that differ tell of a variance as much as their mean square would of all.
    reliability = (squares / count.clamp_min(1)).sqrt()
    none, (sd, present) = reliability < LEAST, effects.at_zero.double()
    count = torch.where(none, present, count).clamp_min(FEWEST)
    return EstimatedFrom(count, torch.where(none, 0, reliability), sd)


def over_clusters(effects: LinearEffects, told: Tensor) -> tuple[Tensor, Tensor]:
    """Clusters that tell of each effect (d,), and their sum of squares, of values (clusters, d)."""
    count, squares = (told > 0).sum(0).to(told.dtype), told.square().sum(0)
    if effects.variance_of is not None:  # effects that share a variance all tell of it
        count, squares = (
            torch.zeros_like(each).index_add(0, effects.variance_of, each)[effects.variance_of]
            for each in (count, squares)
        )
    return count, squares
