"""Units of what random slopes multiply: hidden features have none, columns of the input different ones."""

from collections.abc import Collection, Mapping

import torch
from torch import Tensor


def is_hidden(name: str) -> bool:
    """Whether effects of that name multiply hidden features."""
    return name not in ("intercept", "input")


def numbered(widths: Mapping[str, int], shared: Collection[str]) -> list[int]:
    """Number of the variance of each effect, from 0: one of all of a name in ``shared``, else one of each."""
    numbers: list[int] = []
    for name, width in widths.items():
        first = len(set(numbers))
        numbers += [first] * width if name in shared else range(first, first + width)
    return numbers


def shared_units(
    widths: Mapping[str, int], shared: Collection[str], design: Tensor, real: Tensor
) -> Tensor:
    """What slopes multiply is to be divided by, (d,), to have a mean square of 1 over ``real`` samples.

    That is of slopes that share a variance: hidden features have one unit, each column of the input its own.

    Parameters
    ----------
    widths : mapping of str to int
        How many columns the effects of each name multiply, in the order of ``design``.
    shared : collection of str
        Names of those that share a variance.
    design : Tensor, shape (samples, d)
        As the effects' ``design`` has it now; 1 is for what has a unit of its own.
    real : Tensor, shape (samples,)
        0 for padding.
    """
    squares = (design.square() * real[:, None]).sum(0) / real.sum()
    units, start = torch.ones_like(squares), 0
    for name, width in widths.items():
        if name in shared:
            own = squares[start : start + width]
            units[start : start + width] = (own.mean() if is_hidden(name) else own).sqrt()
        start += width
    # Features that are all dead, or a column of zeros, have no scale.
    return torch.where(units > 0, units, 1)


def given_units(widths: Mapping[str, int], scale: Tensor) -> Tensor:
    """What effects are divided by to be of what they multiply as it is given, (d,); 1 of hidden features."""
    each = zip(widths, torch.split(scale, [*widths.values()]), strict=True)
    return torch.cat([torch.ones_like(s) if is_hidden(name) else s for name, s in each])


def over_shared(number: Tensor | None, values: Tensor) -> Tensor:
    """Mean of ``values`` (d,) over the effects that share a variance, which ``number`` (d,) tells, (d,)."""
    if number is None:
        return values
    count = torch.bincount(number)
    return (values.new_zeros(len(count)).index_add(0, number, values) / count)[number]
