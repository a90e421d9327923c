"""Figure of where the gain of a model with cluster effects comes from: its components, with intervals."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing
from armed_study.vocabulary.labels import (
    COMPONENTS,
    metric_label,
    model_label,
    partition_label,
)

FIGURE = {
    "label": "Where the gain comes from",
    "title": "where the gain comes from",
    "nothing": "No other network, and no effects of clusters, to compare the reference model with.",
    "reads": {"decomposition": "study"},
    "finding": """
{% for partition, where in (('test', 'seen'), ('unseen', 'unseen')) %} {% for name in
look.names('gain', 'metric', partition=partition) %} {% set gain = {'partition': partition,
'metric': name, 'component': 'gain', 'less_model': 'conventional'} %} {% set cluster =
{'partition': partition, 'metric': name, 'component': 'cluster', 'less_assignment': 'zero'} %} {%
if loop.first and look.has('gain', **gain) %} On {{ where }} clusters the gain of {{
label(look.reference) }} over the network alone is {{ look.interval('gain', 'difference', **gain)
}} in {{ metric(name) }}, which {{ look.relation('gain', 'difference', **gain) }} zero{% if
look.has('gain', **cluster) %}; in the trained model the effects of clusters are worth {{
look.interval('gain', 'difference', **cluster) }}, which {{ look.relation('gain', 'difference',
**cluster) }} zero{% endif %}. {% endif %}{% endfor %}{% endfor %}
""",
    "caption": """
**Where the gain of the reference model comes from on {name}**: differences of two outputs that
differ in one thing, with 95 % intervals, on samples of seen clusters left out of training and on
clusters never seen. At the top the whole gain over a network alone, and over variants of that one;
below it what this is made of. *Effects of the cluster*: the same trained model scored with those of
the sample's own cluster (on unseen clusters of those that it is inferred to be like) less with none,
with the average of the seen clusters, with effects integrated over, and with a random cluster's; it
takes no further training. *Without these effects*: the model without any, less the network alone;
with the effects of the cluster less none it adds up to the gain. Then what networks lose without an
adversary or a linear path, and what twice the units in each layer bring, where the study has such
models. On seen clusters the interval is that of the corrected resampled t-test over folds, on unseen
ones that of a bootstrap of clusters and folds, the same draws for both outputs.
""",
}
_OTHERS = {"zero": "none", "average": "average ones", "marginal": "those integrated over"}
_OTHERS |= {"random": "random ones"}
_LOOKS = (("#D55E00", "o"), ("#332288", "s"))
COLUMNS = (
    "partition", "metric", "component", "model", "assignment", "less_model", "less_assignment",
    "difference", "low", "high", "test",
)  # fmt: skip


def table(decomposition: pd.DataFrame) -> pd.DataFrame:
    """Keep the first two metrics."""
    first = list(dict.fromkeys(decomposition["metric"]))[: len(_LOOKS)]
    return decomposition[decomposition["metric"].isin(first)]


@drawing(FIGURE, COLUMNS)
def draw(table: pd.DataFrame, heading: Heading) -> Figure:
    """Draw a panel for each partition: components down the side, the difference across."""
    place = {name: number for number, name in enumerate(COMPONENTS)}
    table = table.assign(row=[_label(row) for row in table.itertuples()])
    ordered = table.sort_values("component", key=lambda names: names.map(place), kind="stable")
    rows = list(dict.fromkeys(ordered["row"]))
    metrics = list(dict.fromkeys(table["metric"]))
    partitions = list(dict.fromkeys(table["partition"]))
    figure, body = heading.canvas(0.25 * len(rows) + 0.85)
    axes = body.subplots(1, len(partitions), sharey=True, squeeze=False)[0]
    for number, (axis, partition) in enumerate(zip(axes, partitions, strict=True)):
        _draw_panel(axis, table[table["partition"] == partition], rows, metrics)
        axis.set(title=partition_label(partition), xlabel="Difference")
        style.letter(axis, number)
    looks = zip(metrics, _LOOKS, strict=False)
    style.legend(
        body,
        [
            style.entry(f"{metric_label(metric)}, 95 % interval", color=colour, marker=marker, ms=4)
            for metric, (colour, marker) in looks
        ],
    )
    return figure


def _draw_panel(axis: Axes, table: pd.DataFrame, rows: list[str], metrics: list[str]) -> None:
    axis.axvline(0, **style.DASHED)
    axis.locator_params(axis="x", nbins=5)
    offsets = style.spread(len(metrics), 0.3)
    for metric, offset, (colour, marker) in zip(metrics, offsets, _LOOKS, strict=False):
        own = table[table["metric"] == metric]
        at = np.array([rows.index(row) for row in own["row"]]) + offset
        axis.hlines(at, own["low"], own["high"], color=colour, lw=1.2)
        axis.plot(own["difference"], at, marker, color=colour, ms=4, mec="white", mew=0.4)
    style.rows_down(axis, rows)


def _label(row: Any) -> str:
    """What the difference is of, in a few words."""
    component, less = row.component, model_label(row.less_model)
    if component == "gain":
        return f"Gain over {less}"
    if component == "population":
        return f"Without these effects, over {less}"
    if component == "cluster":
        return f"{COMPONENTS[component]}, less {_OTHERS.get(row.less_assignment, 'others')}"
    base = min(row.model, row.less_model, key=len)
    return f"{COMPONENTS.get(component, component)}, {model_label(base)}"
