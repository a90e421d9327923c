"""A wrong configuration is refused in one sentence that names the key."""

import copy
from pathlib import Path

import pytest
import yaml

from armed.errors import ConfigError
from armed_study.config.checks import check

ROOT = Path(__file__).resolve().parents[4]
SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.yaml"
ABSENT = object()


@pytest.fixture(scope="module")
def default():
    return yaml.safe_load((ROOT / "config" / "config.yaml").read_text(encoding="utf-8"))


def changed(config, path, value):
    config = copy.deepcopy(config)
    block = config
    for key in path[:-1]:
        block = block[key]
    if value is ABSENT:
        del block[path[-1]]
    else:
        block[path[-1]] = value
    return config


def test_default_configuration_is_accepted(default):
    check(default, SCHEMA)


SPIRALS, TABLE = ("studies", "spirals_plain"), ("studies", "contraception")


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("stuides",), {}, ["unknown key 'stuides'", "'studies'"]),
        ((*SPIRALS, "titel"), "x", ["studies.spirals_plain:", "unknown key 'titel'", "'title'"]),
        ((*SPIRALS, "data", "clustrs"), 3, ["spirals_plain.data:", "'clustrs'", "'clusters'"]),
        ((*SPIRALS, "splits", "fold"), 3, ["spirals_plain.splits:", "'fold'", "'folds'"]),
        ((*TABLE, "data", "outcome", "positiv"), 1, ["data.outcome:", "'positiv'", "'positive'"]),
        ((*SPIRALS, "membership", "training", "epoch"), 1, ["membership.training:", "'epochs'"]),
        ((*SPIRALS, "splits", "folds"), -1, ["splits.folds:", "found -1", "at least 2"]),
        ((*SPIRALS, "splits", "folds"), "ten", ["splits.folds:", 'found "ten"', "integer"]),
        ((*SPIRALS, "kind"), "spiral", ["spirals_plain.kind:", '"spirals"', "did you mean"]),
        ((*SPIRALS, "models"), {}, ["spirals_plain.models:", "at least 1"]),
        ((*SPIRALS, "models", "oracle"), {}, ["'oracle' is taken", "rename"]),
        ((*SPIRALS, "models", "x"), {"evaluates": "armed"}, ["models.x:", "'assignment'"]),
        (("studies", "Big"), {}, ["Big", "matches"]),
        (("seed",), ABSENT, ["key 'seed' is missing"]),
        ((*SPIRALS, "standardize"), ABSENT, ["spirals_plain:", "key 'standardize' is missing"]),
        ((*TABLE, "data", "source"), {"file": "a.csv"}, ["data.source:", "path", "package"]),
    ],
)
def test_wrong_key_is_named_with_its_place_and_what_was_expected(default, path, value, said):
    with pytest.raises(ConfigError) as caught:
        check(changed(default, path, value), SCHEMA)
    message = str(caught.value)
    assert all(part in message for part in said), message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"source": "generated"}, None),
        ({"source": {"path": "data/adni"}, "probes": 1, "moved_subjects": "baseline"}, None),
        ({"source": "real"}, ['data.source: found "real"', "`generated`", "{path: your ADNIMERGE"]),
        ({"source": {"paht": "x"}}, ["data.source: found", "{path: your ADNIMERGE table}"]),
        ({"source": "generated", "probes": 2}, ["data.probes: found 2, expected 0 or 1"]),
        ({"source": "generated", "moved_subjects": "drop"}, ['expected "error" or "baseline"']),
        ({"source": "generated", "cluster": "SITE"}, ["unknown key 'cluster'", "'probes'"]),
        ({}, ["key 'source' is missing"]),
    ],
)
def test_data_of_a_study_of_adnimerge_are_checked(default, data, said):
    config = changed(default, (*TABLE, "kind"), "mci")
    config = changed(config, (*TABLE, "data"), data)
    if said is None:
        check(config, SCHEMA)
        return
    with pytest.raises(ConfigError) as caught:
        check(config, SCHEMA)
    assert all(part in str(caught.value) for part in said), str(caught.value)
