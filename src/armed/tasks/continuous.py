"""A real outcome."""

import torch
from torch import Tensor

from armed.tasks.base import Task, column
from armed.tasks.marginal import gaussian_marginal_nll


class ContinuousTask(Task):
    """A real outcome; the output is its mean, the loss half the squared error."""

    has_noise = True

    def loss(self, output: Tensor, y: Tensor) -> Tensor:
        """Half the squared error per sample."""
        # Minus the Gaussian log-likelihood of a unit residual variance, without its constant.
        return 0.5 * (column(output) - y) ** 2

    def score(self, output: Tensor) -> Tensor:
        """Return the mean."""
        return column(output)

    def derivatives(self, output: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """``l' = y - eta`` and ``-l'' = 1``, of a unit residual variance."""
        return y - output, torch.ones_like(output)

    def marginal_nll(
        self, output: Tensor, y: Tensor, *, same: Tensor, weight: Tensor, sd: Tensor, noise: Tensor
    ) -> Tensor:
        """Gaussian marginal likelihood in closed form."""
        residual = y - column(output)
        return gaussian_marginal_nll(residual, same=same, sd=sd, noise=noise)
