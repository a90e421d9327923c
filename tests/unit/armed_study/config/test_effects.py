"""The block of effects whose variance is known: what it plans, and what it refuses."""

import copy
from pathlib import Path

import pytest
import yaml

from armed.errors import ConfigError
from armed_study.config import effects
from armed_study.config.checks import read
from armed_study.simulation.clustered import ClusteredSettings

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture(scope="module")
def default():
    return yaml.safe_load((ROOT / "config" / "config.yaml").read_text(encoding="utf-8"))


def planned(default, **grid):
    config = copy.deepcopy(default)
    config["effects"]["grid"] |= grid
    return effects.plan(read(config).effects)


def test_every_combination_of_the_lists_is_a_cell_that_can_be_drawn(default):
    found = planned(
        default, clusters=[10, 20], variances=[0.0, 0.5], sizes=["balanced", "unbalanced"]
    )
    assert len(found.cells) == 8
    assert found.cells["binary_20_0.5_balanced"]["clusters"] == 20
    for settings in found.cells.values():
        assert ClusteredSettings.from_config(settings).test_samples == settings["test_samples"]


def test_networks_are_given_the_blocks_that_their_method_reads(default):
    models = planned(default).models_of("binary_100_1_unbalanced")
    assert models["armed"]["settings"]["adversary"] == {"hidden": [16]}
    assert models["armed_no_adversary"]["method"] == "armed"
    assert models["armed_no_adversary"]["settings"]["adversary_weight"] == 0.0
    assert set(models["conventional"]["settings"]) == {"network", "training"}


def test_cells_of_many_samples_have_as_many_steps_and_not_as_many_epochs(default):
    found = planned(default, clusters=[100, 1000, 10_000], most_steps=3200)
    epochs = {}
    for name, cell in found.cells.items():
        trained = [
            model["settings"]["training"]["epochs"] for model in found.models_of(name).values()
        ]
        epochs.setdefault(cell["clusters"], set()).update(trained)
    # of 16, 157 and 1,563 minibatches of 128
    assert epochs == {100: {20}, 1000: {20}, 10_000: {2}}
    last = planned(default, clusters=[10_000], most_steps=10).models_of("binary_10000_1_unbalanced")
    assert last["armed"]["settings"]["training"]["epochs"] == 1


def test_configuration_may_leave_the_block_out(default):
    config = copy.deepcopy(default)
    del config["effects"]
    assert read(config).effects is None


@pytest.mark.parametrize(
    ("grid", "said"),
    [
        ({"variances": [-1.0]}, "effects.grid.variances.0: found -1.0, expected at least 0"),
        ({"clusters": [1]}, "effects.grid.clusters.0: found 1, expected at least 2"),
        ({"sizes": ["equal"]}, "balanced"),
        ({"models": {"glmm": {}}}, "found 'glmm' of method 'glmm', expected networks"),
        ({"models": {"armed": {}, "a": {"alias_of": "armed", "assignment": "zero"}}},
         "found 'a' with alias_of, expected networks"),
        ({"models": {"mixed_model": {"method": "conventional"}}}, "'mixed_model' is that of the linear fit"),
        ({"random_effects": None}, "random_effects"),
        ({"training": {"epochs": 2, "patience": 3}}, "found patience 3, expected none"),
    ],
)  # fmt: skip
def test_wrong_grid_is_refused_by_its_key(default, grid, said):
    with pytest.raises(ConfigError) as refused:
        planned(default, **grid)
    assert said in str(refused.value)


def test_model_that_lacks_a_block_is_refused_with_its_name(default):
    config = copy.deepcopy(default)
    del config["effects"]["grid"]["adversary"]
    with pytest.raises(ConfigError, match="'armed' needs the block 'adversary', found none"):
        read(config)


def test_study_and_family_cannot_be_called_effects(default):
    name = "effects"
    config = copy.deepcopy(default)
    config["studies"][name] = config["studies"]["mci"]
    with pytest.raises(ConfigError, match=f"the name '{name}' is taken"):
        read(config)
    config = copy.deepcopy(default)
    config["studies"]["mci"]["family"] = name
    with pytest.raises(ConfigError, match=f"studies.mci.family: the name '{name}' is taken"):
        read(config)
