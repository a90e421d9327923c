"""A model that is read from its file predicts what it did when it was trained."""

import numpy as np
import pytest
from safetensors.numpy import save_file

from armed import methods
from armed.data.lazy_rows import pick
from armed.errors import DataError
from armed.training.ensemble import Ensemble
from armed_study import training
from armed_study.io.checkpoints import read_state
from armed_study.io.tables import cast_table
from armed_study.training.batched_inference import predict
from armed_study.training.cluster_assignment import assignments
from armed_study.training.membership import infer_membership
from armed_study.training.restore import restore
from small_images import MEMBERSHIP, dataset, settings_for, split, study_folds

CASES = [(name, {}) for name in methods.available()] + [("cluster_input", {"output_layer": True})]
FILES = (
    "predictions", "few_shot", "display", "history", "random_effects", "variance_components",
    "importance", "hidden_features", "model",
)  # fmt: skip


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    data = dataset(tmp_path_factory.mktemp("images"))
    study = data, split(data)
    known = cast_table(infer_membership(study_folds(study), settings=MEMBERSHIP), "membership")
    return study_folds(study, membership=known)


def trained(given, folder, method, **own):
    """Train a model, write it, and return its predictions and the path of its parameters."""
    fitted = training.trainer(method)(given, model="m", settings=settings_for(method, **own))
    paths = {name: str(folder / name) for name in FILES}
    fitted.write(paths)
    table = fitted.table("predictions")
    # Marginal scores are not those of a cluster that a model is given.
    return table[table["assignment"] != "marginal"], paths["model"]


@pytest.mark.parametrize(("method", "own"), CASES)
def test_restored_model_gives_the_same_predictions_to_the_last_bit(given, tmp_path, method, own):
    predictions, path = trained(given, tmp_path, method, **own)
    settings, uses_z = settings_for(method, **own), methods.load(method).uses_clusters
    found = []
    for replica, built in restore(
        given, read_state(path), model="m", method=method, settings=settings
    ):
        assert not built.training
        for each in assignments(given, replica, uses_z=uses_z):
            inputs = [(pick(replica.fold.x, each.rows), each.z)]
            found += predict(Ensemble([built]), inputs)
    fixed = np.concatenate([scores for scores, _ in found])
    np.testing.assert_array_equal(fixed, predictions["fixed"])
    if uses_z:
        mixed = np.concatenate([scores for _, scores in found])
        np.testing.assert_array_equal(mixed, predictions["mixed"])
    assert predictions["fixed"].nunique() > 20


def opened(given, state, **own):
    settings = settings_for("conventional", **own)
    return list(restore(given, state, model="m", method="conventional", settings=settings))


def test_absent_or_damaged_or_other_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"none\.safetensors: found no parameters .* expected"):
        read_state(tmp_path / "none.safetensors")
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(b"\x08\0\0\0\0\0\0\0{}")
    with pytest.raises(DataError, match=r"damaged.safetensors: .* run the workflow again"):
        read_state(damaged)
    save_file({"weight": np.ones(3)}, tmp_path / "other.safetensors")
    with pytest.raises(DataError, match="has no 'folds', expected the state of a model"):
        read_state(tmp_path / "other.safetensors")


def test_parameters_that_do_not_fit_the_settings_are_refused_by_name(given, tmp_path):
    state = read_state(trained(given, tmp_path, "conventional")[1])
    wider = {"kind": "slice_cnn", "filters": 3}
    with pytest.raises(DataError, match=r"'network.blocks.0.conv.weight' has shape \(2, 1, 3, 3\)"):
        opened(given, state, network=wider)
    name = "network.output.bias"
    with pytest.raises(DataError, match=f"'{name}' has shape none in the file, expected"):
        opened(given, {key: value for key, value in state.items() if key != name})
    with pytest.raises(DataError, match=r"'more' has shape .* expected none by its settings"):
        opened(given, {**state, "more": np.ones((2, 1))})


def test_fold_that_was_not_trained_is_refused(given, tmp_path):
    state = read_state(trained(given, tmp_path, "conventional")[1])
    alone = {name: value[:1] for name, value in state.items()}
    with pytest.raises(DataError, match=r"\[\(0, 0\)\], expected \(1, 0\) among them"):
        opened(given, alone)
