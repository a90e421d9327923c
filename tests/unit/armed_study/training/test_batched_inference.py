"""Hidden features that are kept are those behind which the output layer stands."""

import numpy as np
import pytest
from scipy.special import logit

from armed_study import training
from armed_study.training.batched_inference import FOLDS, kept_rows
from small_tables import K, one_fold, study_of

SETTINGS = {
    "network": {"hidden": [4, 3]},
    "training": {"epochs": 1, "batch_size": 256, "learning_rate": 0.01, "optimizer": "Adam"},
}


@pytest.fixture(scope="module")
def folds():
    return [one_fold(np.random.default_rng(0), fold=number)[0] for number in (0, FOLDS)]


@pytest.mark.parametrize(
    ("method", "effect"), [("conventional", "fixed"), ("cluster_input", "mixed")]
)
def test_output_layer_on_kept_features_gives_the_predictions(folds, method, effect):
    trained = training.trainer(method)(study_of(*folds), model="m", settings=SETTINGS)
    kept = trained.table("hidden_features")
    assert set(zip(kept["fold"], kept["seed"], strict=True)) == {
        (0, 0)
    }  # of FOLDS, and of other seeds, none
    weight, bias = (trained.state[f"network.output.{name}"][0] for name in ("weight", "bias"))
    found = kept.filter(like="feature_").to_numpy() @ weight[0] + bias
    scores = trained.table("predictions").query("fold == 0 and seed == 0")
    scores = scores[scores["assignment"].isin(["none", "known"])].set_index("sample")[effect]
    np.testing.assert_allclose(found, logit(scores[kept["sample"]].astype(float)), atol=1e-4)


def test_a_part_is_kept_up_to_twenty_times_the_clusters_or_a_thousand(folds):
    (fold, _), few = one_fold(np.random.default_rng(0), size=100), folds[0]
    parts = fold.partition[kept_rows(fold)]
    assert set(parts) == {"train", "test"}
    assert (parts == "train").sum() == 1000
    assert (few.partition[kept_rows(few)] == "train").sum() == len(few.rows("train")) < 1000
    assert K * 20 < 1000
