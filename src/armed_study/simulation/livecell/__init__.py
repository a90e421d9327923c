"""Stand-in for the live-cell images: generated phase-contrast frames of cells, and their truth.

The law, in the order of its parts:

- `livecell_names`: xenografts, dates and cells by arithmetic; who was imaged when.
- `livecell_cells`: the two traits of a cell and what they tell of metastatic efficiency.
- `livecell_body`: a cell as an optical path, frame by frame.
- `livecell_dates`, `livecell_optics`: what a date does to images; microscope and camera.
- `livecell_frame`, `livecell_tree`: one frame, as on its own or on any other date; all as files.

Everything was fixed before any model was trained; nothing was tuned to a method. By construction unlike
the published images: the kind shows in two traits only; a date's look is the same all day; a network
sees less than the traits that the oracle knows, because pseudopodia come and go and granules blur.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import logit

from armed_study.simulation.livecell.cells import cell_truth, traits
from armed_study.simulation.livecell.dates import Look, date_looks, looks
from armed_study.simulation.livecell.frame import render
from armed_study.simulation.livecell.names import LivecellSettings, cells, dates
from armed_study.simulation.livecell.tree import write_tree

__all__ = [
    "LivecellSettings", "Look", "Truth", "cells", "dates", "looks", "render", "truth", "write_tree",
]  # fmt: skip


class Truth(NamedTuple):
    """What is true of the cells (see `cell_truth`) and of the dates: cluster, quantity, value."""

    cells: pd.DataFrame
    dates: pd.DataFrame


def truth(settings: LivecellSettings, seed: int) -> Truth:
    """Return what is true of cells and dates.

    Quantities of dates are ``look[<parameter>]`` for those of `livecell_dates.Look` and, for the
    dates on which several PDX were imaged, prevalence (of high) and intercept (its logit less that
    of all cells).
    """
    table = traits(settings, seed)
    share = table[table["seen"]].groupby("date")["outcome"].mean()
    wide = pd.DataFrame(
        {"prevalence": share, "intercept": logit(share) - logit(table["outcome"].mean())}
    )
    long = wide.rename_axis("cluster").reset_index().melt("cluster", var_name="quantity")
    both = pd.concat([long.assign(value=np.round(long["value"], 6)), date_looks(seed)])
    return Truth(cell_truth(settings, seed), both.reset_index(drop=True))
