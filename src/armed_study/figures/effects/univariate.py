"""Figure of univariate mixed models of each feature, beside the published ones."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from armed_study.figures import style
from armed_study.statistics.intervals import normal_interval, pearson

COLUMNS = (
    "feature", "coefficient", "standard_error", "low", "high", "slope_sd", "intercept_sd",
    "samples", "published_coefficient", "published_standard_error", "published_low",
    "published_high", "published_slope_sd", "deviation", "within",
)  # fmt: skip
WITHIN = 2.0  # published standard errors
_OURS, _PAPER = "#D55E00", "#333333"
_NORMAL = normal_interval(0.0, 1.0)[1]


def table(univariate: pd.DataFrame, published: pd.DataFrame) -> pd.DataFrame:
    """Set coefficients and slope s.d. beside the published ones, by published coefficient.

    Parameters
    ----------
    univariate
        feature, coefficient, standard_error, slope_sd, intercept_sd, samples.
    published
        feature, coefficient, standard_error, random_slope_sd.

    Returns
    -------
    pd.DataFrame
        Features that both have. Intervals are 95 %, normal; `deviation` is our coefficient less the
        published one in published standard errors, `within` whether it is at most 2.
    """
    theirs = published.rename(columns={"random_slope_sd": "slope_sd"}).set_index("feature")
    theirs = theirs[["coefficient", "standard_error", "slope_sd"]].add_prefix("published_")
    result = univariate.astype({"feature": str}).join(theirs, on="feature", how="inner")
    for name in ("", "published_"):
        half = _NORMAL * result[f"{name}standard_error"]
        result[f"{name}low"] = result[f"{name}coefficient"] - half
        result[f"{name}high"] = result[f"{name}coefficient"] + half
    difference = result["coefficient"] - result["published_coefficient"]
    result["deviation"] = difference / result["published_standard_error"]
    result["within"] = result["deviation"].abs() <= WITHIN
    order = result.sort_values("published_coefficient", ascending=False, kind="stable")
    return order.reset_index(drop=True)[list(COLUMNS)]


@style.styled
def draw(table: pd.DataFrame, *, title: str, origin: str = "", generated: bool = False) -> Figure:
    """Draw coefficients (a) and the s.d. of their random slopes over clusters (b) by feature."""
    style.check(table, COLUMNS, "univariate")
    title = f"{title}: each feature alone, beside the published study"
    if table.empty:
        return style.note("No feature has a published univariate model.", title=title,
                          origin=origin, generated=generated)  # fmt: skip
    height = 0.185 * max(len(table), 4) + 0.95
    figure, body = style.canvas(height, title=title, origin=origin, generated=generated)
    left, right = body.subplots(1, 2, sharey=True, width_ratios=(3, 2))
    place = np.arange(len(table))
    _draw_coefficients(left, table, place)
    _draw_slopes(right, table, place)
    far = ~table["within"].astype(bool).to_numpy()
    left.set_yticks(place, table["feature"].astype(str))
    for label, marked in zip(left.get_yticklabels(), far, strict=True):
        label.set_fontweight("bold" if marked else "normal")
    left.set_ylim(len(table) - 0.4, -0.6)
    for index, axis in enumerate((left, right)):
        axis.tick_params(axis="y", length=0)
        axis.grid(axis="both")
        style.letter(axis, index)
    style.legend(body, _handles("generated data" if generated else "these data", far.any()))
    return figure


def _draw_coefficients(axis: Axes, table: pd.DataFrame, place: np.ndarray) -> None:
    axis.axvline(0, color="#999999", lw=0.7)
    for name, shift, colour in (("published_", -0.17, _PAPER), ("", 0.17, _OURS)):
        axis.hlines(place + shift, table[f"{name}low"], table[f"{name}high"], color=colour, lw=1)
        look = {"mfc": "white", "marker": "D"} if name else {"mfc": colour, "marker": "o"}
        axis.plot(table[f"{name}coefficient"], place + shift, ls="", mec=colour, mew=0.8, ms=3.4,
                  **look)  # fmt: skip
    count = int(table["within"].astype(bool).sum())
    axis.set_title(f"{count} of {len(table)} within {WITHIN:g} published standard errors")
    axis.set_xlabel("Coefficient (log odds ratio per s.d.), 95 % interval")


def _draw_slopes(axis: Axes, table: pd.DataFrame, place: np.ndarray) -> None:
    ours, theirs = table["slope_sd"].to_numpy(float), table["published_slope_sd"].to_numpy(float)
    axis.hlines(place, ours, theirs, color="#BBBBBB", lw=1)
    axis.plot(theirs, place, "D", mfc="white", mec=_PAPER, mew=0.8, ms=3.4)
    axis.plot(ours, place, "o", color=_OURS, ms=3.8)
    both = np.isfinite(ours) & np.isfinite(theirs)
    if np.isfinite(r := pearson(ours[both], theirs[both]).r):
        axis.set_title(f"Pearson's r over features: {r:.2f}".replace("-", "−"))
    axis.set_xlabel("Random-slope s.d. over clusters")
    axis.set_xlim(left=min(0, axis.get_xlim()[0]))


def _handles(ours: str, marked: bool) -> list[Line2D]:
    handles = [
        Line2D([], [], color=_PAPER, marker="D", mfc="white", ms=3.4, lw=1, label="published"),
        Line2D([], [], color=_OURS, marker="o", ms=3.4, lw=1, label=ours),
    ]
    label = f"bold: more than {WITHIN:g} published standard errors away"
    return [*handles, Line2D([], [], ls="", label=label)] if marked else handles
