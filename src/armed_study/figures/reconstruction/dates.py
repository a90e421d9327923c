"""Figure of one cell as it would look on every date: the truth, and as each model reconstructs it."""

import math

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
        "counterfactuals.npy": "counterfactual",
        "rendered.npy": "truth",
    },
    "finding": """
{% set own = {'line': look.reference, 'effect': 'mixed'} %} {% if look.has('dates', **own) %}As on
{{ look.names('dates', 'cluster', **own) | length }} dates the mean brightness of this cell, as {{
label(look.reference) }} reconstructs it, is {{ look.span('dates', 'brightness', **own) }}, and {{
look.span('dates', 'brightness', line=look.reference, effect='fixed') }} without a date{% if
look.span('dates', 'error', **own) != look.span('dates', 'error', line='none') %}; the squared
error against how it truly looks is {{ look.span('dates', 'error', **own) }}{% endif %}.{% endif %}
""",
    "caption": """
**One cell of {name} as on every date**: first the frame as it was taken, and each model's
*fixed* reconstruction of it; then, date by date, how each model reconstructs it: its mixed
reconstruction under that date's random effects. A red border marks the frame's own date. All are
drawn from 0, black, to 1, white. The frame is from the test part of the first fold, drawn at random
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
    counterfactuals: np.ndarray | None,
    rendered: np.ndarray | None,
) -> Figure:
    """Draw a line for the truth and one for each model, dates across."""
    if not (table["line"] != _TRUE).any():
        return heading.note(FIGURE["nothing"])
    pictures = {"frames": images, "counterfactuals": counterfactuals, "rendered": rendered}
    dates = order_clusters(table.loc[table["cluster"] != "", "cluster"])
    lines = [_TRUE, *order_models(table.loc[table["line"] != _TRUE, "line"])]
    strips = math.ceil(len(dates) / _MOST)
    across = math.ceil(len(dates) / strips)
    side = min((style.WIDTH - 1.0) / (across + 1), 1.0)
    height = (side + 0.03) * len(lines) * strips + 0.16 * strips + 0.5
    figure, body = heading.canvas(height, width=max(side * (across + 1) + 1.0, 4.5))
    axes = frames.lay_out(body, len(lines) * strips, across + 1)
    axes = axes.reshape(strips, len(lines), across + 1)
    columns = {"": axes[0, :, 0]}  # by date; the first one is of no date
    for number, date in enumerate(dates):
        columns[date] = axes[number // across, :, number % across + 1]
    about = table.iloc[0]
    for one in table.itertuples():
        axis = columns[one.cluster][lines.index(one.line)]
        frames.draw_frame(axis, picture(pictures, one.array, one.row))
        if one.cluster == about["own_cluster"]:
            frames.draw_border(axis, _OWN)
    known = bool((table["array"] == "rendered").any())
    for date in dates:  # above the first line that has them
        columns[date][0 if known else 1].set_title(date, size=6.5, pad=2)
    _name_lines(axes[:, :, 0], lines, known=known)
    axes[0, 0, 0].set_title("frame\n(below: fixed)", size=6.5, pad=2)
    what = f"the frame's own date (PDX {about['pdx']}, {about['phenotype']} efficiency)"
    style.legend(body, [Patch(fc="none", ec=_OWN, lw=1.4, label=what)])
    return figure


def _name_lines(axes: np.ndarray, lines: list[str], *, known: bool) -> None:
    """Name lines before their first picture (strips, lines); further strips have no frame as taken."""
    for (strip, line), axis in np.ndenumerate(axes):
        name = model_label(lines[line]).replace(", ", ",\n")
        if lines[line] == _TRUE:
            name = "true,\nno noise" if known else "as taken"
        if known or lines[line] != _TRUE or strip == 0:
            style.name_row(axis, name, size=7)
