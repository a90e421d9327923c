"""A 0/1 outcome."""

import torch
from torch import Tensor
from torch.nn import functional as F

from armed.tasks.base import Task, column
from armed.tasks.marginal import quadrature_marginal_nll


class BinaryTask(Task):
    """A 0/1 outcome, ``y ~ Bernoulli(1 / (1 + exp(-eta)))``; the output is its logit ``eta``.

    Examples
    --------
    >>> BinaryTask().score(torch.zeros(1, 1))
    tensor([0.5000])
    """

    # The third derivative is p (1 - p) (1 - 2p), nowhere larger than -l'' = p (1 - p).
    curvature_change = 1.0

    def loss(self, output: Tensor, y: Tensor) -> Tensor:
        """Binary cross-entropy per sample: ``log(1 + exp(-output))`` where y = 1, and so on."""
        # -log p(y | eta) = log(1 + exp((1 - 2y) eta)), which does not overflow as log(sigmoid) would.
        return F.softplus(column(output) * (1 - 2 * y))

    def score(self, output: Tensor) -> Tensor:
        """Probability of y = 1."""
        return torch.sigmoid(column(output))

    def derivatives(self, output: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """``l' = y - p`` and ``-l'' = p (1 - p)``, ``p`` the probability of y = 1."""
        p = torch.sigmoid(output)
        return y - p, p * (1 - p)

    def marginal_nll(
        self, output: Tensor, y: Tensor, *, same: Tensor, weight: Tensor, sd: Tensor, noise: Tensor
    ) -> Tensor:
        """Gauss-Hermite quadrature of the Bernoulli likelihood."""
        return quadrature_marginal_nll(column(output), y, same=same, weight=weight, sd=sd)
