"""Figure of calibration: observed share against predicted probability, by model."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing
from armed_study.vocabulary.labels import model_label, order_models, partition_label

FIGURE = {
    "label": "Calibration",
    "title": "calibration",
    "nothing": "No prediction on test or unseen samples.",
    "outcomes": ("binary",),
    "reads": {"calibration": "study"},
    "caption": """
**Calibration by model on {name}**: observed share of outcome 1 against the mean predicted
probability in ten bins of equally many predictions, for test samples of seen clusters and for
unseen clusters (with inferred membership where the model uses the cluster), pooled over folds
and seeds. Bars: 95 % interval of the observed share, over clusters resampled with all their
samples; a bin of one cluster has none. Below, on its own scale for each model: how densely the
predictions lie, from the same bins (shaded: seen clusters; line: unseen clusters). Networks
that are trained with class weights (``training.class_weights``), as in the published study of
MCI, predict as if both outcomes were equally frequent, so that their probabilities of the rarer
one are too high; logistic and mixed models are not weighted.
""",
}
COLUMNS = (
    "model", "partition", "assignment", "bin", "predicted", "observed", "low", "high", "count",
    "left", "right", "density",
)  # fmt: skip
_LOOKS = {"test": ("#332288", "o", True), "unseen": ("#D55E00", "s", False)}


@drawing(FIGURE, COLUMNS)
def draw(table: pd.DataFrame, heading: Heading) -> Figure:
    """Draw for each model a reliability curve above the distribution of its predictions."""
    models = order_models(table["model"])
    columns = style.columns(len(models))
    rows = -(-len(models) // columns)
    width = style.WIDTH / 4 * max(columns, 3)
    height = rows * (min(width / columns, 3.2) * 1.25 + 0.15) + 0.6
    figure, body = heading.canvas(height, width=width)
    axes = body.subplots(2 * rows, columns, sharex=True, squeeze=False, height_ratios=(3, 1) * rows)
    for index in range(rows * columns):
        row, column = divmod(index, columns)
        curve, counts = axes[2 * row, column], axes[2 * row + 1, column]
        if index >= len(models):
            curve.remove()
            counts.remove()
            continue
        _draw_model(curve, counts, table[table["model"] == models[index]])
        curve.set_title(model_label(models[index]), size=7.5)
        curve.tick_params(labelbottom=False, labelleft=column == 0)
        counts.tick_params(labelbottom=index + columns >= len(models), labelleft=column == 0)
        if column == 0:
            curve.set_ylabel("Observed share")
            counts.set_ylabel("Density", size=7)
    body.supxlabel("Predicted P(y = 1)", size=8)
    style.legend(body, _entries(table))
    return figure


def _draw_model(curve: Axes, counts: Axes, rows: pd.DataFrame) -> None:
    ticks = [0, 0.5, 1]
    curve.plot([0, 1], [0, 1], **style.DASHED)
    for partition, (colour, marker, filled) in _LOOKS.items():
        part = rows[rows["partition"] == partition].sort_values("predicted")
        if part.empty:
            continue
        place = part["predicted"].to_numpy(float)
        curve.vlines(place, part["low"], part["high"], color=colour, lw=0.8, alpha=0.6)
        curve.plot(place, part["observed"], marker=marker, ms=2.4, lw=0.9, color=colour)
        edges = np.append(part["left"], part["right"].iloc[-1])
        counts.stairs(
            part["density"], edges, color=colour, fill=filled, alpha=0.35 if filled else 1
        )
    curve.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), xticks=ticks, yticks=ticks)
    counts.set(ylim=(0, None), yticks=[])


def _entries(table: pd.DataFrame) -> style.Entries:
    shown = [
        style.entry(f"{partition_label(partition)}, 95 % interval", color=colour, marker=marker,
                    ms=2.4, lw=0.9)
        for partition, (colour, marker, _) in _LOOKS.items()
        if (table["partition"] == partition).any()
    ]  # fmt: skip
    return [*shown, style.entry("perfect calibration", **style.DASHED)]
