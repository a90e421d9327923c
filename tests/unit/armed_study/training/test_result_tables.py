import dataclasses

import numpy as np
import pytest

from armed.errors import TrainingError
from armed_study.io.schemas import TABLES as DECLARED
from armed_study.training.cluster_assignment import Assignment
from armed_study.training.result_tables import ModelResults
from small_tables import replica_of


def test_scores_that_are_not_numbers_stop_the_training(fold, study):
    rows, results = Assignment("none", np.array([5, 6]), None), ModelResults(study, "m")
    with pytest.raises(TrainingError, match="model 'm', fold 0, seed 2: 1 of 2 scores"):
        results.add_predictions(replica_of(fold, seed=2), rows, (np.array([0.5, np.nan]), None))


def test_display_is_averaged_over_seeds_and_empty_tables_keep_their_columns(fold, study):
    results = ModelResults(study, "m")
    for seed, fixed in enumerate((np.zeros(6), np.ones(6))):
        results.add_display(replica_of(fold, seed=seed), (fixed, None))
    shown = results.table("display_predictions")
    assert (shown["fixed"] == 0.5).all()
    assert shown["mixed"].isna().all()
    empty = results.table("history")
    assert empty.empty
    assert list(empty.columns) == DECLARED["history"].names


def test_history_has_a_row_per_epoch_and_term(fold, study):
    results = ModelResults(study, "m")
    terms = {"loss": np.array([3.0, 2.0]), "kl": np.array([1.0])}
    results.add_history(replica_of(dataclasses.replace(fold, fold=2), seed=1), terms)
    found = results.table("history")[["fold", "seed", "epoch", "term", "value"]]
    assert found.astype({"term": str}).to_numpy().tolist() == [
        [2, 1, 0, "loss", 3.0], [2, 1, 1, "loss", 2.0], [2, 1, 0, "kl", 1.0]
    ]  # fmt: skip


def test_rows_stand_in_the_order_in_which_replicas_were_added(fold, study):
    results = ModelResults(study, "m")
    for seed in (1, 0):
        for row in (9, 5):
            given = Assignment("none", np.array([row]), None)
            results.add_predictions(replica_of(fold, seed=seed), given, (np.array([0.5]), None))
    table = results.table("predictions").astype({"sample": str})
    found = table[["seed", "sample"]].to_numpy().tolist()
    assert found == [[1, "s9"], [1, "s5"], [0, "s9"], [0, "s5"]]


def test_parameters_are_stacked_and_say_whose_they_are(fold, study):
    results = ModelResults(study, "m")
    for seed in (0, 1):
        results.add_parameters(replica_of(fold, seed=seed), {"w": np.full(2, seed)}, epochs=3)
    state = results.state
    assert state["w"].tolist() == [[0, 0], [1, 1]]
    assert [state[name].tolist() for name in ("folds", "seeds", "epochs")] == [
        [0, 0],
        [0, 1],
        [3, 3],
    ]
