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

import pandas as pd

from armed_study.simulation.livecell.cells import cell_truth
from armed_study.simulation.livecell.dates import date_truth
from armed_study.simulation.livecell.frame import render
from armed_study.simulation.livecell.names import LivecellSettings, cells
from armed_study.simulation.livecell.tree import write_tree

__all__ = ["LivecellSettings", "cells", "render", "truth", "write_tree"]


def truth(settings: LivecellSettings, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what is true of the cells and of the dates; see `cell_truth` and `date_truth`."""
    return cell_truth(settings, seed), date_truth(settings, seed)
