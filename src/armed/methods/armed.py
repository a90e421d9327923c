"""Adversarially-regularised mixed effects deep learning."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from armed.adversaries.base import ClusterClassifier, required
from armed.data.factors import first_factor
from armed.data.samples import Batch
from armed.effects.mixed_effects import MixedOutput
from armed.losses import LossTerms, Term, batch_mean
from armed.methods.base import ModelComponents
from armed.methods.mixed import MixedMethod


@dataclass(frozen=True)
class ArmedSettings:
    """Weights of the loss.

    Parameters
    ----------
    fixed_weight : float, at least 0
        Weight wF of the fixed-effects loss.
    adversary_weight : float, at least 0
        Weight wG of the adversary.
    kl_weight : float, at least 0
        Weight wK of the KL divergence.
    """

    fixed_weight: float = 1.0
    adversary_weight: float = 1.0
    kl_weight: float = 1e-3


class Armed(MixedMethod):
    r"""``L(y, yM) + wF L(y, yF) - wG CE(z, a(h_1..h_L)) + wK KL(q(u) || p(u))``.

    The expected outcome is ``yF = link(f(x))`` without and ``yM = link(f(x) + u_1(z) . h + u_0(z))`` with
    random effects. With ``adversary_weight`` 0 no adversary is trained.

    References
    ----------
    Nguyen, Treacher and Montillo, IEEE TPAMI 45(7):8081-8093, 2023.
    """

    Settings = ArmedSettings
    needs = frozenset({"adversary", "random_effects"})

    def __init__(self, components: ModelComponents, settings: ArmedSettings) -> None:
        super().__init__(components, settings, random_effects=components.random_effects)
        self.adversary: ClusterClassifier | None = None
        if settings.adversary_weight:
            self.adversary = required(components.adversary, self)

    def set_widths(self, x: Tensor, activations: tuple[Tensor, ...]) -> None:
        """Fit the adversary to the activations."""
        if self.adversary is not None:
            self.adversary.measure(activations, clusters=self.clusters)

    def draw(self, generator: torch.Generator, steps: int, batch_size: int) -> Tensor:
        """Noise of the reparameterised random effects."""
        return torch.randn(steps, batch_size, self.mixed.noise_size, generator=generator)

    def outputs(self, batch: Batch) -> MixedOutput:
        """One run of the network, which serves both outputs, the adversary and the random slopes."""
        output: MixedOutput = self.mixed(batch.x, batch.z, batch.noise)
        return output

    def losses(self, group: str, batch: Batch, outputs: MixedOutput) -> LossTerms:
        """Cluster loss for the adversary; the whole objective for everything else."""
        # Adversary and gradients know the clusters of the first factor only.
        batch = batch._replace(z=first_factor(batch.z, len(self.further)))
        if group == "adversary" and self.adversary is not None:
            # The adversary minimises CE(z, a(h; c)) in c; h is a constant to it.
            detached = [h.detach() for h in outputs.activations]
            return LossTerms(self.adversary.term("adversary", detached, batch))
        settings = self.settings
        # wK KL(q(u) || p(u)), summed over clusters in expectation, see `Samples.kl_scale`.
        if batch.z.is_floating_point():
            kl = batch_mean(self.mixed.kl(batch.kl_scale), batch.mask, batch.mask)
        else:
            kl = batch_mean(self.mixed.kl(batch.z), batch.kl_scale, batch.mask)
        # L(y, yM) + wF L(y, yF), each of as many terms as the task has.
        terms = [
            *self.task.terms(outputs.mixed, batch, "mixed"),
            *(
                replace(term, weight=settings.fixed_weight * term.weight)
                for term in self.task.terms(outputs.fixed, batch, "fixed")
            ),
            Term("kl", kl, settings.kl_weight),
        ]
        if self.adversary is not None:
            # - wG CE(z, a(h; c)): the network raises what the adversary, frozen here, has lowered.
            weight = -settings.adversary_weight
            terms.append(self.adversary.term("cluster", outputs.activations, batch, weight))
        return LossTerms(*terms)


METHOD = Armed
