import pytest

from armed.errors import ConfigError
from armed_study.config import planning
from armed_study.config.checks import check_references, read

TRAINING = {"epochs": 2, "batch_size": 8, "learning_rate": 0.1}
RATE = {"low": 0.001, "high": 0.1, "log": True}
MODELS = {
    "armed": {},
    "armed_no_adversary": {"method": "armed", "adversary_weight": 0.0},
    "conventional": {},
    "conventional_wide": {"method": "conventional", "network": {"hidden": [8]}},
    "ridge": {},
    "prevalence": {},
}


def study(space, *, validation=0.2, **more):
    return {
        "kind": "table",
        "family": "tables",
        "title": "A table",
        "data": {
            "source": {"path": "x"},
            "outcome": {"column": "y"},
            "cluster": "c",
            "features": "all",
        },
        "splits": {"folds": 2, "seeds": 1, "validation": validation, "unseen": {"scheme": "none"}},
        "standardize": True,
        "network": {"hidden": [4]},
        "training": TRAINING,
        "adversary": {"hidden": [3]},
        "random_effects": {"intercept": 0.5},
        "membership": {"network": {"hidden": [4]}, "training": TRAINING},
        "tuning": {"trials": 4, "space": space},
        "models": MODELS,
        **more,
    }


def planned(space, **more):
    config = {"seed": 1, "reference_model": "armed", "studies": {"s": study(space, **more)}}
    studies = planning.plan(read(config))
    check_references(studies, "armed")
    return studies["s"]


def test_a_model_searches_the_settings_that_its_method_reads_and_its_entry_has_not_turned_off():
    weight = {"low": 0.01, "high": 1.0}
    made = planned(
        {"training.learning_rate": RATE, "adversary_weight": weight, "inverse_penalty": weight}
    )
    assert made.tuned_models == [*MODELS][:-1]
    assert set(made.tuning("armed")["space"]) == {"training.learning_rate", "adversary_weight"}
    assert set(made.tuning("armed_no_adversary")["space"]) == {"training.learning_rate"}
    assert set(made.tuning("ridge")["space"]) == {"inverse_penalty"}
    assert made.tuning("prevalence") == {}
    assert made.tuning("armed")["select_by"] == "left_out_clusters"
    assert made.searches["armed"]["configured"]["training.learning_rate"] == 0.1
    assert "<results>/tables/s/tuning.html" in made.targets


def test_what_an_entry_says_of_a_block_is_not_searched():
    made = planned({"network.hidden": {"choices": [[4], [8]]}, "training.learning_rate": RATE})
    assert set(made.tuning("conventional")["space"]) == {"network.hidden", "training.learning_rate"}
    assert set(made.tuning("conventional_wide")["space"]) == {"training.learning_rate"}


def test_the_published_protocol_searches_nothing():
    made = planned({"training.learning_rate": RATE}, protocol="published", models={"armed": {}})
    assert made.tuned_models == []
    assert "<results>/tables/s/tuning.html" not in made.targets


@pytest.mark.parametrize(
    ("space", "said"),
    [
        ({"training.learning_rates": RATE}, "which model 'armed' cannot have .*unknown key"),
        ({"training.learning_rate": {"low": -1.0, "high": 1.0}}, "found -1.0, which model 'armed'"),
        ({"network.hidden": {"choices": [[4], [0]]}}, r"space.network.hidden: found \[0\], which"),
        ({"kl_weights": RATE}, "space.kl_weights: found a setting that no model of the study has"),
        ({"trainin.epochs": RATE}, "trainin.epochs: found a setting that no model"),
        ({"training.epochs": {"low": 5, "high": 2}}, "found low 5 and high 2, expected low below"),
        ({"training.epochs": {"low": 0, "high": 2, "log": True}}, "found log and low 0"),
    ],
)
def test_spaces_that_no_model_can_search_are_refused(space, said):
    with pytest.raises(ConfigError, match=said):
        planned(space)


def test_a_search_without_a_validation_part_is_refused():
    with pytest.raises(
        ConfigError, match=r"s\.tuning: found splits\.validation 0, expected a part"
    ):
        planned({"training.learning_rate": RATE}, validation=0.0, models={"armed": {}})
