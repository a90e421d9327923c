from dataclasses import MISSING, fields

import pytest

from armed import methods
from armed.errors import ConfigError
from armed_study.config import methods as method_files
from armed_study.config import planning
from armed_study.config.checks import check_references, read

DATA = {"source": {"path": "x"}, "outcome": {"column": "y"}, "cluster": "c", "features": "all"}
TRAINING = {"epochs": 2, "batch_size": 8, "learning_rate": 0.1}


def study(**models):
    return {
        "kind": "table",
        "family": "tables",
        "title": "A table",
        "data": DATA,
        "splits": {"folds": 2, "seeds": 1, "unseen": {"scheme": "none"}},
        "standardize": True,
        "network": {"hidden": [4]},
        "training": TRAINING,
        "adversary": {"hidden": [3]},
        "random_effects": {"intercept": 0.5},
        "membership": {"network": {"hidden": [4]}, "training": TRAINING},
        "models": models,
    }


def plan(**studies):
    return planning.plan(read({"seed": 1, "reference_model": "armed", "studies": studies}))


def planned(given):
    return plan(s=given)["s"]


def check(given):
    check_references(plan(s=given), "armed")


def test_study_of_null_is_left_out_and_one_must_be_left():
    assert list(plan(s=study(ridge={}), other=None)) == ["s"]
    with pytest.raises(ConfigError, match=r"studies: found .*, expected at least 1 item"):
        plan(s=None)


def test_a_block_that_a_method_does_not_read_is_no_part_of_its_settings():
    given = planned(study(conventional={}, armed={"kl_weight": 1.0}, glmm={}))
    assert set(given.model_settings("conventional")) == {"network", "training"}
    blocks = {"network", "training", "adversary", "random_effects"}
    assert set(given.model_settings("armed")) == blocks | {"kl_weight"}
    assert given.model_settings("glmm") == {}


def test_an_entry_overrides_single_keys_of_a_block():
    given = planned(study(mldg={"training": {"epochs": 9}}))
    assert given.model_settings("mldg")["training"] == {**TRAINING, "epochs": 9}


def test_a_block_of_another_kind_takes_the_place_of_the_study_s():
    dense = {"kind": "dense", "hidden": [4]}
    entries = {"armed": {"adversary": dense}, "domain_adversarial": {"adversary": {"filters": 2}}}
    given = planned({**study(**entries), "adversary": {"kind": "mirrored", "filters": 8}})
    assert given.model_settings("armed")["adversary"] == dense
    narrow = {"kind": "mirrored", "filters": 2}
    assert given.model_settings("domain_adversarial")["adversary"] == narrow


def test_the_code_of_a_model_is_that_of_its_network_too():
    given = planned(study(conventional={}, armed={"network": {"kind": "slice_cnn"}}, glmm={}))
    assert "armed_study.networks.mlp" in given.modules("conventional")
    assert "armed_study.networks.slice_cnn" in given.modules("armed")
    assert not any("networks" in module for module in given.modules("glmm"))


def test_networks_of_a_task_of_reconstruction_reconstruct():
    task = {"kind": "reconstruction", "outcome_weight": 0.1}
    given = study(conventional={}, armed={"task": {"kind": "binary"}}, glmm={})
    assert planned(given).reconstructing_models == []
    assert planned({**given, "task": task}).reconstructing_models == ["conventional"]


def test_appearance_is_compared_of_counterfactual_models_and_of_the_first_other_one():
    task, effects = {"kind": "reconstruction", "outcome_weight": 0.1}, {"scale_shift": 0.25}
    own = {"random_effects": {"intercept": 0.5, **effects}}
    given = {**study(prevalence={}, conventional={}, armed=own, cluster_input={}), "task": task}
    assert planned(given).appearance_models == ["conventional", "armed"]
    assert planned({**study(armed=own), "task": task}).appearance_models == ["armed"]


def test_defaults_are_filled_in_but_for_blocks_that_entries_override():
    settings = planned(study(armed={})).settings
    assert settings["splits"]["validation"] == 0.0
    assert settings["splits"]["small_strata"] == "error"
    assert "test" not in settings["splits"]
    assert settings["training"] == TRAINING
    assert settings["network"] == {"hidden": [4]}


