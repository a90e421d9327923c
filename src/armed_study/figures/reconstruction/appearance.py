"""Figure of looks: frames and reconstructions by date, and how much of them is the date's."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from armed_study.figures import style
from armed_study.interpretation.reconstruction.appearance_by_date import (
    COLUMNS,
    EFFECTS,
    FIXED,
    MEAN,
    METRICS,
    MIXED,
    ORIGINAL,
    SHARE,
)
from armed_study.vocabulary.formatting import interval_text
from armed_study.vocabulary.labels import (
    metric_label,
    model_colour,
    model_label,
    order_clusters,
    order_models,
)

_UNITS = {"brightness": "white is 1", "contrast": "s.d.", "sharpness": "variance of\nLaplacian",
          "snr": "dB"}  # fmt: skip
_LABELS = {ORIGINAL: "frames", MIXED: "mixed reconstructions (with the date's effects)",
           FIXED: "fixed reconstructions (without them)"}  # fmt: skip
_PANEL, _SHARES = 1.12, 1.35  # inches: height of a row, and width of the shares by that of a model


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each metric and model, shares of frames and reconstructions beside each other."""
    shares = table[table["quantity"] == SHARE]
    frames = shares[shares["effect"] == ORIGINAL].set_index("metric")
    rows = []
    for metric in METRICS:
        for model in order_models(set(shares["model"]) - {""}):
            own = shares[(shares["metric"] == metric) & (shares["model"] == model)]
            by = {ORIGINAL: frames.loc[metric]} | {one["effect"]: one for _, one in own.iterrows()}
            cells = {
                f"share between dates, {name}": interval_text(*by[name][["value", "low", "high"]])
                if name in by
                else None
                for name in EFFECTS
            }
            counts = {name: int(by[ORIGINAL][name]) for name in ("cells", "clusters")}
            rows.append({"metric": metric, "model": model} | cells | counts)
    return pd.DataFrame(rows).rename(columns={"clusters": "dates"})


@style.styled
def draw(table: pd.DataFrame, *, title: str, origin: str = "", generated: bool = False) -> Figure:
    """Draw a row for each metric: a panel by date for each model, and the shares of all.

    Parameters
    ----------
    table
        Result of `armed_study.interpretation.reconstruction.appearance_by_date.compare_looks`.
    """
    style.check(table, COLUMNS, "looks")
    title = f"{title}: looks by date, with and without the date's effects"
    if table.empty:
        message = "No model of this study reconstructs frames of seen dates."
        return style.note(message, title=title, origin=origin, generated=generated)
    models = order_models(set(table["model"]) - {""})
    dates = order_clusters(table.loc[table["quantity"] == MEAN, "cluster"])
    figure, body = style.canvas(
        len(METRICS) * _PANEL + 0.95, title=title, origin=origin, generated=generated
    )
    axes = body.subplots(len(METRICS), len(models) + 1, squeeze=False, sharex="col",
                         width_ratios=[1] * len(models) + [_SHARES])  # fmt: skip
    for line, metric in zip(axes, METRICS, strict=True):
        rows = table[table["metric"] == metric]
        means, shares = (rows[rows["quantity"] == name] for name in (MEAN, SHARE))
        for axis, model in zip(line, models, strict=False):
            axis.sharey(line[0])
            _draw_means(axis, means[means["model"].isin(["", model])], dates, model)
            axis.tick_params(labelleft=axis is line[0])
        line[0].set_ylabel(f"{metric_label(metric)}\n({_UNITS[metric]})", size=7.5)
        _scale(line[0], metric)
        _draw_shares(line[-1], shares, models)
    for index, axis in enumerate(axes.flat):
        style.letter(axis, index)
    for axis, low, model in zip(axes[0], axes[-1], models, strict=False):
        axis.set_title(model_label(model).replace(", ", ",\n"), size=8, color=model_colour(model))
        low.set_xticks(range(len(dates)), dates, rotation=90, size=6)
    axes[0, -1].set_title("Share between dates", size=8)
    axes[-1, -1].set_xlabel("Share of the variance\nbetween cells (%)", size=7.5)
    body.align_ylabels(axes[:, 0])
    style.legend(body, _handles())
    return figure


def _draw_means(axis: Axes, rows: pd.DataFrame, dates: list[str], model: str) -> None:
    for shift, effect in zip((0, -0.2, 0.2), EFFECTS, strict=True):
        own = rows[rows["effect"] == effect]
        if own.empty:
            continue
        own = own.set_index("cluster").reindex(dates)
        place = np.arange(len(dates)) + shift
        look = _look(effect, model_colour(model))
        axis.vlines(place, own["low"], own["high"], color=look["color"], lw=0.6, alpha=0.6)
        axis.plot(place, own["value"], **look)
    axis.grid(axis="y")
    axis.set_xlim(-0.7, len(dates) - 0.3)


def _look(effect: str, colour: str) -> dict[str, object]:
    colour = "#555555" if effect == ORIGINAL else colour
    return {
        "color": colour,
        "marker": {ORIGINAL: "s", MIXED: "o", FIXED: "o"}[effect],
        "mfc": "white" if effect == FIXED else colour,
        "ms": 2.6,
        "mew": 0.7,
        "lw": 0.7,
        "ls": (0, (3, 1.5)) if effect == FIXED else "-",
    }


def _draw_shares(axis: Axes, rows: pd.DataFrame, models: list[str]) -> None:
    for place, model in enumerate(["", *models]):
        own = rows[rows["model"] == model]
        for shift, effect in zip((0, -0.17, 0.17), EFFECTS, strict=True):
            for one in own[own["effect"] == effect].itertuples():
                look = _look(effect, model_colour(model))
                at = place + (shift if len(own) > 1 else 0)
                axis.hlines(at, 100 * one.low, 100 * one.high, color=look["color"], lw=1)
                axis.plot([100 * one.value], [at], clip_on=False, zorder=3, **look | {"ms": 3.4})
    axis.set_yticks(range(len(models) + 1), ["Frames", *map(model_label, models)], size=6.5)
    axis.set(xlim=(0, 100), ylim=(len(models) + 0.5, -0.5))
    axis.tick_params(axis="y", length=0)
    axis.grid(axis="x")


def _scale(axis: Axes, metric: str) -> None:
    if metric == "sharpness":
        axis.set_yscale("log")
        axis.yaxis.set_major_locator(LogLocator(subs=(1, 3), numticks=5))
        axis.yaxis.set_minor_locator(NullLocator())
    else:
        axis.yaxis.set_major_locator(MaxNLocator(4))


def _handles() -> list[Line2D]:
    return [
        Line2D([], [], **_look(effect, style.FAINT), label=_LABELS[effect])  # type: ignore[arg-type]
        for effect in EFFECTS
    ]
