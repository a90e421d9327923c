"""The null of a split: what knowing the cluster alone gives where the outcome has nothing to do with it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from armed_study.io.tables import cast_table
from armed_study.splits.make_splits import seen_samples
from armed_study.splits.stratification import select_validation, tested_parts
from armed_study.statistics.layout import Layout
from armed_study.statistics.measures.unit_counts import Laid, evaluate
from armed_study.vocabulary.formatting import interval_text
from armed_study.vocabulary.labels import metric_label
from armed_study.vocabulary.outcomes import BINARY, Outcome

PERMUTATIONS = 100
_AUROC = "auroc"
# Streams of random numbers of a seed; `make_splits` has 0 to 2.
_PERMUTED, _DEALT, _VALIDATION = 3, 4, 5


def null_of_split(
    samples: pd.DataFrame,
    *,
    study: str,
    folds: int,
    validation: float,
    unseen: Mapping[str, Any],
    stratify: str,
    test: float | None = None,
    seed: int,
    outcome: Outcome = BINARY,
    permutations: int = PERMUTATIONS,
) -> pd.DataFrame:
    """Score the cluster's training share, or mean, on seen clusters, with permuted outcomes.

    Folds that balance the outcome within each cluster make the share of a cluster's test samples
    that of its training samples, so that a model that knows the cluster has an AUROC above 0.5 even
    where cluster and outcome are independent. Outcomes of other kinds have the first metric of
    their kind. The outcome (and the stratum with it) is permuted over the samples of seen clusters;
    the samples are split again as `make_splits` does, small strata merged; a test sample's score is
    the training share of its cluster, as of the model `prevalence`. Groups that each have one
    outcome count as one sample.

    Parameters are those of `make_splits`; ``samples`` and ``outcome`` are those of the study.

    Returns
    -------
    DataFrame
        Table ``split_null``: a row with the mean over permutations and the range of 95 % of them.
    """
    seen = _one_a_group(seen_samples(samples, unseen, stratify, study, outcome))
    metric = outcome.about.shown[0]
    found = [
        _score(
            _permuted(seen, np.random.default_rng([seed, _PERMUTED, number])),
            outcome,
            folds=folds,
            test=test,
            validation=validation,
            seed=[seed, _DEALT, number],
        )
        for number in tqdm(
            range(permutations), desc=f"{study}, permuted outcomes", unit="permutation"
        )
    ]
    low, high = np.nanquantile(found, [0.025, 0.975])
    ends = {"mean": np.nanmean(found), "low": low, "high": high}
    row = {"study": study, "stratify": stratify, "permutations": permutations, **ends}
    row |= {} if metric == _AUROC else {"metric": metric}
    return cast_table(pd.DataFrame([row]), "split_null")


def caption(null: pd.DataFrame) -> str:
    """Say in a sentence what table ``split_null`` holds."""
    values = interval_text(*(float(null[name].iloc[0]) for name in ("mean", "low", "high")))
    metric = str(null["metric"].iloc[0]) if "metric" in null else _AUROC
    auroc = metric == _AUROC
    name, chance = ("an AUROC", "0.5") if auroc else (f"a value of {metric_label(metric)}", "0")
    return (
        "Folds balance the outcome within clusters: with permuted outcomes, knowing the cluster alone "
        f"gives {name} of {values} on seen clusters (mean and range of 95 % of "
        f"{null['permutations'].iloc[0]} permutations), not {chance}."
    )


def _one_a_group(seen: pd.DataFrame) -> pd.DataFrame:
    """Keep a sample of each group, if these have one outcome and stratum each."""
    labelled = seen.drop_duplicates(["unit", "outcome", "stratum"])
    return seen if labelled["unit"].duplicated().any() else labelled.reset_index(drop=True)


def _permuted(seen: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Give each sample the outcome, and the stratum with it, of another."""
    moved = seen[["outcome", "stratum"]].iloc[rng.permutation(len(seen))]
    return seen.assign(outcome=moved["outcome"].to_numpy(), stratum=moved["stratum"].to_numpy())


def _score(
    seen: pd.DataFrame,
    outcome: Outcome,
    *,
    folds: int,
    test: float | None,
    validation: float,
    seed: list[int],
) -> float:
    """Mean over folds of the metric of the cluster's training share or mean; NaN where it has none."""
    y = seen["outcome"].to_numpy(dtype=np.float64)
    each = (y[:, None] == outcome.ranked).astype(float) if outcome.classes else y[:, None]
    cluster = np.unique(seen["cluster"], return_inverse=True)[1]
    values = []
    for fold, held in enumerate(tested_parts(seen, folds=folds, test=test, seed=seed)):
        rest = np.flatnonzero(~held)
        rng = np.random.default_rng([*seed, _VALIDATION, fold])
        selected = select_validation(seen.iloc[rest].reset_index(drop=True), validation, rng)
        train = rest[~selected]
        layout = Layout.of(y[held], cluster[held], about=outcome)
        score = _means(each[train], cluster[train], cluster[held])
        laid = Laid(np.flatnonzero(held), layout, None)
        found = evaluate(laid, score if outcome.classes else score[:, 0], np.nan, "test")
        values.append(found.values[outcome.about.shown[0]])
    return float(pd.Series(values).mean())


def _means(y: np.ndarray, cluster: np.ndarray, of: np.ndarray) -> np.ndarray:
    """Mean of ``y`` (samples, columns) in the clusters ``of`` (n,), of all where there is none."""
    clusters = max(cluster.max(), of.max()) + 1
    counts = np.bincount(cluster, minlength=clusters)[:, None]
    sums = np.stack([np.bincount(cluster, own, minlength=clusters) for own in y.T], axis=-1)
    return np.where(counts > 0, sums / np.maximum(counts, 1), y.mean(axis=0))[of]
