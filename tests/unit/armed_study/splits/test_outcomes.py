"""Splits of outcomes that are not binary, and their null."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from armed_study.splits.null import caption, null_of_split
from small_outcomes import OUTCOMES, dataset, split

NULL = {"study": "t", "folds": 2, "validation": 0.2, "unseen": {"scheme": "none"}, "seed": 1}


@pytest.mark.parametrize("kind", OUTCOMES)
def test_folds_balance_quarters_of_numbers_and_classes_within_clusters(kind) -> None:
    data = dataset(kind)
    bins = pd.qcut(data.samples["outcome"], 4, labels=False, duplicates="drop")
    bins = data.samples["outcome"] if kind == "categorical" else bins
    known = pd.DataFrame({"sample": data.samples["sample"].astype(str), "bin": bins,
                          "cluster": data.samples["cluster"]})  # fmt: skip
    spreads = []
    for stratify in ("cluster", "outcome_cluster"):
        splits = split(data, stratify=stratify).astype({"sample": str}).merge(known, on="sample")
        tested = splits[splits["partition"] == "test"]
        counts = tested.groupby(["fold", "bin"]).size().unstack("fold")
        spreads.append((counts[0] - counts[1]).abs().max())
    assert spreads[1] <= min(2, spreads[0])


@pytest.mark.parametrize("kind", OUTCOMES)
def test_permuted_outcomes_leave_nothing_where_clusters_alone_are_balanced(kind) -> None:
    data = dataset(kind)
    given = {**NULL, "outcome": data.outcome, "permutations": 30}
    table = null_of_split(data.samples.assign(held_out=False), stratify="cluster", **given)
    chance = 0.5 if kind == "categorical" else 0
    assert table["mean"].item() == pytest.approx(chance, abs=0.1)
    assert ("metric" in table) == (kind != "categorical")
    words = {"continuous": "R²", "count": "D²", "categorical": "AUROC"}[kind]
    assert words in caption(table)
    assert caption(table).endswith(f"not {chance:g}.")


def test_permuting_is_by_strata_that_are_balanced() -> None:
    data = dataset("continuous")
    small = data.samples.assign(cluster=[f"c{i // 4}" for i in range(len(data.samples))],
                                held_out=False)  # fmt: skip
    given = {**NULL, "outcome": data.outcome, "permutations": 20}
    free, bound = (
        null_of_split(small, stratify=stratify, **given)["mean"].item()
        for stratify in ("cluster", "outcome_cluster")
    )
    assert np.isfinite([free, bound]).all()
    assert bound != free
