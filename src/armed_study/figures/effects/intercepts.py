"""Figure of the learned random intercepts against what they should know: the class ratio."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from armed_study.figures import style
from armed_study.statistics.intervals import Pearson, pearson
from armed_study.vocabulary.labels import model_colour, model_label, order_models

COLUMNS = ("model", "cluster", "intercept", "sd", "posterior_sd", "replicas", "share", "samples")


def table(
    random_effects: pd.DataFrame,
    samples: pd.DataFrame,
    splits: pd.DataFrame,
    *,
    effect: str = "intercept",
) -> pd.DataFrame:
    """Average each cluster's learned intercept over replicas; join its training outcome share.

    Parameters
    ----------
    random_effects, samples, splits
        The study's tables.
    effect
        Which random effect.

    Returns
    -------
    pd.DataFrame
        `sd` is the s.d. over replicas of the posterior mean (missing for one replica),
        `posterior_sd` the mean posterior s.d.; `share` and `samples` are means over the folds that
        the cluster was trained in.
    """
    training = splits[splits["partition"].astype(str) == "train"].astype({"sample": str})
    known = samples[["sample", "cluster", "outcome"]].astype({"sample": str, "cluster": str})
    training = training[["fold", "sample"]].merge(known, on="sample", validate="many_to_one")
    shares = training.groupby(["fold", "cluster"])["outcome"].agg(share="mean", samples="size")
    learned = random_effects[random_effects["effect"].astype(str) == effect]
    learned = learned.astype({"model": str, "cluster": str})
    learned = learned.merge(shares.reset_index(), on=["fold", "cluster"], how="inner")
    result = learned.groupby(["model", "cluster"], sort=False).agg(
        intercept=("mean", "mean"),
        sd=("mean", "std"),
        posterior_sd=("sd", "mean"),
        replicas=("mean", "size"),
        share=("share", "mean"),
        samples=("samples", "mean"),
    )
    return result.reset_index()[list(COLUMNS)]


def correlations(table: pd.DataFrame) -> pd.DataFrame:
    """Correlate intercept and share over clusters: columns model, r, p, clusters.

    `r` and `p` (Pearson, two-sided) are missing for fewer than 3 clusters or where one of the two
    does not vary.
    """
    rows = []
    for model in order_models(table["model"]):
        part = table[table["model"] == model]
        vary = len(part) > 0 and np.ptp(part["share"]) > 1e-3
        found = pearson(part["share"], part["intercept"]) if vary else Pearson()
        rows.append({"model": model, "r": found.r, "p": found.p, "clusters": len(part)})
    return pd.DataFrame(rows, columns=["model", "r", "p", "clusters"])


@style.styled
def draw(table: pd.DataFrame, *, title: str, origin: str = "", generated: bool = False) -> Figure:
    """Draw one panel for each model with an intercept, Pearson's r and p above it."""
    style.check(table, COLUMNS, "intercepts")
    title = f"{title}: learned random intercepts"
    if table.empty:
        return style.note("No model of this study has a random intercept.", title=title,
                          origin=origin, generated=generated)  # fmt: skip
    found = correlations(table)
    columns = style.columns(len(found))
    width = style.WIDTH / 4 * max(columns, 3)
    height = -(-len(found) // columns) * (min(width / columns, 2.2) + 0.25) + 0.35
    figure, body = style.canvas(
        height, title=title, origin=origin, generated=generated, width=width
    )
    axes = style.grid(body, len(found), columns=columns, sharey=False)
    for index, (axis, row) in enumerate(zip(axes, found.itertuples(), strict=True)):
        _draw_model(axis, table[table["model"] == row.model], model_colour(str(row.model)))
        text = "r not defined (equal shares)"
        if row.r == row.r:
            text = f"r = {row.r:.2f}, p {_p_text(row.p)}".replace("-", "−")
        axis.set_title(f"{model_label(str(row.model))}\n{text}", size=7.5)
        if len(found) > 1:
            style.letter(axis, index)
    body.supxlabel("Share of outcome 1 in the cluster's training data", size=8)
    body.supylabel("Learned random intercept (logit)", size=8)
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


def _p_text(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"= {p:.2g}"
