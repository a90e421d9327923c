"""The share of the way from chance to an oracle that a model goes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from armed_study.evaluation.models.limit import share_of_oracle
from armed_study.evaluation.models.pairs import Pairs
from armed_study.evaluation.scores import Scored, score_predictions
from armed_study.evaluation.summaries import cluster_bootstrap
from invented_predictions import Invented, invent

STUDY = invent(models={"good": 0.2, "poor": 3.0}, folds=4)


def scored_of(study: Invented) -> Scored:
    return score_predictions(study.predictions, study.samples, study.truth, rows={}, study="s")


def row_of(table: pd.DataFrame, **where: str) -> pd.Series:
    for column, wanted in {"metric": "auroc", "oracle": "oracle", **where}.items():
        table = table[table[column].astype(str) == wanted]
    (row,) = table.to_dict("records")
    return pd.Series(row)


@pytest.fixture(scope="module")
def scored() -> Scored:
    return scored_of(STUDY)


@pytest.fixture(scope="module")
def table(scored: Scored) -> pd.DataFrame:
    return share_of_oracle(Pairs(scored, STUDY.splits, seed=1, draws=199))


def means(scored: Scored, model: str, assignment: str, effect: str) -> np.ndarray:
    rows = scored.table.query("metric == 'auroc' and partition == 'test'")
    rows = rows[(rows["model"] == model) & (rows["assignment"] == assignment)]
    return rows[rows["effect"] == effect].groupby("fold")["value"].mean().to_numpy() - 0.5


def test_share_on_seen_clusters_is_that_of_means_over_folds(scored: Scored, table) -> None:
    own, oracle = means(scored, "poor", "known", "mixed"), means(scored, "oracle", "none", "fixed")
    found = row_of(table, model="poor", partition="test")
    share = own.mean() / oracle.mean()
    spread = np.std(own - share * oracle, ddof=1) / oracle.mean() / np.sqrt(len(own))
    assert found["share"] == pytest.approx(share)
    assert found["high"] - share == pytest.approx(stats.t.ppf(0.975, 3) * spread)


def test_share_on_unseen_clusters_has_draws_shared_with_the_oracle(scored: Scored, table) -> None:
    found = row_of(table, model="good", partition="unseen")
    outputs = ("good", "membership", "mixed"), ("oracle", "none", "fixed")
    own, oracle = (
        cluster_bootstrap(scored.unseen["unseen", *key], draws=199, seed=1)["auroc"] - 0.5
        for key in outputs
    )
    expected = np.quantile(own / oracle, [0.025, 0.975])
    assert [found["low"], found["high"]] == pytest.approx(expected)
    assert row_of(table, model="poor", partition="unseen")["high"] < found["low"]


def test_oracle_without_cluster_stands_among_the_models(table: pd.DataFrame) -> None:
    assert set(table["model"]) == {"good", "poor", "oracle_no_cluster"}
    assert set(table["oracle"]) == {"oracle", "oracle_no_cluster"}
    assert row_of(table, model="oracle_no_cluster", partition="test")["share"] == pytest.approx(1)


def test_share_of_an_oracle_at_chance_is_not_defined() -> None:
    flat = STUDY.truth.assign(oracle=0.5)
    known = score_predictions(STUDY.predictions, STUDY.samples, flat, rows={}, study="s")
    table = share_of_oracle(Pairs(known, STUDY.splits, seed=1, draws=9))
    assert table.loc[table["oracle"] == "oracle", ["share", "low", "high"]].isna().all(axis=None)
