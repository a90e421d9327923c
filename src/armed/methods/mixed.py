"""Methods of a network with random effects around it."""

from collections.abc import Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn

from armed.effects.base import ClusterEffect, RandomEffect
from armed.effects.classes import shared_predictors
from armed.effects.linear_effects import LinearEffects
from armed.effects.mixed_effects import MixedEffects
from armed.effects.units import over_shared, shared_units
from armed.errors import ConfigError
from armed.inference.factor_terms import factor_terms
from armed.inference.held_out import HeldOut
from armed.inference.update import Updated, centred, updated_effects
from armed.methods.base import Method, ModelComponents


class MixedMethod(Method):
    r"""A network ``f`` in `MixedEffects`; effects of its linear predictor that are estimated, if it has any.

    `LinearEffects` are those: after every epoch posterior and variances are what `armed.inference` finds
    with the network's output as offset; one for each cluster factor. Any other effects are parameters, moved
    by gradients.

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
        If a factor has several `LinearEffects`.
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
        self._places, self.further = self._found(), self.mixed.further
        self.updates = bool(self._places)
        if self.updates:
            # Intercept and slope of a predictor, what effects are divided by, variance of what is unknown.
            self.register_buffer("calibration", torch.tensor([0.0, 1.0, 1.0, 0.0]))

    def _found(self) -> list[str]:
        """Names of the effects that are estimated."""
        found = [name for name, module in self.named_modules() if isinstance(module, LinearEffects)]
        factors = [cast(LinearEffects, self.get_submodule(name)).factor for name in found]
        if twice := [factor for factor in factors if factors.count(factor) > 1]:
            raise ConfigError(
                f"{type(self).__name__} was given {len(twice)} LinearEffects of factor {twice[0]!r}; "
                "expected one, of all its effects that are estimated; name them in its initial_sd, or give "
                "another factor its own name"
            )
        return found

    @property
    def estimated(self) -> list[LinearEffects]:
        """Effects of the linear predictor that are estimated, those of the first factor first."""
        return [cast(LinearEffects, self.get_submodule(place)) for place in self._places]

    @property
    def effects(self) -> LinearEffects | None:
        """Those of the first factor, if there are any."""
        return self.estimated[0] if self._places else None

    def whole(self) -> nn.Module:
        """Return the network of the fixed effects."""
        return self.mixed.network

    def recorded(self, x: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Output of the fixed effects and the watched activations; fits the random effects to them."""
        return self.mixed.measure(x, outputs=self.task.predictors, clusters=self.clusters)

    def forget(self, absent: Tensor) -> None:
        """Give absent clusters the prior; of further factors, updates do."""
        for module in self.mixed.modules():
            if isinstance(module, RandomEffect) or module is self.effects:
                module.forget(absent)

    def statistics(self, x: Tensor) -> tuple[Tensor, ...]:
        """Designs of the estimated effects, and the fixed linear predictor without their means."""
        if not self._places:
            return ()
        fixed, given = self.mixed.given(x, self.estimated)
        designs = [effects.design(h) for effects, h in zip(self.estimated, given, strict=True)]
        return *designs, self.task.predictor(fixed)

    def linear_parts(self, x: Tensor) -> tuple[Tensor, ...]:
        """Designs of the estimated effects, and the linear predictor with effects of 0.

        Both as they are best of samples that the network has not seen, if training tells (`cross_fit`): the
        predictor is too large otherwise, and effects are on the scale of a fixed part that is all known.
        """
        if not self._places:
            return ()
        *designs, known = self.statistics(x)
        intercept, slope, attenuation, _ = self.calibration.unbind()
        for effects, design in zip(self.estimated, designs, strict=True):
            known = known + shared_predictors(design, effects.center, effects.outputs)
        return *(design / attenuation for design in designs), intercept + slope * known

    @property
    def transferable(self) -> bool:
        """Whether variances of effects that are estimated are those of another network of its kind, too."""
        return self.updates and all(effects.transferable for effects in self.estimated)

    @property
    def variances(self) -> tuple[str, ...]:
        """Names of the buffers of prior and residual variance."""
        return tuple(
            f"{place}.{name}" for place in self._places for name in ("prior_root", "noise")
        )

    def update(
        self,
        statistics: tuple[Tensor, ...],
        y: Tensor,
        z: Tensor,
        weight: Tensor,
        held_out: tuple[Tensor, ...] | None = None,
        last: bool = False,
    ) -> dict[str, Tensor]:
        """Posteriors and priors of the estimated effects, their means moved into the fixed part."""
        if not self._places:
            return {}
        *designs, fixed = statistics
        # What hidden features are divided by changes with them; the effects stay what they are.
        real, pairs = (weight > 0).to(fixed.dtype), list(zip(self.estimated, designs, strict=True))
        units = [shared_units(own.widths, own.shared, design, real) for own, design in pairs]
        designs = [design / unit for design, unit in zip(designs, units, strict=True)]
        before, centers = [], []
        for effects, design, unit in zip(self.estimated, designs, units, strict=True):
            wide = unit.repeat_interleave(effects.outputs)
            before.append(self._before(effects, wide))
            centers.append(effects.center * wide)
            # f(x) + phi . center
            fixed = fixed + shared_predictors(design, centers[-1], effects.outputs)
        terms, share = factor_terms(self.estimated, designs, z)
        found = updated_effects(
            self.task, terms, fixed, y, weight, share=share, before=before, last=last,
            held_out=None if held_out is None else self._held_out(held_out, z),
            estimate=self.estimates,
        )  # fmt: skip
        values: dict[str, Tensor] = {}
        # Every factor has a fixed part of its own, which takes in the mean of its effects.
        for number, (place, effects) in enumerate(zip(self._places, self.estimated, strict=True)):
            new, center = found[number], centers[number]
            mean, moved = centred(self.task, terms[number], new, center, (weight > 0) * share)
            values[f"{place}.mean"], values[f"{place}.covariance"] = mean, new.covariance
            values[f"{place}.prior_root"], values[f"{place}.noise"] = new.root, new.noise
            # What other networks lack is not what this one does: gradients alone move its fixed effects.
            values[f"{place}.center"] = moved if held_out is None else center
            values[f"{place}.scale"] = effects.scale * units[number]
        calibration = found[0].calibration
        return values if calibration is None else values | {"calibration": calibration}

    def _held_out(self, values: tuple[Tensor, ...], z: Tensor) -> HeldOut:
        """What other networks say: designs of all factors, and three values of each sample."""
        terms, _ = factor_terms(self.estimated, values[:-3], z)
        return HeldOut([term.design for term in terms], *values[-3:])

    def _before(self, effects: LinearEffects, unit: Tensor) -> Updated:
        """Effects and variances where an update begins, what they multiply divided by ``unit`` (effects,)."""
        # Variances of another network are of features in units of one already; rounds are of what a
        # network has learned, not of what would be if it knew all.
        root = effects.prior_root * (unit[:, None] / self.calibration[2] if self.estimates else 1)
        if "input" in effects.shared:
            # In one unit, what shares a variance has the same one to begin with.
            root = torch.diag(over_shared(effects.variance_of, root.diagonal().square()).sqrt())
        mean, covariance = effects.mean * unit, effects.covariance * unit * unit[:, None]
        return Updated(mean, covariance, root, effects.noise)

    def linear_predictor(self, x: Tensor, z: Tensor) -> dict[str, Tensor]:
        """Linear predictors without and with random effects at their posterior means."""
        output = self.mixed.at_means(x, z)
        return {"fixed": output.fixed, "mixed": output.mixed}

    def random_effects(self) -> dict[str, tuple[Tensor, Tensor]]:
        """Posterior means and sds."""
        return self.mixed.posterior()
