"""Figure of the decision boundaries: predicted probability over the plane, by model and cluster."""

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing
from armed_study.vocabulary.labels import cluster_label, model_label, order_models

FIGURE = {
    "label": "Decision boundaries",
    "title": "decision boundaries",
    "nothing": "No model was shown on a grid of points.",
    "kinds": ("spirals",),
    "reads": {"boundaries": "study"},
    "finding": """
{% if look.has('summary', model=look.reference, partition='test', metric='bayes_agreement') %} {{
label(look.reference) }} agrees with the Bayes classifier of the cluster on a share of {{
look.interval('summary', 'mean', model=look.reference, partition='test', metric='bayes_agreement')
}} of the test samples of seen clusters.{% endif %}
""",
    "caption": """
**Decision boundaries on {name}**: predicted probability of class 1 over the plane, mean over
folds and seeds. One row for each model, the truth above them. First column: the fixed effects,
which know no cluster (a model without random effects has nothing else); its black line is the
boundary of the Bayes classifier that does not know the cluster. Other columns: five seen
clusters, spread evenly over the ranks of the true radii, each with the model's own prediction
for that cluster (mixed effects where it has them) and the cluster's true boundary as a black
line. Dashed: where the mean prediction is 0.5. Where there are probes, they are set to the
cluster's class ratio, and the first column is the mean over clusters. A mean over runs is
smoother than any one network; far from the spirals, where there are hardly any data, neither
line says much.
""",
}
FIXED = "fixed effects"  # the panel that shows a model without any cluster


@drawing(FIGURE)
def draw(table: pd.DataFrame, heading: Heading) -> Figure:
    """Draw models by row and clusters by column, the fixed effects first; truth is a black line."""
    table = table.astype({"model": str, "panel": str})
    models = sorted(order_models(table["model"]), key=lambda name: name != "oracle")
    panels = sorted(dict.fromkeys(table["panel"]), key=lambda name: name != FIXED)
    side = min(1.2, (style.WIDTH - 1.7) / len(panels))  # of one picture, in inches
    height, width = (side + 0.03) * len(models) + 1.15, (side + 0.03) * len(panels) + 1.7
    figure, body = heading.canvas(height, width=width)
    # Shared axes would be natural, but their cost grows with the square of the number of panels.
    axes = body.subplots(len(models), len(panels), squeeze=False)
    cells = dict(list(table.groupby(["model", "panel"], sort=False)))
    for (row, column), axis in np.ndenumerate(axes):
        filled = _draw_cell(axis, cells[models[row], panels[column]])
    _label(axes, table, models=models, panels=panels)
    _scale(axes, table)
    entries = [style.entry("predicted P = 0.5", color="black", lw=0.7, ls=(0, (2, 1.2)))]
    if table["true"].notna().any():
        entries.insert(0, style.entry("true boundary, P = 0.5", color="black", lw=1.2))
    style.legend(body, entries)
    bar = body.colorbar(filled, ax=axes, location="bottom", shrink=0.7, aspect=55, pad=0.01)
    bar.set_label("Predicted P(class 1), mean over folds", size=7.5)
    bar.set_ticks([0, 0.25, 0.5, 0.75, 1])
    return figure


def _draw_cell(axis: Axes, cell: pd.DataFrame) -> AxesImage:
    x, y, predicted = _surface(cell, "predicted")
    wide, high = (x[1] - x[0]) / 2, (y[1] - y[0]) / 2  # pixels are centred on the points
    extent = (x[0] - wide, x[-1] + wide, y[0] - high, y[-1] + high)
    steps = colormaps[style.CLASS_MAP].resampled(20)
    filled = axis.imshow(predicted, extent=extent, vmin=0, vmax=1, cmap=steps, origin="lower",
                         interpolation="bilinear", interpolation_stage="data")  # fmt: skip
    lines = {"predicted": (0.7, (0, (2, 1.2))), "true": (1.2, "-")}
    if (cell["model"] == "oracle").all():
        del lines["predicted"]
    for name, (width, dash) in lines.items():
        if cell[name].min() < 0.49 and cell[name].max() > 0.51:
            axis.contour(*_surface(cell, name), levels=[0.5], colors="black", linewidths=width,
                         linestyles=[dash])  # fmt: skip
    return filled


def _surface(cell: pd.DataFrame, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    grid = cell.pivot(index="y", columns="x", values=name)
    return grid.columns.to_numpy(), grid.index.to_numpy(), grid.to_numpy(float)


def _scale(axes: np.ndarray, table: pd.DataFrame) -> None:
    """Give all panels the same limits; tick labels and axis labels at the outer edge only."""
    across, up = ((float(table[name].min()), float(table[name].max())) for name in ("x", "y"))
    for (row, column), axis in np.ndenumerate(axes):
        axis.set(xlim=across, ylim=up, aspect="equal")
        axis.spines[["top", "right"]].set_visible(True)
        axis.locator_params(nbins=3)
        axis.yaxis.tick_right()
        axis.yaxis.set_label_position("right")
        axis.tick_params(labelbottom=row == len(axes) - 1, labelright=column == axes.shape[1] - 1)
        axis.tick_params(length=1.5, labelsize=6.5, pad=1.5)
    for axis in axes[-1]:
        axis.set_xlabel("x1 (no unit)", size=7, labelpad=1.5)
    for axis in axes[:, -1]:
        axis.set_ylabel("x2 (no unit)", size=7, labelpad=5)


def _label(axes: np.ndarray, table: pd.DataFrame, *, models: list[str], panels: list[str]) -> None:
    radius = table.drop_duplicates("panel").set_index("panel")["radius"]
    for axis, panel in zip(axes[0], panels, strict=True):
        value = float(radius[panel])
        known = f"\nr = {value:.2f}".replace("-", "−") if value == value else ""
        axis.set_title(cluster_label(panel) + known, size=7.5)
    for axis, model in zip(axes[:, 0], models, strict=True):
        label = "Truth" if model == "oracle" else model_label(model).replace(", ", ",\n")
        style.name_row(axis, label, away=5)
