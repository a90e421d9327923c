"""Cells of the simulated grid: what is fitted, what is scored, and what cells come to."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

from armed.effects.linear_effects import LinearEffects
from armed_study.io.tables import cast_table
from armed_study.mixed_models.grid import estimated_variance, train_cell
from armed_study.mixed_models.grid_summary import (
    grid_caption,
    grid_errors,
    grid_page,
    summarise_grid,
)
from armed_study.simulation.clustered import ClusteredSettings

SHARED = {
    "network": {"hidden": [16]},
    "training": {"epochs": 15, "batch_size": 64, "learning_rate": 0.01, "optimizer": "Adam"},
}
MODELS = {
    "conventional": {"method": "conventional", "settings": SHARED},
    "armed": {
        "method": "armed",
        "settings": {
            **SHARED,
            "adversary": {"hidden": [4]},
            "random_effects": {"intercept": 0.5, "estimated": True},
            "adversary_weight": 0.0,
        },
    },
}


def cell(models=MODELS, replicates=2, **settings):
    given = ClusteredSettings(
        **{"clusters": 40, "samples_per_cluster": 25, "variance": 4.0} | settings
    )
    table = train_cell("c", given, models, replicates=replicates, seed=3)
    assert (table["seconds"] >= 0).all()
    return cast_table(table.drop(columns="seconds"), "grid_effects")


@pytest.fixture(scope="module")
def table():
    return cell()


def test_every_model_has_a_row_for_each_draw(table):
    counts = table.groupby("model", observed=True).size().to_dict()
    assert counts == dict.fromkeys(("conventional", "armed", "mixed_model", "oracle"), 2)
    assert table.groupby("replicate")["drawn"].nunique().tolist() == [1, 1]
    assert table["drawn"].nunique() == 2


def test_oracle_errs_by_what_the_draw_hides_and_others_are_held_against_it(table):
    oracle, armed = (table[table["model"] == name] for name in ("oracle", "armed"))
    assert (oracle["error"] < 0.4).all()
    assert (oracle["excess"] == 0).all()
    away = np.abs(armed["estimate"].to_numpy() - oracle["estimate"].to_numpy())
    np.testing.assert_allclose(armed["excess"], away / armed["drawn"], rtol=1e-4)


def test_estimated_variance_is_near_the_drawn_one(table):
    part = table[table["model"] == "armed"]
    np.testing.assert_allclose(part["error"], np.abs(part["estimate"] / part["drawn"] - 1))
    assert (part["error"] < 0.6).all()
    assert table.loc[table["model"] == "conventional", "estimate"].isna().all()


def test_own_clusters_effects_are_in_seen_scores(table):
    seen = table.groupby("model", observed=True)["seen"].mean()
    assert seen["armed"] > seen["conventional"] + 0.1
    assert seen["mixed_model"] > seen["conventional"] + 0.05
    assert seen["oracle"] == seen.max()


def test_unseen_clusters_are_scored_without_effects(table):
    unseen = table.groupby("model", observed=True)["unseen"].mean()
    assert unseen["oracle"] == unseen.max()
    assert abs(unseen["armed"] - unseen["conventional"]) < 0.05


def test_intervals_of_new_clusters_are_scored_where_a_network_has_effects(table):
    found = table.groupby("model", observed=True)["rate_coverage"].mean()
    assert 0.75 < found["armed"] <= 1
    assert found.drop("armed").isna().all()
    assert table["sample_coverage"].isna().all()


def test_a_cell_is_the_same_again_and_another_by_its_name(table):
    again = cell({"conventional": MODELS["conventional"]})
    before = table[table["model"] == "conventional"]
    now = again[again["model"] == "conventional"]
    pd.testing.assert_frame_equal(now, before.reset_index(drop=True), check_categorical=False)


def test_variance_of_the_intercept_is_taken_from_among_slopes():
    effects = LinearEffects(3, initial_sd={"input": 0.5, "intercept": 2.0})
    effects.measure((torch.zeros(2, 4),), outputs=1, clusters=3)
    assert estimated_variance(SimpleNamespace(effects=effects)) == pytest.approx(4.0)
    effects = LinearEffects(3, initial_sd={"input": 0.5})
    assert np.isnan(estimated_variance(SimpleNamespace(effects=effects)))


def test_continuous_outcome_is_scored_by_explained_variance():
    found = cell({}, outcome="continuous", replicates=1)
    linear = found[found["model"] == "mixed_model"].iloc[0]
    assert linear["metric"] == "r2"
    assert 0.3 < linear["seen"] < 1
    assert linear["error"] < 0.2


@pytest.fixture(scope="module")
def invented():
    """Two cells of three models over two draws, with errors that are known."""
    rows = []
    for name, variance in (("a", 1.0), ("z", 0.0)):
        for model, error, seen in (("armed", 0.1, 0.80), ("lmmnn", 0.3, 0.81), ("conventional", np.nan, 0.7),
                                   ("oracle", 0.0, 0.9)):  # fmt: skip
            for replicate, step in enumerate((-0.05, 0.05)):
                estimate = variance * (1 + error + step) if variance else error / 10
                rows.append(
                    {"cell": name, "outcome": "binary", "sizes": "balanced", "clusters": 10,
                     "variance": variance, "model": model, "replicate": replicate, "samples": 100,
                     "drawn": variance, "estimate": estimate, "excess": error,
                     "error": error + step if variance else np.nan, "metric": "auroc", "seen": seen,
                     "unseen": 0.6, "rate_coverage": 0.9 + step if variance else 0.1,
                     "sample_coverage": np.nan,
                     "conformal_rate_coverage": 0.9, "conformal_sample_coverage": np.nan}
                )  # fmt: skip
    return cast_table(pd.DataFrame(rows), "grid_effects")


def test_cells_are_averaged_over_draws_with_an_interval(invented):
    summary = cast_table(summarise_grid(invented), "grid_summary")
    row = summary[(summary["cell"] == "a") & (summary["model"] == "armed")].iloc[0]
    assert row["replicates"] == 2
    assert row["error"] == pytest.approx(0.1)
    # t(1) = 12.7 standard errors of 0.05 on each side
    assert row["error_high"] - row["error"] == pytest.approx(12.706 * 0.05, rel=1e-3)
    assert row["error_low"] == 0


def test_a_score_is_compared_with_the_best_model_but_the_oracle(invented):
    behind = summarise_grid(invented).set_index(["cell", "model"])["behind"]
    assert behind["a", "lmmnn"] == 0
    assert behind["a", "armed"] == pytest.approx(-0.01)
    assert behind["a", "oracle"] > 0


def test_errors_by_model_leave_out_models_without_a_variance(invented):
    errors = grid_errors(summarise_grid(invented)).set_index("model")
    assert set(errors.index) == {"lmmnn", "armed", "oracle"}
    assert errors.loc["armed", "mean relative error"] == pytest.approx(0.1)
    assert errors.loc["armed", "cells"] == 1
    assert errors.loc["lmmnn", "largest estimate of 0"] == pytest.approx(0.03)
    assert errors.loc["armed", "behind where it is 0"] == pytest.approx(-0.01)
    assert errors["cells within 0.005 of the best"].drop("oracle").to_dict() == {
        "lmmnn": 2,
        "armed": 0,
    }


def test_coverage_by_model_is_of_cells_whose_clusters_differ(invented):
    errors = grid_errors(summarise_grid(invented)).set_index("model")
    covered = errors["coverage: rates"].drop("oracle").to_dict()
    assert covered == pytest.approx({"lmmnn": 0.9, "armed": 0.9})


def test_caption_states_mean_errors_beside_published_ones(invented):
    said = grid_caption(summarise_grid(invented))
    assert "ARMED 0.100" in said
    assert "0.21 (the best), 0.37 (LMMNN), 0.79 (ARMED)" in said
    assert "variance is 0: LMMNN 0.030" in said


def test_grid_without_cells_has_an_empty_page(invented):
    summary = summarise_grid(invented.iloc[:0])
    assert cast_table(summary, "grid_summary").empty
    assert grid_page(summary) == {}
    assert grid_caption(summary) == "No model of the grid has a variance."
