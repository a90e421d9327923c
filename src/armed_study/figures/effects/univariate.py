"""Figure of univariate mixed models of each feature, next to the published ones."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing

FIGURE = {
    "label": "Univariate mixed models",
    "title": "each feature alone, next to the published study",
    "nothing": "No feature has a published univariate model.",
    "section": "Data",
    "kinds": ("mci",),
    "reads": {"compared_univariate": "study"},
    "finding": """
{% if look.has('univariate') %}{{ look.count('univariate', within=true) }} of {{
look.count('univariate') }} coefficients are near the published ones; they differ by {{
look.span('univariate', 'deviation') }} published standard errors.{% endif %}
""",
    "caption": """
**Univariate mixed models on {name}**, one for each continuous feature, on the labelled samples
of the seen clusters: logistic, with random intercept and slope by cluster, the feature
standardised. (a) Fixed coefficient with its 95 % interval (normal, from the standard error)
next to the published one; features whose coefficient lies more than 2 published standard errors
away are in bold. (b) S.d. over clusters of the random slope; it has no interval, and with some
twenty samples a cluster it is known only roughly, in the published study as here.
""",
}
COLUMNS = (
    "feature", "coefficient", "standard_error", "low", "high", "slope_sd", "intercept_sd",
    "samples", "published_coefficient", "published_standard_error", "published_low",
    "published_high", "published_slope_sd", "deviation", "within",
)  # fmt: skip
WITHIN = 2.0  # published standard errors
_OURS, _PAPER = "#D55E00", "#333333"


@drawing(FIGURE, COLUMNS)
def draw(table: pd.DataFrame, heading: Heading) -> Figure:
    """Draw coefficients (a) and the s.d. of their random slopes over clusters (b) by feature."""
    height = 0.185 * max(len(table), 4) + 0.95
    figure, body = heading.canvas(height)
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
    style.legend(body, _entries("generated data" if heading.generated else "these data", far.any()))
    return figure


def _draw_coefficients(axis: Axes, table: pd.DataFrame, place: np.ndarray) -> None:
    axis.axvline(0, color="#999999", lw=0.7)
    for name, shift, colour in (("published_", -0.17, _PAPER), ("", 0.17, _OURS)):
        axis.hlines(place + shift, table[f"{name}low"], table[f"{name}high"], color=colour, lw=1)
        look = {"mfc": "white", "marker": "D"} if name else {"mfc": colour, "marker": "o"}
        axis.plot(table[f"{name}coefficient"], place + shift, ls="", mec=colour, mew=0.8, ms=3.4,
                  **look)  # fmt: skip
    count = np.count_nonzero(table["within"])
    axis.set_title(f"{count} of {len(table)} within {WITHIN:g} published standard errors")
    axis.set_xlabel("Coefficient (log odds ratio per s.d.), 95 % interval")


def _draw_slopes(axis: Axes, table: pd.DataFrame, place: np.ndarray) -> None:
    ours, theirs = table["slope_sd"].to_numpy(float), table["published_slope_sd"].to_numpy(float)
    axis.hlines(place, ours, theirs, color="#BBBBBB", lw=1)
    axis.plot(theirs, place, "D", mfc="white", mec=_PAPER, mew=0.8, ms=3.4)
    axis.plot(ours, place, "o", color=_OURS, ms=3.8)
    if np.isfinite(r := float(table["slope_r"].iloc[0])):
        axis.set_title(f"Pearson's r over features: {r:.2f}".replace("-", "−"))
    axis.set_xlabel("Random-slope s.d. over clusters")
    axis.set_xlim(left=min(0, axis.get_xlim()[0]))


def _entries(ours: str, marked: bool) -> style.Entries:
    entries = [
        style.entry("published", color=_PAPER, marker="D", mfc="white", ms=3.4, lw=1),
        style.entry(ours, color=_OURS, marker="o", ms=3.4, lw=1),
    ]
    label = f"bold: more than {WITHIN:g} published standard errors away"
    return [*entries, style.entry(label, ls="")] if marked else entries
