"""A user's table with several cluster factors: from its columns to trained models and their tables."""

import numpy as np
import pandas as pd
import pytest

from armed import methods
from armed.data.lazy_rows import pick
from armed.errors import ArmedWarning, ConfigError, DataError
from armed.training.ensemble import Ensemble
from armed_study import training
from armed_study.data.dataset import ClusteredDataset
from armed_study.splits.make_splits import make_splits
from armed_study.studies.table import check_formula
from armed_study.studies.table.prepare import prepare
from armed_study.training import load
from armed_study.training.batched_inference import predict
from armed_study.training.cluster_assignment import assignments
from armed_study.training.factors.clusters import as_assigned, further_of
from armed_study.training.factors.known import Factors
from armed_study.training.factory import build_method
from armed_study.training.restore import restore
from armed_study.vocabulary.outcomes import Outcome
from refusals import refused
from small_tables import encoded_inputs

FORMULA = "(1 + age | clinic/nurse) + (1 | rater)"
DATA = {
    "outcome": {"column": "score", "kind": "continuous"},
    "cluster": "clinic",
    "features": ["age", "drug"],
    "categorical": ["drug"],
    "further_factors": [["clinic", "nurse"], ["rater"]],
}
SETTINGS = {
    "network": {"hidden": [4]},
    "training": {"epochs": 2, "batch_size": 16, "learning_rate": 0.01},
    "random_effects": {"formula": FORMULA},
}


def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    clinic, nurse = np.repeat(np.arange(6), 30), rng.integers(0, 2, 180)
    rater, age = rng.integers(0, 5, 180), rng.normal(50, 10, 180)
    effects = rng.normal(size=6)[clinic] + rng.normal(size=12)[2 * clinic + nurse]
    effects += rng.normal(size=5)[rater]
    columns = {"clinic": np.array(list("uvwxyz"))[clinic], "nurse": nurse, "rater": rater}
    columns |= {"age": age.round(2), "drug": rng.choice(["a", "b", "c"], 180)}
    return pd.DataFrame(columns | {"score": (effects + rng.normal(size=180)).round(3)})


def dataset(folder, frame=None, **changes) -> ClusteredDataset:
    frame = table() if frame is None else frame
    frame.to_csv(folder / "t.csv", index=False)
    source = {"path": str(folder / "t.csv")}
    return prepare("demo", {**DATA, "source": source, **changes}, {}).dataset


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder, frame = tmp_path_factory.mktemp("table"), table()
    frame.loc[[4, 90], "rater"] = np.nan
    with pytest.warns(ArmedWarning, match=r"factor 'rater' of .* is missing in 2 rows"):
        made = dataset(folder, frame)
    made.save(folder / "samples.parquet")
    data = ClusteredDataset.load(folder / "samples.parquet")
    unseen = {"scheme": "named", "clusters": ["z"]}
    splits = make_splits(data, folds=3, validation=0.2, unseen=unseen, seed=1, small_strata="merge")
    display = data.samples.head(0).drop(columns=["group", "outcome", "held_out"])
    given = {"folds": (0, 1), "seeds": 1, "config_seed": 7}
    return load.make_study(data, splits, display, encoded_inputs(data, splits, display), **given)


def fitted(study, method):
    own = {"adversary_weight": 0.0} if method == "armed" else {}
    settings = {**SETTINGS, "adversary": {"hidden": [2]}} if own else SETTINGS
    with pytest.warns(ArmedWarning, match="no cluster of factor 'clinic:nurse' that is trained on"):
        return training.trainer(method)(study, model="m", settings={**settings, **own}), settings


def test_columns_of_a_factor_are_joined_and_kept_with_the_samples(study):
    factors = study.factors
    assert factors.first == "clinic"
    assert factors.clusters["rater"] == tuple("01234")
    assert factors.clusters["clinic:nurse"][:2] == ("u:0", "u:1")
    assert (factors.further["rater"] == -1).sum() == 2
    assert factors.features == ("age", "drug", "drug")


@pytest.mark.parametrize("method", ["armed", "lmmnn"])
def test_tables_name_the_factor_of_each_row(study, method):
    results, _ = fitted(study, method)
    variances = results.table("variance_components").astype({"group": str, "term": str})
    of = {g: set(rows["term"]) for g, rows in variances.groupby("group")}
    slopes = {"sd__intercept", "sd__linear_slope[age]", "cor__intercept.linear_slope[age]"}
    assert of["clinic"] == of["clinic:nurse"] == slopes | {"ICC_adjusted"}
    assert of["rater"] == {"sd__intercept", "ICC_adjusted"}
    assert of["Residual"] == {"sd__Observation"}
    assert "R2_marginal" in of[""]
    effects = results.table("random_effects").astype({"effect": str, "cluster": str})
    names = effects.groupby("effect")["cluster"].agg(set)
    assert names["intercept"] == set("uvwxy")
    assert names["intercept | rater"] == set("01234")
    assert names["linear_slope[age] | clinic:nurse"] == {f"{c}:{n}" for c in "uvwxy" for n in "01"}


