"""By how much imagining a date beats not knowing it: means by model, with intervals over cells."""

from typing import Any

import numpy as np
import pandas as pd

from armed_study.statistics.bootstrap import percentile_interval
from armed_study.vocabulary.formatting import interval_text
from armed_study.vocabulary.labels import order_models
from armed_study.vocabulary.measures import ERRORS, OTHER_DATES, OWN_DATE

_COLUMNS = (
    "model", "target", "measure", "value", "low", "high", "cells", "pictures",
)  # fmt: skip
_DRAWS = 2000
_ENDS = ["value", "low", "high"]
_UNITS = {**dict.fromkeys(ERRORS, 1000.0), "reduction": 100.0}


def summarise(scores: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Average errors over dates, seeds and folds of each cell, and then over cells.

    Parameters
    ----------
    scores
        Table ``counterfactual_scores``.
    seed
        Of the bootstrap, which draws cells with replacement, the same ones for all models.

    Returns
    -------
    DataFrame
        `target` is whether the date is the frame's own; `measure` is a mean squared error (fixed,
        mixed, or unchanged: of the frame itself), their `difference` (fixed less mixed: above 0 the
        imagined frame is nearer to the truth) or the `reduction`, the same as a share of fixed.
        Intervals: 95 %, percentiles of the bootstrap over `cells`; none for a single cell.
    """
    frame = scores.astype({"model": str, "cell": str, "cluster": str, "own_cluster": str})
    frame["target"] = np.where(frame["cluster"] == frame["own_cluster"], OWN_DATE, OTHER_DATES)
    errors = list(ERRORS[:3])
    cells = frame.groupby(["model", "target", "cell"])[errors].mean()
    pictures = frame.groupby(["model", "target"]).size()
    rows = []
    for model in order_models(frame["model"]):
        for target in (OTHER_DATES, OWN_DATE):
            if (model, target) not in pictures.index:
                continue
            own: Any = cells.loc[(model, target)]
            values = own.to_numpy()
            count = len(values)
            drawn = np.random.default_rng(seed).multinomial(
                count, np.full(count, 1 / count), _DRAWS
            )
            # Sums without a matrix product: its rounding may depend on the number of threads.
            means = np.einsum("dc,cm->dm", drawn / count, values)
            middle, spread = _measures(values.mean(axis=0)[None])[0], _measures(means)
            for place, measure in enumerate(ERRORS):
                ends = percentile_interval(spread[:, place]) if count > 1 else (np.nan, np.nan)
                rows.append((model, target, measure, middle[place], *ends, count,
                             int(pictures[model, target])))  # fmt: skip
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each model and target, for the report's page; errors in units of 0.001."""
    rows = []
    for (model, target), part in table.groupby(["model", "target"], sort=False):
        by = part.set_index("measure")
        cells = {
            str(name): interval_text(*(by.loc[name, _ENDS].astype(float) * _UNITS[str(name)]))
            for name in by.index
        }
        rows.append(
            {
                "model": model,
                "rendered on": target,
                "the frame itself (MSE x 1000)": cells["unchanged"],
                "fixed (MSE x 1000)": cells["fixed"],
                "mixed (MSE x 1000)": cells["mixed"],
                "fixed less mixed (x 1000)": cells["difference"],
                "less by, %": cells["reduction"],
                "cells": int(part["cells"].iloc[0]),
                "pictures": int(part["pictures"].iloc[0]),
            }
        )
    return pd.DataFrame(rows)


def _measures(errors: np.ndarray) -> np.ndarray:
    """Append difference and reduction to mean errors (n, 3): fixed, mixed, unchanged."""
    fixed, difference = errors[:, 0], errors[:, 0] - errors[:, 1]
    share = np.divide(difference, fixed, out=np.full_like(fixed, np.nan), where=fixed > 0)
    return np.column_stack([errors, difference, share])
