"""Figure of the scores of attribution against the true map of the disease, by model."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing
from armed_study.vocabulary.labels import model_colour, order_models, partition_label
from armed_study.vocabulary.measures import ATTRIBUTION_SCORES

FIGURE = {
    "label": "Attribution against the truth",
    "title": "attribution against the true map of the disease",
    "nothing": "No network was attributed.",
    "kinds": ("ad_mri",),
    "truth": True,
    "reads": {"attribution_summary": "study"},
    "caption": """
**Is the attribution of {name} where the disease is?** Grad-CAM of every network against the
true map of the disease, which is known as the images are generated: the difference between a
subject's noise-free images at the severity of an average case and of an average control,
*inside* where it is at least {study[interpretation][threshold]} of its maximum. *AUROC*: chance
that a pixel inside has more attribution than another pixel of the brain. *Share inside*:
attribution inside over all attribution on the image, in the brain or not. *Empty*: nothing on
the image speaks for AD; such a map is counted, and scored as even attribution is, 0.5 and the
share of the image that is inside, which are the dashed lines. Means over up to
{study[interpretation][samples]} samples of each fold, half with AD and half with CN; intervals:
t over folds, so on unseen sites they speak of these samples. A map of attribution has 6 x 6
places, so that the best possible scores are below 1. Squares: fixed effects; dots: mixed
effects, under the sample's own site or the inferred membership. A high score says that a
network looks at the right place, not that it is right, and a network may use the brain
elsewhere as a reference.
""",
}
_OFFSETS = {"fixed": -0.17, "mixed": 0.17}


@drawing(FIGURE)
def draw(table: pd.DataFrame, heading: Heading) -> Figure:
    """Draw a row of panels for each score, seen next to unseen clusters, models down the side."""
    models = order_models(table["model"])
    partitions = [name for name in ("test", "unseen") if (table["partition"] == name).any()]
    height = len(ATTRIBUTION_SCORES) * (0.22 * max(len(models), 4) + 0.55) + 0.45
    figure, body = heading.canvas(height)
    axes = body.subplots(
        len(ATTRIBUTION_SCORES), len(partitions), sharey=True, sharex="row", squeeze=False
    )
    for (row, column), axis in np.ndenumerate(axes):
        metric = list(ATTRIBUTION_SCORES)[row]
        there = (table["metric"] == metric) & (table["partition"] == partitions[column])
        _draw_panel(axis, table[there], models)
        axis.set_xlabel(ATTRIBUTION_SCORES[metric])
        axis.set_title(partition_label(partitions[column]) if row == 0 else "")
        style.letter(axis, row * len(partitions) + column)
    style.legend(body, _entries())
    return figure


def _draw_panel(axis: Axes, rows: pd.DataFrame, models: list[str]) -> None:
    for chance in rows["chance"].dropna()[:1]:  # the samples are the same for all models
        axis.axvline(chance, **style.DASHED)
    for row in rows.itertuples():
        at = models.index(row.model) + _OFFSETS[row.effect]
        colour = model_colour(row.model)
        if row.kind == "fold":
            axis.plot([row.value], [at], "o", color=colour, alpha=0.45, ms=2.4, mew=0)
            continue
        axis.hlines(at, row.low, row.high, color=colour, lw=1.2)
        axis.plot([row.value], [at], **_line_style(row.effect, colour))
    style.models_down(axis, models)


def _line_style(effect: str, colour: str) -> style.LineStyle:
    if effect == "mixed":
        return {"marker": "o", "color": colour, "ms": 4, "mec": "white", "mew": 0.4}
    return {"marker": "s", "mfc": "white", "mec": colour, "mew": 0.9, "ms": 3.4}


def _entries() -> style.Entries:
    grey = style.FAINT
    fixed = _line_style("fixed", grey) | {"color": grey, "lw": 1.2}
    return [
        style.entry("fixed, 95 % interval", **fixed),
        style.entry("mixed, 95 % interval", **_line_style("mixed", grey), lw=1.2),
        style.entry("one fold", ls="", marker="o", ms=2.4, alpha=0.5, color=grey),
        style.entry("even attribution", **style.DASHED),
    ]
