"""Simulated live-cell images: phase-contrast frames of cells, and their truth.

The distribution, in the order of its parts:

- `names`: xenografts, dates and cells by arithmetic; who was imaged when.
- `cells`: the two traits of a cell and what they tell of metastatic efficiency.
- `body`: a cell as an optical path, frame by frame.
- `dates`, `optics`: what a date does to images; microscope and camera.
- `frame`, `tree`: one frame, as on its own or on any other date; all as files.

Everything was fixed before any model was trained; nothing was tuned to a method. By construction unlike
the published images: the kind shows in two traits only; a date's appearance is the same all day; a network
sees less than the traits that the oracle knows, because pseudopodia come and go and granules blur.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import logit

from armed_study.simulation.livecell.cells import cell_truth, traits
from armed_study.simulation.livecell.dates import Appearance, appearances, date_appearances
from armed_study.simulation.livecell.frame import render
from armed_study.simulation.livecell.names import LivecellSettings, cells, dates
from armed_study.simulation.livecell.tree import write_tree

__all__ = [
    "Appearance", "LivecellSettings", "Truth", "appearances", "cells", "dates", "render", "truth",
    "write_tree",
]  # fmt: skip


class Truth(NamedTuple):
    """What is true of the cells (see `cell_truth`) and of the dates: cluster, quantity, value."""

    cells: pd.DataFrame
    dates: pd.DataFrame


def truth(settings: LivecellSettings, seed: int) -> Truth:
    """Return what is true of cells and dates.

    Quantities of dates are ``appearance[<parameter>]`` for those of `dates.Appearance` and, for the
    dates on which several PDX were imaged, prevalence (of high) and intercept (its logit less that
    of all cells).
    """
    table = traits(settings, seed)
    share = table[table["seen"]].groupby("date")["outcome"].mean()
    wide = pd.DataFrame(
        {"prevalence": share, "intercept": logit(share) - logit(table["outcome"].mean())}
    )
    long = wide.rename_axis("cluster").reset_index().melt("cluster", var_name="quantity")
    both = pd.concat([long.assign(value=np.round(long["value"], 6)), date_appearances(seed)])
    return Truth(cell_truth(settings, seed), both.reset_index(drop=True))
