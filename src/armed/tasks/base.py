"""Tasks: from a network's output to a loss per sample and to a score."""

from abc import ABC, abstractmethod

from torch import Tensor

from armed.data.samples import Batch
from armed.errors import ConfigError
from armed.losses import Term, batch_mean
from armed.tasks.marginal import quadrature_marginal_nll


class Task(ABC):
    """What is predicted.

    ``outputs`` is the width that the network's last layer must have; ``has_noise`` says whether the
    likelihood has a residual standard deviation; ``curvature_change`` is the least ``c`` with
    ``|l'''| <= c |l''|`` for the log-likelihood ``l`` of one output; ``outcome_weight`` is the weight
    of the outcome's loss relative to what else a task asks of an output; ``attenuation`` is the ``c`` with
    ``g(E[link(e)]) = eta / sqrt(1 + c v)`` for ``e ~ N(eta, v)``, ``g`` the inverse of the link, but for a
    shift: how much effects shrink where a part of the predictor is not known; ``predictors`` is the number of
    linear predictors of the outcome, which come first in an output; ``has_classes`` says whether class
    weights mean anything; ``logits`` whether an output is made a probability by `score`.
    """

    outputs: int = 1
    predictors: int = 1
    has_classes: bool = True
    logits: bool = False
    has_noise: bool = False
    curvature_change: float = 0.0
    attenuation: float = 0.0
    outcome_weight: float = 1.0

    @abstractmethod
    def outcome(self, y: Tensor) -> Tensor:
        """Outcomes (samples,) in the type that `loss` takes; `DataError` if one is not the task's."""

    def check_output(self, output: Tensor, *, link: str | None = None) -> None:
        """Check a network's output (batch, outputs); ``link`` is the link function that it went through."""
        if output.shape[1] != self.outputs:
            raise ConfigError(
                f"the network has {output.shape[1]} outputs; {type(self).__name__} expected "
                f"{self.outputs}; give its last layer as many"
            )
        if self.logits and link is not None:
            raise ConfigError(
                f"the network ends in a {link}; {type(self).__name__} expected logits, of which it makes "
                f"probabilities itself; leave the {link} out"
            )

    def terms(self, output: Tensor, batch: Batch, name: str = "outcome") -> list[Term]:
        """Loss terms of an output (batch, outputs); that of the outcome is called ``name``."""
        # Class weights are the outcome's: what else a task asks of an output is asked of every sample alike.
        outcome = batch_mean(self.loss(output, batch.y), batch.weight, batch.mask)
        return [Term(name, outcome, self.outcome_weight), *self.other_terms(output, batch, name)]

    def other_terms(self, output: Tensor, batch: Batch, name: str = "outcome") -> list[Term]:
        """Return what a task asks of an output besides the outcome: nothing, by default."""
        return []

    def own_terms(self, batch: Batch) -> list[Term]:
        """Loss terms of the parameters of a task that is a module and has some (a learned loss)."""
        return []

    def predictor(self, output: Tensor) -> Tensor:
        """Linear predictor (batch,) of a one-dimensional outcome."""
        return column(output)

    @abstractmethod
    def loss(self, output: Tensor, y: Tensor) -> Tensor:
        """Negative log-likelihood per sample, shape (batch,), of ``output`` (batch, outputs)."""

    @abstractmethod
    def score(self, output: Tensor) -> Tensor:
        """Apply the link: probabilities or means (batch,), or probabilities (batch, classes)."""

    def log_likelihood(self, eta: Tensor, y: Tensor) -> Tensor:
        """Log-likelihood of outcomes ``y`` at linear predictors ``eta`` of their shape, less constants."""
        raise NotImplementedError(f"{type(self).__name__} has no one-dimensional likelihood")

    def given_part(self, eta: Tensor, variance: Tensor) -> Tensor:
        """Mean of a predictor, ``N(mean, variance)``, whose expected score is that of ``eta``."""
        return eta * (1 + self.attenuation * variance).sqrt()

    def derivatives(self, output: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """First and minus the second derivative of the log-likelihood in ``output``, (batch,)."""
        raise NotImplementedError(f"{type(self).__name__} has no one-dimensional likelihood")

    def marginal_nll(
        self, output: Tensor, y: Tensor, *, same: Tensor, weight: Tensor, sd: Tensor, noise: Tensor
    ) -> Tensor:
        """Negative log-likelihood with a random intercept N(0, sd^2) integrated out, a scalar."""
        # By quadrature, whatever the likelihood of one linear predictor is.
        eta = self.predictor(output)
        return quadrature_marginal_nll(self, eta, y, same=same, weight=weight, sd=sd)


def column(output: Tensor) -> Tensor:
    """Return ``output`` (batch, 1) as (batch,); other shapes would broadcast against ``y``."""
    if output.ndim != 2 or output.shape[-1] != 1:
        raise ConfigError(
            f"the network's output has shape {tuple(output.shape)}; expected (batch, 1); give its "
            "last layer one output"
        )
    return output[:, 0]


def one_predictor(task: Task, method: str) -> None:
    """Check that a task has one linear predictor, as the method of that name asks."""
    if task.predictors != 1:
        raise ConfigError(
            f"{method} was given a {type(task).__name__} of {task.predictors} linear predictors; expected a "
            "task of one, such as BinaryTask; choose another method for several classes"
        )
