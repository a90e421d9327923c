"""Tests between models, on seen clusters over folds and on unseen ones over draws of clusters."""

import dataclasses
import gc

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from armed.errors import ConfigError
from armed_study.evaluation.models.comparisons import compare
from armed_study.evaluation.models.pairs import Pairs
from armed_study.evaluation.scores import Scored, score_predictions
from armed_study.evaluation.summaries import cluster_bootstrap
from invented_predictions import Invented, invent

ROWS = {"a_random": {"alias_of": "a", "assignment": "random"}}
COMPARED = ("auroc", "auroc_within", "balanced_accuracy", "accuracy")


def scored(study: Invented) -> Scored:
    return score_predictions(
        study.predictions, study.samples, study.truth, rows=ROWS, study="invented"
    )


def compared(study: Invented, draws: int = 499) -> pd.DataFrame:
    return compare(Pairs(scored(study), study.splits, seed=3, draws=draws), reference="a")


def rows(table: pd.DataFrame, **where: object) -> pd.DataFrame:
    for column, wanted in where.items():
        table = table[table[column] == wanted]
    return table


@pytest.fixture(scope="module", autouse=True)
def quick_garbage_collection():
    """Of new objects only: statsmodels collects garbage in every Holm adjustment."""
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(scope="module")
def study() -> Invented:
    return invent(models={"a": 0.5, "b": 2.0}, folds=4)


@pytest.fixture(scope="module")
def table(study) -> pd.DataFrame:
    return compared(study)


def by_hand(study: Invented, metric: str) -> tuple[float, float]:
    where = {"metric": metric, "effect": "mixed", "partition": "test", "assignment": "known"}
    means = rows(scored(study).table, **where).groupby(["model", "fold"])["value"].mean()
    difference = (means["b"] - means["a"]).to_numpy()
    sizes = study.splits.groupby(["fold", "partition"]).size().unstack()
    ratio = (sizes["test"] / sizes["train"]).mean()
    t = difference.mean() / np.sqrt((1 / 4 + ratio) * difference.var(ddof=1))
    return difference.mean(), 2 * stats.t.sf(abs(t), 3)


def test_seen_clusters_have_the_corrected_test_over_folds(study, table):
    for metric in COMPARED:
        (found,) = rows(table, partition="test", metric=metric, model="b").itertuples()
        difference, p = by_hand(study, metric)
        assert (found.difference, found.p) == (pytest.approx(difference), pytest.approx(p))
        assert found.low < found.difference < found.high
        assert (found.low > 0 or found.high < 0) == (p < 0.05)
    assert set(rows(table, partition="test")["test"]) == {"corrected resampled t"}
    assert set(table["partition"]) == {"test", "unseen"}
    assert set(table["model"]) == {"b", "a_random", "oracle", "oracle_no_cluster"}


def test_unseen_clusters_have_the_bootstrap_of_differences_of_the_same_draws(study, table):
    units = scored(study).unseen
    drawn = {
        model: cluster_bootstrap(units["unseen", model, "membership", "mixed"], draws=499, seed=3)
        for model in "ab"
    }
    for metric in COMPARED:
        (found,) = rows(table, partition="unseen", metric=metric, model="b").itertuples()
        apart = drawn["b"][metric] - drawn["a"][metric]
        assert found.test == "paired bootstrap"
        assert (found.low, found.high) == pytest.approx(np.quantile(apart, [0.025, 0.975]))
        fewer = min((apart <= 0).sum(), (apart >= 0).sum())
        assert found.p == pytest.approx(min(1, 2 * (1 + fewer) / 500))
        assert found.low < found.difference < found.high


def test_the_pairing_makes_the_interval_narrower_than_two_of_its_own(study, table):
    where = {"partition": "unseen", "metric": "auroc", "model": "b"}
    (found,) = rows(table, **where).itertuples()
    units = scored(study).unseen
    spread = [
        cluster_bootstrap(units["unseen", model, "membership", "mixed"], draws=499, seed=seed)
        for model, seed in (("a", 1), ("b", 2))
    ]
    alone = np.hypot(*(each["auroc"].std() for each in spread))
    assert found.standard_error < 0.8 * alone


def test_equal_predictions_have_p_one_on_seen_and_unseen_clusters(study):
    own = study.predictions[study.predictions["model"] == "a"]
    both = pd.concat([own, own.assign(model="same")])
    found = rows(compared(dataclasses.replace(study, predictions=both)), model="same")
    assert set(found["test"]) == {"corrected resampled t", "paired bootstrap"}
    assert (found["p"] == 1).all()
    assert (found["difference"] == 0).all()


def test_all_tests_of_the_table_but_those_of_oracles_are_one_family(table):
    oracle = table["model"].str.startswith("oracle")
    assert table[oracle]["p"].notna().all()
    assert table.loc[oracle, ["p_holm", "family"]].isna().all(axis=None)
    own = table[~oracle]
    assert len(own) == 2 * 2 * 4  # models, partitions, metrics
    assert set(own["family"]) == {"all 16 tests of this table"}
    expected = multipletests(own["p"], method="holm")[1]
    assert own["p_holm"].tolist() == pytest.approx(expected.tolist())


def test_leave_clusters_out_folds_are_compared_on_their_own_sizes():
    table = compared(invent(models={"a": 0.5, "b": 2.0}, leave_out=2, unseen=12))
    assert set(rows(table, partition="unseen")["test"]) == {"paired bootstrap"}
    assert set(rows(table, partition="test")["df"]) == {2}


def test_unseen_clusters_too_few_to_be_drawn_are_tested_over_folds():
    table = compared(invent(models={"a": 0.5, "b": 2.0}, unseen=1))
    unseen = rows(table, partition="unseen", metric="auroc", model="b")
    assert unseen["test"].tolist() == ["corrected resampled t"]
    assert unseen["df"].tolist() == [2]


def test_with_one_fold_only_unseen_clusters_are_tested():
    table = compared(invent(models={"a": 0.5, "b": 2.0}, folds=1))
    assert table["difference"].notna().all()
    assert rows(table, partition="test")[["p", "p_holm", "family"]].isna().all(axis=None)
    assert set(rows(table, partition="test")["test"]) == {"none"}
    own = rows(table, partition="unseen", model="b")
    assert own["p_holm"].notna().all()
    assert set(own["family"]) == {"all 8 tests of this table"}


def test_an_unknown_reference_lists_the_models(study):
    with pytest.raises(ConfigError, match=r"reference model 'oracel' .did you mean 'oracle'"):
        compare(Pairs(scored(study), study.splits, seed=0), reference="oracel")
