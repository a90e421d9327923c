"""Figure of the decision boundaries: predicted probability over the plane, by model and cluster."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D

from armed_study.figures import style
from armed_study.vocabulary.labels import cluster_label, model_label, order_clusters, order_models
from armed_study.vocabulary.reported import true_values

COLUMNS = ("model", "panel", "effect", "radius", "x", "y", "predicted", "true")
FIXED = "fixed effects"  # the panel that shows a model without any cluster


def table(
    display: pd.DataFrame,
    display_predictions: pd.DataFrame,
    truth: pd.DataFrame | None = None,
    *,
    features: Sequence[str],
    cluster_truth: pd.DataFrame | None = None,
    clusters: int = 5,
) -> pd.DataFrame:
    """Average the predictions on the display grid over the folds, for some of the clusters.

    Parameters
    ----------
    display, display_predictions
        Points of a regular grid with their cluster, and each model's predictions there.
    truth
        True P(y=1) of the display points; also gives the rows of model ``oracle``.
    features
        The two feature columns that span the grid.
    cluster_truth
        Where it holds radii, the clusters shown are spread evenly over the sorted radii.
    clusters
        How many clusters to show.
    """
    points = _points(display, truth, features)
    radius = true_values(cluster_truth, "radius")
    chosen = _choose(order_clusters(points["cluster"]), radius, clusters)
    keys = [display_predictions[name].astype(str) for name in ("model", "sample")]
    mean = display_predictions[["fixed", "mixed"]].astype(float).groupby(keys).mean().reset_index()
    frame = mean.merge(points, on="sample", how="inner", validate="many_to_one")
    if points["oracle"].notna().any():
        truths = points.assign(
            model="oracle", mixed=points["oracle"], fixed=points["oracle_no_cluster"]
        )
        frame = pd.concat([truths, frame], ignore_index=True)
    parts = []
    for model in order_models(frame["model"]):
        rows = frame[frame["model"] == model]
        parts += [_fixed_panel(rows, chosen[0]), _cluster_panels(rows, chosen)]
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS))
    result = pd.concat(parts, ignore_index=True)
    result["radius"] = result["panel"].map(radius).astype(float)
    return result[list(COLUMNS)]


@style.styled
def draw(
    table: pd.DataFrame,
    *,
    title: str,
    origin: str = "",
    generated: bool = False,
    labels: Sequence[str] = ("x1 (no unit)", "x2 (no unit)"),
) -> Figure:
    """Draw models by row and clusters by column, the fixed effects first; truth is a black line."""
    style.check(table, COLUMNS, "boundaries")
    title = f"{title}: decision boundaries"
    table = table.astype({"model": str, "panel": str})
    if table.empty:
        message = "No model was shown on a grid of points."
        return style.note(message, title=title, origin=origin, generated=generated)
    models = sorted(order_models(table["model"]), key=lambda name: name != "oracle")
    panels = sorted(dict.fromkeys(table["panel"]), key=lambda name: name != FIXED)
    side = min(1.2, (style.WIDTH - 1.7) / len(panels))  # of one picture, in inches
    figure, body = style.canvas(
        (side + 0.03) * len(models) + 1.15, title=title, origin=origin, generated=generated,
        width=(side + 0.03) * len(panels) + 1.7,
    )  # fmt: skip
    # Shared axes would be natural, but their cost grows with the square of the number of panels.
    axes = body.subplots(len(models), len(panels), squeeze=False)
    cells = dict(list(table.groupby(["model", "panel"], sort=False)))
    for (row, column), axis in np.ndenumerate(axes):
        filled = _draw_cell(axis, cells[models[row], panels[column]])
    _label(axes, table, models=models, panels=panels)
    _scale(axes, table, labels)
    style.legend(body, _handles(table))
    bar = body.colorbar(filled, ax=axes, location="bottom", shrink=0.7, aspect=55, pad=0.01)
    bar.set_label("Predicted P(class 1), mean over folds", size=7.5)
    bar.set_ticks([0, 0.25, 0.5, 0.75, 1])
    return figure


def _points(
    display: pd.DataFrame, truth: pd.DataFrame | None, features: Sequence[str]
) -> pd.DataFrame:
    columns = dict(zip(features, "xy", strict=True))
    points = display[["sample", "cluster", *features]].rename(columns=columns)
    points = points.astype({"sample": str, "cluster": str, "x": float, "y": float})
    if truth is None or truth.empty:
        return points.assign(oracle=np.nan, oracle_no_cluster=np.nan)
    known = truth[["sample", "oracle", "oracle_no_cluster"]].astype({"sample": str})
    return points.merge(known, on="sample", how="left", validate="one_to_one")


def _choose(clusters: list[str], radius: dict[str, float], count: int) -> list[str]:
    ranked = sorted(clusters, key=lambda name: radius.get(name, 0.0))
    ranks = np.linspace(0, len(ranked) - 1, min(count, len(ranked))).round().astype(int)
    return [ranked[rank] for rank in ranks]


def _cluster_panels(rows: pd.DataFrame, chosen: list[str]) -> pd.DataFrame:
    effect = "mixed" if rows["mixed"].notna().any() else "fixed"
    rows = rows[rows["cluster"].isin(chosen)]
    rows = rows.sort_values("cluster", key=lambda names: names.map(chosen.index), kind="stable")
    return rows.assign(
        panel=rows["cluster"], effect=effect, predicted=rows[effect], true=rows["oracle"]
    )


def _fixed_panel(rows: pd.DataFrame, cluster: str) -> pd.DataFrame:
    # The mean over clusters matters where there are other features, which differ by cluster.
    mean = rows.groupby(["x", "y"])[["fixed", "oracle_no_cluster"]].transform("mean")
    panel = rows.assign(
        panel=FIXED, effect="fixed", predicted=mean["fixed"], true=mean["oracle_no_cluster"]
    )
    return panel[panel["cluster"] == cluster]


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


def _scale(axes: np.ndarray, table: pd.DataFrame, labels: Sequence[str]) -> None:
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
        axis.set_xlabel(labels[0], size=7, labelpad=1.5)
    for axis in axes[:, -1]:
        axis.set_ylabel(labels[1], size=7, labelpad=5)


def _label(axes: np.ndarray, table: pd.DataFrame, *, models: list[str], panels: list[str]) -> None:
    radius = table.drop_duplicates("panel").set_index("panel")["radius"]
    for axis, panel in zip(axes[0], panels, strict=True):
        value = float(radius[panel])
        known = f"\nr = {value:.2f}".replace("-", "−") if value == value else ""
        axis.set_title(cluster_label(panel) + known, size=7.5)
    for axis, model in zip(axes[:, 0], models, strict=True):
        label = "Truth" if model == "oracle" else model_label(model).replace(", ", ",\n")
        axis.annotate(label, (0, 0.5), xycoords="axes fraction", xytext=(-5, 0), size=7.5,
                      textcoords="offset points", ha="right", va="center")  # fmt: skip


def _handles(table: pd.DataFrame) -> list[Line2D]:
    handles = [Line2D([], [], color="black", lw=0.7, ls=(0, (2, 1.2)), label="predicted P = 0.5")]
    if table["true"].notna().any():
        handles.insert(0, Line2D([], [], color="black", lw=1.2, label="true boundary, P = 0.5"))
    return handles
