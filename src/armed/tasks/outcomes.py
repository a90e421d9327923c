"""Tasks of one outcome: 0/1, a real number, a count, or one of several labels."""

import torch
from torch import Tensor
from torch.nn import functional as F

from armed.data.arrays import refuse
from armed.tasks.base import Task, column
from armed.tasks.marginal import gaussian_marginal_nll


class BinaryTask(Task):
    """A 0/1 outcome, ``y ~ Bernoulli(1 / (1 + exp(-eta)))``; the output is its logit ``eta``.

    Examples
    --------
    >>> BinaryTask().score(torch.zeros(1, 1))
    tensor([0.5000])
    """

    logits = True
    # The third derivative is p (1 - p) (1 - 2p), nowhere larger than -l'' = p (1 - p).
    curvature_change = 1.0
    # (16 sqrt(3) / (15 pi))^2 (Zeger, Liang and Albert, Biometrics 44:1049-1060, 1988)
    attenuation = 0.346

    def outcome(self, y: Tensor) -> Tensor:
        """Outcomes as float32, all of them 0 or 1."""
        expected = "0 and 1, the outcomes of a BinaryTask; code the outcome so"
        refuse(y, (y != 0) & (y != 1), "y", expected)
        return y.float()

    def loss(self, output: Tensor, y: Tensor) -> Tensor:
        """Binary cross-entropy per sample: ``log(1 + exp(-output))`` where y = 1, and so on."""
        return -self.log_likelihood(column(output), y)

    def log_likelihood(self, eta: Tensor, y: Tensor) -> Tensor:
        """``-log(1 + exp((1 - 2y) eta))``."""
        # It does not overflow as log(sigmoid) would.
        return -F.softplus(eta * (1 - 2 * y))

    def score(self, output: Tensor) -> Tensor:
        """Probability of y = 1."""
        return torch.sigmoid(column(output))

    def derivatives(self, output: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """``l' = y - p`` and ``-l'' = p (1 - p)``, ``p`` the probability of y = 1."""
        p = torch.sigmoid(output)
        return y - p, p * (1 - p)


class ContinuousTask(Task):
    """A real outcome; the output is its mean, the loss half the squared error."""

    has_noise = True
    has_classes = False

    def outcome(self, y: Tensor) -> Tensor:
        """Outcomes as float32."""
        return y.float()

    def loss(self, output: Tensor, y: Tensor) -> Tensor:
        """Half the squared error per sample."""
        return -self.log_likelihood(column(output), y)

    def log_likelihood(self, eta: Tensor, y: Tensor) -> Tensor:
        """Gaussian log-likelihood of a unit residual variance, without its constant."""
        return -0.5 * (eta - y) ** 2

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


class CountTask(Task):
    """A count, ``y ~ Poisson(exp(eta))``; the output is the logarithm ``eta`` of its mean.

    Examples
    --------
    >>> CountTask().score(torch.zeros(1, 1))
    tensor([1.])
    """

    has_classes = False
    # Every derivative of -exp(eta) is -exp(eta).
    curvature_change = 1.0

    def outcome(self, y: Tensor) -> Tensor:
        """Counts as float32, all of them whole numbers from 0."""
        expected = "whole numbers from 0, the outcomes of a CountTask; count from 0"
        refuse(y, (y < 0) | (y != y.floor()), "y", expected)
        return y.float()

    def loss(self, output: Tensor, y: Tensor) -> Tensor:
        """Poisson loss per sample."""
        return -self.log_likelihood(column(output), y)

    def log_likelihood(self, eta: Tensor, y: Tensor) -> Tensor:
        """``y eta - exp(eta) - log(y!)``."""
        return y * eta - eta.exp() - torch.lgamma(y + 1)

    def given_part(self, eta: Tensor, variance: Tensor) -> Tensor:
        """``eta - variance / 2``, as ``exp`` has the mean of a lognormal distribution."""
        return eta - variance / 2

    def score(self, output: Tensor) -> Tensor:
        """Mean count."""
        return column(output).exp()

    def derivatives(self, output: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """``l' = y - exp(eta)`` and ``-l'' = exp(eta)``."""
        mean = output.exp()
        return y - mean, mean


class CategoricalTask(Task):
    """One of ``classes`` labels, ``y ~ Categorical(softmax(eta))``; the output holds their logits.

    Parameters
    ----------
    classes : int
        Number of labels, numbered from 0.
    """

    logits = True
    # Of the largest difference between two classes: a third moment of bounded numbers, next to a second one.
    curvature_change = 1.0

    def __init__(self, classes: int) -> None:
        self.outputs = self.predictors = classes

    def outcome(self, y: Tensor) -> Tensor:
        """Labels as int64, all of them from 0 and below the number of classes."""
        expected = (
            f"whole numbers from 0 to {self.outputs - 1}, the labels of the task; number them so"
        )
        refuse(y, (y < 0) | (y >= self.outputs) | (y != y.floor()), "y", expected)
        return y.long()

    def predictor(self, output: Tensor) -> Tensor:
        """Logits (batch, classes)."""
        return output

    def loss(self, output: Tensor, y: Tensor) -> Tensor:
        """Categorical cross-entropy per sample; ``y`` holds class indices."""
        return F.cross_entropy(output, y, reduction="none")

    def score(self, output: Tensor) -> Tensor:
        """Class probabilities, shape (batch, classes)."""
        return torch.softmax(output, dim=-1)
