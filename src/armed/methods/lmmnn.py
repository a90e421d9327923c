"""Linear mixed model network."""

from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor

from armed.data.samples import Batch
from armed.effects.linear_effects import LinearEffects
from armed.losses import LossTerms, Term
from armed.methods.base import ModelComponents
from armed.methods.mixed import MixedMethod
from armed.tasks.base import one_predictor
from armed.tasks.marginal import same_cluster


@dataclass(frozen=True)
class LmmnnSettings:
    """Where the random intercept starts.

    Parameters
    ----------
    initial_sd : float, above 0
        Standard deviation of the random intercept before the first estimate.
    """

    initial_sd: float = 0.5


class Lmmnn(MixedMethod):
    r"""Network for the fixed part, random intercept ``u_k ~ N(0, s^2)`` integrated out.

    The loss is the marginal negative log-likelihood of a minibatch per sample. After every epoch ``s``, the
    residual variance of a continuous outcome and the posterior of ``u`` are estimated from all training
    samples; a prediction adds the posterior means.

    Slopes, and effects of several factors, are given as `LinearEffects`. They have no such integral over a
    minibatch: the loss is the negative log-likelihood's expectation over their posterior, whose gradient is
    that of the marginal one (Fisher's identity).

    References
    ----------
    Simchoni and Rosset, NeurIPS 2021.

    Departures from the paper
    -------------------------
    Gradients of minibatches, which move ``s`` in the paper, hardly do so in the steps of a study: ``s`` comes
    from the M step that all methods share.
    """

    Settings = LmmnnSettings
    takes = frozenset({"random_effects"})
    soft_clusters = False

    def __init__(self, components: ModelComponents, settings: LmmnnSettings) -> None:
        one_predictor(components.task, type(self).__name__)
        own = LinearEffects(components.clusters, initial_sd={"intercept": settings.initial_sd})
        # Effects that gradients would move are other methods'.
        given = [e for e in components.random_effects if isinstance(e, LinearEffects)]
        super().__init__(
            components, settings, random_effects=given or [own], watch=None if given else ()
        )
        first, *others = self.estimated
        self.integrates = not others and [*first.widths] == [*own.widths]

    def draw(self, generator: torch.Generator, steps: int, batch_size: int) -> Tensor:
        """Noise of the effects that are not integrated out."""
        if self.integrates:
            return super().draw(generator, steps, batch_size)
        return torch.randn(steps, batch_size, self.mixed.noise_size, generator=generator)

    def losses(self, group: str, batch: Batch, outputs: Any) -> LossTerms:
        """Marginal negative log-likelihood per sample, or the expected one."""
        if not self.integrates:
            mixed = self.mixed(batch.x, batch.z, batch.noise).mixed
            return LossTerms(*self.task.terms(mixed, batch, "expected"))
        output, effects = (
            self.mixed.at_means(batch.x, batch.z).fixed,
            cast(LinearEffects, self.effects),
        )
        # -1/B sum_k log int prod_i p(y_i | f(x_i) + u) N(u; 0, s^2) du, over the clusters of the minibatch.
        # Sums of log-likelihoods need 32 bits, whatever the network computes in.
        with torch.autocast(output.device.type, enabled=False):
            nll = self.task.marginal_nll(
                output.float(),
                batch.y,
                same=same_cluster(batch.z, batch.mask),
                weight=batch.weight * batch.mask,
                sd=effects.prior_root[0, 0],
                noise=effects.noise.sqrt(),
            )
        marginal = Term("marginal", nll / batch.mask.sum(), self.task.outcome_weight)
        return LossTerms(marginal, *self.task.other_terms(output, batch))


OUTCOMES = ("binary", "continuous", "count")
METHOD = Lmmnn
