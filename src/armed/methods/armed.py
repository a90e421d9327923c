"""Adversarially-regularised mixed effects deep learning."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from armed.adversaries.base import ClusterClassifier
from armed.data.samples import Batch
from armed.effects.base import RandomEffect
from armed.effects.linear_effects import LinearEffects
from armed.effects.mixed_effects import MixedEffects
from armed.errors import ConfigError
from armed.inference.terms import EffectsTerm, hard_clusters
from armed.inference.update import Updated, updated_effects
from armed.losses import LossTerms, Term, batch_mean
from armed.methods.base import Method, ModelComponents, required_adversary


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


class Armed(Method):
    r"""``L(y, yM) + wF L(y, yF) - wG CE(z, a(h_1..h_L)) + wK KL(q(u) || p(u))``.

    The expected outcome is ``yF = link(f(x))`` without and ``yM = link(f(x) + u_1(z) . h + u_0(z))`` with
    random effects. With ``adversary_weight`` 0 no adversary is trained.

    References
    ----------
    Nguyen, Treacher and Montillo, IEEE TPAMI 45(7):8081-8093, 2023.
    """

    Settings = ArmedSettings
    needs = frozenset({"adversary", "random_effects"})
    uses_clusters = True

    def __init__(self, components: ModelComponents, settings: ArmedSettings) -> None:
        super().__init__(components, settings)
        self.mixed = MixedEffects(
            components.network, random_effects=components.random_effects, watch=components.watch
        )
        del self.network
        self.updates = self._estimated is not None
        self.adversary: ClusterClassifier | None = None
        if settings.adversary_weight:
            self.adversary = required_adversary(components, self)

    def whole(self) -> nn.Module:
        """Return the network of the fixed effects."""
        return self.mixed.network

    def recorded(self, x: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Output of the fixed effects and the watched activations; fits the random effects to them."""
        return self.mixed.measure(x, outputs=self.task.predictors, clusters=self.clusters)

    def set_widths(self, x: Tensor, activations: tuple[Tensor, ...]) -> None:
        """Fit the adversary to the activations."""
        if self.adversary is not None:
            self.adversary.measure(activations, clusters=self.clusters)

    def forget(self, absent: Tensor) -> None:
        """Give absent clusters the prior."""
        for module in self.mixed.modules():
            if isinstance(module, RandomEffect | LinearEffects):
                module.forget(absent)

    @property
    def _estimated(self) -> tuple[str, LinearEffects] | None:
        """Name and module of the effects of the linear predictor that are estimated, if there are any."""
        found = [
            (name, module)
            for name, module in self.mixed.named_modules(prefix="mixed")
            if isinstance(module, LinearEffects)
        ]
        if len(found) > 1:
            raise ConfigError(
                f"Armed was given {len(found)} LinearEffects; expected one, of all effects that are "
                "estimated; name them in its initial_sd"
            )
        return found[0] if found else None

    def statistics(self, x: Tensor) -> tuple[Tensor, ...]:
        """Design of the estimated effects, and the fixed linear predictor without their mean."""
        if self._estimated is None:
            return ()
        _, effects = self._estimated
        fixed, h = self.mixed.given(x, effects)
        return effects.design(h), self.task.predictor(fixed)

    def update(
        self, statistics: tuple[Tensor, ...], y: Tensor, z: Tensor, weight: Tensor
    ) -> dict[str, Tensor]:
        """Posterior and prior of the estimated effects, their mean moved into the fixed part."""
        if self._estimated is None:
            return {}
        prefix, effects = self._estimated
        # Offset f(x) + phi . center; of soft clusters the likeliest one counts.
        design, fixed = statistics
        index, share = hard_clusters(z)
        term = EffectsTerm(design, index, self.clusters, correlated=effects.correlated)
        new = updated_effects(
            self.task,
            term,
            fixed + design @ effects.center,
            y,
            weight,
            share=share,
            before=Updated(effects.mean, effects.covariance, effects.prior_root, effects.noise),
        )
        # Of a cluster without samples there is no effect, and none that could move the mean.
        present = term.present(weight * share).to(new.mean.dtype)[:, None]
        shift = (new.mean * present).sum(0) / present.sum()
        values = {
            "mean": (new.mean - shift) * present,
            "covariance": new.covariance,
            "prior_root": new.root,
            "center": effects.center + shift,
            "noise": new.noise,
        }
        return {f"{prefix}.{name}": value for name, value in values.items()}

    def draw(self, generator: torch.Generator, steps: int, batch_size: int) -> Tensor:
        """Noise of the reparameterised random effects."""
        return torch.randn(steps, batch_size, self.mixed.noise_size, generator=generator)

    def losses(self, group: str, batch: Batch) -> LossTerms:
        """Cluster loss for the adversary; the whole objective for everything else."""
        # One run of the network serves both outputs, the adversary and the random slopes.
        output = self.mixed(batch.x, batch.z, batch.noise)
        if group == "adversary" and self.adversary is not None:
            # The adversary minimises CE(z, a(h; c)) in c; h is a constant to it.
            detached = [h.detach() for h in output.activations]
            return LossTerms(self.adversary.term("adversary", detached, batch))
        settings = self.settings
        # wK KL(q(u) || p(u)), summed over clusters in expectation, see `Samples.kl_scale`.
        if batch.z.is_floating_point():
            kl = batch_mean(self.mixed.kl(batch.kl_scale), batch.mask, batch.mask)
        else:
            kl = batch_mean(self.mixed.kl(batch.z), batch.kl_scale, batch.mask)
        # L(y, yM) + wF L(y, yF), each of as many terms as the task has.
        terms = [
            *self.task.terms(output.mixed, batch, "mixed"),
            *(
                replace(term, weight=settings.fixed_weight * term.weight)
                for term in self.task.terms(output.fixed, batch, "fixed")
            ),
            Term("kl", kl, settings.kl_weight),
        ]
        if self.adversary is not None:
            # - wG CE(z, a(h; c)): the network raises what the adversary, frozen here, has lowered.
            weight = -settings.adversary_weight
            terms.append(self.adversary.term("cluster", output.activations, batch, weight))
        return LossTerms(*terms)

    def linear_predictor(self, x: Tensor, z: Tensor) -> dict[str, Tensor]:
        """Linear predictors without and with random effects at their posterior means."""
        output = self.mixed(x, z)
        return {"fixed": output.fixed, "mixed": output.mixed}

    def random_effects(self) -> dict[str, tuple[Tensor, Tensor]]:
        """Posterior means and sds."""
        return self.mixed.posterior()


METHOD = Armed
