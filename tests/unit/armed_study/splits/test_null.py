"""What knowing the cluster alone gives with permuted outcomes, by what the folds balance."""

import numpy as np
import pandas as pd
import pytest

from armed_study.splits.null import caption, null_of_split

LEAVE_OUT = {"scheme": "leave_out", "folds": 4}
FOLDS = {"folds": 3, "test": None, "validation": 0.25}
DRAWN = {"folds": 3, "test": 0.25, "validation": 0.25}


def samples(groups_of: int = 1, clusters: int = 12, size: int = 12) -> pd.DataFrame:
    """Clusters whose true shares of the outcome differ much, in groups of one outcome each."""
    rng = np.random.default_rng(4)
    cluster = np.repeat(np.arange(clusters), size)
    group = np.arange(len(cluster)) // groups_of
    share = rng.uniform(0.1, 0.9, clusters)[cluster[::groups_of]]
    outcome = (rng.random(len(share)) < share).astype(float)[group]
    return pd.DataFrame({
        "sample": [f"s{i:04d}" for i in range(len(cluster))], "cluster": [f"c{k}" for k in cluster],
        "group": [f"g{k}" for k in group] if groups_of > 1 else None,
        "outcome": outcome, "held_out": False,
    })  # fmt: skip


def null(table: pd.DataFrame, **settings) -> pd.Series:
    given = {"study": "s", "unseen": {"scheme": "none"}, "seed": 1, **FOLDS, **settings}
    (row,) = (row for _, row in null_of_split(table, **given).iterrows())
    return row


@pytest.mark.parametrize("splits", [FOLDS, DRAWN, {**FOLDS, "unseen": LEAVE_OUT}])
@pytest.mark.parametrize("groups_of", [1, 2])
def test_where_only_clusters_are_balanced_the_null_is_one_half(splits, groups_of):
    found = null(samples(groups_of), stratify="cluster", **splits, permutations=40)
    error = (found["high"] - found["low"]) / 4 / np.sqrt(40)
    assert found["mean"] == pytest.approx(0.5, abs=4 * error)


@pytest.mark.parametrize("splits", [FOLDS, DRAWN])
@pytest.mark.parametrize("groups_of", [1, 2])
def test_where_outcomes_are_balanced_within_clusters_the_null_is_above(splits, groups_of):
    found = null(samples(groups_of), stratify="outcome_cluster", **splits, permutations=20)
    assert found["low"] < found["mean"] < found["high"]
    assert found["mean"] > 0.5 + (found["high"] - found["low"]) / np.sqrt(20)


def test_the_null_depends_on_the_seed_not_the_order_of_rows():
    table, settings = samples(), {"stratify": "outcome_cluster", "permutations": 5}
    first = null(table, **settings)
    pd.testing.assert_series_equal(first, null(table.sample(frac=1, random_state=1), **settings))
    assert first["mean"] != null(table, **settings, seed=2)["mean"]


def test_large_clusters_have_a_smaller_null():
    of_size = [
        null(samples(size=size), stratify="outcome_cluster", permutations=10)["mean"]
        for size in (10, 200)
    ]
    assert of_size[0] > of_size[1] + 0.03


def test_the_caption_gives_mean_and_range():
    table = pd.DataFrame({"mean": [0.57], "low": [0.53], "high": [0.61], "permutations": [100]})
    assert "gives an AUROC of 0.570 (0.530 to 0.610) on seen clusters" in caption(table)
