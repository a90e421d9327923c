"""Figure of latents in two dimensions: samples of each model by date and by phenotype."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from armed_study.figures import style
from armed_study.figures.reconstruction import frames
from armed_study.vocabulary.labels import model_label, order_clusters, order_models

COLUMNS = (
    "model", "projection", "sample", "cluster", "phenotype", "pdx", "x", "y", "x_explained",
    "y_explained",
)  # fmt: skip
PROJECTIONS = {"pca": "PCA", "umap": "UMAP"}
PHENOTYPES = {"low": style.CLASS_COLOURS[0], "high": style.CLASS_COLOURS[1]}
# From the discrete rainbow of P. Tol, without its palest colours: in order, so that dates near each
# other in time look alike, and apart for colour-blind readers.
_RAINBOW = (
    "#882E72", "#BA8DB4", "#1965B0", "#5289C7", "#7BAFDE", "#4EB265", "#90C987", "#D9C510",
    "#F4A736", "#EE8026", "#DC050C", "#72190E",
)  # fmt: skip
_PANEL = 1.28  # inches, the height of a row


def table(maps: pd.DataFrame, samples: pd.DataFrame) -> pd.DataFrame:
    """Join what is known of the samples to their places.

    Parameters
    ----------
    maps, samples
        Tables ``latent_maps`` and ``samples``.

    Returns
    -------
    pd.DataFrame
        One row a model, projection and sample, models in the order of all figures.
    """
    known = frames.known_frames(samples).drop(columns="row")
    text = {"model": str, "projection": str, "sample": str}
    result = maps.astype(text).merge(known, on="sample", validate="many_to_one")
    places = {name: place for place, name in enumerate(order_models(result["model"]))}
    result = result.sort_values("model", key=lambda names: names.map(places), kind="stable")
    return result[list(COLUMNS)].reset_index(drop=True)


@style.styled
def draw(table: pd.DataFrame, *, title: str, origin: str = "", generated: bool = False) -> Figure:
    """Draw a row for each model: both maps, each by date and by phenotype."""
    style.check(table, COLUMNS, "latent_maps")
    title = f"{title}: latents in two dimensions"
    if table.empty:
        message = "No model of this study has latents that can be laid out in two dimensions."
        return style.note(message, title=title, origin=origin, generated=generated)
    models, dates = order_models(table["model"]), date_colours(table["cluster"])
    height = _PANEL * len(models) + 0.55 + 0.14 * -(-len(dates) // 9)
    figure, body = style.canvas(height, title=title, origin=origin, generated=generated)
    axes = body.subplots(len(models), 2 * len(PROJECTIONS), squeeze=False)
    for line, model in zip(axes, models, strict=True):
        rows = table[table["model"] == model]
        for place, projection in enumerate(PROJECTIONS):
            own = rows[rows["projection"] == projection]
            for axis, column, colours in (
                (line[2 * place], "cluster", dates),
                (line[2 * place + 1], "phenotype", PHENOTYPES),
            ):
                _draw_map(axis, own, own[column].map(colours))
            _name_axes(line[2 * place], own)
        _name_row(line[0], model)
    for place, name in enumerate(PROJECTIONS.values()):
        axes[0, 2 * place].set_title(f"{name}, by date", size=8)
        axes[0, 2 * place + 1].set_title(f"{name}, by phenotype", size=8)
    _name_colours(body, dates)
    return figure


def date_colours(dates: pd.Series) -> dict[str, str]:
    """Give each date a colour, in order along a rainbow; more dates than colours are mixed from it."""
    names = order_clusters(dates)
    if len(names) <= len(_RAINBOW):
        chosen = np.linspace(0, len(_RAINBOW) - 1, len(names)).round().astype(int)
        return {name: _RAINBOW[place] for name, place in zip(names, chosen, strict=True)}
    mixed = LinearSegmentedColormap.from_list("dates", _RAINBOW)
    places = np.linspace(0, 1, len(names))
    return {name: to_hex(mixed(place)) for name, place in zip(names, places, strict=True)}


def _name_row(axis: Axes, model: str) -> None:
    label = model_label(model).replace(", ", ",\n")
    axis.annotate(label, (0, 0.5), xycoords="axes fraction", xytext=(-16, 0), weight="bold",
                  textcoords="offset points", rotation=90, ha="right", va="center", size=7.5)  # fmt: skip


def _draw_map(axis: Axes, rows: pd.DataFrame, colours: pd.Series) -> None:
    axis.set(xticks=[], yticks=[])
    axis.spines[:].set(visible=True, color="#BBBBBB")
    if rows.empty:
        axis.text(0.5, 0.5, "no map", transform=axis.transAxes, ha="center", va="center", size=7,
                  color=style.FAINT)  # fmt: skip
        return
    size = float(np.clip(2500 / len(rows), 2.5, 9))
    axis.scatter(rows["x"], rows["y"], s=size, c=colours.to_numpy(object), alpha=0.75, lw=0,
                 rasterized=True)  # fmt: skip
    axis.set_aspect("equal", adjustable="datalim")


def _name_axes(axis: Axes, rows: pd.DataFrame) -> None:
    shares = rows[["x_explained", "y_explained"]].head(1).to_numpy().ravel()
    if len(shares) and not np.isnan(shares).any():
        across, up = (
            f"PC {n}, {share:.0%}".replace("%", " %") for n, share in enumerate(shares, 1)
        )
        axis.set_xlabel(across, size=6, labelpad=1)
        axis.set_ylabel(up, size=6, labelpad=1)


def _name_colours(body: style.SubFigure, dates: Mapping[str, str]) -> None:
    def dots(colours: Mapping[str, str]) -> list[Line2D]:
        return [
            Line2D([], [], ls="", marker="o", ms=3.6, mew=0, color=colour, label=name)
            for name, colour in colours.items()
        ]

    look = {"borderaxespad": 0.2, "borderpad": 0.3, "handletextpad": 0.1, "columnspacing": 0.9}
    body.legend(handles=dots(dates), loc="outside upper left", ncols=min(len(dates), 9), **look)
    efficiency = {f"{name} efficiency": colour for name, colour in PHENOTYPES.items()}
    body.legend(handles=dots(efficiency), loc="outside upper right", ncols=1, **look)
