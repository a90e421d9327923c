"""Numbers and their intervals as readers see them, alike in tables and figures."""

import math
from decimal import Decimal

import pandas as pd

MINUS, NONE = "−", "–"


def interval_text(value: float, low: float, high: float, *, precise: bool = False) -> str:
    """Write a number with its interval, if there is one: ``0.788 (0.780 to 0.796)``.

    All three have the decimals, and below 0.001 the power of ten, of the larger of the number and half
    the width of its interval: three digits of one of at least 0.1. So ``0.000 (−0.084 to 0.085)``.

    Parameters
    ----------
    precise
        Three digits of smaller ones too: ``0.00512 (0.00498 to 0.00526)``.
    """
    if pd.isna(low) or pd.isna(high):
        return number_text(value)
    size = max(abs(value), (high - low) / 2)
    middle, *ends = (_text(number, size, precise=precise) for number in (value, low, high))
    return f"{middle} ({ends[0]} to {ends[1]})"


def number_text(value: float) -> str:
    """Write a number with three digits: 0.788, 12.3, 1,234, 2.1e−05; a missing one is a dash."""
    return NONE if pd.isna(value) else _text(value, abs(value), whole=isinstance(value, int))


def _text(number: float, size: float, *, whole: bool = False, precise: bool = False) -> str:
    """Write a number as one of a size is written."""
    if whole or size == 0 or not math.isfinite(size):
        return f"{number:,.0f}".replace("-", MINUS)
    power, least = _power(size, 16), -5 if precise else -3
    if least <= power < 9:
        decimals = min(max(2 - power, 0), 2 - least if precise else 3)
        return f"{number:z,.{decimals}f}".replace("-", MINUS)
    digits = 2 if precise else 1
    power = _power(size, digits)
    scaled = Decimal(float(number)).scaleb(-power)
    return f"{scaled:z.{digits}f}e{power:+03d}".replace("-", MINUS)


def _power(size: float, digits: int) -> int:
    """Power of ten of a size that is written with so many digits after its first."""
    return int(f"{size:.{digits}e}".partition("e")[2])
