"""Figure of the random intercepts against the normal distribution that the model takes them from."""

import textwrap

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing

FIGURE = {
    "label": "Normality of intercepts",
    "title": "random intercepts against normal quantiles",
    "nothing": "No model of this study has a random intercept.",
    "reads": {"ranked_effects": "study"},
    "finding": """
{% if look.has('effects_qq', model=look.reference) %}Intercepts of {{ label(look.reference) }} are
{{ look.span('effects_qq', model=look.reference) }}; a normal distribution of their mean and s.d.
has {{ look.span('effects_qq', 'expected', model=look.reference) }} in their place.{% endif %}
""",
    "caption": """
**Quantiles of the random intercepts on {name}** against those of a standard normal distribution, one
panel for each model that has them (a Q-Q plot), and for each class of a categorical outcome. Point:
intercept of a cluster, mean over folds and seeds; bar, or band where clusters are many: 95 % interval
of its posterior; dashed: a normal
distribution with their mean and s.d. A mixed model takes effects to be normal: bends at the ends
show heavy tails, a step shows groups of clusters, a point far off one cluster to look at.
Intercepts are drawn towards 0 the more the fewer samples a cluster has, which makes them look
more normal than clusters are.
""",
}
_MOST_BARS = 60


@drawing(FIGURE)
def draw(table: pd.DataFrame, heading: Heading) -> Figure:
    """Draw one panel for each model."""
    panels = style.intercept_panels(table)
    columns = style.columns(len(panels))
    width = style.WIDTH / 4 * max(columns, 3)
    height = -(-len(panels) // columns) * (min(width / columns, 2.2) + 0.25) + 0.35
    figure, body = heading.canvas(height, width=width)
    axes = style.grid(body, len(panels), columns=columns, sharey=False)
    for index, (axis, (title, colour, rows)) in enumerate(zip(axes, panels, strict=True)):
        _draw_panel(axis, rows, colour)
        axis.set_title("\n".join(textwrap.wrap(title, 22)))
        if len(panels) > 1:
            style.letter(axis, index)
    body.supxlabel("Standard normal quantile", size=8)
    body.supylabel("Random intercept (linear predictor)", size=8)
    return figure


def _draw_panel(axis: Axes, rows: pd.DataFrame, colour: str) -> None:
    crowded = len(rows) > _MOST_BARS
    if crowded:
        axis.fill_between(
            rows["quantile"], rows["low"], rows["high"], color=colour, alpha=0.2, lw=0
        )
    else:
        axis.vlines(rows["quantile"], rows["low"], rows["high"], color=colour, lw=0.6, alpha=0.45)
    size = {"ms": 1.5, "mew": 0} if crowded else {"ms": 3, "mec": "white", "mew": 0.3}
    axis.plot(rows["quantile"], rows["value"], "o", color=colour, **size)
    axis.plot(rows["quantile"], rows["expected"], **style.DASHED)
    axis.margins(0.06)
