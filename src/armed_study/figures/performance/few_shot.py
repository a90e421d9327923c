"""Figure of scores on unseen clusters by the number of their samples that are labelled."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing
from armed_study.messages import counted
from armed_study.vocabulary.labels import metric_label, model_colour, model_label, order_models

FIGURE = {
    "label": "Scores by labelled samples",
    "title": "scores on new clusters by labelled samples",
    "nothing": "No model with random effects of estimated variance, or no unseen cluster of enough samples.",
    "reads": {"few_shot": "study"},
    "finding": """
{% set known = look.names('few_shot', 'model') %} {% set model = look.reference if look.reference
in known else known | first | default('') %} {% for row in look.records('few_shot', model=model,
assignment='few_shot', metric='log_loss') %} {% set of = {'model': model, 'assignment': 'few_shot',
'metric': 'log_loss', 'shots': row.shots} %} {% if loop.last %}With {{ number(row.shots) }}
labelled samples of a new cluster the log loss of {{ label(model) }} changes by {{
look.interval('few_shot', 'difference', **of) }}, which {{ look.relation('few_shot', 'difference',
**of) }} zero.{% endif %}{% endfor %}
""",
    "caption": """
**Scores on clusters never seen of {name}, by the number of their samples whose outcome is
given**, of models with effects of clusters whose variance is estimated. The network is the one
that was trained on the seen clusters and is not touched; labelled samples tell the random effects
of their cluster, by the same step that finds those of seen clusters in training, and predictions
integrate over what is left unknown of them. *Population*: without random effects; 0: with random effects
integrated over their distribution. Scored are the same samples everywhere, none of which, nor any
of its group, is ever given; clusters without as many others are left out (columns *clusters* and
*small_clusters* of the table). Mean over folds, seeds and choices of the labelled samples; bars:
95 % interval over clusters resampled. The table has differences to the population, with intervals
of the same resampled clusters.
""",
}
METRICS = ("auroc", "r2", "d2", "log_loss", "rmse")
"""What is shown, as far as the kind of outcome has it."""


@drawing(FIGURE)
def draw(table: pd.DataFrame, heading: Heading) -> Figure:
    """Draw a panel for each metric: the score of each model against the number of labelled samples."""
    models = order_models(table["model"])
    figure, body = heading.canvas(3.0)
    metrics = [metric for metric in METRICS if (table["metric"] == metric).any()]
    axes = body.subplots(1, max(len(metrics), 1), squeeze=False)[0]
    shots = sorted(table["shots"].unique())
    for axis, metric in zip(axes, metrics, strict=False):
        _draw_panel(axis, table[table["metric"] == metric], models, shots)
        axis.set(ylabel=metric_label(metric), xlabel="Labelled samples of the cluster")
    body.supxlabel(_counted(table.iloc[0]), size=7, color=style.FAINT)
    style.legend(body, _entries(models))
    return figure


def _counted(row: pd.Series) -> str:
    scored = f"{counted(row['samples'], 'sample')} of {counted(row['clusters'], 'unseen cluster')}"
    small = counted(row["small_clusters"], "cluster")
    return f"Scored: {scored} (of a fold); left out for too few samples: {small}"


def _draw_panel(axis: Axes, rows: pd.DataFrame, models: list[str], shots: list[int]) -> None:
    # The population stands by itself, before the first number.
    places = dict(zip(shots, range(1, len(shots) + 1), strict=True))
    for model, offset in zip(models, style.spread(len(models), 0.3), strict=True):
        own = rows[rows["model"] == model]
        at = own["shots"].map(places).where(own["assignment"] != "zero", 0) + offset
        colour = model_colour(model)
        axis.vlines(at, own["low"], own["high"], color=colour, lw=0.8, alpha=0.6)
        curve = own["assignment"] != "zero"
        axis.plot(at[curve], own.loc[curve, "mean"], marker="o", ms=3, lw=1, color=colour)
        axis.plot(at[~curve], own.loc[~curve, "mean"], ls="", marker="s", ms=3, color=colour)
    axis.set_xticks(np.arange(len(shots) + 1), ["popu-\nlation", *map(str, shots)])
    axis.set_xlim(-0.5, len(shots) + 0.5)


def _entries(models: list[str]) -> style.Entries:
    return [
        style.entry(model_label(model), color=model_colour(model), marker="o", ms=3, lw=1)
        for model in models
    ]
