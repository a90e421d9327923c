"""Figure of feature importance by model, with the probes marked and set against real features."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D

from armed_study.figures import style
from armed_study.vocabulary.labels import model_colour, model_label, order_models

COLUMNS = ("quantity", "kind", "model", "feature", "probe", "fold", "value")
_REAL, _PROBE = "#4D4D4D", "#D55E00"


def table(importance: pd.DataFrame, *, kind: str = "average", features: int = 20) -> pd.DataFrame:
    """Average the importance over seeds; where there are probes, add their ratio to real features.

    Parameters
    ----------
    importance
        The study's table.
    kind
        ``average`` (over test samples) or ``at_mean`` (at the mean input).
    features
        Most real features to keep, by importance averaged over models; all probes are kept.

    Returns
    -------
    pd.DataFrame
        `quantity` is ``importance`` or ``probe_ratio``: mean over probes divided by mean over all
        real features of one fold (`feature` is then ``all``).
    """
    frame = importance[importance["kind"].astype(str) == kind]
    frame = frame.astype({"model": str, "feature": str, "probe": bool})
    keys = ["model", "feature", "probe", "fold"]
    frame = frame.groupby(keys, sort=False)["importance"].mean().rename("value").reset_index()
    size = frame[~frame["probe"]].groupby("feature", sort=False)["value"].mean()
    probes = frame.loc[frame["probe"], "feature"].drop_duplicates()
    order = [*size.sort_values(ascending=False, kind="stable").index[:features], *probes]
    shown = frame[frame["feature"].isin(order)]
    shown = shown.sort_values("feature", key=lambda names: names.map(order.index), kind="stable")
    parts = [shown.assign(quantity="importance")]
    if frame["probe"].any():
        mean = frame.pivot_table(index=["model", "fold"], columns="probe", values="value")
        ratio = (mean[True] / mean[False].where(mean[False] > 0)).rename("value").reset_index()
        parts.append(ratio.assign(quantity="probe_ratio", feature="all", probe=True))
    return pd.concat(parts, ignore_index=True).assign(kind=kind)[list(COLUMNS)]


@style.styled
def draw(table: pd.DataFrame, *, title: str, origin: str = "", generated: bool = False) -> Figure:
    """Draw a panel of features for each model; below, where there are probes, their ratio."""
    style.check(table, COLUMNS, "importance")
    title = f"{title}: feature importance"
    shown = table[table["quantity"] == "importance"]
    ratio = table[table["quantity"] == "probe_ratio"]
    if shown.empty:
        return style.note("No model of this study has feature importances.", title=title,
                          origin=origin, generated=generated)  # fmt: skip
    models = order_models(shown["model"])
    features = list(dict.fromkeys(shown["feature"].astype(str)))
    rows = -(-len(models) // style.columns(len(models)))
    tall = rows * (0.15 * max(len(features), 4) + 0.35) + 0.65
    wide = 0.2 * len(models) + 0.6 if len(ratio) else 0
    figure, body = style.canvas(tall + wide, title=title, origin=origin, generated=generated)
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
        values = [part.loc[part["feature"].astype(str) == name, "value"] for name in features]
        for place, (name, folds) in enumerate(zip(features, values, strict=True)):
            _draw_folds(axis, folds, place, _PROBE if name in probes else _REAL)
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
    handles = [_handle(_REAL, "feature")] + ([_handle(_PROBE, "probe")] if probes else [])
    fold = {"marker": "o", "ms": 2.6, "alpha": 0.4, "color": _REAL}
    handles.append(Line2D([], [], ls="", label="one fold", **fold))
    style.legend(body, handles)
    if probes:
        style.letter(axes[0], 0)


def _draw_ratio(body: SubFigure, ratio: pd.DataFrame, models: list[str]) -> None:
    axis = body.subplots()
    for place, model in enumerate(models):
        folds = ratio.loc[ratio["model"] == model, "value"].dropna()
        _draw_folds(axis, folds, place, model_colour(model))
    axis.axvline(1, color="black", lw=0.9, ls=(0, (4, 2)))
    axis.annotate(
        "as important as features", (1, 1), xycoords=("data", "axes fraction"), size=7,
        xytext=(0, 2), textcoords="offset points", ha="center", va="bottom",
    )  # fmt: skip
    axis.set_yticks(range(len(models)), [model_label(name) for name in models])
    axis.set(ylim=(len(models) - 0.4, -0.6), xlabel="Mean importance of probes / of features")
    axis.set_xlim(0, max(1.15, 1.05 * float(ratio["value"].max())))
    axis.tick_params(axis="y", length=0)
    axis.grid(axis="x")
    style.letter(axis, 1)


def _draw_folds(axis: Axes, values: pd.Series, place: float, colour: str) -> None:
    values = values.to_numpy(float)
    if not len(values):
        return
    low, middle, high = np.percentile(values, [25, 50, 75])
    axis.plot(values, np.full(len(values), place), "o", color=colour, alpha=0.25, ms=2.6, mew=0)
    axis.hlines(place, low, high, color=colour, lw=3, alpha=0.45)
    axis.plot([middle], [place], "|", color=colour, ms=6, mew=1.6)


def _handle(colour: str, name: str) -> Line2D:
    label = f"{name}: quartiles and median of folds"
    return Line2D([], [], color=colour, lw=3, alpha=0.7, label=label)
