"""The best models of a study against its linear one."""

from dataclasses import replace

import pytest

from armed_study.evaluation.models.best import METHOD, NETWORK, best_models
from armed_study.evaluation.models.comparisons import compare
from armed_study.evaluation.models.pairs import Pairs
from armed_study.evaluation.scores import score_predictions
from invented_predictions import invent

NOISE = {"trees": 0.1, "good": 1.0, "ridge": 2.0, "poor": 4.0, "random": 0.0}
STUDY = invent(models=NOISE, folds=3, seeds=1, seen=5, unseen=6)
ROWS = {"shuffled": {"alias_of": "random", "assignment": "random"}}


@pytest.fixture(scope="module")
def scored():
    table = STUDY.predictions
    kept = (table["model"] != "random") | table["assignment"].isin(["random"])
    kept |= table["partition"] == "train"  # which set the threshold
    return score_predictions(table[kept], STUDY.samples, STUDY.truth, rows=ROWS, study="invented")


def best(scored, networks=("good", "poor", "random")):
    return best_models(scored, STUDY.splits, networks, metric="auroc", seed=4, draws=99)


def test_best_method_and_network_have_the_tests_of_the_comparison(scored):
    found = best(scored)
    every = compare(Pairs(scored, STUDY.splits, seed=4, draws=99), reference="ridge")
    every = every[every["metric"] == "auroc"].set_index(["partition", "model"])
    assert list(zip(found["partition"], found["best"], found["model"], strict=True)) == [
        (partition, which, model)
        for partition in ("test", "unseen")
        for which, model in ((METHOD, "trees"), (NETWORK, "good"))
    ]
    for row in found.itertuples():
        expected = every.loc[(row.partition, row.model)]
        for name in ("difference", "low", "high", "test"):
            assert getattr(row, name) == expected[name]


def test_study_without_a_linear_model_or_networks_has_no_such_row(scored):
    assert set(best(scored, networks=())["best"]) == {METHOD}
    alone = scored.table[scored.table["model"] != "ridge"]
    assert best(replace(scored, table=alone)).empty
