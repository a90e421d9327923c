"""Units of hidden features, which have none of their own."""

import torch
from torch import Tensor

from armed.effects.linear_effects import LinearEffects, is_hidden


def hidden_units(effects: LinearEffects, design: Tensor, real: Tensor) -> Tensor:
    """What hidden features are to be divided by, (d,), to have a mean square of 1 over ``real`` samples.

    Parameters
    ----------
    effects : LinearEffects
    design : Tensor, shape (samples, d)
        As ``effects.design`` has it now; 1 is for what has a unit of its own.
    real : Tensor, shape (samples,)
        0 for padding.
    """
    squares = (design.square() * real[:, None]).sum(0) / real.sum()
    units, start = torch.ones_like(squares), 0
    for name, width in effects.widths.items():
        if is_hidden(name):
            units[start : start + width] = squares[start : start + width].mean().sqrt()
        start += width
    # Features that are all dead have no scale.
    return torch.where(units > 0, units, 1)
