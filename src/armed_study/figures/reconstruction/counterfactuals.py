"""Figure of imagined frames against the truth: errors of models, and what knowing the date saves."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from armed_study.figures import style
from armed_study.interpretation.counterfactuals.summary import COLUMNS, MEASURES, OTHER, OWN
from armed_study.vocabulary.formatting import interval_text
from armed_study.vocabulary.labels import model_colour, model_label, order_models

_ERRORS = {"unchanged": (-0.22, "D"), "fixed": (0.0, "s"), "mixed": (0.22, "o")}
_LABELS = {
    "unchanged": "the frame itself",
    "fixed": "fixed reconstruction",
    "mixed": "mixed, as on the target date",
}
_ENDS = ["value", "low", "high"]
_UNITS = {**dict.fromkeys(MEASURES, 1000.0), "reduction": 100.0}
_TARGETS = {
    OTHER: "Frames imagined on other dates",
    OWN: "The same frames on their own date",
}


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each model and target, for the report's page; errors in units of 0.001."""
    rows = []
    for (model, target), part in table.groupby(["model", "target"], sort=False):
        by = part.set_index("measure")
        cells = {
            str(name): interval_text(*(by.loc[name, _ENDS].astype(float) * _UNITS[str(name)]))
            for name in by.index
        }
        rows.append(
            {
                "model": model,
                "rendered on": target,
                "the frame itself (MSE x 1000)": cells["unchanged"],
                "fixed (MSE x 1000)": cells["fixed"],
                "mixed (MSE x 1000)": cells["mixed"],
                "fixed less mixed (x 1000)": cells["difference"],
                "less by, %": cells["reduction"],
                "cells": int(part["cells"].iloc[0]),
                "pictures": int(part["pictures"].iloc[0]),
            }
        )
    return pd.DataFrame(rows)


@style.styled
def draw(table: pd.DataFrame, *, title: str, origin: str = "", generated: bool = False) -> Figure:
    """Draw errors and their difference by model, other dates above the frames' own.

    Parameters
    ----------
    table
        Result of `armed_study.interpretation.counterfactuals.summary.summarise`.
    """
    style.check(table, COLUMNS, "counterfactuals")
    title = f"{title}: imagined frames against true ones"
    if table.empty:
        message = "No model of this study reconstructs a cell as on another date."
        return style.note(message, title=title, origin=origin, generated=generated)
    models = order_models(table["model"])
    targets = [name for name in _TARGETS if (table["target"] == name).any()]
    height = len(targets) * (0.5 * max(len(models), 2) + 0.6) + 0.4
    figure, body = style.canvas(height, title=title, origin=origin, generated=generated)
    axes = body.subplots(len(targets), 2, sharey=True, sharex="col", squeeze=False)
    for row, target in enumerate(targets):
        rows = table[table["target"] == target]
        _draw_errors(axes[row, 0], rows, models)
        _draw_difference(axes[row, 1], rows, models)
        axes[row, 0].set_title(_TARGETS[target])
        for column in (0, 1):
            _set_up(axes[row, column], models)
            style.letter(axes[row, column], 2 * row + column)
    axes[-1, 0].set_xlim(left=0)
    axes[-1, 0].set_xlabel("Mean squared error against the rendering")
    axes[-1, 1].set_xlabel("Error of fixed less error of mixed\n(above 0: mixed is nearer)")
    style.legend(body, _handles())
    return figure


def _draw_errors(axis: Axes, rows: pd.DataFrame, models: list[str]) -> None:
    for one in rows[rows["measure"].isin(list(_ERRORS))].itertuples():
        offset, marker = _ERRORS[one.measure]
        at, colour = models.index(one.model) + offset, model_colour(one.model)
        axis.hlines(at, one.low, one.high, color=colour, lw=1.2)
        axis.plot([one.value], [at], marker, color=colour, ms=4, mew=0.9,
                  mfc=colour if one.measure == "mixed" else "white", clip_on=False, zorder=3)  # fmt: skip


def _draw_difference(axis: Axes, rows: pd.DataFrame, models: list[str]) -> None:
    axis.axvline(0, color="black", lw=0.8, ls=(0, (4, 2)))
    share = rows[rows["measure"] == "reduction"].set_index("model")["value"]
    for one in rows[rows["measure"] == "difference"].itertuples():
        at, colour = models.index(one.model), model_colour(one.model)
        axis.hlines(at, one.low, one.high, color=colour, lw=1.2)
        axis.plot([one.value], [at], "o", color=colour, ms=4, mec="white", mew=0.4)
        text = f"{share[one.model] * 100:.0f} % of fixed".replace("-", "−")
        axis.annotate(text, (one.value, at), xytext=(0, 5), textcoords="offset points",
                      size=6.5, ha="center", va="bottom",
                      bbox={"fc": "white", "ec": "none", "pad": 0.4})  # fmt: skip
    axis.margins(x=0.15)


def _set_up(axis: Axes, models: list[str]) -> None:
    axis.set_yticks(range(len(models)), [model_label(name) for name in models])
    axis.set_ylim(len(models) - 0.4, -0.6)
    axis.tick_params(axis="y", length=0)
    axis.xaxis.set_major_locator(MaxNLocator(5))
    axis.grid(axis="x")
    axis.spines["left"].set_visible(False)
    axis.hlines(np.arange(len(models) - 1) + 0.5, 0, 1, transform=axis.get_yaxis_transform(),
                color="#EFEFEF", lw=0.6, zorder=0)  # fmt: skip


def _handles() -> list[Line2D]:
    return [
        Line2D([], [], ls="-", lw=1.2, color=style.FAINT, marker=marker, ms=4, mew=0.9,
               mfc=style.FAINT if name == "mixed" else "white",
               label=f"{_LABELS[name]}, 95 % interval")
        for name, (_, marker) in _ERRORS.items()
    ]  # fmt: skip
