"""Tasks: from a network's output to a loss per sample and to a score."""

from abc import ABC, abstractmethod

from torch import Tensor

from armed.data.samples import Batch
from armed.errors import ConfigError
from armed.losses import Term, batch_mean


class Task(ABC):
    """What is predicted.

    ``outputs`` is the width that the network's last layer must have; ``has_noise`` says whether the
    likelihood has a residual standard deviation; ``curvature_change`` is the least ``c`` with
    ``|l'''| <= c |l''|`` for the log-likelihood ``l`` of one output; ``outcome_weight`` is the weight
    of the outcome's loss relative to what else a task asks of an output.
    """

    outputs: int = 1
    has_noise: bool = False
    curvature_change: float = 0.0
    outcome_weight: float = 1.0

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

    def derivatives(self, output: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """First and minus the second derivative of the log-likelihood in ``output``, (batch,)."""
        raise NotImplementedError(f"{type(self).__name__} has no one-dimensional likelihood")

    def marginal_nll(
        self, output: Tensor, y: Tensor, *, same: Tensor, weight: Tensor, sd: Tensor, noise: Tensor
    ) -> Tensor:
        """Negative log-likelihood with a random intercept N(0, sd^2) integrated out, a scalar."""
        raise NotImplementedError(f"{type(self).__name__} has no marginal likelihood")


def column(output: Tensor) -> Tensor:
    """Return ``output`` (batch, 1) as (batch,); other shapes would broadcast against ``y``."""
    if output.ndim != 2 or output.shape[-1] != 1:
        raise ConfigError(
            f"the network's output has shape {tuple(output.shape)}; expected (batch, 1); give its "
            "last layer one output"
        )
    return output[:, 0]
