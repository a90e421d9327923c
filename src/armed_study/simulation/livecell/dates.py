"""What a date does to the simulated live-cell images: its appearance.

Each parameter of `Appearance` takes the quantiles of its distribution, dealt at random to the dates, so
that dates differ as much as they are meant to for every seed and parameters are independent.
"""

from dataclasses import asdict, dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from armed_study.simulation.livecell.cells import APPEARANCE, stream
from armed_study.simulation.livecell.names import DATE_NAMES


@dataclass(frozen=True)
class Appearance:
    """How images of a date appearance.

    Parameters
    ----------
    level
        Grey of the empty field, 0 to 1.
    gradient_x, gradient_y
        Relative change of the illumination across the field.
    contrast
        Power to which light is taken, relative to that of the empty field.
    ring
        Amplitude that the phase ring lets through: the lower, the stronger contrast and halo.
    focus
        Distance of the object from the focal plane, um.
    blur
        Standard deviation of the blur, um.
    noise
        Standard deviation of the camera's noise, in grey.
    texture
        Standard deviation of the phase of the gel, rad.
    grain
        Size of its structures, um.
    debris
        Specks in the field.
    """

    level: float
    gradient_x: float
    gradient_y: float
    contrast: float
    ring: float
    focus: float
    blur: float
    noise: float
    texture: float
    grain: float
    debris: float


_RANGES = {
    "level": (0.34, 0.56),
    "gradient_x": (-0.35, 0.35),
    "gradient_y": (-0.35, 0.35),
    "contrast": (0.5, 0.85),
    "ring": (0.5, 0.8),
    "focus": (-3.0, 3.0),
    "blur": (0.3, 0.9),
    "noise": (0.005, 0.025),
    "texture": (0.01, 0.06),
    "grain": (0.8, 2.5),
    "debris": (0.0, 6.0),
}


@lru_cache(maxsize=8)
def appearances(seed: int) -> dict[str, Appearance]:
    """Return the appearance of each date."""
    rng, count = stream(seed, APPEARANCE), len(DATE_NAMES)
    dealt = {
        name: low + (high - low) * rng.permutation(np.arange(count) / (count - 1))
        for name, (low, high) in _RANGES.items()
    }
    return {
        date: Appearance(**{name: round(float(values[i]), 6) for name, values in dealt.items()})
        for i, date in enumerate(DATE_NAMES)
    }


def date_appearances(seed: int) -> pd.DataFrame:
    """Return the appearances as a table: cluster, quantity ``appearance[<parameter>]``, value."""
    rows = [
        (date, f"appearance[{name}]", value)
        for date, appearance in appearances(seed).items()
        for name, value in asdict(appearance).items()
    ]
    return pd.DataFrame(rows, columns=["cluster", "quantity", "value"])
