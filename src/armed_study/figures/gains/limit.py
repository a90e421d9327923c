"""Figure of the distance to the limit: which share of the oracle's AUROC above chance models reach."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing
from armed_study.vocabulary.labels import (
    metric_label,
    model_colour,
    model_label,
    order_models,
    partition_label,
)
from armed_study.vocabulary.terms import ORACLES

FIGURE = {
    "label": "Distance to the limit",
    "title": "share of the way from chance to the oracle",
    "nothing": "No oracle: the truth of these data is not known.",
    "kinds": ("spirals", "mci", "ad_mri", "livecell"),
    "truth": True,
    "reads": {"limit": "study"},
    "finding": """
{% for partition, where in (('test', 'seen'), ('unseen', 'unseen')) %} {% set of = {'partition':
partition, 'metric': 'auroc', 'oracle': 'oracle'} %} {% if look.has('limit', model=look.reference,
**of) %} On {{ where }} clusters {{ label(look.reference) }} goes {{ look.interval('limit',
'share', model=look.reference, **of) }} of the way from chance to the oracle that knows the cluster
{%- for row in look.records('limit', **of) | rejectattr('model', 'in', ('oracle',
'oracle_no_cluster')) | sort(attribute='share', reverse=true) %} {% if loop.first %}{% if row.model
== look.reference %}, the farthest of all models{% else %}; the farthest is {{ label(row.model) }}
with {{ look.interval('limit', 'share', model=row.model, **of) }}{% endif %}{% endif %} {% endfor
%}. {% endif %}{% endfor %}
""",
    "caption": """
**Distance to the limit on {name}**: the share of the way from chance to the oracle that each model
goes, (AUROC - 0.5) / (AUROC of the oracle - 0.5), by the output that it is reported by, with 95 %
intervals: over folds on seen clusters, over clusters and folds drawn again on unseen ones, the same
draws for model and oracle. Filled: of the oracle that knows the parameters of the sample's cluster;
1 is the limit. Hollow: of the oracle that knows the distribution of clusters but not which one it
is, the limit of what a sample alone tells. Dashed: that oracle's own share of the first. Above: all
pairs of samples; below: pairs of one cluster only, which knowing the cluster's share of outcomes
does not order.
""",
}


@drawing(FIGURE)
def draw(table: pd.DataFrame, heading: Heading) -> Figure:
    """Draw a panel for each metric and partition, models down the side in their fixed order."""
    models = [name for name in order_models(table["model"]) if name not in ORACLES]
    metrics, partitions = (list(dict.fromkeys(table[name])) for name in ("metric", "partition"))
    figure, body = heading.canvas(len(metrics) * (0.2 * max(len(models), 4) + 0.5) + 0.5)
    axes = body.subplots(len(metrics), len(partitions), sharex="row", sharey=True, squeeze=False)
    for number, axis in enumerate(axes.flat):
        metric = metrics[number // len(partitions)]
        partition = partitions[number % len(partitions)]
        there = (table["metric"] == metric) & (table["partition"] == partition)
        _draw_panel(axis, table[there], models)
        axis.set_xlabel(f"{metric_label(metric)}, share of the oracle's")
        axis.set_title(partition_label(partition) if number < len(partitions) else "")
        style.letter(axis, number)
    faint = {"color": style.FAINT, "ms": 4, "lw": 1.2}
    style.legend(
        body,
        [
            style.entry(f"of {model_label(ORACLES[0])}, 95 % interval", marker="o", **faint),
            style.entry(f"of {model_label(ORACLES[1])}", marker="s", mfc="white", **faint),
            style.entry(
                f"{model_label(ORACLES[1])}, as a share of the other oracle", **style.DASHED
            ),
        ],
        columns=3,
    )
    return figure


def _draw_panel(axis: Axes, rows: pd.DataFrame, models: list[str]) -> None:
    axis.axvline(1, color="black", lw=0.8)
    for share in rows.loc[rows["model"] == ORACLES[1], "share"]:
        axis.axvline(share, **style.DASHED)
    for place, model in enumerate(models):
        own, colour = rows[rows["model"] == model], model_colour(model)
        for oracle, offset, face in zip(ORACLES, (-0.14, 0.14), (colour, "white"), strict=True):
            part, at = own[own["oracle"] == oracle], place + offset
            axis.hlines([at] * len(part), part["low"], part["high"], color=colour, lw=1.1)
            marker = {"marker": "o" if oracle == ORACLES[0] else "s", "mfc": face, "mec": colour}
            axis.plot(part["share"], [at] * len(part), ls="", ms=3.6, mew=0.8, **marker)
    style.models_down(axis, models)
