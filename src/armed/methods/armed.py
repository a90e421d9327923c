"""Adversarially-regularised mixed effects deep learning."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from armed.adversaries.base import ClusterClassifier
from armed.data.samples import Batch
from armed.effects.mixed_effects import MixedEffects
from armed.errors import ConfigError
from armed.losses import LossTerms, Term, batch_mean
from armed.methods.base import Method, ModelComponents, required_adversary, split_groups


@dataclass(frozen=True)
class ArmedSettings:
    """Weights of the loss: ``fixed_weight`` wF, ``adversary_weight`` wG, ``kl_weight`` wK.

    For networks that reconstruct their input: ``look_weight`` is that of the cluster's look (0: none);
    ``fixed_outcome`` tells whether the fixed effects are trained to predict the outcome, or to
    reconstruct only.
    """

    fixed_weight: float = 1.0
    adversary_weight: float = 1.0
    kl_weight: float = 1e-3
    look_weight: float = 0.0
    fixed_outcome: bool = True


class Armed(Method):
    r"""``L(y, yM) + wF L(y, yF) - wG CE(z, a(h_1..h_L)) + wK KL(q(u) || p(u))``.

    ``yF = link(f(x))`` and ``yM = link(f(x) + u_1(z) . h + u_0(z))``. With ``adversary_weight`` 0
    no adversary is trained.

    Of a network that reconstructs, ``L`` has a part of the outcome and one of the reconstruction, and
    ``+ wL CE(z, d(xM))`` may be added: ``d`` is a classifier of the cluster, trained on the inputs
    themselves, that asks of the mixed reconstruction ``xM`` to look as those of its cluster do.

    References
    ----------
    Nguyen, Treacher and Montillo, IEEE TPAMI 45(7):8081-8093, 2023.
    """

    Settings = ArmedSettings
    needs = frozenset({"adversary", "random_effects"})
    takes = frozenset({"look"})
    uses_clusters = True

    def __init__(self, components: ModelComponents, settings: ArmedSettings) -> None:
        super().__init__(components, settings)
        self.mixed = MixedEffects(
            components.network, random_effects=components.random_effects, watch=components.watch
        )
        del self.network
        self.adversary: ClusterClassifier | None = None
        if settings.adversary_weight:
            self.adversary = required_adversary(components, self)
        self.look: nn.Module | None = None
        if settings.look_weight:
            self.look = _required_look(components)

    def groups(self) -> dict[str, list[str]]:
        """Adversary and classifier of the look (if any), then network and random effects."""
        groups = split_groups(self, "adversary.", "look.")
        return {name: names for name, names in groups.items() if names}

    def draw(self, generator: torch.Generator, steps: int, batch_size: int) -> Tensor:
        """Noise of the reparameterised random effects."""
        return torch.randn(steps, batch_size, self.mixed.noise_size, generator=generator)

    def losses(self, group: str, batch: Batch) -> LossTerms:
        """Cluster losses for the classifiers of it; the whole objective for everything else."""
        if group == "look" and self.look is not None:
            return LossTerms(Term("look", _cross_entropy(self.look(batch.x), batch)))
        output = self.mixed(batch.x, batch.z, batch.noise)
        if group == "adversary" and self.adversary is not None:
            detached = tuple(h.detach() for h in output.activations)
            return LossTerms(Term("adversary", _cluster_loss(self.adversary, detached, batch)))
        settings = self.settings
        kl = batch_mean(self.mixed.kl(batch.z), batch.kl_scale, batch.mask)
        terms = [
            *self.task.terms(output.mixed, batch, "mixed"),
            *self._fixed_terms(output.fixed, batch),
            Term("kl", kl, settings.kl_weight),
        ]
        if self.adversary is not None:
            cluster = _cluster_loss(self.adversary, output.activations, batch)
            terms.append(Term("cluster", cluster, -settings.adversary_weight))
        if self.look is not None:
            seen = self.look(self.task.image(output.mixed))
            terms.append(Term("seen_look", _cross_entropy(seen, batch), settings.look_weight))
        return LossTerms(*terms)

    def _fixed_terms(self, output: Tensor, batch: Batch) -> list[Term]:
        if self.settings.fixed_outcome:
            terms = self.task.terms(output, batch, "fixed")
        else:
            terms = self.task.other_terms(output, batch, "fixed")
        weight = self.settings.fixed_weight
        return [replace(term, weight=weight * term.weight) for term in terms]

    def linear_predictor(self, x: Tensor, z: Tensor) -> dict[str, Tensor]:
        """Linear predictors without and with random effects at their posterior means."""
        output = self.mixed(x, z)
        return {"fixed": output.fixed, "mixed": output.mixed}

    def random_effects(self) -> dict[str, tuple[Tensor, Tensor]]:
        """Posterior means and sds."""
        return self.mixed.posterior()


def _cluster_loss(
    adversary: ClusterClassifier, activations: tuple[Tensor, ...], batch: Batch
) -> Tensor:
    return batch_mean(adversary.loss(activations, batch.z), batch.mask, batch.mask)


def _cross_entropy(logits: Tensor, batch: Batch) -> Tensor:
    loss = F.cross_entropy(logits, batch.z, reduction="none")
    return batch_mean(loss, batch.mask, batch.mask)


def _required_look(components: ModelComponents) -> nn.Module:
    if components.look is None:
        raise ConfigError(
            "look_weight is above 0 and there is no classifier of the cluster's look; expected one; "
            "set ModelComponents.look, or look_weight to 0"
        )
    return components.look


METHOD = Armed
