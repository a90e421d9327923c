"""The task of an autoencoder-classifier: an outcome, and the input itself."""

from collections.abc import Sequence
from math import prod

from torch import Tensor

from armed.data.samples import Batch
from armed.errors import ConfigError
from armed.losses import Term
from armed.tasks.outcomes import BinaryTask


class ReconstructionTask(BinaryTask):
    """A 0/1 outcome and a reconstruction: ``c BCE(y, output_0) + MSE(x, output_1..)``.

    The first output is the logit of the outcome; the others are the reconstruction of the input,
    flattened. Class weights count in the outcome's loss only.

    Parameters
    ----------
    shape : sequence of int
        Of one input.
    outcome_weight : float
        ``c``, the weight of the outcome relative to that of the reconstruction, 1.
    changed_images : bool
        Whether images that augmentation has changed are reconstructed, too, or serve the outcome alone. What
        a cluster's images look like is told by unchanged ones.
    """

    def __init__(
        self, shape: Sequence[int], *, outcome_weight: float, changed_images: bool = True
    ) -> None:
        if outcome_weight < 0:
            raise ConfigError(
                f"outcome_weight is {outcome_weight}; expected a number from 0; raise it"
            )
        self.shape, self.outcome_weight = tuple(shape), outcome_weight
        self.changed_images = changed_images
        self.outputs = 1 + prod(self.shape)

    def loss(self, output: Tensor, y: Tensor) -> Tensor:
        """Binary cross-entropy of the outcome per sample, unweighted."""
        return super().loss(output[:, :1], y)

    def other_terms(self, output: Tensor, batch: Batch, name: str = "outcome") -> list[Term]:
        """Mean squared error of the reconstruction, over pixels and samples."""
        # MSE(x, x^): over pixels here, over the samples of the minibatch that are reconstructed below.
        error = (output[:, 1:] - batch.x.flatten(1)).square().mean(1)
        own = "reconstruction" if name == "outcome" else f"{name}_reconstruction"
        return [Term(own, self.image_mean(error, batch))]

    def image_mean(self, values: Tensor, batch: Batch) -> Tensor:
        """Mean of ``values`` (batch,) over the images that are reconstructed; 0 if there are none."""
        kept = batch.mask if self.changed_images else batch.mask * (1 - batch.changed)
        return (values * kept).sum() / kept.sum().clamp_min(1)

    def score(self, output: Tensor) -> Tensor:
        """Probability of y = 1."""
        return super().score(output[:, :1])

    def predictor(self, output: Tensor) -> Tensor:
        """Logit of the outcome."""
        return output[:, 0]

    def marginal_nll(self, output: Tensor, y: Tensor, **given: Tensor) -> Tensor:
        """Gauss-Hermite quadrature of the outcome's Bernoulli likelihood."""
        return super().marginal_nll(output[:, :1], y, **given)

    def image(self, output: Tensor) -> Tensor:
        """Reconstruction of the input, (batch, channels, height, width), in an output."""
        return output[:, 1:].reshape(-1, *self.shape)
