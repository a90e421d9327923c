import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from armed_study.evaluation.scores import Scored, score_predictions
from armed_study.evaluation.summaries import cluster_bootstrap, summarise
from armed_study.statistics.auroc import Ranking, concordant_pairs, concordant_within, delong
from armed_study.statistics.bootstrap import percentile_interval, resample
from armed_study.statistics.layout import Layout
from armed_study.statistics.measures import MEASURES
from armed_study.statistics.measures.unit_counts import UnitCounts
from invented_predictions import Invented, invent

ROWS = {"a_random": {"alias_of": "a", "assignment": "random"}}


def scored(study: Invented) -> Scored:
    return score_predictions(
        study.predictions, study.samples, study.truth, rows=ROWS, study="invented"
    )


@pytest.fixture(scope="module")
def study() -> Invented:
    return invent(models={"a": 0.5, "b": 2.0}, folds=4)


@pytest.fixture(scope="module")
def scores(study) -> Scored:
    return scored(study)


@pytest.fixture(scope="module")
def left_out() -> Invented:
    return invent(models={"a": 0.5, "b": 2.0}, leave_out=2, unseen=12)


def rows(table: pd.DataFrame, **where: object) -> pd.DataFrame:
    for column, wanted in where.items():
        table = table[table[column] == wanted]
    return table


def line(summary: pd.DataFrame, **where: object) -> pd.Series:
    (row,) = (row for _, row in rows(summary, **where).iterrows())
    return row


TEST = {"model": "b", "partition": "test", "assignment": "known", "effect": "mixed"}
UNSEEN = TEST | {"partition": "unseen", "assignment": "membership"}


def test_the_t_interval_is_over_fold_means_of_seeds(scores):
    means = (
        rows(scores.table, metric="auroc", **TEST)
        .pivot_table(index="fold", columns="seed", values="value")
        .mean(axis=1)
    )
    found = line(summarise(scores, seed=0), metric="auroc", **TEST)
    low, high = stats.t.interval(0.95, 3, means.mean(), means.std() / 2)
    assert (found["low"], found["high"]) == (pytest.approx(low), pytest.approx(min(high, 1)))
    assert (found["mean"], found["sd"]) == (pytest.approx(means.mean()), pytest.approx(means.std()))
    assert (found["interval"], found["folds"], found["seeds"]) == ("t over folds", 4, 2)


def test_the_median_is_over_folds_and_seeds(scores):
    table = scores.table.copy()
    one = (table["metric"] == "auroc") & (table["fold"] == 0) & (table["seed"] == 0)
    table.loc[one, "value"] = 0.1  # a failed replica moves the mean of its fold, not the median
    values = rows(table, metric="auroc", **TEST)["value"]
    found = line(
        summarise(dataclasses.replace(scores, table=table), seed=0), metric="auroc", **TEST
    )
    assert len(values) == 8
    assert found["median"] == values.median()


@pytest.mark.parametrize("name", ["study", "left_out"])
def test_cluster_draws_with_every_cluster_and_fold_once_give_the_mean_score(
    name, request, monkeypatch
):
    study = request.getfixturevalue(name)
    scores = scored(study)

    def everyone_once(labels, *, draws, seed):
        drawn = resample(labels, draws=draws, seed=seed)
        ones = tuple(np.ones_like(units) for units in drawn.units)
        return type(drawn)(ones, np.ones_like(drawn.folds))

    monkeypatch.setattr("armed_study.evaluation.summaries.resample", everyone_once)
    summary = summarise(scores, seed=0, draws=4)
    drawn = cluster_bootstrap(scores.unseen["unseen", "b", "membership", "mixed"], draws=4, seed=0)
    assert set(drawn) == set(scores.table["metric"]) - {"auprc", "threshold"}
    for metric, values in drawn.items():
        assert values == pytest.approx(line(summary, metric=metric, **UNSEEN)["mean"]), metric


def test_a_cluster_draw_equals_the_auroc_of_the_drawn_samples(study, scores):
    draws = 3
    drawn = cluster_bootstrap(
        scores.unseen["unseen", "b", "membership", "mixed"], draws=draws, seed=7
    )
    clusters = [f"c{c}" for c in range(4, 10)]
    resampling = resample([np.arange(4, 10)] * 4, draws=draws, seed=7)
    for draw in range(draws):
        total = 0.0
        for fold in range(4):
            weight = dict(zip(clusters, resampling.units[fold][draw].astype(int), strict=True))
            for seed in range(2):
                where = {"model": "b", "partition": "unseen", "assignment": "membership"}
                own = study.rows(fold=fold, seed=seed, **where)
                own = own.loc[own.index.repeat(own["cluster"].map(weight))]
                auroc = roc_auc_score(own["outcome"], own["mixed"])
                total += resampling.folds[draw, fold] * auroc / 8
        assert drawn["auroc"][draw] == pytest.approx(total, abs=1e-12)


