"""Figure of the simulated grid: how often intervals for new clusters cover what they should."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing
from armed_study.vocabulary.labels import model_colour, model_label, order_models

FIGURE = {
    "label": "Coverage of new clusters",
    "title": "coverage of 90 % intervals for clusters never seen",
    "nothing": "No model of the grid has a variance.",
    "kinds": (),
    "reads": {"grid_summary": "study"},
    "finding": """
{% if look.has('coverage') %}The share of new clusters in their calibrated intervals is {{
look.span('coverage', 'conformal_rate_coverage') }} over models and cells.{% endif %}
""",
    "caption": """
**Coverage for clusters never seen ({name})**: a row for each cell of the simulated grid. (a) Share
of new clusters whose outcome rate, the mean of the true probabilities or means of their samples,
lies in its 90 % interval, which is what the estimated variance and the network say of a new
cluster without any of its outcomes; (b), where there are such outcomes: share of new samples of a
continuous outcome that lie in theirs. Mean over draws. Line: 0.9; band: 0.87 to 0.93. That the
variance is an estimate is in these intervals, and the network's own error is not, but for the scale
of its logits where it is cross-fitted: an estimated variance of 0 makes intervals of no width.
Diamonds: intervals that are calibrated on half of the new clusters (hierarchical conformal
prediction) and cover observed rates, and samples, of the other half, however wrong the model is.
""",
}
COLUMNS = (
    "cell", "outcome", "sizes", "clusters", "variance", "model", "replicates", "rate_coverage",
    "sample_coverage", "conformal_rate_coverage", "conformal_sample_coverage",
)  # fmt: skip
_PANELS = {"rate_coverage": "Rates of new clusters", "sample_coverage": "New continuous samples"}


def table(grid_summary: pd.DataFrame) -> pd.DataFrame:
    """Keep models that have intervals."""
    return grid_summary[grid_summary["rate_coverage"].notna()]


@drawing(FIGURE, COLUMNS)
def draw(table: pd.DataFrame, heading: Heading) -> Figure:
    """Draw the coverage of rates and samples side by side, cells down."""
    cells, models = list(dict.fromkeys(table["cell"])), order_models(table["model"])
    figure, body = heading.canvas(len(cells) * max(0.13 * len(models), 0.4) + 0.9)
    # Without a continuous outcome there are no samples to cover.
    panels = {name: label for name, label in _PANELS.items() if table[name].notna().any()}
    axes = body.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for index, (axis, (column, label)) in enumerate(zip(axes, panels.items(), strict=True)):
        axis.axvspan(0.87, 0.93, color=style.FAINT, alpha=0.15, lw=0)
        axis.axvline(0.9, **style.DASHED)
        for model, away in zip(models, style.spread(len(models), 0.5), strict=True):
            rows = table[table["model"] == model]
            place = np.array([cells.index(cell) for cell in rows["cell"]]) + away
            colour = model_colour(model)
            axis.plot(rows[column], place, "o", color=colour, ms=3.5, mew=0)
            axis.plot(
                rows[f"conformal_{column}"], place, "D", mfc="none", mec=colour, ms=3.5, mew=0.8
            )
        axis.set(xlabel=label, xlim=(min(0.75, table[[*panels]].min().min() - 0.02), 1.01))
        if len(panels) > 1:
            style.letter(axis, index)
    names = [_name(row) for row in table.drop_duplicates("cell").to_dict("records")]
    style.rows_down(axes[0], names)
    entries = [
        style.entry(model_label(name), color=model_colour(name), marker="o", ls="", ms=3.5)
        for name in models
    ]
    calibrated = {"marker": "D", "ls": "", "ms": 3.5, "mfc": "none", "mew": 0.8}
    style.legend(body, [*entries, style.entry("calibrated", color=style.INK, **calibrated)])
    return figure


def _name(row: dict) -> str:
    return f"{row['outcome']}, {row['clusters']:,} clusters,\n{row['sizes']}, variance {row['variance']:g}"
