"""Figure of the participant flow: who was kept at each step, and who was left out by which reason."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from armed_study.figures import style
from armed_study.figures.data.flow_boxes import FORK, LINE, PAD, Box, place_branches, place_stages
from armed_study.figures.heading import Heading, drawing

FIGURE = {
    "label": "From the file to the samples",
    "title": "from the source to the analysis",
    "nothing": "No flow was recorded for this study.",
    "section": "Data",
    "kinds": ("mci", "ad_mri", "livecell"),
    "reads": {"participant_flow": "study"},
    "caption": """
**From the source to the analysis on {name}**: how many were kept at each step of the
preparation (down the middle) and how many were left out before the next, by the first reason
that applied (at the side). At the end: the seen clusters, on which models are trained,
validated and tested in folds, and the unseen clusters, which no model is trained on.
""",
}
_BRANCH_COLOURS = ("#332288", "#D55E00")


@drawing(FIGURE)
def draw(table: pd.DataFrame, heading: Heading) -> Figure:
    """Draw kept counts down the middle, those left out beside them, and the fork at the end."""
    table = table.assign(reason=_text(table["reason"]))
    main, sides = place_stages(table)
    branches = place_branches(table, main[-1] if main else None)
    height = max(box.bottom for box in [*main, *sides.values(), *branches]) + 0.08
    figure, body = heading.canvas(height)
    axis = body.add_axes((0, 0, 1, 1))
    axis.set(xlim=(0, style.WIDTH), ylim=(height, 0))
    axis.set_axis_off()
    for index, box in enumerate(main):
        _draw_box(axis, box, style.INK)
        if index:
            _arrow(axis, (box.middle, main[index - 1].bottom), (box.middle, box.top))
    for index, box in sides.items():
        _draw_box(axis, box, "#9A9A9A", fill="#F6F6F6")
        at = (box.top + box.bottom) / 2
        _arrow(axis, (main[min(index, len(main) - 1)].middle, at), (box.left, at))
    _draw_branches(axis, branches, main[-1] if main else None)
    return figure


def _text(column: pd.Series) -> pd.Series:
    return column.astype(object).where(column.notna(), "").astype(str)


def _draw_box(axis: Axes, box: Box, edge: str, fill: str = "white") -> None:
    axis.add_patch(
        Rectangle((box.left, box.top), box.width, box.height, ec=edge, fc=fill, lw=0.8, zorder=2)
    )
    centred = fill == "white"
    x = box.middle if centred else box.left + 0.08
    for place, line in enumerate(box.lines):
        weight = "bold" if (place == len(box.lines) - 1 if centred else place == 0) else "normal"
        axis.text(x, box.top + PAD + (place + 0.5) * LINE, line, va="center_baseline", size=7.5,
                  ha="center" if centred else "left", weight=weight, zorder=3)  # fmt: skip


def _draw_branches(axis: Axes, branches: list[Box], last: Box | None) -> None:
    for place, box in enumerate(branches):
        _draw_box(axis, box, _BRANCH_COLOURS[place % 2])
        if last:
            middle = last.bottom + FORK / 2
            axis.plot([last.middle, last.middle, box.middle], [last.bottom, middle, middle],
                      color=style.INK, lw=0.8, zorder=1)  # fmt: skip
            _arrow(axis, (box.middle, middle), (box.middle, box.top))


def _arrow(axis: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    look = {"arrowstyle": "-|>", "lw": 0.8, "color": style.INK, "shrinkA": 0, "shrinkB": 0}
    axis.annotate("", end, start, arrowprops={**look, "mutation_scale": 7}, zorder=1)
