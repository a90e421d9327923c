import numpy as np
import pandas as pd
import pytest
from scipy import stats

import study_tables
from armed_study.interpretation.effects.ranked import rank_intercepts
from armed_study.io.tables import empty_table


def test_clusters_of_each_model_are_numbered_by_their_intercept():
    table = rank_intercepts(study_tables.spirals().random_effects)
    for model, rows in table.groupby("model"):
        assert rows["value"].is_monotonic_increasing, model
        assert rows["place"].tolist() == [1, 2, 3, 4]
        assert rows["cluster"].tolist() == ["1", "2", "10", "11"]


def test_intervals_are_those_of_the_posterior():
    table = rank_intercepts(study_tables.spirals().random_effects)
    half = stats.norm.ppf(0.975) * 0.05
    assert (table["high"] - table["value"]).to_numpy() == pytest.approx(half)
    assert (table["value"] - table["low"]).to_numpy() == pytest.approx(half)


def test_normal_intercepts_lie_on_the_expected_line():
    rng = np.random.default_rng(0)
    effects = study_tables.spirals().random_effects.iloc[:1]
    many = effects.loc[effects.index.repeat(4000)].assign(
        model="armed", effect="intercept", cluster=[f"c{k}" for k in range(4000)],
        mean=rng.normal(0.5, 2.0, 4000),
    )  # fmt: skip
    table = rank_intercepts(many)
    inner = table[table["quantile"].abs() < 2]
    assert (inner["value"] - inner["expected"]).abs().max() < 0.2
    assert np.polyfit(table["quantile"], table["expected"], 1) == pytest.approx([2, 0.5], abs=0.1)


def test_clusters_are_numbered_by_the_intercepts_of_each_class():
    effects = study_tables.spirals().random_effects
    own = effects[effects["effect"] == "intercept"].assign(effect="intercept[low]")
    table = rank_intercepts(
        pd.concat([own, own.assign(effect="intercept[high]", mean=-own["mean"])])
    )
    for (model, effect), rows in table.groupby(["model", "effect"]):
        ordered = ["1", "2", "10", "11"]
        assert rows["cluster"].tolist() == (
            ordered if effect == "intercept[low]" else ordered[::-1]
        ), model


def test_models_without_intercepts_give_an_empty_table():
    assert rank_intercepts(empty_table("random_effects")).empty
