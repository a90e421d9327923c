"""Mixed effects around any network."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from armed.data.factors import first_factor, further_factor
from armed.effects.base import ClusterEffect
from armed.errors import ConfigError
from armed.nn.activations import call_recorded, check_submodules


class MixedOutput(NamedTuple):
    """Linear predictors (batch, outputs) without and with random effects; watched activations."""

    fixed: Tensor
    mixed: Tensor
    activations: tuple[Tensor, ...]


class MixedEffects(nn.Module):
    r"""A fixed-effects network with random effects added to its linear predictor.

    ``fixed = f(x)``, ``mixed = f(x) + sum_j effect_j(h_j, z)``, where ``h_j`` is the input, the last
    watched activation or the output of a submodule that the effect names; an effect may also put
    outputs of its own in the place of fixed ones (see `armed.effects.base.ClusterEffect`). The
    network is used as it is: nothing is subclassed, changed or left hooked.

    Parameters
    ----------
    network : nn.Module
        Maps (batch, ...) to logits or means (batch, outputs).
    random_effects : sequence of ClusterEffect
        At least one. Effects of further cluster factors come after those of the first one.
    watch : sequence of str
        Names of submodules in order, the last hidden layer last (``network.get_submodule(name)``).

    Raises
    ------
    ConfigError
        If there are no random effects, if one is on a hidden layer and none is watched, or if a
        name is no submodule of the network.

    Examples
    --------
    >>> from armed import RandomIntercept, RandomSlope
    >>> network = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
    >>> effects = [RandomSlope(5, 8, prior_sd=0.3), RandomIntercept(5, prior_sd=0.1)]
    >>> model = MixedEffects(network, random_effects=effects, watch=["1"])
    >>> model(torch.randn(2, 3), torch.tensor([0, 4])).mixed.shape
    torch.Size([2, 1])

    Departures from the paper
    -------------------------
    The fixed part enters the sum as a linear predictor. The published code of the nonlinear-slope
    perceptron adds it after the sigmoid.
    """

    stackable = True

    def __init__(
        self, network: nn.Module, *, random_effects: Sequence[ClusterEffect], watch: Sequence[str]
    ) -> None:
        super().__init__()
        check_submodules(network, watch)
        if not random_effects:
            raise ConfigError("there are 0 random effects; expected at least 1; give one")
        if not watch and any("hidden" in effect.sources for effect in random_effects):
            raise ConfigError(
                "a random effect multiplies the last watched activation but `watch` is empty; "
                "expected the name of a submodule; add it or put the effect on the input"
            )
        self.network = network
        self.random_effects = nn.ModuleList(random_effects)
        self.watch = tuple(watch)
        sources = {name for effect in random_effects for name in effect.sources}
        named = sources - {"input", "hidden", *watch}
        check_submodules(network, sorted(named))
        self._seen = (*watch, *sorted(named))
        # Of those that name a factor the first are effects of the first one.
        named_factors = [effect for effect in random_effects if effect.factor is not None]
        self.further = {str(effect.factor): effect.clusters for effect in named_factors[1:]}

    @property
    def noise_size(self) -> int:
        """Standard normal draws that one sample takes in training."""
        return sum(effect.size for effect in self._effects())

    def forward(self, x: Tensor, z: Tensor, noise: Tensor | None = None) -> MixedOutput:
        """Run the network once and add the random effects.

        Parameters
        ----------
        x : Tensor, shape (batch, ...)
        z : Tensor
            Cluster indices (batch,) or weights over clusters (batch, clusters), and a column of each further
            factor, see `armed.data.factors`.
        noise : Tensor, shape (batch, noise_size), optional
            Draws for the reparameterised sample. Absent: drawn here in training mode, the posterior
            mean in evaluation mode.
        """
        if noise is None and self.training:
            noise = torch.randn(len(x), self.noise_size, device=x.device)
        return self._run(x, z, noise)

    def at_means(self, x: Tensor, z: Tensor) -> MixedOutput:
        """Run the network once and add the random effects at their posterior means, in any mode."""
        return self._run(x, z, None)

    def _run(self, x: Tensor, z: Tensor, noise: Tensor | None) -> MixedOutput:
        fixed, activations, by_name = self._recorded(x)
        given = [_given(effect, by_name) for effect in self._effects()]
        for effect, h in zip(self._effects(), given, strict=True):
            fixed = effect.population(fixed, h)
        # mixed = f(x) + sum_j effect_j(h_j, z); every effect has its own columns of the noise.
        mixed, start = fixed, 0
        for effect, h in zip(self._effects(), given, strict=True):
            part = None if noise is None else noise[:, start : start + effect.size]
            mixed = self._changed(effect, mixed, h, z, part)
            start += effect.size
        return MixedOutput(fixed, mixed, activations)

    def _changed(
        self, effect: ClusterEffect, output: Tensor, h: Any, z: Tensor, noise: Tensor | None
    ) -> Tensor:
        """Outputs with an effect of the cluster of its factor."""
        if effect.factor not in self.further:
            return effect.change(output, h, first_factor(z, len(self.further)), noise)
        number = [*self.further].index(effect.factor)
        index = further_factor(z, number, len(self.further))
        found = effect.change(output, h, index.clamp_min(0), noise)
        # Of a cluster that is not known there is no effect.
        return torch.where((index >= 0)[:, None], found, output)

    def given(self, x: Tensor, effects: Sequence[ClusterEffect]) -> tuple[Tensor, list[Any]]:
        """Output of the network alone, and what each of ``effects`` is given to multiply."""
        fixed, _, by_name = self._recorded(x)
        return fixed, [_given(effect, by_name) for effect in effects]

    def _recorded(self, x: Tensor) -> tuple[Tensor, tuple[Tensor, ...], dict[str, Tensor]]:
        # One run of f gives the fixed effects and everything that random effects multiply.
        fixed, seen = call_recorded(self.network, self._seen, x)
        activations = seen[: len(self.watch)]
        by_name = dict(zip(self._seen, seen, strict=True), input=x)
        by_name |= {"hidden": activations[-1]} if activations else {}
        return fixed, activations, by_name

    def measure(
        self, x: Tensor, *, outputs: int, clusters: int
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Run the network; fill in and check the widths of effects, see `ClusterEffect.measure`.

        Returns
        -------
        Its output and the watched activations.
        """
        fixed, activations, by_name = self._recorded(x)
        for effect in self._effects():
            own = self.further.get(str(effect.factor), clusters)
            effect.measure(_given(effect, by_name), outputs=outputs, clusters=own)
        return fixed, activations

    def kl(self, z: Tensor) -> Tensor:
        """KL divergence of each sample's cluster of the first factor, (batch,), summed over its effects."""
        # Effects are independent under q and p: the divergence of all is the sum of theirs.
        first, *others = (effect.kl(z) for effect in self._of_first())
        return sum(others, start=first)

    def posterior(self) -> dict[str, tuple[Tensor, Tensor]]:
        """Posterior mean and sd by effect of the first factor, each of shape (clusters, size)."""
        return {name: each for e in self._of_first() for name, each in e.posterior().items()}

    def _effects(self) -> list[ClusterEffect]:
        return list(self.random_effects)  # type: ignore[arg-type]

    def _of_first(self) -> list[ClusterEffect]:
        return [effect for effect in self._effects() if effect.factor not in self.further]


def _given(effect: ClusterEffect, by_name: dict[str, Tensor]) -> Any:
    """Return what an effect multiplies: a tensor, or a tuple of them."""
    if isinstance(effect.on, str):
        return by_name[effect.on]
    return tuple(by_name[name] for name in effect.on)
