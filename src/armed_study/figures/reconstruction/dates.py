"""Figure of one cell as it would look on every date: the truth, and as each model imagines it."""

import math
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from armed_study.data.pictures import picture
from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing
from armed_study.figures.reconstruction import frames
from armed_study.vocabulary.labels import model_label, order_clusters, order_models

FIGURE = {
    "label": "One cell as on every date",
    "title": "a cell on every date",
    "nothing": "No model of this study reconstructs a cell as on a date.",
    "kinds": ("livecell",),
    "reads": {
        "shown_dates": "study",
        "images.npy": "study",
        "imagined.npy": "imagining",
        "rendered.npy": "truth",
    },
    "caption": """
**One cell of {name} as on every date**: first the frame as it was taken, and each model's
*fixed* reconstruction of it; then, date by date, how each model imagines it: its mixed
reconstruction under that date's random effects. A red border marks the frame's own date. All are
drawn from 0, black, to 1, white. The frame is from the test part of the first fold, drawn by lot
before any model was looked at. The table holds the mean brightness of each picture.
""",
    "caption_of_truth": """
Upper row: how the same cell at the same moment truly looks on each date (the generator's rendering,
without the camera's noise). The table holds the mean squared error of each picture against it.
""",
}
_TRUE = "true"
_OWN = style.CLASS_COLOURS[1]
_MOST = 12  # dates in a line


@drawing(FIGURE)
def draw(
    table: pd.DataFrame,
    heading: Heading,
    *,
    images: np.ndarray,
    imagined: np.ndarray | None,
    rendered: np.ndarray | None,
) -> Figure:
    """Draw a line for the truth and one for each model, dates across."""
    if not (table["line"] != _TRUE).any():
        return heading.note(FIGURE["nothing"])
    pictures = {"frames": images, "imagined": imagined, "rendered": rendered}
    grid = _Grid.of(table)
    side = min((style.WIDTH - 1.0) / (grid.across + 1), 1.0)
    height = (side + 0.03) * len(grid.lines) * grid.strips + 0.16 * grid.strips + 0.5
    width = max(side * (grid.across + 1) + 1.0, 4.5)
    figure, body = heading.canvas(height, width=width)
    axes = frames.lay_out(body, len(grid.lines) * grid.strips, grid.across + 1)
    about = table.iloc[0]
    for one in table.itertuples():
        axis = axes[grid.place(one.line, one.cluster)]
        frames.draw_frame(axis, picture(pictures, one.array, one.row))
        if one.cluster == about["own_cluster"]:
            frames.draw_border(axis, _OWN)
    known = bool((table["array"] == "rendered").any())
    _name(axes, grid, known=known)
    what = f"the frame's own date (PDX {about['pdx']}, {about['phenotype']} efficiency)"
    style.legend(body, [Patch(fc="none", ec=_OWN, lw=1.4, label=what)])
    return figure


class _Grid(NamedTuple):
    """Lines of pictures, and dates that are dealt to strips of at most `_MOST`."""

    lines: list[str]
    dates: list[str]
    strips: int
    across: int

    @classmethod
    def of(cls, table: pd.DataFrame) -> "_Grid":
        dates = order_clusters(table.loc[table["cluster"] != "", "cluster"])
        lines = [_TRUE, *order_models(table.loc[table["line"] != _TRUE, "line"])]
        strips = math.ceil(len(dates) / _MOST)
        return cls(lines, dates, strips, math.ceil(len(dates) / strips))

    def place(self, line: str, date: str) -> tuple[int, int]:
        """Row and column of a picture; the first column is of no date."""
        strip, column = divmod(self.dates.index(date), self.across) if date else (0, -1)
        return strip * len(self.lines) + self.lines.index(line), column + 1


def _name(axes: np.ndarray, grid: _Grid, *, known: bool) -> None:
    """Name dates above the first line that has them, and lines before their first picture."""
    for date in grid.dates:
        axis = axes[grid.place(grid.lines[0 if known else 1], date)]
        axis.set_title(date, size=6.5, pad=2)
    for row, axis in enumerate(axes[:, 0]):
        line = grid.lines[row % len(grid.lines)]
        if known or line != _TRUE or row == 0:
            style.name_row(axis, _label(line, known=known), size=7)
    axes[0, 0].set_title("frame\n(below: fixed)", size=6.5, pad=2)


def _label(line: str, *, known: bool) -> str:
    if line == _TRUE:
        return "true,\nno noise" if known else "as taken"
    return model_label(line).replace(", ", ",\n")
