"""Figure of learned random effects against what they should agree with, with correlations."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing
from armed_study.figures.point_labels import label_points, remoteness
from armed_study.vocabulary.labels import model_colour, model_label, order_models

FIGURE = {
    "label": "Validation of random effects",
    "title": "what the random effects have learned",
    "nothing": "No model of this study has random effects to compare.",
    "kinds": ("mci",),
    "reads": {"effect_validation": "study", "effect_recovery": "study"},
    "finding": """
{% for row in look.records('recovery', model=look.reference) %}{% if loop.first %}Correlations of
{{ label(look.reference) }}'s effects: {% else %}; {% endif %}with {{ row.comparison |
replace('_', ' ') }} {{ look.interval('recovery', 'r', model=look.reference,
comparison=row.comparison) }}{% if loop.last %}.{% endif %}{% endfor %}
""",
    "caption": """
**What the random effects of {name} have learned**, a block of panels for each comparison, one
for each model with such effects, on the seen clusters: the s.d. over clusters of the learned
slopes, against the slope s.d. of univariate mixed models (continuous features) and against the
s.d. over clusters of the relative risk (levels of categorical features); the learned
intercepts, against the share of outcome 1 in the cluster; and, where the truth is known, slopes
and intercepts against it. Bars: spread over folds and seeds. Dashed: least squares. r:
Pearson's, with its 95 % interval by Fisher's z and two-sided p, which take the points for
independent and are not corrected for the number of panels. Scales differ between the axes and
panels, since the prior of each model draws its effects towards 0; points far from the others
are named where there is room.
""",
}
# What is on the two axes, learned and reference, in the order of the rows.
_AXES = {
    "slope_sd": ("Learned slope s.d.", "Slope s.d. of univariate\nmixed models"),
    "relative_risk_sd": ("Learned slope s.d.", "S.d. over clusters\nof the relative risk"),
    "conversion_rate": ("Learned intercept", "Share of outcome 1\nin the cluster"),
    "true_intercept": ("Learned intercept", "True intercept (logit)"),
    "true_slope_sd": ("Learned slope s.d.", "True slope s.d."),
}
_BY_CLUSTER = ("conversion_rate", "true_intercept")  # items are clusters: not named
_PANEL = 1.55  # inches
_LEAST_COLUMNS, _MOST_COLUMNS = 4, 5


@drawing(FIGURE)
def draw(table: pd.DataFrame, heading: Heading, *, effect_recovery: pd.DataFrame) -> Figure:
    """Draw a block of panels for each comparison, one for each model."""
    rows = _arrange(table)
    columns = max(_LEAST_COLUMNS, *map(len, rows))
    figure, body = heading.canvas(len(rows) * (_PANEL + 0.9))
    axes = body.subplots(len(rows), columns, squeeze=False)
    found = effect_recovery.set_index(["comparison", "model"])
    letters: dict[str, int] = {}
    for (row, column), axis in np.ndenumerate(axes):
        if column >= len(rows[row]):
            axis.set_axis_off()
            continue
        comparison, model = rows[row][column]
        part = table[table["comparison"].astype(str) == comparison]
        axis.set_xlim(_padded(part["reference"].to_numpy(float)))
        own = part[part["model"].astype(str) == model]
        agreement = found.loc[(comparison, model)]
        _draw_panel(axis, own, agreement, size=(style.WIDTH / columns - 0.55, _PANEL))
        axis.set_title(f"{model_label(model)}\n{_text(agreement)}", size=6.5)
        learned, reference = _AXES.get(comparison, ("Learned", comparison.replace("_", " ")))
        axis.set_xlabel(reference, size=6.5)
        if comparison not in letters:
            style.letter(axis, letters.setdefault(comparison, len(letters)))
        if column == 0 or rows[row][column - 1][0] != comparison:
            axis.set_ylabel(learned, size=7)
    return figure


def _arrange(table: pd.DataFrame) -> list[list[tuple[str, str]]]:
    """Put the panels (comparison, model) in rows: a comparison starts a new one unless it fits."""
    names = set(table["comparison"].astype(str))
    known = [name for name in _AXES if name in names]
    blocks = [
        [(comparison, model) for model in order_models(part["model"])]
        for comparison in [*known, *sorted(names - set(known))]
        for part in [table[table["comparison"].astype(str) == comparison]]
    ]
    columns = max(_LEAST_COLUMNS, style.columns(max(map(len, blocks)), _MOST_COLUMNS))
    rows: list[list[tuple[str, str]]] = [[]]
    for block in blocks:
        if rows[-1] and len(rows[-1]) + len(block) > columns:
            rows.append([])
        for panel in block:
            if len(rows[-1]) == columns:
                rows.append([])
            rows[-1].append(panel)
    return rows


def _padded(values: np.ndarray) -> tuple[float, float]:
    room = 0.12 * float(np.ptp(values)) or 0.1
    return float(values.min()) - room, float(values.max()) + room


def _draw_panel(
    axis: Axes, rows: pd.DataFrame, agreement: pd.Series, *, size: tuple[float, float]
) -> None:
    x, y = rows["reference"].to_numpy(float), rows["learned"].to_numpy(float)
    colour = model_colour(rows["model"].iloc[0])
    axis.vlines(x, rows["low"], rows["high"], color=colour, lw=0.6, alpha=0.5)
    axis.plot(x, y, "o", color=colour, ms=3, mec="white", mew=0.3)
    ends = np.concatenate([y, rows["low"].dropna(), rows["high"].dropna()])
    axis.set_ylim(_padded(ends))
    line = np.empty((0, 2))
    slope, start = agreement["slope"], agreement["start"]
    if np.isfinite(slope):
        across = np.array([x.min(), x.max()])
        axis.plot(across, start + slope * across, **style.DASHED | {"color": "#555555"})
        at = np.linspace(*across, 40)
        line = np.column_stack([at, start + slope * at])
    axis.locator_params(nbins=4)
    axis.tick_params(labelsize=6)
    if str(rows["comparison"].iloc[0]) not in _BY_CLUSTER:
        points = np.column_stack([x, y])
        label_points(axis, points, rows["item"].astype(str).tolist(), remoteness(points), size=size,
                     avoid=line)  # fmt: skip


def _text(found: pd.Series) -> str:
    items = f"{int(found['items'])} points"
    if found["r"] != found["r"]:
        return f"r not defined\n{items}"
    p = "p < 0.001" if found["p"] < 0.001 else f"p = {found['p']:.2g}"
    interval = ""
    if found["r_low"] == found["r_low"]:
        interval = f" ({found['r_low']:.2f} to {found['r_high']:.2f})"
    return f"r = {found['r']:.2f}{interval}\n{p}, {items}".replace("-", "−")
