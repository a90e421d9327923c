"""Figure of latents in two dimensions: samples of each model by date and by phenotype."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.figure import Figure

from armed_study.data.pictures import known_frames
from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing
from armed_study.vocabulary.labels import model_label, order_clusters, order_models

FIGURE = {
    "label": "Latents in two dimensions",
    "title": "latents in two dimensions",
    "nothing": "No model of this study has latents that can be laid out in two dimensions.",
    "kinds": ("livecell",),
    "reads": {"latent_maps": "study", "samples": "study"},
    "finding": """
{% if look.has('latents', model=look.reference, metric='cluster_balanced_accuracy') %} A
classifier of {{ label(look.reference) }}'s latents finds the date with a balanced accuracy of {{
look.interval('latents', model=look.reference, metric='cluster_balanced_accuracy') }}; by chance
it is {{ look.value('latents', 'chance', model=look.reference, metric='cluster_balanced_accuracy')
}}.{% endif %}
""",
    "caption": """
**Latents of {name} in two dimensions**: test images of seen dates, first fold and seed, one row
a model. Left: the first two principal components (*PCA*) of the latents, standardised on these
images, with the share of the variance that each component explains. Right: *UMAP* of the same
latents (15 neighbours, least distance 0.1, started from the principal components; its axes and
the distances between its groups have no meaning). Each map is shown twice, coloured by the date
and by the metastatic efficiency of the xenograft. Where dates form groups of their own, the
latents know the date; colours of dates follow in time. Of more than 2,000 images as many were
drawn at random, the same ones for all models. Latents of a model that is given the date (cluster
input) depend on what it is given as well as on the image: each image was given its own date. A
map shows what can be seen in two of many dimensions; the table of latents has the numbers.
""",
}
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


def table(latent_maps: pd.DataFrame, samples: pd.DataFrame) -> pd.DataFrame:
    """Join what is known of the samples to their places.

    Parameters
    ----------
    latent_maps, samples
        The study's tables.

    Returns
    -------
    pd.DataFrame
        One row a model, projection and sample, models in the order of all figures.
    """
    known = known_frames(samples).drop(columns="row")
    text = {"model": str, "projection": str, "sample": str}
    result = latent_maps.astype(text).merge(known, on="sample", validate="many_to_one")
    places = order_models(result["model"]).index
    result = result.sort_values("model", key=lambda names: names.map(places), kind="stable")
    return result[list(COLUMNS)].reset_index(drop=True)


@drawing(FIGURE, COLUMNS)
def draw(table: pd.DataFrame, heading: Heading) -> Figure:
    """Draw a row for each model: both maps, each by date and by phenotype."""
    models, dates = order_models(table["model"]), date_colours(table["cluster"])
    height = _PANEL * len(models) + 0.55 + 0.14 * -(-len(dates) // 9)
    figure, body = heading.canvas(height)
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
        label = model_label(model).replace(", ", ",\n")
        style.name_row(line[0], label, away=16, weight="bold", rotation=90)
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
    def dots(colours: Mapping[str, str]) -> style.Entries:
        look = {"ls": "", "marker": "o", "ms": 3.6, "mew": 0}
        return [style.entry(name, color=colour, **look) for name, colour in colours.items()]

    look = {"borderaxespad": 0.2, "borderpad": 0.3, "handletextpad": 0.1, "columnspacing": 0.9}
    body.legend(handles=dots(dates), loc="outside upper left", ncols=min(len(dates), 9), **look)
    efficiency = {f"{name} efficiency": colour for name, colour in PHENOTYPES.items()}
    body.legend(handles=dots(efficiency), loc="outside upper right", ncols=1, **look)
