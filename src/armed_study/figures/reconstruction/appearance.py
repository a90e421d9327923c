"""Figure of appearance: frames and reconstructions by date, and how much of them is the date's."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing
from armed_study.vocabulary.labels import (
    metric_label,
    model_colour,
    model_label,
    order_clusters,
    order_models,
)
from armed_study.vocabulary.measures import (
    APPEARANCES,
    FIXED,
    FRAME_MEASURES,
    MEAN,
    MIXED,
    ORIGINAL,
    SHARE_BETWEEN_DATES,
)

FIGURE = {
    "label": "Appearance by date, before and after removing the date",
    "title": "appearance by date, with and without the date's effects",
    "nothing": "No model of this study reconstructs frames of seen dates.",
    "kinds": ("livecell",),
    "reads": {"appearance_by_date": "study"},
    "finding": """
{% if look.has('appearance', effect='original', metric='brightness',
quantity='share between dates') %}Dates explain a share of {{ look.interval('appearance',
effect='original', metric='brightness', quantity='share between dates') }} of the brightness of
frames{% if look.has('appearance', model=look.reference, effect='fixed', metric='brightness',
quantity='share between dates') %}, and of {{ look.interval('appearance', model=look.reference,
effect='fixed', metric='brightness', quantity='share between dates') }} of that of {{
label(look.reference) }}'s reconstructions without the date{% endif %}.{% endif %}
""",
    "caption": """
**What frames of {name} look like by date, before and after removing the date's effects**: test
frames of seen dates (squares), their reconstructions with the random effects of their date
(*mixed*, filled) and those without any (*fixed*, open), by model; the first model has no
effects of the date on its reconstruction and stands for comparison. A reconstruction is
smoother or rougher than a frame whatever the date, so that the fixed one is to be compared with
the mixed one. *Brightness*: mean over pixels; *contrast*: standard deviation over pixels;
*sharpness*: variance of the Laplacian (of four neighbours); *signal to noise*: the mean divided
by the standard deviation of the noise, in decibels (20 log10), where the noise is estimated by
Immerkaer's method (Computer Vision and Image Understanding 1996, 64(2):300-302), which takes
fine texture for noise too; of reconstructions, which have no camera, it measures how fine they
are. White is 1. Means over the cells of a date, each a mean over its frames, with 95 % t
intervals; lines only lead the eye. Right: the share of the variance between cells that lies
between dates (intraclass correlation), with its 95 % interval (of the F distribution; dates are
few, so it is wide). If removing the date's effects succeeds, that share is lower of the fixed
than of the mixed reconstructions and the frames; it need not be 0, as dates differ in which
xenografts they have.
""",
}
_UNITS = {"brightness": "white is 1", "contrast": "s.d.", "sharpness": "variance of\nLaplacian",
          "snr": "dB"}  # fmt: skip
_LABELS = {ORIGINAL: "frames", MIXED: "mixed reconstructions (with the date's effects)",
           FIXED: "fixed reconstructions (without them)"}  # fmt: skip
_PANEL, _SHARES = 1.12, 1.35  # inches: height of a row, and width of the shares by that of a model


@drawing(FIGURE)
def draw(table: pd.DataFrame, heading: Heading) -> Figure:
    """Draw a row for each metric: a panel by date for each model, and the shares of all."""
    models = order_models(set(table["model"]) - {""})
    dates = order_clusters(table.loc[table["quantity"] == MEAN, "cluster"])
    figure, body = heading.canvas(len(FRAME_MEASURES) * _PANEL + 0.95)
    axes = body.subplots(len(FRAME_MEASURES), len(models) + 1, squeeze=False, sharex="col",
                         width_ratios=[1] * len(models) + [_SHARES])  # fmt: skip
    for line, metric in zip(axes, FRAME_MEASURES, strict=True):
        rows = table[table["metric"] == metric]
        means, shares = (rows[rows["quantity"] == name] for name in (MEAN, SHARE_BETWEEN_DATES))
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
    entries = [style.entry(_LABELS[name], **_line_style(name, style.FAINT)) for name in APPEARANCES]
    style.legend(body, entries)
    return figure


def _draw_means(axis: Axes, rows: pd.DataFrame, dates: list[str], model: str) -> None:
    for shift, effect in zip((0, -0.2, 0.2), APPEARANCES, strict=True):
        own = rows[rows["effect"] == effect]
        if own.empty:
            continue
        own = own.set_index("cluster").reindex(dates)
        place = np.arange(len(dates)) + shift
        look = _line_style(effect, model_colour(model))
        axis.vlines(place, own["low"], own["high"], color=look["color"], lw=0.6, alpha=0.6)
        axis.plot(place, own["value"], **look)
    axis.grid(axis="y")
    axis.set_xlim(-0.7, len(dates) - 0.3)


def _line_style(effect: str, colour: str) -> style.LineStyle:
    colour = "#555555" if effect == ORIGINAL else colour
    look: dict[str, Any] = {
        "color": colour,
        "marker": "s" if effect == ORIGINAL else "o",
        "mfc": colour,
    }
    look |= {"ms": 2.6, "mew": 0.7, "lw": 0.7}
    return look | ({"mfc": "white", "ls": (0, (3, 1.5))} if effect == FIXED else {"ls": "-"})


def _draw_shares(axis: Axes, rows: pd.DataFrame, models: list[str]) -> None:
    for place, model in enumerate(["", *models]):
        own = rows[rows["model"] == model]
        for shift, effect in zip((0, -0.17, 0.17), APPEARANCES, strict=True):
            for one in own[own["effect"] == effect].itertuples():
                look = _line_style(effect, model_colour(model))
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
        axis.yaxis.set_major_formatter("{x:g}")
        axis.yaxis.set_minor_locator(NullLocator())
    else:
        axis.yaxis.set_major_locator(MaxNLocator(4))
