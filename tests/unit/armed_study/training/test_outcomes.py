"""Networks of outcomes that are not binary."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from armed import methods
from armed.errors import ConfigError
from armed.tasks.outcomes import CategoricalTask, ContinuousTask, CountTask
from armed_study import training
from armed_study.evaluation.new_clusters.few_shot import few_shot_table
from armed_study.splits.few_shot import few_shot_samples
from armed_study.training.factory import build_method
from armed_study.training.fold_data import StudyFolds
from armed_study.training.replicas import monitor
from armed_study.training.result_tables import ModelResults
from armed_study.vocabulary.outcomes import BINARY
from small_outcomes import OUTCOMES, dataset, folds, split

SETTINGS = {
    "network": {"hidden": [6]},
    "training": {"epochs": 8, "batch_size": 32, "learning_rate": 0.02, "patience": 5},
    "adversary": {"hidden": [5]},
    "random_effects": {"intercept": 0.5, "input_slope": 0.1},
}


def train(study: StudyFolds, method: str = "armed") -> ModelResults:
    needed = SETTINGS if method == "armed" else {k: SETTINGS[k] for k in ("network", "training")}
    return training.trainer(method)(study, model=method, settings=needed)


@pytest.fixture(scope="module")
def trained() -> dict[str, ModelResults]:
    return {kind: train(folds(dataset(kind))) for kind in OUTCOMES}


def test_outcome_decides_the_task() -> None:
    wanted = {"continuous": ContinuousTask, "count": CountTask, "categorical": CategoricalTask}
    for kind, task in wanted.items():
        given = {"shape": (1,), "clusters": 3, "seed": 0, "outcome": OUTCOMES[kind]}
        built = build_method(methods.load("conventional"), {"network": {"hidden": [2]}}, **given)
        assert type(built.task) is task


def test_predictions_are_in_the_units_of_the_outcome(trained) -> None:
    table = trained["continuous"].table("predictions")
    assert table[["fixed", "mixed"]].mean().tolist() == pytest.approx([50, 50], abs=5)
    assert 4 < table["mixed"].std() < 20


@pytest.mark.parametrize("kind", ["continuous", "count"])
def test_labelled_samples_lead_to_the_outcomes_of_their_cluster(kind) -> None:
    data = dataset(kind, seed=5)  # whose unseen cluster is far from the others
    table = train(folds(data, shots=(1, 20))).table("few_shot_predictions")
    own = data.samples[data.samples["sample"].isin(table["sample"].astype(str))]
    by = table.groupby(["assignment", "shots"])["mixed"].mean() - own["outcome"].mean()
    assert abs(by["few_shot", 20]) < 0.6 * abs(by["zero", 0])
    splits = split(data)
    labelled = few_shot_samples(data.samples, splits, shots=(1, 20), seed=1)
    given = {"study": "t", "seed": 1, "outcome": data.outcome}
    scores = few_shot_table([table], data.samples, labelled, splits, **given)
    error = scores[scores["metric"] == "rmse"].set_index(["assignment", "shots"])["mean"]
    assert error["few_shot", 20] < error["zero", 0]


def test_labelled_samples_of_classes_make_their_outcomes_likelier() -> None:
    data = dataset("categorical", seed=5)
    table = train(folds(data, shots=(1, 20))).table("few_shot_predictions")
    labelled = few_shot_samples(data.samples, splits := split(data), shots=(1, 20), seed=1)
    given = {"study": "t", "seed": 1, "outcome": data.outcome}
    shuffled = table.sample(frac=1, random_state=0)
    scores = few_shot_table([shuffled], data.samples, labelled, splits, **given)
    loss = scores[scores["metric"] == "log_loss"].set_index(["assignment", "shots"])["mean"]
    assert loss["few_shot", 20] < loss["marginal", 0] - 0.05
    order = ["assignment", "shots", "draw", "fold", "sample"]
    totals = table.groupby(order, observed=True)["mixed"].sum()
    np.testing.assert_allclose(totals, 1, atol=1e-5)


def test_another_unit_of_the_outcome_changes_its_unit_alone(trained) -> None:
    data = dataset("continuous")
    scaled = data.samples.assign(outcome=data.samples["outcome"] / 16 - 3)
    other = train(folds(replace(data, samples=scaled)))
    for name, column, shift in (
        ("predictions", "mixed", 3), ("random_effects", "mean", 0), ("random_effects", "sd", 0),
        ("importance", "importance", 0),
    ):  # fmt: skip
        first, second = (
            t.table(name)[column].to_numpy(float) for t in (trained["continuous"], other)
        )
        np.testing.assert_allclose((second + shift) * 16, first, rtol=2e-2, atol=2e-2)


def test_probabilities_of_the_classes_of_a_sample_add_up_to_one(trained) -> None:
    table = trained["categorical"].table("predictions").astype({"sample": str})
    keys = ["fold", "seed", "assignment", "sample"]
    assert (table.groupby(keys, observed=True)["class"].agg(list).map(tuple)
            == OUTCOMES["categorical"].classes).all()  # fmt: skip
    totals = table.groupby(keys, observed=True)[["fixed", "mixed"]].sum()
    np.testing.assert_allclose(totals, 1, atol=1e-5)


def test_importance_of_classes_is_not_zero(trained) -> None:
    importance = trained["categorical"].table("importance")["importance"]
    assert (importance > 0.01).all()


def test_effects_of_classes_bear_their_names(trained) -> None:
    names = set(trained["categorical"].table("random_effects")["effect"].astype(str))
    classes = OUTCOMES["categorical"].classes
    assert names == {f"intercept[{c}]" for c in classes} | {
        f"linear_slope[x, {c}]" for c in classes
    }
    terms = trained["categorical"].table("variance_components")["term"].astype(str)
    assert set(terms) == {f"sd__{name}" for name in names}
    names = set(trained["count"].table("random_effects")["effect"].astype(str))
    assert names == {"intercept", "linear_slope[x]"}


@pytest.mark.parametrize("kind", OUTCOMES)
def test_networks_learn_more_than_the_mean(trained, kind) -> None:
    data = dataset(kind)
    y = data.samples.set_index(data.samples["sample"].astype(str))["outcome"].astype(float)
    table = trained[kind].table("predictions").astype({"sample": str})
    table = table[table["partition"].isin(["test"]) & (table["assignment"] == "known")]
    if kind == "categorical":
        own = np.array(data.outcome.classes)[y[table["sample"]].to_numpy(int)]
        of_truth = table.loc[table["class"].astype(str) == own, "mixed"]
        assert np.log(of_truth).mean() > np.log(1 / 3) + 0.1
    else:
        truth = y[table["sample"]].to_numpy()
        error = ((table["mixed"] - truth) ** 2).mean()
        assert error < 0.8 * truth.var()


def test_early_stopping_watches_the_likelihood_of_the_kind() -> None:
    y, mean = np.array([0.0, 2.0]), np.array([1.0, 1.0])
    assert monitor(None, OUTCOMES["continuous"])(y, mean) == pytest.approx(-0.5)
    assert monitor("log_loss", OUTCOMES["count"])(y, mean) == pytest.approx(-1)
    p = np.array([[0.5, 0.25, 0.25], [0.1, 0.1, 0.8]])
    found = monitor(None, OUTCOMES["categorical"])(y, p)
    assert found == pytest.approx(np.log([0.5, 0.8]).mean())
    assert monitor(None, BINARY)(np.array([0, 1]), np.array([0.1, 0.9])) == 1
    with pytest.raises(ConfigError, match=r"training\.monitor is auroc and the outcome count"):
        monitor("auroc", OUTCOMES["count"])
