"""Shares of clusters, the flow of participants, descriptives."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import study_tables
from armed_study.evaluation.descriptive.samples import (
    compare_descriptives,
    participant_flow,
    share_by_cluster,
)
from figure_text import coded
from invented_predictions import invent


def test_cluster_shares_are_sorted_with_their_wilson_interval():
    samples = study_tables.spirals().samples
    table = share_by_cluster(samples)
    assert table["share"].is_monotonic_increasing
    row = table.iloc[0]
    test = stats.binomtest(int(row["positives"]), int(row["samples"]))
    expected = test.proportion_ci(method="wilson")
    assert (row["low"], row["high"]) == pytest.approx((expected.low, expected.high))
    one = samples[samples["cluster"] == "1"].assign(outcome=0.0)
    assert share_by_cluster(one)["low"].tolist() == [0.0]
    assert set(table["all_samples"]) == {len(samples)}
    assert set(table["overall"]) == {samples["outcome"].mean()}


def test_clusters_that_no_fold_trains_on_are_held_out():
    samples = study_tables.spirals().samples
    side = np.where(samples["cluster"] == "1", "unseen", "train")
    splits = pd.DataFrame({"fold": 0, "sample": samples["sample"], "partition": side})
    table = share_by_cluster(samples, splits).set_index("cluster")
    assert table.index[table["held_out"]].tolist() == ["1"]


def test_flow_forks_into_seen_and_unseen_clusters_of_the_splits():
    known = study_tables.mci()
    table = participant_flow(known.flow, known.samples, known.splits)
    branches = table.query("kind == 'branch'")
    assert branches["stage"].tolist() == ["4 seen clusters", "8 unseen clusters"]
    assert branches["count"].tolist() == [96, 192]
    assert branches["positives"].sum() == known.samples["outcome"].sum()
    assert (branches["share"] * branches["count"]).tolist() == branches["positives"].tolist()
    others = table.query("kind == 'left_out'").groupby("order")
    assert (others["total"].first() == others["count"].sum()).all()
    again = participant_flow(*map(coded, (known.flow, known.samples, known.splits)))
    pd.testing.assert_frame_equal(again, table)


@pytest.mark.parametrize("orders", [(3, 3), (3, 4)])
def test_flow_sees_a_fork_in_last_stages_that_add_up(orders):
    known = study_tables.mci()
    last = pd.DataFrame({"order": orders, "stage": ["seen sites", "unseen sites"], "reason": "",
                         "count": [400, 300]})  # fmt: skip
    table = participant_flow(pd.concat([known.flow, last]), known.samples, known.splits[:0])
    assert table.query("kind == 'branch'")["stage"].tolist() == ["seen sites", "unseen sites"]
    alone = pd.concat([known.flow, last.assign(order=[3, 4], count=[600, 500])])
    table = participant_flow(alone, known.samples, known.splits[:0])
    assert "branch" not in set(table["kind"])


def test_flow_has_no_fork_where_every_cluster_is_seen_in_some_fold():
    crossed = invent(models={"armed": 1.0}, folds=0, unseen=6, seen=0, leave_out=3)
    table = participant_flow(study_tables.mci().flow, crossed.samples, crossed.splits)
    assert "branch" not in set(table["kind"])


def test_descriptives_are_in_units_of_the_published_spread():
    known = study_tables.mci()
    table = compare_descriptives(known.descriptives, known.published)
    table = table.set_index(["group", "measure"])
    assert table.loc[("LMCI", "MMSE"), "difference"] == pytest.approx(-1)
    assert table.loc[("EMCI", "MMSE"), "sd_ratio"] == pytest.approx(np.sqrt(2) / 2)
    assert table.loc[("EMCI", "MMSE"), "n"] == 2
    widths = table["sd_high"] - table["sd_low"]
    assert widths.dropna().to_list() == pytest.approx(2 * table["sd_ratio"].dropna())
    assert (table["sd_low"] + table["sd_ratio"]).to_list() == pytest.approx(
        table["difference"], nan_ok=True
    )
    assert np.isnan(table.loc[("EMCI", "Never measured"), "difference"])


def test_a_source_without_descriptives_is_compared_with_nothing():
    known = study_tables.mci()
    assert compare_descriptives(known.descriptives[:0], known.published).empty
