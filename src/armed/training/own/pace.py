"""Learning rates and weight decays that replicas of a stack do not share."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import torch
from torch import Tensor

from armed.errors import ConfigError

Settings = TypeVar("Settings", bound=Any)
"""`armed.training.optimizers.FitSettings`."""
PACE = ("learning_rate", "weight_decay")
"""Settings of training that replicas of a stack may have each of their own."""
_NOT_PROPORTIONAL = ("ASGD", "Rprop")  # whose steps are no multiple of the learning rate


def shared_settings(each: Sequence[Settings], replicas: int) -> Settings:
    """Return what the settings of all replicas have in common, at learning rate 1 and without weight decay.

    Raises
    ------
    ConfigError
        If there is not one for each replica, if they differ in more than `PACE`, or if the steps of their
        optimiser are no multiple of the learning rate.
    """
    if len(each) != replicas or not each:
        raise ConfigError(
            f"fit was given {len(each)} settings for {replicas} replicas; expected one for all, or one "
            "for each; give as many"
        )
    # What is left at these two must be the same: it is set once for the stack.
    whole = [replace(own, learning_rate=1.0, weight_decay=0.0) for own in each]
    names = [
        name for name in vars(whole[0]) if any(vars(w)[name] != vars(whole[0])[name] for w in whole)
    ]
    if names:
        raise ConfigError(
            f"replicas have several values of {names[0]}; expected one but for {' and '.join(PACE)}; call "
            "fit for each"
        )
    if whole[0].optimizer in _NOT_PROPORTIONAL:
        raise ConfigError(
            f"replicas have settings of their own and the optimizer {whole[0].optimizer}, whose steps are no "
            "multiple of the learning rate; expected another; correct training.optimizer"
        )
    return whole[0]


class OwnPace:
    """Turns steps at learning rate 1, ``p - s d``, into those of each replica, ``p - s r (d + w p)``.

    ``d`` is the direction of the optimiser, which depends on no learning rate, ``s`` the share of the
    schedule, ``r`` and ``w`` learning rate and weight decay of the replica. The operations are the same
    whatever the others have: a replica's result does not depend on its company.

    Parameters
    ----------
    each : sequence of FitSettings
        By replica; begun again where there are more replicas.
    slots : sequence of int
        Replica of each place of the stack.
    device : torch.device
    """

    def __init__(self, each: Sequence[Any], slots: Sequence[int], device: torch.device) -> None:
        own = [each[slot % len(each)] for slot in slots]
        self._rate, self._decay = (
            torch.tensor([getattr(settings, name) for settings in own], device=device)
            for name in PACE
        )

    def attach(
        self,
        optimizer: torch.optim.Optimizer,
        parameters: Mapping[str, Tensor],
        decayed: Container[str],
    ) -> None:
        """Let an optimiser step so; ``decayed`` names the parameters that weight decay shrinks."""
        before: dict[str, Tensor] = {}
        share = 1.0

        # Hooks of the optimiser itself: whatever it does in a step happens between these two.
        def keep(optimizer: torch.optim.Optimizer, *_: Any) -> None:
            nonlocal share
            share = float(optimizer.param_groups[0]["lr"])  # before a schedule moves on
            before.update({name: value.detach().clone() for name, value in parameters.items()})

        @torch.no_grad()
        def scale(*_: Any) -> None:
            # 1 - s r w: what weight decay leaves
            left = 1 - share * self._rate * self._decay
            for name, value in parameters.items():
                shape = (-1, *[1] * (value.ndim - 1))
                old = before[name]
                # value - old = -s d, the step at learning rate 1
                moved = value.sub_(old).mul_(self._rate.view(shape))
                moved.add_(old * left.view(shape) if name in decayed else old)

        optimizer.register_step_pre_hook(keep)
        optimizer.register_step_post_hook(scale)
