"""Figure of each model's most important features over folds, ranked, and its random slopes' s.d."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.patches import Patch

from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing
from armed_study.vocabulary.labels import model_colour, model_label, order_models

FIGURE = {
    "label": "Feature importance, ranked",
    "title": "most important features by model",
    "nothing": "No model of this study has feature importances.",
    "kinds": ("mci",),
    "reads": {"ranked_importance": "study", "probe_ranks": "study"},
    "finding": """
{% if look.has('probe_ranks', model=look.reference) %}Among {{ look.listed('probe_ranks',
'features') }} features the mean rank of probes is {{ look.listed('probe_ranks',
'mean_rank_over_folds', model=look.reference) }} in {{ label(look.reference) }}, {{
look.listed('probe_ranks', 'mean_rank_by_chance') }} by chance.{% else %} {% for name in
look.names('ranked_importance', 'feature', model=look.reference, quantity='importance', rank=1)
%}{% if loop.first %}The most important feature of {{ label(look.reference) }} is {{ name }}, {{
look.span('ranked_importance', 'median', model=look.reference, quantity='importance', rank=1) }}
(median over folds).{% endif %}{% endfor %}{% endif %}
""",
    "caption": """
**Most important features by model on {name}**: absolute derivative of the predicted probability
with respect to each input, averaged over test samples of seen clusters, of the fixed-effects
output where the model has one. Boxes: median and quartiles of the folds, each a mean over
seeds, whiskers to the furthest fold within 1.5 quartile distances; not a confidence interval.
Each panel has its own ranking, by the median, and its own scale. Green, for models with random
slopes on the inputs: s.d. over the seen clusters of the learned slope of the same feature.
Where there are probes, they are orange, and below is how high the model ranks them in each fold
(dots, larger for more folds; tick: mean), next to what a random order of all features would
give: a model that resists confounding puts them last.
""",
}
_REAL, _PROBE, _SLOPE = "#8C96A8", "#D55E00", "#44AA99"
_BOX = {"q1": "low", "med": "median", "q3": "high", "whislo": "least", "whishi": "most"}
_ROW = 0.13  # inches a feature


@drawing(FIGURE)
def draw(table: pd.DataFrame, heading: Heading, *, probe_ranks: pd.DataFrame) -> Figure:
    """Draw a panel for each model, slopes next to importance; below, where there are any, probes.

    Parameters
    ----------
    probe_ranks
        The study's table.
    """
    models = order_models(table["model"])
    most = int(table["rank"].max())
    rows = -(-len(models) // 2)
    tall = rows * (_ROW * max(most, 4) + 0.58) + 0.35
    probed = len(probe_ranks) > 0
    wide = 0.19 * len(order_models(probe_ranks["model"])) + 0.75 if probed else 0
    figure, body = heading.canvas(tall + wide)
    parts = body.subfigures(2, 1, height_ratios=(tall, wide)) if probed else [body]
    _draw_models(parts[0], table, models, most)
    if probed:
        _draw_ranks(parts[1], probe_ranks, first_letter=len(models))
    return figure


def _draw_models(body: SubFigure, table: pd.DataFrame, models: list[str], most: int) -> None:
    with_slopes = set(table.loc[table["quantity"] == "slope_sd", "model"])
    cells = body.subfigures(-(-len(models) // 2), min(len(models), 2), squeeze=False).flat
    for index, (cell, model) in enumerate(zip(cells, models, strict=False)):
        rows = table[table["model"] == model].sort_values("rank", kind="stable")
        both = model in with_slopes
        axes = np.atleast_1d(cell.subplots(1, 1 + both, sharey=True))
        _draw_boxes(axes[0], rows[rows["quantity"] == "importance"], _REAL)
        axes[0].set_xlabel("Importance", size=7)
        if both:
            _draw_boxes(axes[1], rows[rows["quantity"] == "slope_sd"], _SLOPE)
            axes[1].set_xlabel("Slope s.d.", size=7)
            axes[1].tick_params(axis="y", labelleft=False, length=0)
        _name_features(axes[0], rows, most)
        axes[0].set_title(model_label(model), loc="left", size=7.5, weight="bold",
                          color=model_colour(model))  # fmt: skip
        style.letter(axes[0], index)
    colours = {"importance: folds (mean over seeds)": _REAL}
    if table["probe"].astype(bool).any():
        colours["probe"] = _PROBE
    if with_slopes:
        colours["s.d. over clusters of the learned random slope: folds"] = _SLOPE
    style.legend(body, [Patch(fc=c, alpha=0.75, label=name) for name, c in colours.items()])


def _draw_boxes(axis: Axes, rows: pd.DataFrame, colour: str) -> None:
    for rank, part in rows.groupby("rank", sort=True):
        own = _PROBE if bool(part["probe"].iloc[0]) else colour
        whole, values = part.iloc[0], part["value"]
        box = {key: whole[name] for key, name in _BOX.items()}
        box["fliers"] = [*values[values < whole["least"]], *values[values > whole["most"]]]
        axis.bxp(
            [box], positions=[rank], orientation="horizontal", widths=0.68, patch_artist=True,
            manage_ticks=False,
            boxprops={"facecolor": own, "edgecolor": own, "alpha": 0.6, "lw": 0.5},
            medianprops={"color": style.INK, "lw": 1}, capprops={"lw": 0},
            whiskerprops={"color": own, "lw": 0.8},
            flierprops={"marker": "o", "ms": 1.8, "mfc": own, "mec": "none"},
        )  # fmt: skip
    axis.set_xlim(left=0)
    axis.margins(x=0.05)
    axis.locator_params(axis="x", nbins=3)
    axis.tick_params(axis="x", labelsize=6)
    axis.grid(axis="x")


def _name_features(axis: Axes, rows: pd.DataFrame, most: int) -> None:
    names = rows.drop_duplicates("rank")
    axis.set_yticks(names["rank"], names["feature"].astype(str), size=6)
    for label, probe in zip(axis.get_yticklabels(), names["probe"].astype(bool), strict=True):
        label.set_color(_PROBE if probe else style.INK)
    axis.tick_params(axis="y", length=0)
    axis.set_ylim(most + 0.6, 0.4)


def _draw_ranks(body: SubFigure, ranks: pd.DataFrame, *, first_letter: int) -> None:
    """Draw how high a model ranks the probes: mean rank, and number among the first, by model."""
    models = order_models(ranks["model"])
    axes = body.subplots(1, 2, sharey=True)
    features, probes, top = ranks.iloc[0][["features", "probes", "top"]]
    for index, (axis, column) in enumerate(zip(axes, ("mean_rank", "in_top"), strict=True)):
        style.letter(axis, first_letter + index)
        for place, model in enumerate(models):
            rows = ranks[ranks["model"] == model]
            found, counts = np.unique(rows[column].to_numpy(float), return_counts=True)
            colour, at = model_colour(model), np.full(len(found), place)
            axis.scatter(found, at, s=5 + 5 * counts, color=colour, alpha=0.35, lw=0)
            axis.plot(rows[f"{column}_over_folds"][:1], [place], "|", color=colour, ms=9, mew=1.8)
        axis.axvline(ranks[f"{column}_by_chance"].iloc[0], **style.DASHED | {"lw": 0.9})
        axis.set_title("dashed: features in random order", size=7, color=style.FAINT)
        style.rows_down(axis, [model_label(name) for name in models])
    axes[0].set_xlim(0, features + 1)
    axes[0].set_xlabel(
        f"Mean rank of {probes} probes among {features} features (1: most important)"
    )
    axes[1].set(xlabel=f"Probes among the {top} most important", xlim=(-0.25, probes + 0.25))
