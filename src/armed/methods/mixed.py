"""Methods of a network with random effects around it."""

from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn

from armed.effects.base import ClusterEffect, RandomEffect
from armed.effects.classes import shared_predictors
from armed.effects.linear_effects import LinearEffects
from armed.effects.mixed_effects import MixedEffects
from armed.errors import ConfigError
from armed.inference.blocks.classes import effects_term
from armed.inference.blocks.terms import EffectsTerm, hard_clusters
from armed.inference.held_out import HeldOut
from armed.inference.update import Updated, centred, updated_effects
from armed.methods.base import Method, ModelComponents


class MixedMethod(Method):
    r"""A network ``f`` in `MixedEffects`; effects of its linear predictor that are estimated, if it has any.

    `LinearEffects` are those: after every epoch posterior and variances are what `armed.inference` finds
    with the network's output as offset. Any other effects are parameters, moved by gradients.

    Parameters
    ----------
    components : ModelComponents
    settings
    random_effects : sequence of ClusterEffect
    watch : sequence of str, optional
        Default: what the components watch.

    Raises
    ------
    ConfigError
        If there are several `LinearEffects`.
    """

    calibration: Tensor
    uses_clusters = True
    estimates = True  # whether an update finds variances, too

    def __init__(
        self,
        components: ModelComponents,
        settings: Any,
        *,
        random_effects: Sequence[ClusterEffect],
        watch: Sequence[str] | None = None,
    ) -> None:
        super().__init__(components, settings)
        watched = components.watch if watch is None else watch
        self.mixed = MixedEffects(components.network, random_effects=random_effects, watch=watched)
        del self.network
        self._place = self._found()
        self.updates = self._place is not None
        if self.updates:
            # Intercept and slope of the linear predictor, what effects are divided by: see `linear_parts`.
            self.register_buffer("calibration", torch.tensor([0.0, 1.0, 1.0]))

    def _found(self) -> str | None:
        """Name of the effects that are estimated, if there are any."""
        found = [name for name, module in self.named_modules() if isinstance(module, LinearEffects)]
        if len(found) > 1:
            raise ConfigError(
                f"{type(self).__name__} was given {len(found)} LinearEffects; expected one, of all effects "
                "that are estimated; name them in its initial_sd"
            )
        return found[0] if found else None

    @property
    def effects(self) -> LinearEffects | None:
        """Effects of the linear predictor that are estimated."""
        return None if self._place is None else self.get_submodule(self._place)  # type: ignore[return-value]

    def whole(self) -> nn.Module:
        """Return the network of the fixed effects."""
        return self.mixed.network

    def recorded(self, x: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Output of the fixed effects and the watched activations; fits the random effects to them."""
        return self.mixed.measure(x, outputs=self.task.predictors, clusters=self.clusters)

    def forget(self, absent: Tensor) -> None:
        """Give absent clusters the prior."""
        for module in self.mixed.modules():
            if isinstance(module, RandomEffect | LinearEffects):
                module.forget(absent)

    def statistics(self, x: Tensor) -> tuple[Tensor, ...]:
        """Design of the estimated effects, and the fixed linear predictor without their mean."""
        effects = self.effects
        if effects is None:
            return ()
        fixed, h = self.mixed.given(x, effects)
        return effects.design(h), self.task.predictor(fixed)

    def linear_parts(self, x: Tensor) -> tuple[Tensor, ...]:
        """Design of the estimated effects, and the linear predictor with effects of 0.

        Both as they are best of samples that the network has not seen, if training tells (`cross_fit`): the
        predictor is too large otherwise, and effects are on the scale of a fixed part that is all known.
        """
        if self.effects is None:
            return ()
        design, fixed = self.statistics(x)
        effects = self.effects
        intercept, slope, attenuation = self.calibration.unbind()
        known = fixed + shared_predictors(design, effects.center, effects.outputs)
        return design / attenuation, intercept + slope * known

    def term(self, design: Tensor, index: Tensor) -> EffectsTerm:
        """The estimated effects in a mixed model of samples of that design and cluster (samples,)."""
        effects = cast(LinearEffects, self.effects)
        return effects_term(
            design,
            index,
            self.clusters,
            outputs=effects.outputs,
            correlated=effects.correlated,
            variance_of=effects.variance_of,
        )

    @property
    def transferable(self) -> bool:
        """Whether variances of effects that are estimated are those of another network of its kind, too."""
        return self.effects is not None and self.effects.transferable

    @property
    def variances(self) -> tuple[str, ...]:
        """Names of the buffers of prior and residual variance."""
        return (f"{self._place}.prior_root", f"{self._place}.noise")

    def update(
        self,
        statistics: tuple[Tensor, ...],
        y: Tensor,
        z: Tensor,
        weight: Tensor,
        held_out: tuple[Tensor, ...] | None = None,
        last: bool = False,
    ) -> dict[str, Tensor]:
        """Posterior and prior of the estimated effects, their mean moved into the fixed part."""
        effects = self.effects
        if effects is None:
            return {}
        design, fixed = statistics
        # What hidden features are divided by changes with them; the effects stay what they are.
        unit = effects.units(design, (weight > 0).to(design.dtype))
        wide = unit.repeat_interleave(effects.outputs)
        design, center = design / unit, effects.center * wide
        # Of soft clusters the likeliest one counts.
        index, share = hard_clusters(z)
        term = self.term(design, index)
        new = updated_effects(
            self.task,
            term,
            # f(x) + phi . center
            fixed + shared_predictors(design, center, effects.outputs),
            y,
            weight,
            share=share,
            before=self._before(effects, wide),
            held_out=None if held_out is None else HeldOut(*held_out),
            estimate=self.estimates,
            last=last,
        )
        mean, moved = centred(self.task, term, new, center, (weight > 0) * share)
        values = {
            "mean": mean,
            "covariance": new.covariance,
            "prior_root": new.root,
            # What other networks lack is not what this one does: gradients alone move its fixed effects.
            "center": moved if held_out is None else center,
            "noise": new.noise,
            "scale": effects.scale * unit,
        }
        found = {f"{self._place}.{name}": value for name, value in values.items()}
        return found if new.calibration is None else found | {"calibration": new.calibration}

    def _before(self, effects: LinearEffects, unit: Tensor) -> Updated:
        """Effects and variances where an update begins, what they multiply divided by ``unit`` (effects,)."""
        return Updated(
            effects.mean * unit,
            effects.covariance * unit * unit[:, None],
            # Variances of another network are of features in units of one already; rounds are of what a
            # network has learned, not of what would be if it knew all.
            effects.prior_root * (unit[:, None] / self.calibration[2] if self.estimates else 1),
            effects.noise,
        )

    def linear_predictor(self, x: Tensor, z: Tensor) -> dict[str, Tensor]:
        """Linear predictors without and with random effects at their posterior means."""
        output = self.mixed.at_means(x, z)
        return {"fixed": output.fixed, "mixed": output.mixed}

    def random_effects(self) -> dict[str, tuple[Tensor, Tensor]]:
        """Posterior means and sds."""
        return self.mixed.posterior()
