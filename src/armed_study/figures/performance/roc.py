"""Figure of the ROC curves: a panel for each model, on seen and on unseen clusters."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing
from armed_study.vocabulary.labels import model_label, order_models, partition_label
from armed_study.vocabulary.terms import ORACLES

FIGURE = {
    "label": "ROC curves",
    "title": "ROC curves",
    "nothing": "No prediction on test or unseen samples.",
    "kinds": ("mci", "ad_mri", "livecell"),
    "reads": {"roc": "study"},
    "finding": """
{% for partition, where in (('test', 'seen'), ('unseen', 'unseen')) %}
{% set of = {'partition': partition, 'metric': 'auroc', 'model': look.reference} %}
{% if look.has('performance', **of) %}On {{ where }} clusters the area under the curve of
{{ label(look.reference) }} is {{ look.interval('performance', **of) }}.{% endif %} {% endfor %}
""",
    "caption": """
**ROC curves on {name}**, a panel for each model, on test samples of seen clusters and on unseen
clusters (with inferred membership where the model uses the cluster; mixed effects where it has
them). Line: true-positive rate at each false-positive rate, mean over folds and seeds, so that
the area under it is the mean AUROC, which stands in the panel with its 95 % interval. Band:
pointwise 95 % interval, on seen clusters t over folds (seeds averaged first), on unseen ones
over clusters and folds resampled; it is not a band for the whole curve. Dashed, where the
truth is known: the oracle that knows the cluster's true effects, the limit on seen clusters,
and the one that does not, the limit on unseen clusters.
""",
}
_COLOURS = {"test": "#332288", "unseen": "#D55E00"}
_SHORT = {"test": "seen", "unseen": "unseen"}
_LIMIT = {"test": "oracle", "unseen": "oracle_no_cluster"}  # the best that can be known there
_DASH = (0, (3, 1.5))


@drawing(FIGURE)
def draw(table: pd.DataFrame, heading: Heading) -> Figure:
    """Draw each model's mean curves with bands, its AUROC, and the oracles as dashed lines."""
    models = [name for name in order_models(table["model"]) if name not in ORACLES]
    if not models:
        return heading.note(FIGURE["nothing"])
    columns = style.columns(len(models))
    panels = -(-len(models) // columns)
    width = style.WIDTH / 4 * max(columns, 3)
    height = panels * (min(width / columns, 2.8) + 0.12) + 0.6
    figure, body = heading.canvas(height, width=width)
    axes = style.grid(body, len(models), columns=columns)
    for axis, model in zip(axes, models, strict=True):
        _draw_model(axis, table[table["model"] == model], table[table["model"].isin(ORACLES)])
        axis.set_title("\n".join(textwrap.wrap(model_label(model), 26)), size=7.5)
    body.supxlabel("False-positive rate (1 − specificity)", size=8)
    body.supylabel("True-positive rate (sensitivity)", size=8)
    style.legend(body, _entries(table), columns=2 if width == style.WIDTH else 1)
    return figure


def _draw_model(axis: Axes, rows: pd.DataFrame, oracles: pd.DataFrame) -> None:
    axis.plot([0, 1], [0, 1], color="#BBBBBB", lw=0.6)
    shown = [name for name in _COLOURS if (rows["partition"] == name).any()]
    for place, partition in enumerate(reversed(shown)):
        colour = _COLOURS[partition]
        limit = oracles[
            (oracles["model"] == _LIMIT[partition]) & (oracles["partition"] == partition)
        ]
        axis.plot(*_steps(limit, "tpr"), color=colour, lw=0.8, ls=_DASH, alpha=0.8)
        part = rows[rows["partition"] == partition]
        at, low = _steps(part, "low")
        axis.fill_between(at, low, _steps(part, "high")[1], color=colour, alpha=0.17, lw=0)
        axis.plot(*_steps(part, "tpr"), color=colour, lw=1.2)
        axis.text(0.98, 0.04 + 0.1 * place, _area(part.iloc[0], partition), color=colour,
                  transform=axis.transAxes, ha="right", va="bottom", size=6.5)  # fmt: skip
    axis.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])
    axis.set_aspect("equal")


def _steps(rows: pd.DataFrame, column: str) -> tuple[np.ndarray, np.ndarray]:
    """Give a curve with its start at the origin: false-positive rates, values."""
    rows = rows.sort_values("fpr")
    if rows.empty:
        return np.empty(0), np.empty(0)
    return np.append(0, rows["fpr"]), np.append(0, rows[column])


def _area(row: pd.Series, partition: str) -> str:
    text = f"{_SHORT[partition]} {row['auroc']:.3f}"
    if row["auroc_low"] == row["auroc_low"]:
        text += f" ({row['auroc_low']:.3f}–{row['auroc_high']:.3f})"
    return text


def _entries(table: pd.DataFrame) -> style.Entries:
    entries = []
    for partition, colour in _COLOURS.items():
        there = table[table["partition"] == partition]
        if there["model"].isin(ORACLES).all():
            continue
        label = f"{partition_label(partition)}: mean, 95 % band; AUROC (95 % interval)"
        entries.append(style.entry(label, color=colour))
        limit = _LIMIT[partition]
        if (there["model"] == limit).any():
            entries.append(style.entry(model_label(limit), color=colour, lw=0.8, ls=_DASH))
    return entries
