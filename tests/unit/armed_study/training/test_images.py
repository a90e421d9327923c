import numpy as np
import pytest
import torch
from sklearn import metrics

from armed import methods
from armed.errors import ConfigError, DataError
from armed_study import training
from armed_study.io.tables import cast_table
from armed_study.training import load
from armed_study.training.membership import infer_membership
from small_images import (
    CLUSTERS,
    EACH,
    MEMBERSHIP,
    PIXELS,
    SETTINGS,
    dataset,
    settings_for,
    split,
    study_folds,
)
from small_tables import assert_same_tables


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    data = dataset(tmp_path_factory.mktemp("images"))
    return data, split(data)


def train(given, method, **own):
    return training.trainer(method)(given, model=method, settings=settings_for(method, **own))


@pytest.fixture(scope="module")
def membership(study):
    return cast_table(infer_membership(study_folds(study), settings=MEMBERSHIP), "membership")


def test_folds_share_the_images_that_lie_on_disk(study):
    first, second = study_folds(study).folds
    assert first.x is second.x
    assert isinstance(first.x, np.memmap)
    assert study_folds(study).shape == (1, PIXELS, PIXELS)
    assert study_folds(study).columns == ()


def test_display_points_of_images_are_refused(study):
    with pytest.raises(DataError, match="3 display points of images, expected none"):
        load.image_inputs(study[0], folds=2, points=3)


def test_membership_of_images_covers_the_unseen_and_sums_to_one(study, membership):
    held = study[0].samples.loc[study[0].samples["held_out"], "sample"].astype(str)
    assert set(membership["sample"].astype(str)) == set(held)
    total = membership.groupby(["fold", "sample"], observed=True)["probability"].sum()
    np.testing.assert_allclose(total, 1, atol=1e-5)


@pytest.mark.parametrize("method", methods.available())
def test_a_fold_gives_the_same_bits_after_another_fold_as_alone(study, membership, method):
    whole = train(study_folds(study, membership=membership), method)
    torch.rand(3)  # the global stream neither matters nor changes
    part = train(study_folds(study, folds=(1,), membership=membership), method)
    assert_same_tables(whole, part, fold=1)


def test_tables_hold_every_sample_and_no_importance(study):
    trained = train(study_folds(study, seeds=2), "armed")
    counts = (
        trained.table("predictions").groupby(["fold", "seed", "assignment"], observed=True).size()
    )
    assert set(counts[:, :, "known"]) == {EACH * (CLUSTERS - 1)}
    tested = [EACH + len(fold.rows("test")) for fold in study_folds(study).folds for _ in range(2)]
    assert counts[:, :, "zero"].tolist() == counts[:, :, "average"].tolist() == tested
    assert trained.table("importance").empty
    assert trained.table("display_predictions").empty
    assert {"intercept", "slope[0]", "slope[15]"} <= set(trained.table("random_effects")["effect"])
    assert {"mixed", "fixed", "kl", "cluster", "adversary", "penalty", "monitor"} == set(
        trained.table("history")["term"]
    )
    assert trained.state["folds"].tolist() == [0, 0, 1, 1]
    assert trained.state["seeds"].tolist() == [0, 1, 0, 1]
    assert len(trained.state["mixed.network.output.weight"]) == 4


def test_bytes_and_their_shares_of_255_train_the_same(study, tmp_path):
    shares = dataset(tmp_path, np.float32)
    assert_same_tables(
        train(study_folds(study), "conventional"),
        train(study_folds((shares, study[1])), "conventional"),
    )


def test_network_learns_what_there_is_to_see(study):
    training = {**SETTINGS["training"], "epochs": 12, "patience": None}
    trained = train(study_folds(study, folds=(0,)), "conventional", training=training)
    tested = trained.table("predictions")[trained.table("predictions")["partition"] == "test"]
    y = study[0].samples.set_index("sample")["outcome"].loc[tested["sample"].astype(str)]
    assert metrics.roc_auc_score(y, tested["fixed"]) > 0.9


def test_the_cluster_can_go_to_the_output_layer_too(study):
    plus = train(study_folds(study, folds=(0,)), "cluster_input", output_layer=True)
    plain = train(study_folds(study, folds=(0,)), "cluster_input")
    widths = [len(t.state["network.output.weight"][0, 0]) for t in (plain, plus)]
    assert widths[1] == widths[0] + CLUSTERS - 1
    unseen = plus.table("predictions")[plus.table("predictions")["assignment"] == "zero"]
    np.testing.assert_allclose(unseen["mixed"], unseen["fixed"], rtol=1e-5)


def test_dense_adversary_serves_images_too(study):
    trained = train(study_folds(study, folds=(0,)), "domain_adversarial", adversary={"hidden": [4]})
    assert trained.state["adversary.layers.0.weight"].shape[2] == 2 * 36 + 4 * 9 + 16
    assert np.isfinite(trained.table("predictions")["fixed"]).all()


@pytest.mark.parametrize(
    "block",
    [{"kind": "mirrored", "hidden": [4]}, {"filters": 2}, {"kind": "odd", "filters": 2}, {}],
)
def test_an_adversary_that_lacks_what_its_kind_needs_is_refused(study, block):
    with pytest.raises(
        ConfigError, match=r"expected kind dense .* or kind mirrored with 'filters'"
    ):
        train(study_folds(study, folds=(0,)), "domain_adversarial", adversary=block)


def test_prevalence_needs_no_columns_and_a_regression_asks_for_them(study):
    settings = {}
    trained = training.trainer("prevalence")(study_folds(study), model="p", settings=settings)
    assert trained.table("importance").empty
    assert trained.table("predictions")["mixed"].between(0, 1).all()
    with pytest.raises(DataError, match="samples are images, without columns; expected columns"):
        training.trainer("logistic")(study_folds(study), model="l", settings=settings)
