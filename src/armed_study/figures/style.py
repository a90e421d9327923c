"""The look that all figures share: sizes, type, panels; files are the same byte by byte."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib.style
import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D

from armed_study.io.atomic import replacing
from armed_study.vocabulary.labels import model_colour, model_label, order_models

Entries = Sequence[Artist]  # of a legend
LineStyle = dict[str, Any]  # how a line or marker is drawn, by matplotlib's names
WIDTH = 7.2  # inches: the text width of a two-column journal
INK, FAINT = "#222222", "#6B6B6B"
CLASS_COLOURS = ("#2166AC", "#C0392B")  # the two ends of CLASS_MAP, so pictures and points agree
CLASS_MAP = "RdBu_r"
DPI = 200
DASHED: LineStyle = {
    "color": "black",
    "lw": 0.8,
    "ls": (0, (4, 2)),
}  # what values are compared with
_DIGITS = 6  # of a position, as a fraction of the figure

RC_PARAMS = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so the letters are the same everywhere
    "font.size": 7.5,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "axes.labelcolor": INK,
    "axes.edgecolor": "#555555",
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": "#E4E4E4",
    "grid.linewidth": 0.5,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "xtick.color": "#555555",
    "ytick.color": "#555555",
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "text.color": INK,
    "text.parse_math": False,  # names stand as they are: $0-$10 is no formula
    "lines.linewidth": 1.2,
    "svg.fonttype": "path",
    "svg.hashsalt": "armed-study",
}


def grid(
    body: SubFigure, count: int, *, columns: int, sharex: bool = True, sharey: bool = True
) -> list[Axes]:
    """Lay out `count` panels in rows of at most `columns`, without empty frames.

    With shared axes, tick labels stand at the left and below the last panel of each column only.
    """
    columns = min(columns, count)
    axes = body.subplots(
        math.ceil(count / columns), columns, squeeze=False, sharex=sharex, sharey=sharey
    )
    for unused in axes.flat[count:]:
        unused.remove()
    for index, axis in enumerate(axes.flat[:count]):
        if sharex:
            axis.tick_params(labelbottom=index + columns >= count)
    return list(axes.flat[:count])


def columns(count: int, most: int = 4) -> int:
    """Choose how many of `count` panels to put in a row, so that the last row is well filled."""
    if count <= most:
        return count
    return min((most, most - 1), key=lambda number: (-count % number, -number))


def entry(label: str, **look: Any) -> Line2D:
    """Make an entry of a legend: what a line or marker of this look stands for."""
    return Line2D([], [], label=label, **look)


def legend(body: SubFigure, entries: Sequence[Artist], *, columns: int = 4) -> None:
    """Put the legend above all panels, below the heading, in at most so many columns as fit the width."""
    for count in range(min(columns, len(entries)), 0, -1):
        made = body.legend(
            handles=entries, loc="outside upper left", ncols=count, columnspacing=1.6,
            borderaxespad=0.2, borderpad=0.3,
        )  # fmt: skip
        if count == 1 or made.get_window_extent().width <= body.bbox.width:
            return
        made.remove()


def letter(axis: Axes, index: int) -> None:
    """Write the letter of a panel (0 is a) at its upper left corner, outside the axes."""
    axis.annotate(
        "abcdefghijklmnopqrstuvwxyz"[index % 26], (0, 1), xycoords="axes fraction",
        xytext=(-3, 4), textcoords="offset points", ha="right", va="bottom", weight="bold", size=9,
    )  # fmt: skip


def rows_down(axis: Axes, names: Sequence[str]) -> None:
    """Name the rows of a panel down its side, the first one above."""
    axis.set_yticks(range(len(names)), names)
    axis.set_ylim(len(names) - 0.4, -0.6)
    axis.tick_params(axis="y", length=0)
    axis.grid(axis="x")


def models_down(axis: Axes, models: Sequence[str]) -> None:
    """Name the models down the side of a panel, a faint line between any two."""
    rows_down(axis, [model_label(name) for name in models])
    axis.spines["left"].set_visible(False)
    axis.hlines(np.arange(len(models) - 1) + 0.5, 0, 1, transform=axis.get_yaxis_transform(),
                color="#EFEFEF", lw=0.6, zorder=0)  # fmt: skip


def name_row(axis: Axes, label: str, *, away: float = 4, size: float = 7.5, **look: Any) -> None:
    """Write the name of a row before its first panel, `away` points from it."""
    axis.annotate(
        label, (0, 0.5), xycoords="axes fraction", xytext=(-away, 0), textcoords="offset points",
        ha="right", va="center", size=size, **look,
    )  # fmt: skip


def close_up(body: SubFigure, *, across: float, down: float) -> None:
    """Let panels stand close together, as pictures do: so many inches apart."""
    engine = body.figure.get_layout_engine()
    if engine is not None:
        engine.set(w_pad=across, h_pad=down, wspace=0, hspace=0)


def spread(count: int, width: float) -> np.ndarray:
    """Give `count` evenly spaced offsets over `width`, centred on zero, shape ``(count,)``."""
    return np.linspace(-width / 2, width / 2, count) if count > 1 else np.zeros(count)


def save(figure: Figure, svg_path: str | Path, png_path: str | Path) -> None:
    """Write a figure as SVG and PNG, each whole or not at all, without date or software version."""
    options = {"svg": {"Date": None, "Creator": None}, "png": {"Software": None}}
    with matplotlib.style.context(RC_PARAMS, after_reset=True):
        _settle(figure)
        for path, kind in ((Path(svg_path), "svg"), (Path(png_path), "png")):
            with replacing(path) as part:
                figure.savefig(part, format=kind, dpi=DPI, metadata=options[kind])


def _settle(figure: Figure) -> None:
    """Lay the panels out, once for all files; without the last bits, which vary between runs."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    parts = list(figure.subfigs)
    while parts:
        part = parts.pop()
        part.bbox_relative.set_points(part.bbox_relative.get_points().round(_DIGITS))
        parts += part.subfigs
    for axis in figure.axes:
        bounds = np.round(axis.get_position(original=True).bounds, _DIGITS)
        axis.set_position(bounds, which="original")


def intercept_panels(table: pd.DataFrame) -> list[tuple[str, str, pd.DataFrame]]:
    """Title, colour and rows of each panel of table `ranked_effects`: one a model, and one a class."""
    found = []
    for model in order_models(table["model"]):
        own = table[table["model"] == model]
        for effect, rows in own.groupby(own["effect"].astype(str), sort=False):
            of = str(effect).removeprefix("intercept").strip("[]")
            title = f"{model_label(model)}, {of}" if of else model_label(model)
            found.append((title, model_colour(model), rows))
    return found
