"""Drawing of reliability: observed share against predicted probability, above how dense predictions lie."""

import textwrap
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from armed_study.figures import style
from armed_study.figures.heading import Heading
from armed_study.vocabulary.labels import model_label, order_models


class Look(NamedTuple):
    """How a curve is drawn, and what it is called in the legend."""

    label: str
    colour: str
    marker: str
    filled: bool


def draw_reliability(
    table: pd.DataFrame, heading: Heading, *, by: str, looks: Mapping[str, Look]
) -> Figure:
    """Draw for each model a reliability curve above the distribution of its predictions.

    Parameters
    ----------
    table
        Rows of table `calibration`.
    by
        Column that tells the curves of a model apart, and `looks` their looks by its values.
    """
    models = order_models(table["model"])
    columns = style.columns(len(models))
    rows = -(-len(models) // columns)
    width = style.WIDTH / 4 * max(columns, 3)
    height = rows * (min(width / columns, 3.2) * 1.25 + 0.15) + 0.6
    figure, body = heading.canvas(height, width=width)
    axes = body.subplots(2 * rows, columns, sharex=True, squeeze=False, height_ratios=(3, 1) * rows)
    for index in range(rows * columns):
        row, column = divmod(index, columns)
        curve, counts = axes[2 * row, column], axes[2 * row + 1, column]
        if index >= len(models):
            curve.remove()
            counts.remove()
            continue
        own = table[table["model"] == models[index]]
        _draw_model(curve, counts, {look: own[own[by] == name] for name, look in looks.items()})
        curve.set_title("\n".join(textwrap.wrap(model_label(models[index]), 26)), size=7.5)
        curve.tick_params(labelbottom=False, labelleft=column == 0)
        counts.tick_params(labelbottom=index + columns >= len(models), labelleft=column == 0)
        if column == 0:
            curve.set_ylabel("Observed share")
            counts.set_ylabel("Density", size=7)
    body.supxlabel("Predicted P(y = 1)", size=8)
    style.legend(
        body, _entries([look for name, look in looks.items() if (table[by] == name).any()])
    )
    return figure


def _draw_model(curve: Axes, counts: Axes, parts: Mapping[Look, pd.DataFrame]) -> None:
    ticks = [0, 0.5, 1]
    curve.plot([0, 1], [0, 1], **style.DASHED)
    for look, part in parts.items():
        if part.empty:
            continue
        part, colour = part.sort_values("predicted"), look.colour
        place = part["predicted"].to_numpy(float)
        curve.vlines(place, part["low"], part["high"], color=colour, lw=0.8, alpha=0.6)
        curve.plot(place, part["observed"], marker=look.marker, ms=2.4, lw=0.9, color=colour)
        edges = np.append(part["left"], part["right"].iloc[-1])
        alpha = 0.35 if look.filled else 1
        counts.stairs(part["density"], edges, color=colour, fill=look.filled, alpha=alpha)
    curve.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), xticks=ticks, yticks=ticks)
    counts.set(ylim=(0, None), yticks=[])


def _entries(looks: list[Look]) -> style.Entries:
    shown = [
        style.entry(f"{look.label}, 95 % interval", color=look.colour, marker=look.marker, ms=2.4, lw=0.9)
        for look in looks
    ]  # fmt: skip
    return [*shown, style.entry("perfect calibration", **style.DASHED)]
