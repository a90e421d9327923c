"""What classifiers find in invented features is what was put into them."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from armed_study.interpretation.latents.cluster_in_features import tell_cluster
from armed_study.io.tables import cast_table
from armed_study.vocabulary.outcomes import BINARY

CLUSTERS, EACH = 4, 90
RNG = np.random.default_rng(3)
Z = np.repeat(np.arange(CLUSTERS), EACH)
Y = (RNG.random(len(Z)) < np.array([0.1, 0.4, 0.6, 0.9])[Z]).astype(float)
SIGNS = RNG.choice([-1, 1], len(Z))
FEATURES = {
    "all": np.eye(CLUSTERS)[Z],
    "nothing": RNG.normal(size=(len(Z), 2)),
    "outcome": Y[:, None],
    # Of two clusters in opposite corners no line tells.
    "corners": np.stack([SIGNS, SIGNS * np.where(Z < 2, 1, -1)], 1) + RNG.normal(0, 0.3, (len(Z), 2)),
}  # fmt: skip
NAMES = [f"s{number:03d}" for number in range(len(Z))]


def samples(group=None):
    clusters = [f"c{k}" for k in Z]
    made = {"sample": NAMES, "cluster": clusters, "group": group, "outcome": Y, "held_out": False}
    return cast_table(pd.DataFrame(made), "samples")


def hidden(*models, folds=1):
    """Each fold tests another third of the samples."""
    tables = []
    for fold, model in product(range(folds), models):
        part = np.where(np.arange(len(Z)) % 3 == fold, "test", "train")
        columns = {f"feature_{i:03d}": own for i, own in enumerate(FEATURES[model].T)}
        about = {"study": "s", "model": model, "fold": fold, "seed": 0, "partition": part}
        tables.append(pd.DataFrame({**about, "sample": NAMES, **columns}))
    return cast_table(pd.concat(tables), "hidden_features")


def told(table, group=None, inputs=None):
    given = np.stack([FEATURES["nothing"]] * 2) if inputs is None else inputs
    made = cast_table(tell_cluster(table, samples(group), given, BINARY), "cluster_in_features")
    return made.set_index(["model", "classifier", "metric"])


@pytest.fixture(scope="module")
def found():
    images = FEATURES["nothing"][:, None, :, None].repeat(2, 3)
    return told(hidden(*FEATURES), inputs=images)


def value(found, model, metric, classifier="logistic regression"):
    return found.loc[(model, classifier, metric), "value"]


def test_features_of_the_cluster_tell_all_of_it(found):
    assert value(found, "all", "cross_entropy") < 0.1
    assert value(found, "all", "information") == pytest.approx(np.log(CLUSTERS), abs=0.1)
    assert value(found, "all", "information_given_outcome") > 0.9
    assert value(found, "all", "accuracy") == 1
    assert np.allclose(found["log_clusters"], np.log(CLUSTERS))


@pytest.mark.parametrize("model", ["nothing", ""])
def test_noise_tells_nothing_nor_do_images_of_it(found, model):
    assert abs(value(found, model, "information")) < 0.05
    guess = found.loc[(model, "random forest", "cross_entropy"), "chance"]
    assert guess == pytest.approx(np.log(CLUSTERS), abs=0.01)


def test_what_the_outcome_tells_of_the_cluster_is_not_counted_beyond_it(found):
    assert value(found, "outcome", "information") > 0.15
    assert abs(value(found, "outcome", "information_given_outcome")) < 0.02


def test_a_forest_finds_clusters_that_no_line_tells(found):
    assert value(found, "corners", "information") < 0.1
    assert value(found, "corners", "information", "random forest") > 0.4


def test_clusters_of_fewer_than_three_groups_are_left_out():
    group = np.where(Z == 0, "g", [f"g{number}" for number in range(len(Z))])
    found = told(hidden("outcome"), group)
    assert np.allclose(found["log_clusters"], np.log(CLUSTERS - 1))
    assert (found["samples"] == EACH).all()
    assert told(hidden("outcome"), np.where(Z < 3, "g", group)).empty


def test_interval_is_over_samples_of_one_fold_and_over_several_folds(found):
    row = ("corners", "random forest", "accuracy")
    share, low, high = found.loc[row, ["value", "low", "high"]]
    error = np.sqrt(share * (1 - share) / (len(Z) / 3))
    assert high - low == pytest.approx(2 * 1.96 * error, rel=1e-3)
    two = told(hidden("corners", folds=2))
    assert set(two["replicas"]) == {2}
    assert two.loc[row, "high"] - two.loc[row, "low"] != pytest.approx(high - low, rel=0.1)
