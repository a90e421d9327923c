"""Figure of outcomes against predictions, by model: what calibration is of counts, numbers and classes."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing
from armed_study.vocabulary.labels import model_label, order_models, partition_label

FIGURE = {
    "label": "Observed and predicted",
    "title": "observed against predicted",
    "nothing": "No prediction on test or unseen samples.",
    "outcomes": ("continuous", "count", "categorical"),
    "reads": {"calibration": "study"},
    "finding": """
{{ leader(look, 'test') }} {{ leader(look, 'unseen') }}
""",
    "caption": """
**Observed against predicted outcome by model on {name}**: mean outcome against the mean
prediction in ten bins of equally many predictions, for test samples of seen clusters and for
unseen clusters (with inferred membership where the model uses the cluster), pooled over folds
and seeds. Of an outcome of several classes, the share of samples of a class against its
predicted probability, all classes together. Bars: 95 % interval of the mean, over clusters
resampled with all their samples; a bin of one cluster has none. On the dashed line predictions
are right on average.
""",
}
COLUMNS = (
    "model", "partition", "assignment", "bin", "predicted", "observed", "low", "high", "count",
)  # fmt: skip
_LOOKS = {"test": ("#332288", "o"), "unseen": ("#D55E00", "s")}


@drawing(FIGURE, COLUMNS)
def draw(table: pd.DataFrame, heading: Heading) -> Figure:
    """Draw a panel for each model, all on the same axes."""
    models = order_models(table["model"])
    columns = style.columns(len(models))
    width = style.WIDTH / 4 * max(columns, 3)
    height = -(-len(models) // columns) * (min(width / columns, 2.8) + 0.15) + 0.6
    figure, body = heading.canvas(height, width=width)
    axes = style.grid(body, len(models), columns=columns)
    ends = table["predicted"].min(), table["predicted"].max()
    for axis, model in zip(axes, models, strict=True):
        axis.plot(ends, ends, **style.DASHED)
        _draw_model(axis, table[table["model"] == model])
        axis.set_title(model_label(model), size=7.5)
    body.supxlabel("Mean prediction", size=8)
    body.supylabel("Mean outcome", size=8)
    shown = [
        style.entry(f"{partition_label(partition)}, 95 % interval", color=colour, marker=marker,
                    ms=2.4, lw=0.9)
        for partition, (colour, marker) in _LOOKS.items()
        if (table["partition"] == partition).any()
    ]  # fmt: skip
    style.legend(body, [*shown, style.entry("right on average", **style.DASHED)])
    return figure


def _draw_model(axis: Axes, rows: pd.DataFrame) -> None:
    for partition, (colour, marker) in _LOOKS.items():
        part = rows[rows["partition"] == partition].sort_values("predicted")
        place = part["predicted"].to_numpy(float)
        axis.vlines(place, part["low"], part["high"], color=colour, lw=0.8, alpha=0.6)
        axis.plot(place, part["observed"], marker=marker, ms=2.4, lw=0.9, color=colour)