@pytest.mark.parametrize("name", ["study", "left_out"])
def test_unseen_clusters_have_a_cluster_bootstrap_and_seen_ones_do_not(name, request):
    summary = summarise(scored(request.getfixturevalue(name)), seed=0, draws=200)
    unseen = summary[(summary["partition"] == "unseen") & summary["model"].isin(["a", "b"])]
    other = unseen["metric"].isin(["auprc", "threshold"])
    assert (unseen[~other]["interval"] == "cluster bootstrap").all()
    assert (unseen[other]["interval"] == "t over folds").all()
    inside = (unseen["low"] < unseen["mean"]) & (unseen["mean"] < unseen["high"])
    assert inside[unseen["metric"].isin(["auroc", "auroc_within", "brier", "accuracy"])].all()
    test = summary[(summary["partition"] == "test") & (summary["model"] == "a")]
    assert (test["interval"] == "t over folds").all()


def test_the_cluster_bootstrap_covers_the_score_on_further_clusters():
    """Clusters differ in how well they are predicted: the truth is the mean over their law."""
    generator = np.random.default_rng(11)
    truth = stats.norm.cdf(generator.normal(1.2, 0.8, 100_000) / np.sqrt(2)).mean()
    cluster, y = np.repeat(np.arange(30), 30), np.tile([False, True], 450)
    layout = Layout.of(y, cluster, None)
    covered = []
    for trial in range(300):
        skill = generator.normal(1.2, 0.8, 30)[cluster]
        score = stats.norm.cdf(generator.normal(0, 1, 900) + skill * y)
        ranking = Ranking.of(y, score)
        pairs = concordant_pairs(layout, ranking)[None], concordant_within(layout, ranking)[None]
        counts = UnitCounts(layout, *pairs, {0: MEASURES["binary"].sums(layout, score, 0.5)})
        drawn = cluster_bootstrap({0: counts}, draws=300, seed=trial)["auroc_within"]
        low, high = percentile_interval(drawn)
        covered.append(low < truth < high)
    assert 0.89 <= np.mean(covered) <= 0.98


def test_a_single_fold_and_seed_has_the_delong_interval_for_the_auroc():
    study = invent(models={"a": 0.5, "b": 2.0}, folds=1, seeds=1)
    summary = summarise(scored(study), seed=0, draws=100)
    own = study.rows(model="b", partition="test", assignment="known")
    auroc, error = delong(own["outcome"].to_numpy(), own["mixed"].to_numpy())
    found = line(summary, metric="auroc", **TEST)
    assert found["interval"] == "DeLong"
    assert found["mean"] == pytest.approx(auroc)
    assert found["low"] == pytest.approx(auroc - 1.959964 * error, abs=1e-6)
    other = line(summary, metric="brier", **TEST)
    assert other["interval"] == "none"
    assert np.isnan([other["low"], other["high"], other["sd"]]).all()
    assert line(summary, metric="auroc", **UNSEEN)["interval"] == "cluster bootstrap"


@pytest.mark.parametrize(("unseen", "leave_out", "folds"), [(1, 0, 3), (6, 6, 6)])
def test_one_unseen_cluster_in_all_or_in_each_fold_is_not_resampled(unseen, leave_out, folds):
    study = invent(models={"a": 0.5, "b": 1.0}, unseen=unseen, leave_out=leave_out)
    found = line(summarise(scored(study), seed=0), metric="auroc", **UNSEEN)
    assert (found["interval"], found["folds"]) == ("t over folds", folds)


def test_a_score_equal_in_all_folds_has_no_interval(scores):
    where = {"model": "oracle", "partition": "unseen", "metric": "auprc"}
    found = line(summarise(scores, seed=0), **where)
    assert found["interval"] == "none"
    assert found["sd"] == 0
    assert np.isnan(found["low"])


def test_summaries_depend_neither_on_row_order_nor_on_the_order_of_models(study, scores):
    first, again = (summarise(s, seed=3, draws=100) for s in (scores, scored(study.shuffled())))
    pd.testing.assert_frame_equal(first, again, check_exact=True)


def test_undefined_scores_are_left_out_of_the_mean(scores):
    table = scores.table.copy()
    is_brier = (table["metric"] == "brier") & (table["model"] == "b")
    table.loc[is_brier & (table["fold"] == 0), "value"] = np.nan
    summary = summarise(Scored(table, scores.unseen, scores.delong), seed=0, draws=50)
    found = line(summary, metric="brier", **TEST)
    assert found["folds"] == 3
    assert not np.isnan(found["mean"])
