"""What the cells of the simulated grid come to: errors by cell and model, and the sentences of its page."""

import pandas as pd

from armed_study.io.tables import cast_table, empty_table
from armed_study.statistics.intervals import t_interval
from armed_study.vocabulary.formatting import number_text
from armed_study.vocabulary.labels import model_label, order_models
from armed_study.vocabulary.terms import ORACLES

NEAR = 0.005
"""Distance from the best seen score within which a model is as good."""
PUBLISHED = (
    "Published for neural peers in their benchmark: 0.21 (the best), 0.37 (LMMNN), 0.79 (ARMED); data, "
    "networks and sizes differ from these."
)
COVERED = {
    "rate": "rates", "sample": "samples", "conformal_rate": "rates, calibrated",
    "conformal_sample": "samples, calibrated",
}  # fmt: skip
"""What intervals for new clusters may cover, as the page calls it."""
_CELL = ["cell", "outcome", "sizes", "clusters", "variance", "model"]


def summarise_grid(table: pd.DataFrame) -> pd.DataFrame:
    """Average the fits of the cells over draws: table `grid_summary`.

    Parameters
    ----------
    table
        `grid_effects` of all cells.
    """
    if table.empty:
        return empty_table("grid_summary")
    plain = table.astype(dict.fromkeys(table.select_dtypes("category").columns, object))
    rows = [
        dict(zip(_CELL, key, strict=True)) | _averages(part)
        for key, part in plain.groupby(_CELL, sort=False)
    ]
    made = pd.DataFrame(rows)
    best = made[~made["model"].isin(ORACLES)].groupby("cell")["seen"].max()
    return cast_table(made.assign(behind=made["seen"] - made["cell"].map(best)), "grid_summary")


def _averages(part: pd.DataFrame) -> dict[str, object]:
    low, high = t_interval(part["error"].to_numpy(float))
    covered = [f"{name}_coverage" for name in COVERED]
    means = ("samples", "drawn", "estimate", "error", "excess", "seen", "unseen", *covered)
    return {
        "replicates": len(part),
        **{name: part[name].mean() for name in means},
        "samples": round(part["samples"].mean()),
        "error_low": max(low, 0.0),  # of a distance
        "error_high": high,
        "metric": part["metric"].iloc[0],
    }


def grid_errors(summary: pd.DataFrame) -> pd.DataFrame:
    """Return, for each model with a variance, its mean relative error and how it did at a variance of 0.

    The oracle's error is what the data allow where the fixed part is known.

    Parameters
    ----------
    summary
        `grid_summary`.
    """
    rows = []
    models = summary[summary["estimate"].notna()]
    for model in order_models(models["model"]):
        part = models[models["model"] == model]
        zero, known = part[part["variance"] == 0], part[part["variance"] > 0]
        rows.append(
            {
                "model": model,
                "cells": len(known),
                "mean relative error": part["error"].mean(),
                "mean distance from the oracle's": part["excess"].mean(),
                "largest estimate of 0": zero["estimate"].max(),
                "cells within 0.005 of the best": int((part["behind"] >= -NEAR).sum()),
                "furthest behind": part["behind"].min(),
                "behind where it is 0": zero["behind"].min(),
                # Where clusters do not differ, an interval is right to have no width, and covers nothing.
                **{
                    f"coverage: {name}": known[f"{key}_coverage"].mean()
                    for key, name in COVERED.items()
                },
            }
        )
    return pd.DataFrame(rows)


def grid_caption(summary: pd.DataFrame) -> str:
    """Say in sentences what the grid comes to."""
    errors = grid_errors(summary)
    if errors.empty:
        return "No model of the grid has a variance."
    known = errors[errors["cells"] > 0]
    said = [
        f"{model_label(row['model'])} {number_text(row['mean relative error'])}"
        for row in known.to_dict("records")
    ]
    zero = [
        f"{model_label(row['model'])} {number_text(row['largest estimate of 0'])}"
        for row in errors[errors["largest estimate of 0"].notna()].to_dict("records")
    ]
    parts = []
    if said:
        parts.append(
            f"Mean relative error of the variance over cells: {'; '.join(said)}. {PUBLISHED}"
        )
    if zero:
        parts.append(f"Largest mean estimate where the variance is 0: {'; '.join(zero)}.")
    return " ".join(parts)


def grid_page(summary: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Tables of the page of the grid by heading; without those that have no row."""
    tables = {"By model": grid_errors(summary), "By cell and model": summary}
    return {heading: table for heading, table in tables.items() if len(table)}
