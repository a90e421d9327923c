"""Optimisers by name."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from armed.errors import ConfigError

# Those that treat every number of a parameter by itself: replicas are stacked in one tensor and
# must not learn of each other through it.
ELEMENTWISE = (
    "ASGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "NAdam", "RAdam", "RMSprop", "Rprop",
    "SGD",
)  # fmt: skip
_FUSED = ("Adam", "AdamW", "SGD")


def make_optimizer(
    name: str, parameters: Sequence[Tensor], *, learning_rate: float
) -> torch.optim.Optimizer:
    """Return the optimiser of that name in ``torch.optim``, one of `ELEMENTWISE`.

    Raises
    ------
    ConfigError
        For any other name.
    """
    if name not in ELEMENTWISE:
        raise ConfigError(
            f"unknown optimizer {name!r}; expected one of {', '.join(ELEMENTWISE)} (of torch.optim)"
            "; correct training.optimizer"
        )
    # Fused: one pass over memory for a whole step, which of a stack of small networks is most of it;
    # the equations are the same.
    options: dict[str, Any] = {"fused": True} if name in _FUSED else {}
    optimizer: torch.optim.Optimizer = getattr(torch.optim, name)(
        list(parameters), lr=learning_rate, **options
    )
    return optimizer
