"""How well the scanner alone predicts the diagnosis, against what can be known: the oracles."""

import numpy as np
import pandas as pd

from armed_study.evaluation.scores import score_predictions
from armed_study.evaluation.summaries import summarise
from armed_study.statistics.auroc import delong
from armed_study.statistics.intervals import normal_interval
from armed_study.vocabulary.terms import ORACLES

MANUFACTURER = "manufacturer"
_PARTITIONS = ("seen", "test", "unseen")
COLUMNS = ["model", "partition", "mean", "low", "high", "interval", "samples", "clusters"]


def measure_confounding(
    samples: pd.DataFrame,
    splits: pd.DataFrame,
    truth: pd.DataFrame,
    manufacturers: list[str],
    *,
    seed: int,
) -> pd.DataFrame:
    """Give the AUROC for the outcome of the manufacturer alone, and of the oracles.

    The score of a sample is the share of outcome 1 among the training subjects of its manufacturer,
    or among all training subjects where none is of it.

    Parameters
    ----------
    samples, splits, truth
        The study's tables; `truth` may have no rows, there are no oracles then.
    manufacturers
        Of each sample.
    seed
        Of the resampling of clusters.

    Returns
    -------
    DataFrame
        model (`manufacturer`, `oracle`, `oracle_no_cluster`), partition, mean, low, high, interval,
        samples, clusters. `test` and `unseen` are means over folds with the intervals of the
        performance table (`summaries.summarise`). `seen` are all samples of seen clusters, whether
        trained on or not, with the share among all of their subjects and DeLong's interval.
    """
    about = samples[["sample", "cluster", "group", "outcome"]].astype({"sample": str})
    about = about.assign(manufacturer=manufacturers)
    parts = splits.astype({"sample": str, "partition": str}).merge(about, on="sample")
    folds = [_predict(part) for _, part in parts.groupby("fold")]
    scored = score_predictions(pd.concat(folds), samples, truth, rows={}, study="confounding")
    found = summarise(scored, seed=seed)
    found = found[found["metric"].eq("auroc") & found["partition"].isin(["test", "unseen"])]
    seen = parts[parts["partition"] != "unseen"].drop_duplicates("sample")
    whole = _all_seen(seen, truth)
    counts = parts.groupby("partition").agg(
        samples=("sample", "nunique"), clusters=("cluster", "nunique")
    )
    table = found.merge(counts, left_on="partition", right_index=True)
    both = pd.concat([whole, table], ignore_index=True)[COLUMNS]
    for column, order in (("model", (MANUFACTURER, *ORACLES)), ("partition", _PARTITIONS)):
        both[column] = pd.Categorical(both[column].astype(str), order)
    both = both.sort_values(["partition", "model"], ignore_index=True)
    return both.astype({"model": str, "partition": str})


def _shares(subjects: pd.DataFrame, wanted: pd.Series) -> pd.Series:
    """Share of outcome 1 of each wanted manufacturer among some subjects."""
    once = subjects.assign(unit=subjects["group"].astype(object).fillna(subjects["sample"]))
    once = once.drop_duplicates("unit")
    share = once.groupby("manufacturer")["outcome"].mean()
    return wanted.map(share).fillna(once["outcome"].mean()).astype(float)


def _predict(part: pd.DataFrame) -> pd.DataFrame:
    """Give the predictions of one fold as a model's."""
    score = _shares(part[part["partition"] == "train"], part["manufacturer"])
    keys = part[["fold", "sample", "partition"]]
    keys = keys.assign(study="confounding", model=MANUFACTURER, seed=0, assignment="none")
    return keys.assign(fixed=score, mixed=np.nan)


def _all_seen(seen: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    scores = {MANUFACTURER: _shares(seen, seen["manufacturer"])}
    if len(truth):
        known = truth.assign(sample=truth["sample"].astype(str)).set_index("sample")
        scores |= {name: seen["sample"].map(known[name]) for name in ORACLES}
    rows = []
    for name, score in scores.items():
        auroc, error = delong(seen["outcome"].to_numpy(), score.to_numpy(float))
        low, high = np.clip(normal_interval(auroc, error), 0, 1)
        rows.append(
            (name, "seen", auroc, low, high, "DeLong", len(seen), seen["cluster"].nunique())
        )
    return pd.DataFrame(rows, columns=COLUMNS)
