"""Figure of the scores: each metric by model, on seen and on unseen clusters, with intervals."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing
from armed_study.vocabulary.labels import (
    ASSIGNMENTS,
    metric_label,
    model_colour,
    model_label,
    order_models,
    partition_label,
)
from armed_study.vocabulary.outcomes import METRICS
from armed_study.vocabulary.reported import SHOWN
from armed_study.vocabulary.terms import ORACLES

FIGURE = {
    "label": "Performance by model",
    "title": "performance by model",
    "nothing": "No score was computed.",
    "reads": {"performance": "study"},
    "finding": "{{ leader(look, 'test') }} {{ leader(look, 'unseen') }}",
    "caption": """
**Performance by model on {name}**, on samples of seen clusters left out of training and, where
the study has them, on clusters never seen in training. Large marker and bar: mean with its 95 %
interval, over folds on seen clusters and over clusters resampled on unseen ones (column
*interval* of the table); tick: median over folds and seeds; pale dots: folds, each a mean over
seeds. Marker: where the cluster of a sample comes from (its own or, of unseen clusters, inferred
membership; average of the seen clusters; none). On seen clusters, own cluster less none or less
average is what a model's random effects are worth. Models with mixed effects are shown with them.
Where drawn, lines are oracles that know the true parameters, and hollow diamonds with thin bars
are values and intervals printed in the ARMED paper, from its own draw of the data and one seed of
the weights. Overlapping intervals are no test of a difference: see the tests between models. How
the paper's *Cluster input+* is defined is not known to us; where it is shown, its values stand
next to a model that gives the cluster to the first dense layer and to the output layer.
""",
}
_MARKERS = dict.fromkeys(("known", "none", "random", "membership"), "o")
_MARKERS |= {"average": "^", "zero": "s"}
_ORACLE_DASH = {"oracle": "-", "oracle_no_cluster": (0, (4, 2))}


@drawing(FIGURE)
def draw(table: pd.DataFrame, heading: Heading) -> Figure:
    """Draw one panel for each metric and partition, models down the side in their fixed order."""
    models = [name for name in order_models(table["model"]) if name not in ORACLES]
    metrics = list(dict.fromkeys(table["metric"]))
    partitions = [name for name in ("test", "unseen") if (table["partition"] == name).any()]
    height = len(metrics) * (0.235 * max(len(models), 4) + 0.5) + 0.55
    figure, body = heading.canvas(height)
    axes = body.subplots(len(metrics), len(partitions), sharey=True, sharex="row", squeeze=False)
    for (row, column), axis in np.ndenumerate(axes):
        there = (table["metric"] == metrics[row]) & (table["partition"] == partitions[column])
        _draw_panel(axis, table[there], models)
        less = metrics[row] in METRICS and METRICS[metrics[row]].less_is_better
        axis.set_xlabel(metric_label(metrics[row]) + " (less is better)" * less)
        axis.set_title(partition_label(partitions[column]) if row == 0 else "")
        if axes.size > 1:
            style.letter(axis, row * len(partitions) + column)
    style.legend(body, _entries(table), columns=3)
    return figure


def _draw_panel(axis: Axes, rows: pd.DataFrame, models: list[str]) -> None:
    if rows["value"].isna().all():  # within clusters, where each has one outcome only
        axis.text(0.5, 0.5, "not defined for any of these clusters", ha="center", va="center",
                  transform=axis.transAxes, color=style.FAINT)  # fmt: skip
    for model in ORACLES:
        oracle = rows[(rows["model"] == model) & (rows["kind"] == "summary")]
        for row in oracle.itertuples():
            axis.axvline(row.value, **_oracle(model))
            if row.high > row.low:
                axis.axvspan(row.low, row.high, color="black", alpha=0.08, lw=0)
    for place, model in enumerate(models):
        _draw_model(axis, rows[rows["model"] == model], place, model_colour(model))
    style.models_down(axis, models)


def _draw_model(axis: Axes, rows: pd.DataFrame, place: int, colour: str) -> None:
    ours = rows[rows["kind"] != "published"]
    shown = [name for name in _MARKERS if (ours["assignment"] == name).any()]
    for assignment, offset in zip(shown, style.spread(len(shown), 0.52), strict=True):
        at, part = place + offset, ours[ours["assignment"] == assignment]
        folds = part.loc[part["kind"] == "fold", "value"]
        faint = {"color": colour, "alpha": 0.25, "ms": 2.6, "mew": 0}
        axis.plot(folds, np.full(len(folds), at), "o", **faint)
        for row in part[part["kind"] == "summary"].itertuples():
            axis.hlines(at, row.low, row.high, color=colour, lw=1.3)
            axis.plot([row.median], [at], "|", color=colour, ms=6, mew=0.9)
            marker = {"marker": _MARKERS[assignment], "ms": 4, "mec": "white", "mew": 0.4}
            axis.plot([row.value], [at], color=colour, **marker)
    paper = rows[rows["kind"] == "published"]
    at = np.full(len(paper), place + 0.33)
    axis.hlines(at, paper["low"], paper["high"], color=style.FAINT, lw=0.7)
    axis.plot(paper["value"], at, "D", mfc="white", mec=style.INK, mew=0.8, ms=3.6)


def _entries(table: pd.DataFrame) -> style.Entries:
    faint = {"color": style.FAINT}
    line = faint | {"lw": 1.3, "ms": 4}
    entries = [
        style.entry("mean, 95 % interval", marker="o", **line),
        style.entry("median", ls="", marker="|", ms=6, **faint),
        style.entry("one fold", ls="", marker="o", ms=2.6, alpha=0.4, **faint),
    ]
    # Seen and unseen clusters share a marker for what models are reported by: one entry for both.
    ours, labels = set(table["assignment"]), dict[str, list[str]]()
    for assignment in dict.fromkeys(name for names in SHOWN.values() for name in names):
        if assignment in ours:
            labels.setdefault(_MARKERS[assignment], []).append(ASSIGNMENTS[assignment])
    entries += [style.entry(" or ".join(n), marker=marker, **line) for marker, n in labels.items()]
    if (table["kind"] == "published").any():
        diamond = {"marker": "D", "mfc": "white", "mec": style.INK, "ms": 3.6, "lw": 0.7}
        entries.append(style.entry("published, 95 % interval", **faint, **diamond))
    oracles = [name for name in ORACLES if (table["model"] == name).any()]
    return entries + [style.entry(model_label(name), **_oracle(name)) for name in oracles]


def _oracle(model: str) -> style.LineStyle:
    return {"color": "black", "lw": 0.9, "ls": _ORACLE_DASH[model]}
