"""Figure of each model's most important features over folds, ranked, and its random slopes' s.d."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.patches import Patch

from armed_study.figures import style
from armed_study.figures.effects import probe_ranks
from armed_study.figures.effects.probe_ranks import importance_by_fold
from armed_study.vocabulary.labels import model_colour, model_label, order_models

COLUMNS = ("model", "quantity", "feature", "probe", "rank", "fold", "value")
_REAL, _PROBE, _SLOPE = "#8C96A8", "#D55E00", "#44AA99"
_ROW = 0.13  # inches a feature


def table(
    importance: pd.DataFrame,
    random_effects: pd.DataFrame | None = None,
    *,
    top: int = 15,
    kind: str = "average",
) -> pd.DataFrame:
    """Rank each model's features by their median importance over folds and keep the first `top`.

    Parameters
    ----------
    importance
        The study's table; the importance in a fold is its mean over seeds.
    random_effects
        The study's table. Of effects ``linear_slope[<feature>]`` the s.d. over clusters of the
        learned slope is added for the same features, mean over seeds.
    kind
        ``average`` (over test samples) or ``at_mean`` (at the mean input).

    Returns
    -------
    pd.DataFrame
        `quantity` is ``importance`` or ``slope_sd``; `rank` is 1 for the most important feature.
    """
    frame = importance_by_fold(importance, kind)
    median = frame.groupby(["model", "feature"], sort=False)["value"].median()
    rank = median.groupby("model", sort=False).rank(ascending=False, method="first")
    frame = frame.join(rank.astype(int).rename("rank"), on=["model", "feature"])
    frame = frame[frame["rank"] <= top].assign(quantity="importance")
    slopes = _slopes(random_effects)
    known = frame[["model", "feature", "probe", "rank"]].drop_duplicates()
    slopes = slopes.merge(known, on=["model", "feature"]).assign(quantity="slope_sd")
    result = pd.concat([frame[list(COLUMNS)], slopes[list(COLUMNS)]] if len(slopes) else [frame])
    order = ["quantity", "model", "rank", "fold"]
    return result.sort_values(order, kind="stable", ignore_index=True)[list(COLUMNS)]


@style.styled
def draw(
    table: pd.DataFrame,
    *,
    title: str,
    origin: str = "",
    generated: bool = False,
    ranks: pd.DataFrame | None = None,
) -> Figure:
    """Draw a panel for each model, slopes beside importance; below, where there are any, probes.

    Parameters
    ----------
    ranks
        Table of `probe_ranks.table`.
    """
    style.check(table, COLUMNS, "ranked_importance")
    title = f"{title}: most important features by model"
    if table.empty:
        return style.note("No model of this study has feature importances.", title=title,
                          origin=origin, generated=generated)  # fmt: skip
    models = order_models(table["model"])
    most = int(table["rank"].max())
    rows = -(-len(models) // 2)
    tall = rows * (_ROW * max(most, 4) + 0.58) + 0.35
    probed = ranks is not None and len(ranks) > 0
    wide = 0.19 * len(order_models(ranks["model"])) + 0.75 if probed else 0
    figure, body = style.canvas(tall + wide, title=title, origin=origin, generated=generated)
    parts = body.subfigures(2, 1, height_ratios=(tall, wide)) if probed else [body]
    _draw_models(parts[0], table, models, most)
    if probed:
        probe_ranks.draw_into(parts[1], ranks, first_letter=len(models))
    return figure


def _slopes(random_effects: pd.DataFrame | None) -> pd.DataFrame:
    columns = ["model", "feature", "fold", "value"]
    if random_effects is None or random_effects.empty:
        return pd.DataFrame(columns=columns)
    frame = random_effects.astype({"model": str, "effect": str})
    feature = frame["effect"].str.extract(r"^linear_slope\[(.*)\]$")[0]
    frame = frame.assign(feature=feature)[feature.notna()]
    keys = ["model", "feature", "fold"]
    spread = frame.groupby([*keys, "seed"], sort=False)["mean"].std()
    return spread.groupby(keys, sort=False).mean().rename("value").reset_index()[columns]


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
            axes[1].set_xlabel("Random-slope s.d.", size=7)
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
        axis.boxplot(
            part["value"].to_numpy(float), positions=[rank], orientation="horizontal", widths=0.68,
            patch_artist=True, manage_ticks=False,
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
