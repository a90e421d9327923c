"""How high a model ranks the probes among all features: the panels below the ranked features."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure

from armed_study.figures import style
from armed_study.vocabulary.labels import model_colour, model_label, order_models


def draw_ranks(body: SubFigure, ranks: pd.DataFrame, *, first_letter: int) -> None:
    """Draw mean rank and number among the first, one row a model, beside random order."""
    models = order_models(ranks["model"])
    axes = body.subplots(1, 2, sharey=True)
    features, probes = int(ranks["features"].max()), int(ranks["probes"].max())
    top = int(ranks["top"].max())
    chance = {"mean_rank": (features + 1) / 2, "in_top": probes * min(top / features, 1)}
    for index, (axis, (column, expected)) in enumerate(zip(axes, chance.items(), strict=True)):
        style.letter(axis, first_letter + index)
        for place, model in enumerate(models):
            values = ranks.loc[ranks["model"] == model, column].to_numpy(float)
            _draw_spread(axis, values, place, model_colour(model))
        axis.axvline(expected, color="black", lw=0.9, ls=(0, (4, 2)))
        axis.set_title("dashed: features in random order", size=7, color=style.FAINT)
        axis.tick_params(axis="y", length=0)
        axis.grid(axis="x")
    axes[0].set_yticks(range(len(models)), [model_label(name) for name in models])
    axes[0].set(ylim=(len(models) - 0.4, -0.6), xlim=(0, features + 1))
    axes[0].set_xlabel(
        f"Mean rank of {probes} probes among {features} features (1: most important)"
    )
    axes[1].set(xlabel=f"Probes among the {top} most important", xlim=(-0.25, probes + 0.25))


def _draw_spread(axis: Axes, values: np.ndarray, place: int, colour: str) -> None:
    found, counts = np.unique(values, return_counts=True)
    axis.scatter(
        found, np.full(len(found), place), s=5 + 5 * counts, color=colour, alpha=0.35, lw=0
    )
    axis.plot([values.mean()], [place], "|", color=colour, ms=9, mew=1.8)
