import pytest

from armed.errors import ConfigError
from armed_study.config import methods as method_files
from armed_study.config import planning

TRAINING = {"epochs": 2, "batch_size": 8, "learning_rate": 0.1}


def study(**models):
    return {
        "kind": "table",
        "data": {"source": {"path": "x.csv"}},
        "splits": {"folds": 2, "seeds": 1, "validation": 0.0},
        "network": {"hidden": [4]},
        "training": TRAINING,
        "adversary": {"hidden": [3]},
        "random_effects": {"intercept": 0.5},
        "models": models,
    }


def test_a_block_that_a_method_does_not_read_is_no_part_of_its_settings():
    settings = planning.model_settings(study(conventional={}), "conventional")
    assert set(settings) == {"network", "training"}
    settings = planning.model_settings(study(armed={"kl_weight": 1.0}), "armed")
    assert set(settings) == {"network", "training", "adversary", "random_effects", "kl_weight"}
    assert planning.model_settings(study(glmm={}), "glmm") == {}


def test_an_entry_overrides_single_keys_of_a_block():
    settings = planning.model_settings(study(mldg={"training": {"epochs": 9}}), "mldg")
    assert settings["training"] == {**TRAINING, "epochs": 9}


def test_a_block_of_another_kind_takes_the_place_of_the_study_s():
    dense = {"kind": "dense", "hidden": [4]}
    entries = {"armed": {"adversary": dense}, "domain_adversarial": {"adversary": {"filters": 2}}}
    given = {**study(**entries), "adversary": {"kind": "mirrored", "filters": 8}}
    assert planning.model_settings(given, "armed")["adversary"] == dense
    assert planning.model_settings(given, "domain_adversarial")["adversary"] == {
        "kind": "mirrored",
        "filters": 2,
    }


def test_the_code_of_a_model_is_that_of_its_network_too():
    given = study(conventional={}, armed={"network": {"kind": "slice_cnn"}}, glmm={})
    assert "armed_study.networks.mlp" in planning.modules(given, "conventional")
    assert "armed_study.networks.slice_cnn" in planning.modules(given, "armed")
    assert not any("networks" in module for module in planning.modules(given, "glmm"))


def test_networks_of_a_task_of_reconstruction_reconstruct():
    task = {"kind": "reconstruction", "outcome_weight": 0.1}
    given = study(conventional={}, armed={"task": {"kind": "binary"}}, glmm={})
    assert planning.reconstructing_models(given) == []
    assert planning.reconstructing_models({**given, "task": task}) == ["conventional"]


def test_looks_are_compared_of_imagining_models_and_of_the_first_other_one():
    task, effects = {"kind": "reconstruction", "outcome_weight": 0.1}, {"scale_shift": 0.25}
    own = {"random_effects": {"intercept": 0.5, **effects}}
    given = {**study(prevalence={}, conventional={}, armed=own, cluster_input={}), "task": task}
    assert planning.looked_models(given) == ["conventional", "armed"]
    alone = {**study(armed=own), "task": task}
    assert planning.looked_models(alone) == ["armed"]


def test_an_unknown_method_is_refused_with_the_list_of_those_there_are():
    with pytest.raises(ConfigError, match=r"models\.armmed: unknown method 'armmed'.*armed.*glmm"):
        planning.check({"s": study(armed={}, armmed={})}, "armed")


def test_a_setting_of_another_method_is_refused_by_name():
    with pytest.raises(ConfigError, match="unknown key 'kl_weight'"):
        planning.check({"s": study(armed={}, conventional={"kl_weight": 1.0})}, "armed")


def test_a_missing_block_is_named():
    incomplete = study(armed={})
    del incomplete["random_effects"]
    with pytest.raises(ConfigError, match="needs the block 'random_effects'"):
        planning.check({"s": incomplete}, "armed")


def test_a_row_of_predictions_of_an_untrained_model_is_refused():
    models = {"armed": {}, "shown": {"evaluates": "menet", "assignment": "random"}}
    with pytest.raises(ConfigError, match="evaluates 'menet', which is not trained"):
        planning.check({"s": study(**models)}, "armed")


def test_patience_without_validation_part_is_refused():
    models = {"armed": {"training": {"patience": 3}}}
    with pytest.raises(ConfigError, match=r"patience is 3 but splits\.validation is 0"):
        planning.check({"s": study(**models)}, "armed")


def test_a_reference_that_a_study_does_not_train_is_refused():
    with pytest.raises(ConfigError, match="reference_model is 'armed'"):
        planning.check({"s": study(glmm={})}, "armed")


def test_what_is_read_of_a_method_file_is_what_the_class_says():
    from dataclasses import fields

    from armed import methods

    for name in methods.available():
        found, method = method_files.find(name), methods.load(name)
        assert found.settings == tuple(field.name for field in fields(method.Settings))
        assert set(found.blocks) == {"network", "training"} | method.needs


def test_published_protocol_stops_by_the_reported_fold_and_the_proposed_one_does_not():
    given = study(armed={"training": {"patience": 3}})
    given["splits"]["validation"] = 0.2
    planned = planning.under_protocol({"ours": given, "theirs": {**given, "protocol": "published"}})
    assert planned["ours"] == given
    assert planned["theirs"]["splits"]["validation"] == 0.0
    assert planning.model_settings(planned["theirs"], "armed")["training"]["stop_on"] == "test"
    planning.check(planned, "armed")
