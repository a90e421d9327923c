"""Where the gain of a model comes from: what its components are, and that they add up to it."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

from armed_study.evaluation.models.comparisons import compare
from armed_study.evaluation.models.decomposition import decompose
from armed_study.evaluation.models.pairs import Pairs
from armed_study.evaluation.scores import score_predictions
from invented_predictions import invent

MODELS = {"armed": 0.3, "armed_alone": 0.5, "conventional": 2.0, "conventional_wide": 1.0}
ABLATIONS = [
    ["adversary", "armed", "armed_alone"],
    ["capacity", "conventional_wide", "conventional"],
    ["linear_path", "armed", "not_trained"],
]


@pytest.fixture(scope="module")
def pairs() -> Pairs:
    study = invent(models=MODELS, seeds=1, folds=4)
    other = study.predictions["assignment"].eq("random")
    zero = study.predictions[other].assign(assignment="zero")
    zero["mixed"] = 0.5 * zero["mixed"] + 0.5 * zero["fixed"]
    study = dataclasses.replace(study, predictions=pd.concat([study.predictions, zero]))
    scored = score_predictions(study.predictions, study.samples, study.truth, rows={}, study="s")
    return Pairs(scored, study.splits, seed=1, draws=99)


@pytest.fixture(scope="module")
def table(pairs: Pairs) -> pd.DataFrame:
    return decompose(pairs, ABLATIONS, reference="armed", metrics=["accuracy", "auroc"])


def difference(table: pd.DataFrame, **where: str) -> float:
    for column, wanted in {"metric": "auroc", **where}.items():
        table = table[table[column].astype(str) == wanted]
    (found,) = table["difference"]
    return float(found)


@pytest.mark.parametrize("partition", ["test", "unseen"])
def test_effects_and_population_add_up_to_the_gain(table: pd.DataFrame, partition: str) -> None:
    own = {"partition": partition}
    gain = difference(table, component="gain", less_model="conventional", **own)
    effects = difference(table, component="cluster", less_assignment="zero", **own)
    assert gain == pytest.approx(effects + difference(table, component="population", **own))
    assert abs(effects) > 1e-3


def test_components_are_those_of_the_models_there_are(table: pd.DataFrame) -> None:
    rows = table.astype(str)[["component", "assignment", "less_model", "less_assignment"]]
    own = rows[table["partition"] == "unseen"].drop_duplicates().to_numpy().tolist()
    assert own == [
        ["gain", "membership", "conventional", "membership"],
        ["gain", "membership", "conventional_wide", "membership"],
        ["cluster", "membership", "armed", "zero"],
        ["cluster", "membership", "armed", "random"],
        ["population", "zero", "conventional", "membership"],
        ["adversary", "membership", "armed_alone", "membership"],
        ["capacity", "membership", "conventional", "membership"],
    ]
    assert list(dict.fromkeys(table["metric"]))[:2] == ["accuracy", "auroc"]
    assert table["family"].iloc[0] == f"all {len(table)} tests of this table"


def test_gain_has_the_tests_that_models_are_compared_by(pairs: Pairs, table: pd.DataFrame) -> None:
    compared = compare(pairs, reference="armed").query("model == 'conventional'")
    gain = table[(table["component"] == "gain") & (table["less_model"] == "conventional")]
    both = gain.merge(compared, on=["partition", "metric"], suffixes=("", "_there"))
    assert len(both) == 8
    assert both["difference"].tolist() == pytest.approx((-both["difference_there"]).tolist())
    assert both["low"].tolist() == pytest.approx((-both["high_there"]).tolist())
    assert both["p"].tolist() == pytest.approx(both["p_there"].tolist())
    assert (both["test"] == both["test_there"]).all()


def test_reference_without_effects_of_clusters_has_its_gain_alone(pairs: Pairs) -> None:
    alone = decompose(pairs, [], reference="conventional_wide", metrics=[])
    assert set(alone["component"]) == {"gain", "cluster", "population"}
    assert (
        decompose(pairs, [], reference="conventional", metrics=[])["component"].eq("cluster").all()
    )
