"""Learned intercepts, and what is known of each cluster."""

import numpy as np
import pandas as pd
import pytest

import study_tables
from armed_study.interpretation.effects.clusters import (
    TRUTH,
    collect_clusters,
    learned_intercepts,
    summarise_effects,
)
from figure_text import coded


def test_intercepts_meet_the_training_share_and_correlate():
    known = study_tables.spirals()
    table = learned_intercepts(known.random_effects, known.samples, known.splits)
    own = table.set_index(["model", "cluster"]).loc[("armed", "2")]
    assert own["intercept"] == pytest.approx(1.05)
    assert own["replicas"] == 6
    train = known.splits[known.splits["partition"] == "train"].merge(known.samples, on="sample")
    expected = train[train["cluster"] == "2"].groupby("fold")["outcome"].mean().mean()
    assert own["share"] == pytest.approx(expected)
    rows = table[table["model"] == "armed"]
    assert own["r"] == pytest.approx(np.corrcoef(rows["share"], rows["intercept"])[0, 1])
    assert own["r"] > 0.9


def test_equal_shares_have_no_correlation():
    known = study_tables.spirals()
    equal = known.samples.assign(outcome=1.0)
    table = learned_intercepts(known.random_effects, equal, known.splits)
    assert table[["r", "p"]].isna().all(axis=None)


def test_clusters_have_shares_learned_and_true_intercepts_of_their_block():
    known = study_tables.mci()
    given = (known.samples, known.splits, known.random_effects, known.cluster_truth)
    table = collect_clusters(*given)
    shares = table[table["quantity"] == "share"]
    assert shares["value"].is_monotonic_increasing
    assert shares.groupby("block")["cluster"].agg(set)["seen"] == {"c0", "c1", "c2", "c3"}
    learned = table[table["model"] == "armed"].set_index("cluster")
    assert set(learned.index) == {"c0", "c1", "c2", "c3"}
    assert learned.loc["c2", "value"] == pytest.approx(2, abs=0.2)
    assert (learned["low"] < learned["value"]).all()
    truth = table[table["model"] == TRUTH].set_index("cluster")
    assert truth.loc["c0", "value"] == -1
    assert truth.loc["c11", "block"] == "unseen"
    for block, rows in shares.groupby("block"):
        assert set(rows["all_samples"]) == {rows["samples"].sum()}, block
        assert rows["overall"].to_numpy() * rows["samples"].sum() == pytest.approx(
            rows["positives"].sum()
        )
    pd.testing.assert_frame_equal(collect_clusters(*map(coded, given)), table)


def test_intercepts_are_standardised_over_the_clusters_of_a_block():
    known = study_tables.mci()
    table = collect_clusters(known.samples, known.splits, known.random_effects, known.cluster_truth)
    for _, rows in table[table["quantity"] == "intercept"].groupby(["model", "block"]):
        assert rows["standardised"].mean() == pytest.approx(0, abs=1e-12)
        assert rows["standardised"].std() == pytest.approx(1)
        spread = rows["standardised_high"] - rows["standardised_low"]
        expected = ((rows["high"] - rows["low"]) / rows["value"].std()).to_numpy()
        assert spread.to_numpy() == pytest.approx(expected, nan_ok=True)
    equal = known.random_effects.assign(mean=1.0)
    table = collect_clusters(known.samples, known.splits, equal)
    assert table["standardised"].isna().all()


def test_effects_are_averaged_over_replicas_and_hidden_slopes_left_out():
    rows = [
        ("s", "armed", f, "intercept", c, m + f, 0.1)
        for f in (0, 1)
        for c, m in (("a", 1.0), ("b", -1.0))
    ]
    rows += [("s", "armed", 0, "slope[0]", "a", 9.0, 0.1)]
    columns = ["study", "model", "fold", "effect", "cluster", "mean", "sd"]
    found = summarise_effects(pd.DataFrame(rows, columns=columns)).set_index("cluster")
    assert list(found.index) == ["a", "b"]
    assert found.loc["a", "mean"] == pytest.approx(1.5)
    assert found.loc["b", "sd_replicas"] == pytest.approx(0.5**0.5)
    assert (found["replicas"] == 2).all()
