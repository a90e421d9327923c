import numpy as np
import pandas as pd
import pytest
from matplotlib.cbook import boxplot_stats

import study_tables
from armed_study.interpretation.effects.importance import (
    collect_importance,
    rank_features,
    rank_probes,
)
from armed_study.io.tables import empty_table
from figure_text import coded


@pytest.fixture(scope="module")
def spirals():
    return study_tables.spirals().importance


@pytest.fixture(scope="module")
def mci():
    return study_tables.mci()


@pytest.fixture(scope="module")
def ranked(mci):
    return rank_features(mci.importance, mci.random_effects, top=5)


def test_probe_ratio_is_that_of_means_and_absent_without_probes(spirals):
    flat = spirals.assign(importance=np.where(spirals["probe"], 0.5, 2.0))
    table = collect_importance(flat)
    ratio = table.loc[table["quantity"] == "probe_ratio", "value"]
    assert ratio.tolist() == pytest.approx([0.25] * len(study_tables.MODELS) * 3)
    assert set(collect_importance(flat[~flat["probe"]])["quantity"]) == {"importance"}


def test_quartiles_are_those_of_the_folds_of_a_model_and_feature(spirals):
    table = collect_importance(spirals).query("model == 'armed' and feature == 'x1'")
    low, middle, high = np.percentile(table["value"], [25, 50, 75])
    (found,) = table[["low", "median", "high"]].drop_duplicates().to_numpy()
    assert found == pytest.approx([low, middle, high])


def test_importance_keeps_all_probes_and_the_largest_features(spirals):
    table = collect_importance(spirals, features=1)
    assert {"probe 1", "probe 2"} < set(table["feature"])
    assert len({"x1", "x2"} & set(table["feature"])) == 1


def test_models_without_importance_give_empty_tables():
    nothing = empty_table("importance")
    assert collect_importance(nothing).empty
    assert rank_features(nothing, empty_table("random_effects")).empty
    assert rank_probes(nothing).empty


def test_features_are_ranked_by_their_median_over_folds(ranked):
    for model, rows in ranked[ranked["quantity"] == "importance"].groupby("model"):
        medians = rows.groupby("rank")["value"].median()
        assert medians.is_monotonic_decreasing, model
        assert medians.index.tolist() == [1, 2, 3, 4, 5]
        assert rows.loc[rows["rank"] == 1, "feature"].unique().tolist() == ["Age"]


def test_slopes_are_the_spread_over_clusters_of_models_with_slopes_on_inputs(mci, ranked):
    table = ranked.query("quantity == 'slope_sd'")
    assert set(table["model"]) == set(study_tables.SLOPES)
    where = "model == 'armed' and fold == 1 and effect == 'linear_slope[Age]'"
    expected = mci.random_effects.query(where).groupby("seed")["mean"].std().mean()
    found = table.query("model == 'armed' and fold == 1 and feature == 'Age'")["value"]
    assert found.tolist() == pytest.approx([expected])


def test_ranks_are_the_same_from_text_and_from_categories(mci, ranked):
    again = rank_features(coded(mci.importance), coded(mci.random_effects), top=5)
    pd.testing.assert_frame_equal(again, ranked)


def test_probe_ranks_count_probes_among_the_first(mci):
    ranks = rank_probes(mci.importance, top=4)
    # 0.4 and 0.3 stand before the three probes of 0.25, 0.2 and 0.1 behind
    assert ranks["mean_rank"].tolist() == pytest.approx([4.0] * 12)
    assert set(ranks["in_top"]) == {2}
    assert ranks[["probes", "features"]].drop_duplicates().to_numpy().tolist() == [[3, 7]]
    assert rank_probes(mci.importance[~mci.importance["probe"]]).empty
    dead = rank_probes(mci.importance.assign(importance=0.0))  # a network that reacts to nothing
    assert set(dead["mean_rank"]) == {4.0}
    assert set(dead["in_top"]) == {3}  # all share the mean rank, which is among the first ten


def test_boxes_end_at_the_furthest_fold_within_their_reach(mci):
    folds = pd.DataFrame({"fold": range(7), "importance": [1.0, 2, 3, 4, 5, 6, 12]})
    one = mci.importance.drop(columns=["fold", "importance"]).iloc[:1]
    (box,) = (
        rank_features(one.merge(folds, how="cross"))[["least", "low", "median", "high", "most"]]
        .drop_duplicates()
        .to_numpy()
        .tolist()
    )
    assert box == [1, 2.5, 4, 5.5, 6]
    (drawn,) = boxplot_stats(folds["importance"])  # as matplotlib has them
    assert box == [drawn[name] for name in ("whislo", "q1", "med", "q3", "whishi")]


def test_probe_ranks_have_their_means_over_folds_and_what_chance_gives(mci):
    ranks = rank_probes(mci.importance, top=4)
    assert set(ranks["mean_rank_over_folds"]) == {4.0}
    assert set(ranks["in_top_over_folds"]) == {2.0}
    assert set(ranks["mean_rank_by_chance"]) == {4.0}  # of seven
    assert ranks["in_top_by_chance"].to_list() == pytest.approx([3 * 4 / 7] * 12)
    assert set(rank_probes(mci.importance, top=10)["in_top_by_chance"]) == {3.0}
