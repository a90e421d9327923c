"""Figure of the learned random intercepts against what they should know: the class ratio."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from armed_study.figures import style
from armed_study.figures.heading import Heading, drawing
from armed_study.vocabulary.labels import model_colour, model_label, order_models
from armed_study.vocabulary.outcomes import KINDS

FIGURE = {
    "label": "Learned intercepts",
    "title": "learned random intercepts",
    "nothing": "No model of this study has a random intercept.",
    "outcomes": ("binary", "continuous", "count"),
    "reads": {"learned_intercepts": "study"},
    "finding": """
{% if look.has('intercepts', model=look.reference) %}Learned intercepts of {{
label(look.reference) }} are {{ look.span('intercepts', 'intercept', model=look.reference) }} over
clusters.{% endif %}
""",
    "caption": """
**Learned random intercepts on {name}** against the share of outcome 1 (of a number, the mean
outcome) in the same cluster's training data, one panel for each model with a random intercept.
Point and bar: mean and s.d. of the learned value over folds and seeds, which says how stable it is;
the posterior s.d. stands in the table. r and p: Pearson correlation over clusters, two-sided, not
corrected for the number of models; not defined where all clusters have the same share. Each cluster
counts in the folds that trained on it. Scales differ between panels, since the prior of each model
sets how far its intercepts may move. An intercept absorbs a cluster's share only as far as features
and slopes do not, and that of a small cluster is drawn towards 0.
""",
}
COLUMNS = ("model", "cluster", "intercept", "sd", "posterior_sd", "replicas", "share", "samples")


@drawing(FIGURE, COLUMNS)
def draw(table: pd.DataFrame, heading: Heading, outcome: str = "binary") -> Figure:
    """Draw one panel for each model with an intercept, Pearson's r and p above it."""
    found = table.drop_duplicates("model").set_index("model")[["r", "p"]]
    found = found.loc[order_models(table["model"])].reset_index()
    columns = style.columns(len(found))
    width = style.WIDTH / 4 * max(columns, 3)
    height = -(-len(found) // columns) * (min(width / columns, 2.2) + 0.25) + 0.35
    figure, body = heading.canvas(height, width=width)
    axes = style.grid(body, len(found), columns=columns, sharey=False)
    for index, (axis, row) in enumerate(zip(axes, found.itertuples(), strict=True)):
        _draw_model(axis, table[table["model"] == row.model], model_colour(str(row.model)))
        text = "r not defined (equal shares)"
        if row.r == row.r:
            p = "< 0.001" if row.p < 0.001 else f"= {row.p:.2g}"
            text = f"r = {row.r:.2f}, p {p}".replace("-", "−")
        axis.set_title(f"{model_label(str(row.model))}\n{text}", size=7.5)
        if len(found) > 1:
            style.letter(axis, index)
    about = KINDS[outcome]
    body.supxlabel(f"{about.average} in the cluster's training data", size=8)
    body.supylabel(f"Learned random intercept ({about.predictor})", size=8)
    return figure


def _draw_model(axis: Axes, rows: pd.DataFrame, colour: str) -> None:
    axis.axhline(0, color="#BBBBBB", lw=0.6)
    crowded = len(rows) > 30
    axis.errorbar(
        rows["share"], rows["intercept"], yerr=rows["sd"].fillna(0), fmt="o", color=colour,
        ms=2.5 if crowded else 3.5, mec="white", mew=0.3, lw=0.5 if crowded else 0.8,
        alpha=0.8,
    )  # fmt: skip
    axis.margins(0.08)
