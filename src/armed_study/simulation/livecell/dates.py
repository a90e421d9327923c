"""What a date does to the simulated live-cell images: its appearance.

Each parameter of `Appearance` takes the quantiles of its distribution, dealt at random to the dates, so
that dates differ as much as they are meant to for every seed and parameters are independent.
"""

from dataclasses import asdict, dataclass, field, fields
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from armed_study.simulation.dealing import cluster_truth
from armed_study.simulation.livecell.cells import APPEARANCE, stream, traits
from armed_study.simulation.livecell.names import DATE_NAMES, LivecellSettings


def _between(low: float, high: float) -> Any:
    """Field of a parameter that dates have between two bounds."""
    return field(metadata={"bounds": (low, high)})


@dataclass(frozen=True)
class Appearance:
    """How images of a date look, and between which bounds dates differ."""

    level: float = _between(0.34, 0.56)  # grey of the empty field, 0 to 1
    gradient_x: float = _between(-0.35, 0.35)  # relative change of light across the field
    gradient_y: float = _between(-0.35, 0.35)
    contrast: float = _between(0.5, 0.85)  # power of light, relative to that of the empty field
    ring: float = _between(0.5, 0.8)  # amplitude the phase ring lets through: low is strong halo
    focus: float = _between(-3.0, 3.0)  # um from the focal plane to the object
    blur: float = _between(0.3, 0.9)  # s.d. in um
    noise: float = _between(0.005, 0.025)  # s.d. of the camera's, in grey
    texture: float = _between(0.01, 0.06)  # s.d. of the phase of the gel, rad
    grain: float = _between(0.8, 2.5)  # size of its structures, um
    debris: float = _between(0.0, 6.0)  # specks in the field


@lru_cache(maxsize=8)
def appearances(seed: int) -> dict[str, Appearance]:
    """Return the appearance of each date."""
    rng, count = stream(seed, APPEARANCE), len(DATE_NAMES)
    dealt = []
    for item in fields(Appearance):
        low, high = item.metadata["bounds"]
        dealt.append(low + (high - low) * rng.permutation(np.arange(count) / (count - 1)))
    return {
        date: Appearance(*(round(float(value), 6) for value in values))
        for date, values in zip(DATE_NAMES, zip(*dealt, strict=True), strict=True)
    }


def date_truth(settings: LivecellSettings, seed: int) -> pd.DataFrame:
    """Return what is true of dates: cluster, quantity, value.

    Quantities are ``appearance[<parameter>]`` for those of `Appearance` and, for the dates on which
    several PDX were imaged, prevalence (of high) and intercept (its logit less that of all cells).
    """
    table = traits(settings, seed)
    share = table[table["seen"]].groupby("date")["outcome"].mean()
    effects = {date: asdict(appearance) for date, appearance in appearances(seed).items()}
    return cluster_truth(share, table["outcome"].mean(), "appearance", effects)
