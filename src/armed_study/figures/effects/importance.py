"""Figure of feature importance by model, with the probes marked and set against real features."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing
from armed_study.vocabulary.labels import model_colour, model_label, order_models

FIGURE = {
    "label": "Feature importance",
    "title": "feature importance",
    "nothing": "No model of this study has feature importances.",
    "kinds": ("spirals", "table"),
    "reads": {"feature_importance": "study"},
    "finding": """
{% set of = {'quantity': 'importance', 'kind': 'average', 'model': look.reference} %} {% if
look.has('importance', **of) %}In {{ label(look.reference) }} the importance of features is {{
look.span('importance', probe=false, **of) }}{% if look.has('importance', probe=true, **of) %},
that of probes {{ look.span('importance', probe=true, **of) }}{% endif %}, over features and
folds.{% endif %}
""",
    "caption": """
**Feature importance by model on {name}**: absolute derivative of the predicted probability (or
mean; of several classes, the mean over their probabilities) with respect to each input, of the
fixed-effects output where the model has one. Dots: folds, each a mean over seeds; bar and tick:
quartiles and median of the folds, not a confidence interval. Features are sorted by their mean over
all models, at most 20 are drawn, and they are comparable only as far as their units are. Probes, in
orange, say nothing about the outcome beyond the cluster: importance given to them is confounding
learned. Where there are probes, (b) shows the mean importance of probes divided by that of all
other features in the same fold: a model that resists confounding stays far below 1. Folds in which
the network did not react to any feature have no ratio.
""",
}
COLUMNS = ("quantity", "kind", "model", "feature", "probe", "fold", "value")
_REAL, _PROBE = "#4D4D4D", "#D55E00"


@drawing(FIGURE, COLUMNS)
def draw(table: pd.DataFrame, heading: Heading) -> Figure:
    """Draw a panel of features for each model; below, where there are probes, their ratio."""
    shown = table[table["quantity"] == "importance"]
    ratio = table[table["quantity"] == "probe_ratio"]
    if shown.empty:
        return heading.note(FIGURE["nothing"])
    models = order_models(shown["model"])
    features = list(dict.fromkeys(shown["feature"].astype(str)))
    rows = -(-len(models) // style.columns(len(models)))
    tall = rows * (0.15 * max(len(features), 4) + 0.35) + 0.65
    wide = 0.2 * len(models) + 0.6 if len(ratio) else 0
    figure, body = heading.canvas(tall + wide)
    parts = body.subfigures(2, 1, height_ratios=(tall, wide)) if len(ratio) else [body]
    _draw_features(parts[0], shown, models=models, features=features)
    if len(ratio):
        _draw_ratio(parts[1], ratio, models)
    return figure


def _draw_features(
    body: SubFigure, rows: pd.DataFrame, *, models: list[str], features: list[str]
) -> None:
    columns = style.columns(len(models))
    axes = style.grid(body, len(models), columns=columns)
    probes = set(rows.loc[rows["probe"].astype(bool), "feature"].astype(str))
    for axis, model in zip(axes, models, strict=True):
        part = rows[rows["model"] == model]
        for place, name in enumerate(features):
            own = part[part["feature"].astype(str) == name]
            _draw_folds(axis, own, place, _PROBE if name in probes else _REAL)
        axis.set_title(model_label(model))
        axis.grid(axis="x")
        axis.set_yticks(range(len(features)), features)
        axis.set(ylim=(len(features) - 0.4, -0.6), xlim=(0, 1.05 * float(rows["value"].max()) or 1))
    for axis in axes[::columns]:
        for label, name in zip(axis.get_yticklabels(), features, strict=True):
            label.set_color(_PROBE if name in probes else style.INK)
    at = {"average": "averaged over test samples", "at_mean": "at the mean input"}
    where = at.get(str(rows["kind"].iloc[0]), str(rows["kind"].iloc[0]))
    body.supxlabel(f"|∂P(y=1)/∂x|, {where} (per unit of the network's input)", size=8)
    named = {"feature": _REAL} | ({"probe": _PROBE} if probes else {})
    entries = [
        style.entry(f"{name}: quartiles and median of folds", color=colour, lw=3, alpha=0.7)
        for name, colour in named.items()
    ]
    fold = style.entry("one fold", ls="", marker="o", ms=2.6, alpha=0.4, color=_REAL)
    style.legend(body, [*entries, fold])
    if probes:
        style.letter(axes[0], 0)


def _draw_ratio(body: SubFigure, ratio: pd.DataFrame, models: list[str]) -> None:
    axis = body.subplots()
    for place, model in enumerate(models):
        own = ratio[(ratio["model"] == model) & ratio["value"].notna()]
        _draw_folds(axis, own, place, model_colour(model))
    axis.axvline(1, **style.DASHED | {"lw": 0.9})
    axis.annotate(
        "as important as features", (1, 1), xycoords=("data", "axes fraction"), size=7,
        xytext=(0, 2), textcoords="offset points", ha="center", va="bottom",
    )  # fmt: skip
    style.rows_down(axis, [model_label(name) for name in models])
    axis.set_xlabel("Mean importance of probes / of features")
    axis.set_xlim(0, max(1.15, 1.05 * float(ratio["value"].max())))
    style.letter(axis, 1)


def _draw_folds(axis: Axes, rows: pd.DataFrame, place: float, colour: str) -> None:
    if rows.empty:
        return
    values = rows["value"].to_numpy(float)
    low, middle, high = rows[["low", "median", "high"]].iloc[0]
    axis.plot(values, np.full(len(values), place), "o", color=colour, alpha=0.25, ms=2.6, mew=0)
    axis.hlines(place, low, high, color=colour, lw=3, alpha=0.45)
    axis.plot([middle], [place], "|", color=colour, ms=6, mew=1.6)
