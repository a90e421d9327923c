"""Figure of learned random effects against what they should agree with, with correlations."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy import stats

from armed_study.figures import style
from armed_study.figures.naming import model_colour, model_label, order_models
from armed_study.figures.point_labels import label_points

COLUMNS = ("model", "comparison", "item", "learned", "low", "high", "reference")
CORRELATIONS = ("model", "comparison", "r", "r_low", "r_high", "p", "items")
# What is on the two axes, learned and reference, in the order of the rows.
_AXES = {
    "slope_sd": ("Learned slope s.d.", "Univariate mixed model: slope s.d."),
    "relative_risk_sd": ("Learned slope s.d.", "S.d. over clusters of relative risk"),
    "conversion_rate": ("Learned intercept", "Share of outcome 1 in the cluster"),
    "true_intercept": ("Learned intercept", "True intercept (logit)"),
    "true_slope_sd": ("Learned slope s.d.", "True slope s.d."),
}
_BY_CLUSTER = ("conversion_rate", "true_intercept")  # items are clusters: not named
_PANEL = 1.55  # inches


def table(comparisons: pd.DataFrame | Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Join comparisons (columns `COLUMNS`) and order them by kind, model and reference."""
    given = [comparisons] if isinstance(comparisons, pd.DataFrame) else list(comparisons)
    for frame in given:
        style.check(frame, COLUMNS, "validation")
    frame = pd.concat(given, ignore_index=True)[list(COLUMNS)]
    frame = frame.astype({name: str for name in COLUMNS[:3]})
    frame = frame[frame["learned"].notna() & frame["reference"].notna()]
    comparison = frame["comparison"].map(_order(frame["comparison"]).index)
    model = frame["model"].map(order_models(frame["model"]).index)
    order = frame.assign(_comparison=comparison, _model=model)
    order = order.sort_values(["_comparison", "_model", "reference", "item"], kind="stable")
    return order.reset_index(drop=True)[list(COLUMNS)]


def correlations(table: pd.DataFrame) -> pd.DataFrame:
    """Correlate learned and reference over the items of each comparison and model.

    Returns
    -------
    pd.DataFrame
        Pearson's `r`, its 95 % interval by Fisher's z (4 items or more), and the two-sided `p` (3 or
        more), not corrected for their number; missing where one of the two does not vary.
    """
    rows = []
    for comparison in _order(table["comparison"]):
        for model in order_models(table["model"]):
            part = table[(table["comparison"] == comparison) & (table["model"] == model)]
            if len(part):
                found = _pearson(part["learned"].to_numpy(float), part["reference"].to_numpy(float))
                rows.append((model, comparison, *found, len(part)))
    return pd.DataFrame(rows, columns=list(CORRELATIONS))


@style.styled
def draw(table: pd.DataFrame, *, title: str, origin: str = "", generated: bool = False) -> Figure:
    """Draw a row of panels for each comparison and a column for each model."""
    style.check(table, COLUMNS, "validation")
    title = f"{title}: what the random effects have learned"
    if table.empty:
        return style.note("No model of this study has random effects to compare.", title=title,
                          origin=origin, generated=generated)  # fmt: skip
    rows, models = _order(table["comparison"]), order_models(table["model"])
    width = max(style.WIDTH, len(models) * 1.7 + 0.2)
    height = len(rows) * (_PANEL + 0.68)
    figure, body = style.canvas(
        height, title=title, origin=origin, generated=generated, width=width
    )
    axes = body.subplots(len(rows), len(models), sharex="row", squeeze=False)
    found = correlations(table).set_index(["comparison", "model"])
    drawn = 0
    for (row, column), axis in np.ndenumerate(axes):
        key = (rows[row], models[column])
        if key not in found.index:
            axis.set_axis_off()
            continue
        part = table[(table["comparison"] == key[0]) & (table["model"] == key[1])]
        _draw_panel(axis, part, size=(width / len(models) - 0.6, _PANEL))
        axis.set_title(f"{model_label(key[1])}\n{_text(found.loc[key])}", size=6.5)
        learned, reference = _AXES.get(key[0], ("Learned", key[0].replace("_", " ")))
        axis.set_xlabel(reference, size=7)
        axis.set_ylabel(learned, size=7)
        style.letter(axis, drawn)
        drawn += 1
    return figure


def _order(comparisons: pd.Series) -> list[str]:
    known, names = list(_AXES), set(comparisons.astype(str))
    return [*(name for name in known if name in names), *sorted(names - set(known))]


def _pearson(learned: np.ndarray, reference: np.ndarray) -> tuple[float, float, float, float]:
    if len(learned) < 3 or np.ptp(learned) == 0 or np.ptp(reference) == 0:
        return (np.nan,) * 4
    result = stats.pearsonr(learned, reference)
    interval = result.confidence_interval(0.95) if len(learned) > 3 else (np.nan, np.nan)
    return float(result.statistic), *map(float, interval), float(result.pvalue)


def _draw_panel(axis: Axes, rows: pd.DataFrame, *, size: tuple[float, float]) -> None:
    x, y = rows["reference"].to_numpy(float), rows["learned"].to_numpy(float)
    axis.vlines(x, rows["low"], rows["high"], color=model_colour(rows["model"].iloc[0]), lw=0.6,
                alpha=0.5)  # fmt: skip
    axis.plot(x, y, "o", color=model_colour(rows["model"].iloc[0]), ms=3, mec="white", mew=0.3)
    axis.margins(0.12)
    limits = axis.get_xlim(), axis.get_ylim()
    if len(x) > 2 and np.ptp(x) > 0:
        slope, start = np.polyfit(x, y, 1)
        ends = np.array([x.min(), x.max()])
        axis.plot(ends, start + slope * ends, color="#555555", lw=0.8, ls=(0, (4, 2)))
    axis.set(xlim=limits[0], ylim=limits[1])
    axis.locator_params(nbins=4)
    axis.tick_params(labelsize=6)
    if str(rows["comparison"].iloc[0]) not in _BY_CLUSTER:
        label_points(axis, np.column_stack([x, y]), rows["item"].astype(str).tolist(),
                     _remoteness(x, y), size=size)  # fmt: skip


def _remoteness(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Distance from the middle of the points, both axes in s.d."""
    away = [(v - v.mean()) / (v.std() or 1) for v in (x, y)]
    return np.hypot(*away)


def _text(found: pd.Series) -> str:
    if found["r"] != found["r"]:
        return f"r not defined ({int(found['items'])} items)"
    p = "p < 0.001" if found["p"] < 0.001 else f"p = {found['p']:.2g}"
    interval = ""
    if found["r_low"] == found["r_low"]:
        interval = f" ({found['r_low']:.2f} to {found['r_high']:.2f})"
    return f"r = {found['r']:.2f}{interval}, {p}".replace("-", "−")
