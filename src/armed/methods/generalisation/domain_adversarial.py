"""Domain-adversarial training, with the cluster as the domain."""

from dataclasses import dataclass

from torch import Tensor

from armed.adversaries.base import required
from armed.data.samples import Batch
from armed.losses import LossTerms
from armed.methods.base import Method, ModelComponents
from armed.nn.activations import call_recorded


@dataclass(frozen=True)
class DomainAdversarialSettings:
    """Weights of the loss.

    Parameters
    ----------
    adversary_weight : float, at least 0
        Weight wG of the adversary: how strongly the network evades it.
    """

    adversary_weight: float = 1.0


class DomainAdversarial(Method):
    """``L(y, f(x)) - wG CE(z, a(h_1..h_L))``: features from which the cluster cannot be read off.

    The network runs once a minibatch. The adversary moves first, on activations that pass no gradient back;
    then the network, with the adversary that has moved, frozen.

    References
    ----------
    Ganin et al., JMLR 2016.
    """

    Settings = DomainAdversarialSettings
    needs = frozenset({"adversary"})

    def __init__(self, components: ModelComponents, settings: DomainAdversarialSettings) -> None:
        super().__init__(components, settings)
        self.adversary = required(components.adversary, self)

    def recorded(self, x: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Output of the network and the watched activations."""
        return call_recorded(self.network, self.watch, x)

    def set_widths(self, x: Tensor, activations: tuple[Tensor, ...]) -> None:
        """Fit the adversary to the activations."""
        self.adversary.measure(activations, clusters=self.clusters)

    def outputs(self, batch: Batch) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Output of the network and the watched activations."""
        return self.recorded(batch.x)

    def losses(
        self, group: str, batch: Batch, outputs: tuple[Tensor, tuple[Tensor, ...]]
    ) -> LossTerms:
        """Cluster loss for the adversary; outcome minus cluster loss for the network."""
        output, activations = outputs
        # min_c CE(z, a(h; c)) with h constant, then min_b L(y, f(x; b)) - wG CE(z, a(h(b))) with c constant.
        if group == "adversary":
            detached = [h.detach() for h in activations]
            return LossTerms(self.adversary.term("adversary", detached, batch))
        weight = -self.settings.adversary_weight
        evaded = self.adversary.term("cluster", activations, batch, weight)
        return LossTerms(*self.task.terms(output, batch), evaded)


METHOD = DomainAdversarial