def test_restored_models_predict_with_the_effects_of_all_factors(study):
    results, settings = fitted(study, "lmmnn")
    table = results.table("predictions")
    given = {"model": "m", "method": "lmmnn", "settings": settings}
    found, without = [], []
    for replica, built in restore(study, results.state, **given):
        (known,) = (a for a in assignments(study, replica, uses_z=True) if a.name == "known")
        x = pick(replica.fold.x, known.rows)
        further = further_of(study.factors, built)
        whole = as_assigned(known.name, known.z, further, known.rows)
        for z, into in ((whole, found), (known.z, without)):
            ((_, mixed),) = predict(Ensemble([built]), [(x, z)])
            into.append(mixed * replica.fold.scale + replica.fold.center)
    expected = table.loc[table["assignment"] == "known", "mixed"]
    np.testing.assert_allclose(np.concatenate(found), expected, rtol=1e-5)
    assert np.abs(np.concatenate(without) - expected).max() > 0.1


def test_no_effect_is_of_no_factor_and_a_soft_cluster_keeps_the_others():
    further, rows = {"rater": np.array([0, 1, 2])}, np.array([0, 2])
    zero = as_assigned("zero", np.zeros((2, 4), np.float32), further, rows)
    assert zero.shape == (2, 4)
    soft = as_assigned("membership", np.full((2, 4), 0.25, np.float32), further, rows)
    assert soft[:, 4].tolist() == [0, 2]
    known = as_assigned("known", np.array([3, -1]), further, rows)
    assert known.tolist() == [[3, 0], [-1, 2]]


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"further_factors": [["nurze"]]}, DataError, "no column 'nurze' .did you mean 'nurse'"),
        ({"further_factors": [["id"]]}, DataError, "factor 'id' .* another cluster in each row"),
        ({"further_factors": [["one"]]}, DataError, "factor 'one' .* has 1 cluster"),
        ({"features": ["age", "rater"], "categorical": []}, ConfigError, "or a cluster factor too"),
    ],
)
def test_columns_that_make_no_factor_are_refused(tmp_path, changes, error, message):
    frame = table().assign(id=[f"p{i}" for i in range(180)], one="x")
    with refused(message, error):
        dataset(tmp_path, frame, **changes)


def test_slopes_of_what_is_no_feature_are_refused(study):
    settings = {**SETTINGS, "random_effects": {"formula": "(1 + agee | clinic)"}}
    with refused("names 'agee', expected one of 'age', 'drug'", ConfigError):
        training.trainer("lmmnn")(study, model="m", settings=settings)


def test_classes_have_uncorrelated_effects_of_each_factor():
    data = {"cluster": "clinic", "features": "all", "outcome": {"kind": "categorical"}}
    check_formula("(1 + age || clinic) + (1 | rater)", data, "models.armed")
    with refused("correlated effects of 'clinic'", ConfigError):
        check_formula("(1 + age | clinic)", data, "models.armed")
    block = {"formula": "(1 + age || clinic) + (1 | rater)"}
    settings = {"network": {"hidden": [3]}, "adversary": {"hidden": [3]}, "random_effects": block}
    factors = Factors("clinic", {"rater": np.zeros(1)}, {"rater": ("a", "b")}, ("age", "drug"))
    given = {"shape": (2,), "clusters": 4, "seed": 0, "factors": factors}
    outcome = Outcome("categorical", ("high", "low", "medium"))
    made = build_method(methods.load("armed"), settings, outcome=outcome, **given)
    assert [e.mean.shape for e in made.estimated] == [(4, 6), (2, 3)]
    assert made.further == {"rater": 2}


def test_methods_without_a_formula_know_the_first_factor_alone(study):
    settings = {name: SETTINGS[name] for name in ("network", "training")}
    variances = training.trainer("lmmnn")(study, model="m", settings=settings)
    table = variances.table("variance_components")
    assert set(table["group"].astype(str)) == {"cluster", "Residual", ""}
    assert methods.load("lmmnn").takes == {"random_effects"}
