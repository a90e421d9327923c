"""Splits of a data set: unseen clusters, stratified folds of the seen ones, leakage checks.

Samples are taken in the order of their ids and dealt with an explicit seed, so a split depends on
the data and the seed, not on the order of rows or on the method.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from armed.errors import ConfigError
from armed_study.data.checks import units
from armed_study.data.dataset import ClusteredDataset
from armed_study.io.tables import cast_table
from armed_study.splits.leakage import check_sides
from armed_study.splits.stratification import check_strata, select_validation, tested_parts
from armed_study.splits.unseen_clusters import deal_clusters, unseen_clusters
from armed_study.vocabulary.outcomes import BINARY, Outcome

_TEST, _VALIDATION, _CLUSTERS = 0, 1, 2  # streams of random numbers of a seed
QUANTILES = 4
"""Strata of outcomes that are numbers: so many of equal size, where these differ."""
_Parts = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]  # of a fold: the rest, tested, unseen


def make_splits(
    dataset: ClusteredDataset,
    *,
    folds: int,
    validation: float,
    unseen: Mapping[str, Any],
    small_strata: str = "error",
    stratify: str = "cluster",
    test: float | None = None,
    seed: int,
) -> pd.DataFrame:
    """Return table `splits`: on which side of each fold each sample stands.

    Parameters
    ----------
    dataset
        A validated data set.
    folds
        Number of folds F of the seen clusters, stratified; at least 2, or 1 with `test`.
    validation
        Share of the samples not tested that validates, 0 to 0.5; stratified likewise.
    unseen
        `{scheme: none}`; `{scheme: held_out}`; `{scheme: named, clusters: [...]}`;
        `{scheme: smallest, count: n}`; `{scheme: seen_largest, count: k}` (all but the k largest);
        `{scheme: leave_out, folds: m}`: after F folds of all clusters, m folds more, in each of
        which one m-th of the clusters is unseen and the rest is for training and validation.
        Clusters that the data source holds out are never trained or tested on.
    small_strata
        What to do with fewer samples of an outcome in a cluster than folds: `error`, or `merge`,
        which balances such strata over the folds together instead of each on its own.
    stratify
        `cluster` balances clusters only, as new samples would come; `outcome_cluster` makes a
        cluster's share of the outcome (of a number, of each quarter of its values) the same in
        every part, or, where the samples have a column `stratum`, that of each stratum. The latter
        tells a model that knows the cluster more of the test samples than it could know of new
        ones: where clusters are small, its AUROC on seen clusters comes out higher. By how much,
        `null.null_of_split` says.
    test
        Share of the samples tested in each fold, drawn again for each (Monte Carlo); None: every
        sample is tested in one fold (cross-validation).
    seed
        Seed of everything random here.

    Raises
    ------
    ConfigError, DataError
        Settings that do not exist, or that these data cannot meet.
    """
    _check_settings(folds, validation, small_strata, test)
    samples = _in_order(dataset.samples, stratify, dataset.outcome)
    seen, outside = _apart(samples, unseen, dataset.name)
    if test is None:
        check_strata(seen, folds, small_strata, dataset.name)
    tested = tested_parts(seen, folds=folds, test=test, seed=[seed, _TEST])
    parts = [(seen[~selected], seen[selected], outside) for selected in tested]
    if unseen["scheme"] == "leave_out":
        rng = np.random.default_rng([seed, _CLUSTERS])
        dealt = deal_clusters(samples, int(unseen["folds"]), rng, dataset.name)
        left, trained = samples["cluster"].map(dealt), ~samples["held_out"]
        parts += [
            (samples[(left != number) & trained], samples[:0], samples[left == number])
            for number in range(int(unseen["folds"]))
        ]
    splits = _assemble(dataset, parts, validation, seed)
    check_sides(samples, splits, dataset.name)
    return splits


def seen_samples(
    samples: pd.DataFrame,
    unseen: Mapping[str, Any],
    stratify: str,
    study: str,
    outcome: Outcome = BINARY,
) -> pd.DataFrame:
    """Samples of seen clusters in the order of their ids: cluster, outcome, `stratum` and `unit`."""
    return _apart(_in_order(samples, stratify, outcome), unseen, study)[0]


def _apart(
    samples: pd.DataFrame, unseen: Mapping[str, Any], study: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Samples of clusters that are seen, and of those that are unseen in all folds."""
    away = samples["cluster"].isin(unseen_clusters(samples, unseen, study))
    return samples[~away & ~samples["held_out"]].reset_index(drop=True), samples[away]


def _in_order(samples: pd.DataFrame, stratify: str, outcome: Outcome) -> pd.DataFrame:
    table = cast_table(samples, "samples")
    stratum = pd.Series("any outcome", index=table.index)
    if stratify != "cluster":
        own = table["outcome"]
        bins = own if outcome.ranked else pd.qcut(own, QUANTILES, labels=False, duplicates="drop")
        named = ("outcome " if outcome.ranked else "quantile of outcomes ") + bins.map(
            "{:g}".format
        )
        stratum = table["stratum"].astype(str) if "stratum" in table else named
    samples = table[["outcome", "held_out"]].assign(unit=units(table), stratum=stratum)
    samples = samples.assign(**{key: table[key].astype(str) for key in ("sample", "cluster")})
    return samples.sort_values("sample", kind="stable", ignore_index=True)


def _assemble(
    dataset: ClusteredDataset, parts: list[_Parts], validation: float, seed: int
) -> pd.DataFrame:
    """Return table `splits`, by fold and then in the order of the data set's rows."""
    frames = []
    for fold, (rest, tested, outside) in enumerate(parts):
        rng = np.random.default_rng([seed, _VALIDATION, fold])
        selected = select_validation(rest.reset_index(drop=True), validation, rng)
        sides = {"train": rest[~selected], "validation": rest[selected]}
        frames += [
            pd.DataFrame({"fold": fold, "sample": rows["sample"].to_numpy(), "partition": side})
            for side, rows in {**sides, "test": tested, "unseen": outside}.items()
            if len(rows)
        ]
    splits = pd.concat(frames, ignore_index=True)
    place = pd.Index(dataset.samples["sample"].astype(str)).get_indexer(pd.Index(splits["sample"]))
    splits = splits.assign(place=place).sort_values(["fold", "place"], ignore_index=True)
    return cast_table(splits.drop(columns="place"), "splits")


def _check_settings(folds: int, validation: float, small_strata: str, test: float | None) -> None:
    fewest = 2 if test is None else 1
    if folds < fewest:
        raise ConfigError(f"splits.folds is {folds}, expected at least {fewest}; raise it")
    if not 0 <= validation <= 0.5:
        raise ConfigError(
            f"splits.validation is {validation}, expected a share from 0 to 0.5; change it"
        )
    if test is not None and not 0 < test <= 0.5:
        raise ConfigError(f"splits.test is {test}, expected a share up to 0.5, or null; change it")
    if small_strata not in ("error", "merge"):
        raise ConfigError(
            f"splits.small_strata is '{small_strata}', expected error or merge; correct it"
        )
