"""Where a function of one number becomes positive."""

import math
from collections.abc import Callable

import torch

CLOSE = 1e-6
"""How near, relative to the bracket, the ends of an interval are found."""


def normal_quantile(level: float) -> float:
    """Half the width, in standard deviations, of the central interval that holds so much of a normal."""
    return float(torch.special.ndtri(torch.tensor((1 + level) / 2, dtype=torch.float64)))


def crossing(
    excess: Callable[[float], float], inside: float, outside: float, *, grows: bool = False
) -> float:
    """Find where ``excess``, not positive at ``inside``, crosses 0 on the way to ``outside``.

    Where it does not, the end is ``outside`` or, if the bracket ``grows``, looked for beyond it.
    """
    low, high, at_low, at_high = inside, outside, excess(inside), excess(outside)
    # Twice as far each time, from where the last look ended.
    while grows and at_high <= 0 and math.isfinite(high):
        low, at_low, high = high, at_high, high + 2 * (high - inside)
        at_high = excess(high)
    if not at_high > 0:
        return high
    width = abs(high - low)
    # Regula falsi; an end that stays counts half (Illinois), so that the other one moves on.
    while abs(high - low) > CLOSE * width and abs(at_high) > CLOSE:
        middle = high - at_high * (high - low) / (at_high - at_low)
        value = excess(middle)
        if value * at_high < 0:
            low, at_low = high, at_high
        else:
            at_low /= 2
        high, at_high = middle, value
    return high