@pytest.mark.parametrize(
    ("models", "said"),
    [
        ({"armed": {}, "armmed": {}}, r"models\.armmed: unknown method 'armmed'.*armed.*glmm"),
        ({"conventional": {"kl_weight": 1.0}}, r"models\.conventional: unknown key 'kl_weight'"),
        ({"armed": {"network": {"filters": 2}}}, r"models\.armed\.network: unknown key 'filters'"),
        ({"armed": {}, "x": {"alias_of": "menet", "assignment": "random"}},
         "alias_of is 'menet', which is not trained"),
        ({"armed": {"training": {"patience": 3}}}, r"patience is 3 but splits\.validation is 0"),
        ({"glmm": {}}, "reference_model is 'armed'"),
    ],
)  # fmt: skip
def test_models_that_cannot_be_trained_are_refused(models, said):
    with pytest.raises(ConfigError, match=said):
        check(study(**models))


def test_a_missing_block_is_named():
    incomplete = study(armed={})
    del incomplete["random_effects"]
    with pytest.raises(ConfigError, match="needs the block 'random_effects'"):
        check(incomplete)


def test_what_is_read_of_a_method_file_is_what_the_class_says():
    for name in methods.available():
        found, method = method_files.available()[name], methods.load(name)
        told = {setting: field.default for setting, (_, field) in found.settings.items()}
        assert told == {field.name: field.default for field in fields(method.Settings)}
        assert MISSING not in told.values()
        assert set(found.blocks) == {"network", "training"} | method.needs


def test_published_protocol_stops_by_the_reported_fold_and_the_proposed_one_does_not():
    given = study(armed={"training": {"patience": 3}})
    given["splits"]["validation"] = 0.2
    studies = plan(ours=given, theirs={**given, "protocol": "published"})
    assert studies["ours"].settings["splits"]["validation"] == 0.2
    assert "early_stopping_partition" not in studies["ours"].settings["training"]
    assert studies["theirs"].settings["splits"]["validation"] == 0.0
    training = studies["theirs"].model_settings("armed")["training"]
    assert training["early_stopping_partition"] == "test"
    check_references(studies, "armed")


def test_models_trained_against_an_adversary_are_those_of_a_weight_above_0():
    off = {"method": "armed", "adversary_weight": 0.0}
    made = planned(study(armed={}, off=off, conventional={}, domain_adversarial={}, glmm={}))
    assert made.adversarial_models == ["armed", "domain_adversarial"]
    page = "<results>/tables/s/cluster_in_features.html"
    assert page in made.targets
    assert page not in planned(study(glmm={})).targets


@pytest.mark.parametrize(("stratify", "is_there"), [("cluster", False), ("outcome_cluster", True)])
def test_null_of_the_split_is_a_table_where_folds_balance_outcomes(stratify, is_there):
    given = study(armed={})
    given["splits"]["stratify"] = stratify
    wanted = "<results>/tables/s/split_null.csv" in planned(given).targets
    assert wanted == planned(given).balanced == is_there


def test_departures_of_a_protocol_are_early_stopping_training_rows_and_labels():
    patient = {"training": {"patience": 3}}
    again = {"alias_of": "armed", "assignment": "random"}
    given = study(armed=patient, conventional={}, again=again, glmm={})
    given["splits"]["validation"] = 0.2
    mci = {**given, "kind": "mci", "data": {"source": "generated"}}
    published = {"protocol": "published"}
    labels = {**mci, "protocol": "published_labels"}
    own = {"ours": given, "theirs": {**given, **published}}
    studies = plan(**own, mci=mci, then={**mci, **published}, labels=labels)
    expected = {"stopped": ["armed", "again"], "more_rows": True, "relabelled": False}
    assert studies["theirs"].departures(studies["ours"]) == expected
    assert studies["then"].departures(studies["mci"]) == expected | {"relabelled": True}
    nothing = {"stopped": [], "more_rows": False, "relabelled": False}
    assert studies["ours"].departures(studies["ours"]) == nothing
    assert studies["labels"].departures(studies["mci"]) == nothing | {"relabelled": True}
    assert studies["then"].departures(studies["labels"]) == expected


def test_ablations_are_pairs_of_models_that_differ_in_one_thing():
    entries = {
        "armed": {"network": {"hidden": [4], "linear_path": True}},
        "plain": {"method": "armed", "adversary_weight": 0.0, "network": {"linear_path": True}},
        "bent": {"method": "armed"},
        "both": {"method": "armed", "adversary_weight": 0.0},
        "wide": {"method": "conventional", "network": {"hidden": [8]}},
        "wider": {"method": "conventional", "network": {"hidden": [12]}},
        "longer": {"method": "conventional", "training": {"epochs": 9}},
        "conventional": {},
        "z": {"alias_of": "armed", "assignment": "random"},
    }
    assert planned(study(**entries)).ablations == [
        ["adversary", "armed", "plain"],
        ["linear_path", "armed", "bent"],
        ["linear_path", "plain", "both"],
        ["adversary", "bent", "both"],
        ["capacity", "wide", "conventional"],
    ]
