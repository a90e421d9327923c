"""Figure of the simulated grid: how far estimated variances are from the truth, and scores from the best."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing
from armed_study.vocabulary.labels import model_colour, model_label, order_models
from armed_study.vocabulary.terms import ORACLES

FIGURE = {
    "label": "Simulated variances",
    "title": "variances and scores in the simulated grid",
    "nothing": "No cell of the grid was drawn.",
    "kinds": (),
    "reads": {"grid_summary": "study"},
    "finding": """
{% if look.has('grid', model='armed') %}The error of ARMED's variance, relative to what was drawn,
is {{ look.span('grid', 'error', model='armed') }} over cells.{% endif %}
""",
    "caption": """
**Simulated grid ({name})**: a row for each cell, of an outcome, a number and sizes of clusters,
and a variance of their intercepts. (a) Distance of the estimated variance from that of the
effects that were drawn, relative to it, mean and 95 % interval over draws, and (grey line) of the
oracle's estimate, which is given the fixed part; where the variance is 0, hollow: the estimate
itself; intervals are cut at the panel's end. (b) Score on new samples of
seen clusters, with their own effects, less that of the best model of the cell: AUROC of binary
outcomes, R2 of continuous ones.
""",
}
COLUMNS = (
    "cell", "outcome", "sizes", "clusters", "variance", "model", "replicates", "drawn", "estimate",
    "error", "error_low", "error_high", "seen", "behind",
)  # fmt: skip


@drawing(FIGURE, COLUMNS)
def draw(table: pd.DataFrame, heading: Heading) -> Figure:
    """Draw errors and scores side by side, cells down and models next to each other in each."""
    shown = table[~table["model"].isin(ORACLES)]
    cells = list(dict.fromkeys(shown["cell"]))
    models = order_models(shown["model"])
    figure, body = heading.canvas(len(cells) * max(0.11 * len(models), 0.4) + 0.9)
    left, right = body.subplots(1, 2, sharey=True)
    for model, away in zip(models, style.spread(len(models), 0.66), strict=True):
        rows = shown[shown["model"] == model]
        place = np.array([cells.index(cell) for cell in rows["cell"]]) + away
        _draw_errors(left, rows, place, model_colour(model))
        right.plot(rows["behind"], place, "o", color=model_colour(model), ms=3, mew=0)
    oracle = table[(table["model"] == ORACLES[0]) & (table["variance"] > 0)].set_index("cell")[
        "error"
    ]
    at = np.array([cells.index(cell) for cell in oracle.index])
    left.vlines(oracle, at - 0.45, at + 0.45, color=style.FAINT, lw=1.2)
    first = shown.drop_duplicates("cell")
    style.rows_down(left, [_name(row) for row in first.to_dict("records")])
    for index, axis in enumerate((left, right)):
        axis.hlines(np.arange(len(cells) - 1) + 0.5, 0, 1, transform=axis.get_yaxis_transform(),
                    color="#DDDDDD", lw=0.6, zorder=0)  # fmt: skip
        axis.grid(visible=True, axis="x")
        style.letter(axis, index)
    right.tick_params(axis="y", length=0)
    # Intervals of few draws may be many times as wide as the errors themselves.
    errors = [value for name in ("error", "estimate") for value in _shown_errors(shown, name)]
    left.set(
        xlabel="Relative error of the variance",
        xlim=(-0.02, max(0.2, 1.5 * max(errors, default=0))),
    )
    right.set_xlabel("Seen score less the best of the cell")
    style.legend(body, _entries(models))
    return figure


def _draw_errors(axis: Axes, rows: pd.DataFrame, place: np.ndarray, colour: str) -> None:
    """Dots with intervals where the variance is above 0, rings at the estimate where it is 0."""
    zero = (rows["variance"] == 0).to_numpy()
    low, high = (rows[name].to_numpy(float) for name in ("error_low", "error_high"))
    known = ~zero & np.isfinite(low)
    axis.hlines(place[known], low[known], high[known], color=colour, lw=0.8, alpha=0.6)
    axis.plot(rows["error"].to_numpy(float)[~zero], place[~zero], "o", color=colour, ms=3, mew=0)
    axis.plot(rows["estimate"].to_numpy(float)[zero], place[zero], "o", color=colour, ms=3, mfc="white",
              mew=0.8)  # fmt: skip


def _shown_errors(shown: pd.DataFrame, name: str) -> list[float]:
    """Errors that are drawn as dots, or estimates that are drawn as rings."""
    zero = shown["variance"] == 0
    return shown[name][zero if name == "estimate" else ~zero].dropna().tolist()


def _entries(models: list[str]) -> style.Entries:
    dots = [
        style.entry(model_label(name), color=model_colour(name), marker="o", ls="", ms=3)
        for name in models
    ]
    ring = style.entry(
        "variance 0: the estimate", color=style.INK, marker="o", ls="", ms=3, mfc="white"
    )
    oracle = style.entry("oracle, given the fixed part", color=style.FAINT, lw=1.2)
    return [*dots, ring, oracle]


def _name(row: dict) -> str:
    return f"{row['outcome']}, {row['clusters']:,} clusters,\n{row['sizes']}, variance {row['variance']:g}"
