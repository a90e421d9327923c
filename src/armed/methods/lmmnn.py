"""Linear mixed model network."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from armed.data.samples import Batch
from armed.effects.base import shifted
from armed.inference.laplace import cluster_posterior
from armed.losses import LossTerms, Term
from armed.methods.base import Method, ModelComponents
from armed.nn.activations import call
from armed.tasks.base import one_predictor
from armed.tasks.marginal import same_cluster

SMALLEST_SD = 1e-3


@dataclass(frozen=True)
class LmmnnSettings:
    """Where the random intercept starts.

    Parameters
    ----------
    initial_sd : float, above 0
        Standard deviation of the random intercept before training.
    """

    initial_sd: float = 0.5


class Lmmnn(Method):
    r"""Network for the fixed part, random intercept ``u_k ~ N(0, s^2)`` integrated out.

    The loss is the marginal negative log-likelihood of a minibatch per sample; ``s`` is learned
    with the network. After every epoch the ``u_k`` become the posterior modes given all training
    samples, weighted as in the loss; a prediction adds them.

    References
    ----------
    Simchoni and Rosset, NeurIPS 2021.
    """

    Settings = LmmnnSettings
    uses_clusters = True
    soft_clusters = False
    effects: Tensor
    posterior_sd: Tensor

    def __init__(self, components: ModelComponents, settings: LmmnnSettings) -> None:
        super().__init__(components, settings)
        one_predictor(components.task, type(self).__name__)
        self.rho = nn.Parameter(torch.tensor([math.log(math.expm1(settings.initial_sd))]))
        if components.task.has_noise:
            self.rho_noise = nn.Parameter(torch.tensor([math.log(math.expm1(1.0))]))
        shape = (components.clusters, 1)
        self.register_buffer("effects", torch.zeros(shape))
        self.register_buffer("posterior_sd", torch.full(shape, settings.initial_sd))

    def losses(self, group: str, batch: Batch) -> LossTerms:
        """Marginal negative log-likelihood per sample."""
        output = call(self.network, batch.x)
        # -1/B sum_k log int prod_i p(y_i | f(x_i) + u) N(u; 0, s^2) du, over the clusters of the minibatch.
        # Sums of log-likelihoods need 32 bits, whatever the network computes in.
        with torch.autocast(output.device.type, enabled=False):
            nll = self.task.marginal_nll(
                output.float(),
                batch.y,
                same=same_cluster(batch.z, batch.mask),
                weight=batch.weight * batch.mask,
                sd=F.softplus(self.rho),
                noise=self._noise(),
            )
        marginal = Term("marginal", nll / batch.mask.sum(), self.task.outcome_weight)
        return LossTerms(marginal, *self.task.other_terms(output, batch))

    def _sd(self) -> Tensor:
        # Where clusters do not differ, s descends to 0 and the precision 1 / s^2 would overflow.
        return F.softplus(self.rho).clamp_min(SMALLEST_SD)

    def _noise(self) -> Tensor:
        return F.softplus(self.rho_noise) if self.task.has_noise else torch.ones_like(self.rho)

    def statistics(self, x: Tensor) -> tuple[Tensor, ...]:
        """Return the fixed linear predictor."""
        return (self.task.predictor(call(self.network, x)),)

    def update(
        self, statistics: tuple[Tensor, ...], y: Tensor, z: Tensor, weight: Tensor
    ) -> dict[str, Tensor]:
        """Posterior modes of the random intercepts."""
        # argmax_u of sum_i l(y_i | f(x_i) + u) - u^2 / (2 s^2): the one effect has the feature 1.
        (fixed,) = statistics
        mean, covariance = cluster_posterior(
            torch.ones_like(fixed)[:, None],
            fixed,
            y=y,
            z=z,
            # derivatives are those of a unit residual variance
            weight=weight / self._noise() ** 2,
            clusters=self.clusters,
            precision=(self._sd() ** -2)[:, None],
            task=self.task,
        )
        return {"effects": mean, "posterior_sd": covariance[:, :, 0].sqrt()}

    def linear_predictor(self, x: Tensor, z: Tensor) -> dict[str, Tensor]:
        """Linear predictors without and with the modes of the random intercepts."""
        fixed = call(self.network, x)
        effects = z @ self.effects if z.is_floating_point() else self.effects[z]
        return {"fixed": fixed, "mixed": shifted(fixed, effects)}

    def random_effects(self) -> dict[str, tuple[Tensor, Tensor]]:
        """Posterior modes and sds of the intercepts."""
        return {"intercept": (self.effects, self.posterior_sd)}


METHOD = Lmmnn
