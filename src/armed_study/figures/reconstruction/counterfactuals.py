"""Figure of counterfactual frames against the truth: errors of models, and what knowing the date saves."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing
from armed_study.vocabulary.labels import model_colour, order_models
from armed_study.vocabulary.measures import OTHER_DATES, OWN_DATE

FIGURE = {
    "label": "Counterfactual frames against the truth",
    "title": "counterfactual frames against true ones",
    "nothing": "No model of this study reconstructs a cell as on another date.",
    "kinds": ("livecell",),
    "truth": True,
    "reads": {"counterfactual_summary": "study"},
    "finding": """
{% if look.has('counterfactuals', model=look.reference, target='other dates', measure='reduction')
%}Shown on another date, {{ label(look.reference) }} removes a share of {{
look.interval('counterfactuals', model=look.reference, target='other dates', measure='reduction')
}} of the error.{% endif %}
""",
    "caption": """
**Are counterfactual frames of {name} like the true ones?** Frames of the test part, one of a cell,
were reconstructed under the random effects of every seen date (*mixed*) and without any
(*fixed*), and both are set against how the cell truly looks on that date, which is known as the
frames are generated. The true frame has no noise of the camera, which no model can know; it was
brought to the size of the images as all frames are. *Mean squared error* over pixels, of which
0 is black and 1 white. *The frame itself*: the frame as it was taken, put in the place of the
reconstruction; on its own date its error is the camera's noise. *Difference*: error of fixed
less error of mixed, above 0 where knowing the date brings the picture nearer to the truth; *of
fixed*: the same as a share of the error of fixed. Averages over dates, seeds and folds of each
cell, and then over cells; 95 % intervals: percentiles of a bootstrap over cells, the same draws
for all models. They speak of other cells on these dates, not of other dates nor of other
trainings of the model.
""",
}
_ERRORS = {
    "unchanged": (-0.22, "D", "the frame itself"),
    "fixed": (0.0, "s", "fixed reconstruction"),
    "mixed": (0.22, "o", "mixed, as on the target date"),
}
_TARGETS = {
    OTHER_DATES: "Frames reconstructed on other dates",
    OWN_DATE: "The same frames on their own date",
}


@drawing(FIGURE)
def draw(table: pd.DataFrame, heading: Heading) -> Figure:
    """Draw errors and their difference by model, other dates above the frames' own."""
    models = order_models(table["model"])
    targets = [name for name in _TARGETS if (table["target"] == name).any()]
    height = len(targets) * (0.5 * max(len(models), 2) + 0.6) + 0.4
    figure, body = heading.canvas(height)
    axes = body.subplots(len(targets), 2, sharey=True, sharex="col", squeeze=False)
    for row, target in enumerate(targets):
        rows = table[table["target"] == target]
        _draw_errors(axes[row, 0], rows, models)
        _draw_difference(axes[row, 1], rows, models)
        axes[row, 0].set_title(_TARGETS[target])
        for column in (0, 1):
            style.models_down(axes[row, column], models)
            axes[row, column].xaxis.set_major_locator(MaxNLocator(5))
            style.letter(axes[row, column], 2 * row + column)
    axes[-1, 0].set_xlim(left=0)
    axes[-1, 0].set_xlabel("Mean squared error against the rendering")
    axes[-1, 1].set_xlabel("Error of fixed less error of mixed\n(above 0: mixed is nearer)")
    style.legend(body, [
        *(style.entry(label, ls="", color=style.FAINT, marker=marker, ms=4, mew=0.9,
                      mfc=style.FAINT if name == "mixed" else "white")
          for name, (_, marker, label) in _ERRORS.items()),
        style.entry("95 % interval over cells", lw=2.4, color=style.FAINT),
        style.entry("over splits and seeds", lw=0.8, color=style.FAINT),
    ])  # fmt: skip
    return figure


def _draw_intervals(axis: Axes, row: Any, at: float, colour: str) -> None:
    axis.hlines(at, row.low, row.high, color=colour, lw=2.4)
    axis.hlines(at, row.split_low, row.split_high, color=colour, lw=0.8)


def _draw_errors(axis: Axes, rows: pd.DataFrame, models: list[str]) -> None:
    for one in rows[rows["measure"].isin(list(_ERRORS))].itertuples():
        offset, marker, _ = _ERRORS[one.measure]
        at, colour = models.index(one.model) + offset, model_colour(one.model)
        _draw_intervals(axis, one, at, colour)
        axis.plot([one.value], [at], marker, color=colour, ms=4, mew=0.9,
                  mfc=colour if one.measure == "mixed" else "white", clip_on=False, zorder=3)  # fmt: skip


def _draw_difference(axis: Axes, rows: pd.DataFrame, models: list[str]) -> None:
    axis.axvline(0, **style.DASHED)
    share = rows[rows["measure"] == "reduction"].set_index("model")["value"]
    for one in rows[rows["measure"] == "difference"].itertuples():
        at, colour = models.index(one.model), model_colour(one.model)
        _draw_intervals(axis, one, at, colour)
        axis.plot([one.value], [at], "o", color=colour, ms=4, mec="white", mew=0.4)
        text = f"{share[one.model] * 100:.0f} % of fixed".replace("-", "−")
        axis.annotate(text, (one.value, at), xytext=(0, 5), textcoords="offset points",
                      size=6.5, ha="center", va="bottom",
                      bbox={"fc": "white", "ec": "none", "pad": 0.4})  # fmt: skip
    axis.margins(x=0.15)
