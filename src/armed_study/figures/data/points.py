"""Figure of the data in two dimensions: the samples of each seen cluster, with its true radius."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle

from armed_study.figures import style
from armed_study.vocabulary.labels import cluster_label, order_clusters
from armed_study.vocabulary.reported import true_values

COLUMNS = ("cluster", "x", "y", "outcome", "radius")


def table(
    samples: pd.DataFrame,
    cluster_truth: pd.DataFrame | None = None,
    *,
    features: Sequence[str],
    quantity: str = "radius",
    limit: int = 20,
) -> pd.DataFrame:
    """Collect the samples of the first `limit` seen clusters and each cluster's true radius.

    Parameters
    ----------
    samples, cluster_truth
        The study's tables; without the truth, `radius` is missing.
    features
        The two feature columns to show.
    quantity
        Row of `cluster_truth` that holds the radius.
    """
    seen = samples[~samples["held_out"].astype(bool)]
    chosen = order_clusters(seen["cluster"])[:limit]
    radius = true_values(cluster_truth, quantity)
    seen = seen[seen["cluster"].astype(str).isin(chosen)]
    cluster = seen["cluster"].astype(str)
    return pd.DataFrame(
        {
            "cluster": cluster,
            "x": seen[features[0]].astype(float),
            "y": seen[features[1]].astype(float),
            "outcome": seen["outcome"].astype(int),
            "radius": cluster.map(radius).astype(float),
        }
    ).reset_index(drop=True)


@style.styled
def draw(
    table: pd.DataFrame,
    *,
    title: str,
    origin: str = "",
    generated: bool = False,
    labels: Sequence[str] = ("x1 (no unit)", "x2 (no unit)"),
) -> Figure:
    """Draw one panel for each cluster, samples coloured by class, a circle of the true radius."""
    style.check(table, COLUMNS, "data_points")
    title = f"{title}: samples by cluster"
    clusters = order_clusters(table["cluster"])
    columns = min(5, len(clusters))
    rows = -(-len(clusters) // columns)
    width = style.WIDTH / 5 * max(columns, 3)
    height = rows * (width / columns + 0.12) + 0.5
    figure, body = style.canvas(
        height, title=title, origin=origin, generated=generated, width=width
    )
    axes = style.grid(body, len(clusters), columns=columns)
    reach = 1.05 * float(table[["x", "y"]].abs().to_numpy().max())
    for axis, cluster in zip(axes, clusters, strict=True):
        _draw_cluster(axis, table[table["cluster"].astype(str) == cluster])
        axis.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    body.supxlabel(labels[0], size=8)
    body.supylabel(labels[1], size=8)
    style.legend(body, _handles(table))
    return figure


def _draw_cluster(axis: Axes, rows: pd.DataFrame) -> None:
    colours = [style.CLASS_COLOURS[value % 2] for value in rows["outcome"].astype(int)]
    axis.scatter(rows["x"], rows["y"], s=3, c=colours, alpha=0.55, lw=0, rasterized=True)
    name, radius = cluster_label(rows["cluster"].iloc[0]), float(rows["radius"].iloc[0])
    if radius == radius:
        circle = Circle((0, 0), abs(radius), fill=False, ec="black", lw=0.9, ls=(0, (4, 2)))
        axis.add_patch(circle)
        name = f"{name}, r = {radius:.2f}".replace("-", "−")
    axis.set_title(name, size=7.5)


def _handles(table: pd.DataFrame) -> list[Line2D]:
    handles = [
        Line2D([], [], ls="", marker="o", ms=4, color=colour, label=f"class {number}")
        for number, colour in enumerate(style.CLASS_COLOURS)
    ]
    if table["radius"].notna().any():
        label = "true radius |r|" + (" (r < 0: flipped)" if (table["radius"] < 0).any() else "")
        handles.append(Line2D([], [], color="black", lw=0.9, ls=(0, (4, 2)), label=label))
    return handles
