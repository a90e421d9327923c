"""Are counterfactual frames like the true ones? Errors against the renderings, and means with intervals."""

from typing import Any

import numpy as np
import pandas as pd

from armed.errors import DataError
from armed_study.interpretation.image_summaries import draw_cells
from armed_study.io.schemas import TABLES
from armed_study.io.tables import empty_table
from armed_study.messages import listing
from armed_study.statistics.bootstrap import percentile_interval
from armed_study.statistics.intervals import t_interval
from armed_study.vocabulary.formatting import interval_text
from armed_study.vocabulary.labels import order_models
from armed_study.vocabulary.measures import ERRORS, OTHER_DATES, OWN_DATE
from armed_study.vocabulary.terms import EVERY

KEYS = ["study", "model", "fold", "seed", "sample", "cell", "own_cluster", "cluster"]
_DRAWS = 2000
_ENDS = ("low", "high", "split_low", "split_high")
_UNITS = {**dict.fromkeys(ERRORS, 1000.0), "reduction": 100.0}


def squared_error(images: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Mean squared error (n,) over the pixels of images (n, ...), of which 1 is white."""
    difference = np.asarray(images, dtype=np.float64) - np.asarray(truth, dtype=np.float64)
    return (difference**2).reshape(len(difference), -1).mean(axis=1)


def score_counterfactuals(
    counterfactuals: tuple[pd.DataFrame, np.ndarray],
    rendered: tuple[pd.DataFrame, np.ndarray],
    samples: pd.DataFrame,
    images: np.ndarray,
) -> pd.DataFrame:
    """Score reconstructions of frames of seen dates against what is true for every seen date.

    Parameters
    ----------
    counterfactuals, rendered
        These tables with the images of their rows, (rows, 1, size, size).
    samples, images
        The study's samples, and their images in the same order, uint8 or 0 to 1.

    Returns
    -------
    DataFrame
        Table ``counterfactual_scores``: a row for each model, fold, seed, sample and date; none where
        no model makes any.

    Raises
    ------
    DataError
        When an counterfactual frame has no rendering, or images differ in size.
    """
    (about, pictures), (truth, true) = counterfactuals, rendered
    if about.empty:
        return empty_table("counterfactual_scores")
    if len({array.shape[1:] for array in (pictures, true, images)}) > 1:
        raise DataError(
            f"counterfactual frames have shape {pictures.shape[1:]}, renderings {true.shape[1:]} and images "
            f"{images.shape[1:]}, expected one shape; delete them and run the workflow again"
        )
    replica = ["study", "model", "fold", "seed", "sample"]
    every = about[about["assignment"] == EVERY].rename(columns={"row": "mixed_row"})
    fixed = about[(about["effect"] == "fixed") & (about["partition"] == "test")]
    fixed = fixed.rename(columns={"row": "fixed_row"})[[*replica, "fixed_row"]]
    both = every.merge(fixed, on=replica, validate="many_to_one")
    where = truth[["sample", "cluster", "row"]].astype({"sample": str, "cluster": str})
    both = both.merge(where, on=["sample", "cluster"], how="left", validate="many_to_one")
    if absent := sorted(set(both.loc[both["row"].isna(), "cluster"])):
        raise DataError(
            f"frames were reconstructed on {listing(absent, 3)} and not rendered, expected both; delete the "
            "renderings and run the workflow again"
        )
    known = (
        samples[["sample", "cluster", "group"]].astype(str).assign(image=np.arange(len(samples)))
    )
    known = known.rename(columns={"cluster": "own_cluster", "group": "cell"})
    both = both.merge(known, on="sample", validate="many_to_one")
    real = np.asarray(true[both["row"].astype(int)])
    return both[KEYS].assign(
        fixed=squared_error(pictures[both["fixed_row"]], real),
        mixed=squared_error(pictures[both["mixed_row"]], real),
        unchanged=squared_error(_scaled(images[both["image"]]), real),
    )


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
        counterfactual frame is nearer to the truth) or the `reduction`, the same as a share of fixed.
        Intervals, 95 %: percentiles of the bootstrap over `cells`, none for a single cell; and that of the
        means of folds (t), whose spread holds that of the splits and what is left of the seeds'.
    """
    frame = scores.astype({"model": str, "cell": str, "cluster": str, "own_cluster": str})
    frame["target"] = np.where(frame["cluster"] == frame["own_cluster"], OWN_DATE, OTHER_DATES)
    errors = list(ERRORS[:3])
    cells = frame.groupby(["model", "target", "cell"])[errors].mean()
    each = frame.groupby(["model", "target", "fold", "cell"])[errors].mean()
    folds: Any = each.groupby(level=["model", "target", "fold"]).mean()
    pictures = frame.groupby(["model", "target"]).size()
    rows = []
    for model in order_models(frame["model"]):
        for target in (OTHER_DATES, OWN_DATE):
            if (model, target) not in pictures.index:
                continue
            own: Any = cells.loc[(model, target)]
            values = own.to_numpy()
            count = len(values)
            drawn = draw_cells(count, draws=_DRAWS, seed=seed)
            # Sums without a matrix product: its rounding may depend on the number of threads.
            means = np.einsum("dc,cm->dm", drawn / count, values)
            middle, spread = _measures(values.mean(axis=0)[None])[0], _measures(means)
            splits = np.transpose(t_interval(_measures(folds.loc[(model, target)].to_numpy())))
            for place, measure in enumerate(ERRORS):
                ends = percentile_interval(spread[:, place]) if count > 1 else (np.nan, np.nan)
                rows.append((model, target, measure, middle[place], *ends, *splits[place], count,
                             int(pictures[model, target])))  # fmt: skip
    return pd.DataFrame(rows, columns=TABLES["counterfactual_summary"].names)


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each model and target, for the report's page; errors in units of 0.001."""
    rows = []
    for (model, target), part in table.groupby(["model", "target"], sort=False):
        by = part.set_index("measure")[["value", *_ENDS]].astype(float)
        cells = {str(name): _cell(by.loc[name] * _UNITS[str(name)]) for name in by.index}
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


def _cell(row: pd.Series) -> str:
    """Mean with its interval over cells, and that over splits where there are several."""
    value, low, high, *splits = row
    text = interval_text(value, low, high)
    return (
        f"{text}; {interval_text(value, *splits).partition(' ')[2]}"
        if np.isfinite(splits[0])
        else text
    )


def _scaled(images: np.ndarray) -> np.ndarray:
    """Return images as 0 to 1, whether they are bytes or already so."""
    return images.astype(np.float64) / 255 if images.dtype == np.uint8 else np.asarray(images)


def _measures(errors: np.ndarray) -> np.ndarray:
    """Append difference and reduction to mean errors (n, 3): fixed, mixed, unchanged."""
    fixed, difference = errors[:, 0], errors[:, 0] - errors[:, 1]
    share = np.divide(difference, fixed, out=np.full_like(fixed, np.nan), where=fixed > 0)
    return np.column_stack([errors, difference, share])
