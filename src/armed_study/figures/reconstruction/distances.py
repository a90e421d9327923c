"""Figure of distances in the latents: between dates of a xenograft against between xenografts."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from armed_study.data.pictures import known_frames
from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing
from armed_study.figures.point_labels import label_points
from armed_study.figures.reconstruction.latent_maps import PHENOTYPES
from armed_study.vocabulary.labels import metric_label, model_colour, model_label, order_models

FIGURE = {
    "label": "Distances between dates and xenografts",
    "title": "what lies apart in the latents",
    "nothing": "No xenograft was imaged on two seen dates, and with another one on a date.",
    "kinds": ("livecell",),
    "reads": {"latent_distances": "study", "latent_scores": "study", "samples": "study"},
    "finding": """
{% if look.has('distances', model=look.reference) %}In the latents of {{ label(look.reference) }}
the distance of one xenograft between dates, by that of two on one date, is {{
look.span('distances', 'ratio', model=look.reference) }} over xenografts.{% endif %}
""",
    "caption": """
**What lies apart in the latents of {name}**: test images of seen dates, latents standardised on
these images, and averaged over the frames of a cell. One panel a model, one dot a xenograft
(PDX). Upwards: median Euclidean distance between its cells on two dates, averaged over its
pairs of dates; across: median distance between its cells and those of another PDX on the same
date, averaged over such pairs. Above the dashed line a change of date moves a cell's latents
farther than a change of PDX does. All panels have the same scale; PDX are named where there is
room, and a PDX that lacks either distance is left out. Last panel: the ratio of the two
distances, each the median over all pairs of cells, with its 95 % interval by a bootstrap of
cells, as in the table of latents. Means over folds and seeds. Latents of a model that is given
the date (cluster input) depend on what it is given. The numbers, and of how many pairs of dates
and of PDX they are averages, stand in the table.
""",
}
RATIO = "distance_ratio"
COLUMNS = (
    "model", "pdx", "phenotype", "one_source", "one_cluster", "ratio", "low", "high",
    "cluster_pairs", "source_pairs",
)  # fmt: skip
ALL = "all"
_PARTS = {"distance_one_source": "one_source", "distance_one_cluster": "one_cluster"}
_EQUAL = style.DASHED | {"color": style.FAINT}
_ACROSS, _SIDE = 4, 1.45  # panels in a row; inches of one


def table(
    latent_distances: pd.DataFrame, latent_scores: pd.DataFrame, samples: pd.DataFrame
) -> pd.DataFrame:
    """Collect the distances of every xenograft and the ratio over all cells, by model.

    Parameters
    ----------
    latent_distances, latent_scores, samples
        The study's tables.

    Returns
    -------
    pd.DataFrame
        A row for each model and `pdx`; and one of `pdx` ``all``, whose `ratio` of the median
        distances over all pairs of cells has the 95 % interval of a bootstrap of cells.
    """
    known = known_frames(samples).drop_duplicates("pdx").set_index("pdx")["phenotype"]
    points = latent_distances.rename(columns={"source": "pdx"}).astype({"model": str, "pdx": str})
    points["phenotype"] = points["pdx"].map(known)
    whole = latent_scores.astype({"model": str, "metric": str})
    whole = whole[whole["metric"].isin([RATIO, *_PARTS])]
    whole = whole.pivot(index="model", columns="metric", values=["value", "low", "high"])
    rows = [
        {"model": model, "pdx": ALL, "ratio": one["value", RATIO], "low": one["low", RATIO],
         "high": one["high", RATIO]} | {name: one["value", part] for part, name in _PARTS.items()}
        for model, one in whole.iterrows()
    ]  # fmt: skip
    parts = [part for part in (points, pd.DataFrame(rows)) if len(part)]
    result = pd.concat(parts, ignore_index=True) if parts else points
    places = order_models(result["model"]).index
    result = result.sort_values("model", key=lambda names: names.map(places), kind="stable")
    return result.reindex(columns=list(COLUMNS)).reset_index(drop=True)


@drawing(FIGURE, COLUMNS)
def draw(table: pd.DataFrame, heading: Heading) -> Figure:
    """Draw a panel of xenografts for each model, and the ratios of all models next to them."""
    points = table[table["pdx"] != ALL].dropna(subset=["one_source", "one_cluster"])
    if points.empty:
        return heading.note(FIGURE["nothing"])
    models = order_models(points["model"])
    lines = -(-len(models) // _ACROSS)
    heights = lines * (_SIDE + 0.3) + 0.65, 0.18 * len(models) + 0.65
    figure, body = heading.canvas(sum(heights))
    above, below = body.subfigures(2, 1, height_ratios=heights)
    axes = style.grid(above, len(models), columns=_ACROSS)
    limits = _limits(points)
    for number, (axis, model) in enumerate(zip(axes, models, strict=True)):
        _draw_model(axis, points[points["model"] == model], limits)
        axis.set_title(model_label(model).replace(", ", ",\n"), size=8, color=model_colour(model))
        style.letter(axis, number)
    above.supxlabel(metric_label("distance_one_cluster"), size=8)
    above.supylabel(metric_label("distance_one_source"), size=8)
    dots = [
        style.entry(f"PDX of {name} efficiency", ls="", marker="o", ms=4, mec="white", mew=0.4,
                    color=colour)
        for name, colour in reversed(PHENOTYPES.items())
    ]  # fmt: skip
    style.legend(above, [*dots, style.entry("equal (above: the date separates more)", **_EQUAL)])
    _draw_ratios(below.subplots(), table[table["pdx"] == ALL], len(models))
    return figure


def _limits(points: pd.DataFrame) -> tuple[float, float]:
    values = points[["one_source", "one_cluster"]].to_numpy()
    low, high = float(values.min()), float(values.max())
    room = 0.12 * max(high - low, 0.05 * high)
    return max(low - room, 0), high + room


def _draw_model(axis: Axes, rows: pd.DataFrame, limits: tuple[float, float]) -> None:
    axis.axline((limits[0], limits[0]), slope=1, **_EQUAL)
    colours = rows["phenotype"].map(PHENOTYPES).to_numpy(object)
    axis.scatter(rows["one_cluster"], rows["one_source"], s=14, c=colours, lw=0.4, ec="white",
                 zorder=3)  # fmt: skip
    axis.set(xlim=limits, ylim=limits)
    axis.set_box_aspect(1)
    for one in (axis.xaxis, axis.yaxis):
        one.set_major_locator(MaxNLocator(4))
    points = rows[["one_cluster", "one_source"]].to_numpy()
    along = np.linspace(*limits, 40)
    label_points(axis, points, rows["pdx"].tolist(), np.arange(len(rows))[::-1], size=(_SIDE - 0.1,) * 2,
                 avoid=np.column_stack([along, along]), most=len(rows), font=5.5)  # fmt: skip


def _draw_ratios(axis: Axes, rows: pd.DataFrame, letters: int) -> None:
    axis.axvline(1, **_EQUAL)
    for place, one in enumerate(rows.itertuples()):
        colour = model_colour(one.model)
        axis.hlines(place, one.low, one.high, color=colour, lw=1.2)
        axis.plot([one.ratio], [place], "o", color=colour, ms=4, mec="white", mew=0.4)
    style.rows_down(axis, [model_label(name) for name in rows["model"]])
    axis.spines["left"].set_visible(False)
    axis.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axis.margins(x=0.1)
    axis.set_xlabel(
        "Ratio of the two distances, all cells, 95 % interval (above 1: the date separates more)"
    )
    style.letter(axis, letters)
