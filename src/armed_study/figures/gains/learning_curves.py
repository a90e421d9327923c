"""Figure of learning curves: scores by number of training samples of each cluster, and of clusters."""

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
from armed_study.vocabulary.terms import CLUSTERS, ORACLES, SAMPLES, WHOLE

FIGURE = {
    "label": "Learning curves",
    "title": "learning curves",
    "nothing": "No point of a learning curve.",
    "needs": "learning_curves",
    "reads": {"learning_curves": "study"},
    "finding": """
{% for name in look.names('learning_curves', 'metric') %}{% if loop.first %} {% set of = {'model':
look.reference, 'partition': 'unseen', 'metric': name} %} {% if look.has('learning_curves',
varied='whole', **of) %} On unseen clusters the {{ metric(name) }} of {{ label(look.reference) }}
is {{ look.interval('learning_curves', 'mean', varied='whole', **of) }} with all training samples
{%- for varied, said in (('samples_per_cluster', 'samples of each cluster'), ('clusters',
'clusters')) %} {% for row in look.records('learning_curves', varied=varied, **of) |
sort(attribute=varied) %} {% if loop.first %}, {{ look.interval('learning_curves', 'mean',
varied=varied, kept=row.kept, **of) }} with {{ number(row.kept) }} {{ said }}{% endif %}{% endfor
%}{% endfor %}. {% endif %}{% endif %}{% endfor %}
""",
    "caption": """
**Learning curves on {name}**: scores by the number of training samples of each seen cluster, and by
the number of seen clusters whose samples are trained on; at the right end all of them. Test samples
of seen clusters and the clusters never seen are the same at every point, and so are the steps of
training, whose minibatches are smaller where there are fewer samples. The classifier that infers
membership is trained at every point, too. With fewer clusters there are no scores on seen ones:
some of the same samples would be of clusters that nothing was trained on. Bars: 95 % interval,
over folds on seen clusters, over clusters and folds drawn again on unseen ones; they are of fewer
folds and seeds than the other figures. Grey: the oracles, where the truth is known, which need no
training.
""",
}
_PANELS = ((SAMPLES, "test"), (SAMPLES, "unseen"), (CLUSTERS, "unseen"))
_ACROSS = {SAMPLES: "Training samples of a cluster", CLUSTERS: "Clusters in training"}


@drawing(FIGURE)
def draw(table: pd.DataFrame, heading: Heading) -> Figure:
    """Draw a row of panels for each metric: what is varied across, the score up."""
    models = order_models(set(table["model"]) - set(ORACLES))
    metrics = list(dict.fromkeys(table["metric"]))
    there = [(varied, part) for varied, part in _PANELS if _points(table, varied, part).any()]
    figure, body = heading.canvas(2.0 * len(metrics) + 0.4)
    axes = body.subplots(len(metrics), max(len(there), 1), sharey="row", squeeze=False)
    for row, metric in enumerate(metrics):
        for column, (axis, (varied, part)) in enumerate(zip(axes[row], there, strict=False)):
            rows = table[_points(table, varied, part, whole=True) & (table["metric"] == metric)]
            _draw_panel(axis, rows.sort_values(varied), varied, models)
            axis.set_xlabel(_ACROSS[varied])
            axis.set_ylabel(metric_label(metric) if column == 0 else "")
            axis.set_title(partition_label(part) if row == 0 else "")
            style.letter(axis, row * len(there) + column)
    style.legend(body, _entries(table, models))
    return figure


def _points(table: pd.DataFrame, varied: str, partition: str, *, whole: bool = False) -> pd.Series:
    """Which rows are of a panel, with those of the whole training part."""
    of = [varied, WHOLE] if whole else [varied]
    return table["varied"].isin(of) & (table["partition"] == partition)


def _draw_panel(axis: Axes, rows: pd.DataFrame, varied: str, models: list[str]) -> None:
    for oracle in ORACLES:
        own = rows[rows["model"] == oracle]
        axis.plot(own[varied], own["mean"], **_oracle(oracle))
    for model, shift in zip(models, style.spread(len(models), 0.06), strict=True):
        own, colour = rows[rows["model"] == model], model_colour(model)
        at = own[varied] * (1 + shift)
        axis.vlines(at, own["low"], own["high"], color=colour, lw=0.8, alpha=0.6)
        axis.plot(at, own["mean"], marker="o", ms=3, lw=1, color=colour)
    axis.set_xscale("log")
    numbers = sorted(set(rows[varied]))
    axis.set_xticks(numbers, [f"{number:.0f}" for number in numbers])
    axis.minorticks_off()


def _oracle(name: str) -> style.LineStyle:
    return {"color": style.FAINT, "lw": 0.9, "ls": "-" if name == ORACLES[0] else (0, (4, 2))}


def _entries(table: pd.DataFrame, models: list[str]) -> style.Entries:
    made = [style.entry(model_label(m), color=model_colour(m), marker="o", ms=3) for m in models]
    known = [name for name in ORACLES if (table["model"] == name).any()]
    return made + [style.entry(model_label(name), **_oracle(name)) for name in known]
