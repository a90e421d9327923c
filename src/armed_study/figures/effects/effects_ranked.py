"""Figure of the random intercepts of all clusters in the order of their size (caterpillar plot)."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing

FIGURE = {
    "label": "Ranked intercepts",
    "title": "random intercepts in the order of their size",
    "nothing": "No model of this study has a random intercept.",
    "reads": {"ranked_effects": "study"},
    "finding": """
{% if look.has('effects_ranked', model=look.reference) %}Intercepts of {{ label(look.reference) }}
whose intervals leave out zero: {{ look.sides('effects_ranked', model=look.reference) | join('
above and ') }} below, of {{ look.count('effects_ranked', model=look.reference) }}.{% endif %}
""",
    "caption": """
**Random intercepts on {name}**, one panel for each model that has them, and for each class of a
categorical outcome; clusters from the lowest
intercept to the highest (a caterpillar plot). Point: mean over folds and seeds; bar, or band where
clusters are many: 95 % interval of the posterior, with the mean posterior s.d. of the replicas.
It takes the fixed part and the variance as known, and is no interval for a difference of two
clusters. Clusters whose interval lies off 0 differ from the population as far as the model can
tell; that of a cluster with few samples is drawn towards 0. Clusters are numbered by each model
in its own order, or named where they are few.
""",
}
_MOST_BARS = 60
_MOST_NAMED = 20
_LETTER = 0.06  # inches of the length of a name


@drawing(FIGURE)
def draw(table: pd.DataFrame, heading: Heading) -> Figure:
    """Draw one panel for each model, its clusters from left to right."""
    panels = style.intercept_panels(table)
    columns = style.columns(len(panels), most=3)
    named = int(table["place"].max()) <= _MOST_NAMED
    longest = max(map(len, table["cluster"].astype(str))) if named else 0
    figure, body = heading.canvas(-(-len(panels) // columns) * (1.9 + _LETTER * longest) + 0.3)
    axes = style.grid(body, len(panels), columns=columns, sharex=False, sharey=False)
    for index, (axis, (title, colour, rows)) in enumerate(zip(axes, panels, strict=True)):
        _draw_panel(axis, rows, colour, named)
        axis.set_title(title)
        if len(panels) > 1:
            style.letter(axis, index)
    body.supxlabel("Cluster, by its intercept", size=8)
    body.supylabel("Random intercept (linear predictor)", size=8)
    return figure


def _draw_panel(axis: Axes, rows: pd.DataFrame, colour: str, named: bool) -> None:
    axis.axhline(0, color="#BBBBBB", lw=0.6)
    if len(rows) > _MOST_BARS:
        axis.fill_between(rows["place"], rows["low"], rows["high"], color=colour, alpha=0.25, lw=0)
        axis.plot(rows["place"], rows["value"], color=colour, lw=1.2)
    else:
        axis.vlines(rows["place"], rows["low"], rows["high"], color=colour, lw=0.9, alpha=0.6)
        axis.plot(rows["place"], rows["value"], "o", color=colour, ms=3, mec="white", mew=0.3)
    axis.margins(x=0.04)
    if named:
        axis.set_xticks(rows["place"], rows["cluster"].astype(str), rotation=90, size=6)
        axis.tick_params(axis="x", length=0)
