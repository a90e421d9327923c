"""Figure of documented mixed models: our variances and intraclass correlations against lme4's."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing
from armed_study.figures.point_labels import label_points

FIGURE = {
    "label": "Documented variances",
    "title": "variances of documented mixed models",
    "nothing": "No documented model was fitted.",
    "kinds": (),
    "reads": {"documented_effects": "study"},
    "finding": """
{% if look.has('documented_variances') %}Of {{ look.count('documented_variances') }} factors of
documented models, differences from the variance of lme4, relative to it, are {{
look.span('documented_variances', 'difference') }}.{% endif %}
""",
    "caption": """
**Variances of documented mixed models ({name})**: (a) variance of the random effects of each
factor and (b) its share in the variance that the fixed part leaves (intraclass correlation), ours
against lme4's. Dashed: equal. Named, where there is room, are those whose variance differs by
more than 2 %; a cross is the maximum of the likelihood itself, by quadrature, where lme4's
default, Laplace's approximation, is far from it.
""",
}
COLUMNS = (
    "item", "family", "factor", "lme4_variance", "variance", "quadrature", "difference", "lme4_icc",
    "icc", "reason",
)  # fmt: skip
_SIDE = 3.1
_LOOKS = {
    "gaussian": ("continuous", "#332288", "o"),
    "bernoulli": ("binary", "#D55E00", "s"),
    "poisson": ("count", "#117733", "^"),
}


@drawing(FIGURE, COLUMNS)
def draw(table: pd.DataFrame, heading: Heading) -> Figure:
    """Draw variances on logarithmic axes, and shares, each with the diagonal."""
    figure, body = heading.canvas(_SIDE + 0.45)
    left, right = body.subplots(1, 2)
    positive = table[(table["lme4_variance"] > 0) & (table["variance"] > 0)]
    logarithms = positive.assign(
        **{
            name: np.log10(positive[name].astype(float))
            for name in ("lme4_variance", "variance", "quadrature")
        }
    )
    _draw_panel(left, logarithms, "lme4_variance", "variance", 0.4)
    low, high = left.get_ylim()
    ticks = np.arange(np.ceil(low / 2) * 2, high, 2)
    for axis in (left.xaxis, left.yaxis):
        axis.set_ticks(ticks, [f"{10.0**tick:,.10g}" for tick in ticks])
    left.set(xlabel="Variance, lme4", ylabel="Variance, ours")
    _draw_panel(right, table, "lme4_icc", "icc", 0.05)
    right.set(xlabel="Intraclass correlation, lme4", ylabel="Intraclass correlation, ours")
    at = logarithms["quadrature"].notna()
    left.plot(
        logarithms["lme4_variance"][at],
        logarithms["quadrature"][at],
        "x",
        color="black",
        ms=4,
        mew=0.8,
    )
    for index, axis in enumerate((left, right)):
        style.letter(axis, index)
    style.legend(body, _entries(table), columns=5)
    return figure


def _draw_panel(axis: Axes, table: pd.DataFrame, across: str, up: str, margin: float) -> None:
    ends = [table[across].min(), table[across].max(), table[up].min(), table[up].max()]
    low, high = float(min(ends)) - margin, float(max(ends)) + margin
    axis.plot([low, high], [low, high], **style.DASHED)
    for family, (_, colour, marker) in _LOOKS.items():
        part = table[table["family"] == family]
        axis.plot(part[across], part[up], marker, color=colour, ms=3.5, mew=0, alpha=0.75)
    axis.set(xlim=(low, high), ylim=(low, high))
    others = table[table["reason"] != ""]
    diagonal = np.linspace(low, high, 40)
    label_points(
        axis, others[[across, up]].to_numpy(float), others["item"].tolist(),
        others["difference"].abs().to_numpy(float), size=(_SIDE, _SIDE),
        avoid=np.column_stack([diagonal, diagonal]), wrap=30,
    )  # fmt: skip


def _entries(table: pd.DataFrame) -> style.Entries:
    shown = [
        style.entry(f"{word} outcome", color=colour, marker=marker, ls="", ms=3.5)
        for family, (word, colour, marker) in _LOOKS.items()
        if (table["family"] == family).any()
    ]
    if table["quadrature"].notna().any():
        shown.append(style.entry("by quadrature", color="black", marker="x", ls="", ms=4))
    return [*shown, style.entry("equal", **style.DASHED)]
