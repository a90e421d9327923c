"""Figure of the data in two dimensions: the samples of each seen cluster, with its true radius."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing
from armed_study.vocabulary.labels import cluster_label, order_clusters
from armed_study.vocabulary.reported import true_values

FIGURE = {
    "label": "Samples of each cluster",
    "title": "samples by cluster",
    "nothing": "No sample is of a seen cluster.",
    "section": "Data",
    "kinds": ("spirals",),
    "reads": {"samples": "study", "cluster_truth": "study"},
    "finding": """
{% if look.has('points') %}Samples of {{ look.names('points', 'cluster') | length }} clusters, of radius {{
look.span('points', 'radius') }}.{% endif %}
""",
    "caption": """
**Samples of each seen cluster of {name}**, coloured by class: the two features that carry the
outcome, without probes. The dashed circle is the cluster's true radius, at which its two
spirals end before noise is added; a negative radius turns the spirals by half a turn, so that
the classes change places. Unseen clusters are drawn from the same distribution and not shown; of more
than 20 clusters the first 20 are.
""",
}
_MOST = 20  # clusters
_CIRCLE = style.DASHED | {"lw": 0.9}
COLUMNS = ("cluster", "x", "y", "outcome", "radius")


def table(samples: pd.DataFrame, cluster_truth: pd.DataFrame) -> pd.DataFrame:
    """Take the samples of the first seen clusters, and each cluster's true radius if it is known."""
    types = {"cluster": str, "x": float, "y": float, "outcome": int, "radius": float}
    seen = samples[~samples["held_out"].astype(bool)].rename(columns={"x1": "x", "x2": "y"})
    cluster = seen["cluster"].astype(str)
    seen = seen.assign(radius=cluster.map(true_values(cluster_truth, "radius")))
    seen = seen[cluster.isin(order_clusters(cluster)[:_MOST])]
    return seen[list(COLUMNS)].astype(types).reset_index(drop=True)


@drawing(FIGURE, COLUMNS)
def draw(table: pd.DataFrame, heading: Heading) -> Figure:
    """Draw one panel for each cluster, samples coloured by class, a circle of the true radius."""
    clusters = order_clusters(table["cluster"])
    columns = min(5, len(clusters))
    rows = -(-len(clusters) // columns)
    width = style.WIDTH / 5 * max(columns, 3)
    height = rows * (width / columns + 0.12) + 0.5
    figure, body = heading.canvas(height, width=width)
    axes = style.grid(body, len(clusters), columns=columns)
    reach = 1.05 * float(table[["x", "y"]].abs().to_numpy().max())
    for axis, cluster in zip(axes, clusters, strict=True):
        _draw_cluster(axis, table[table["cluster"].astype(str) == cluster])
        axis.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    body.supxlabel("x1 (no unit)", size=8)
    body.supylabel("x2 (no unit)", size=8)
    entries = [
        style.entry(f"class {number}", ls="", marker="o", ms=4, color=colour)
        for number, colour in enumerate(style.CLASS_COLOURS)
    ]
    if table["radius"].notna().any():
        label = "true radius |r|" + (" (r < 0: flipped)" if (table["radius"] < 0).any() else "")
        entries.append(style.entry(label, **_CIRCLE))
    style.legend(body, entries)
    return figure


def _draw_cluster(axis: Axes, rows: pd.DataFrame) -> None:
    colours = [style.CLASS_COLOURS[value % 2] for value in rows["outcome"].astype(int)]
    axis.scatter(rows["x"], rows["y"], s=3, c=colours, alpha=0.55, lw=0, rasterized=True)
    name, radius = cluster_label(rows["cluster"].iloc[0]), float(rows["radius"].iloc[0])
    if radius == radius:
        axis.add_patch(Circle((0, 0), abs(radius), fill=False, **_CIRCLE))
        name += f", r = {radius:.2f}".replace("-", "−")
    axis.set_title(name, size=7.5)
