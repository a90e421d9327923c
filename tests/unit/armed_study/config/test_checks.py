"""A wrong configuration is refused in one sentence that names the key."""

import copy
import re
from pathlib import Path

import pytest
import yaml

from armed.errors import ConfigError
from armed_study.config import planning
from armed_study.config.checks import check_references, read

ROOT = Path(__file__).resolve().parents[4]
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
    read(default)


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
        ((*SPIRALS, "models", "x"), {"alias_of": "armed"}, ["models.x:", "'assignment'"]),
        (("studies", "Big"), {}, ["Big", "matches"]),
        (("seed",), ABSENT, ["key 'seed' is missing"]),
        ((*SPIRALS, "standardize"), ABSENT, ["spirals_plain:", "key 'standardize' is missing"]),
        ((*TABLE, "data", "source"), {"file": "a.csv"}, ["data.source:", "path", "package"]),
    ],
)
def test_wrong_key_is_named_with_its_place_and_what_was_expected(default, path, value, said):
    with pytest.raises(ConfigError) as caught:
        read(changed(default, path, value))
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
        read(config)
        return
    with pytest.raises(ConfigError) as caught:
        read(config)
    assert all(part in str(caught.value) for part in said), str(caught.value)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("mci_published", "beside"), "mci", "mci_published: key 'beside'.*'compare_with'"),
        (
            ("mci_published", "published"),
            "mci",
            "mci_published: key 'published'.*'published_values'",
        ),
        (
            ("livecell", "data", "thinning"),
            {},
            "livecell.data: key 'thinning'.*'frame_stride'",
        ),
        (("livecell", "data", "images", "white"), 9, "data.images: key 'white'.*'white_level'"),
        (("mci", "models", "x"), {"evaluates": "armed"}, "models.x: key 'evaluates'.*'alias_of'"),
        (("livecell", "look"), {}, "livecell: key 'look'.*'task.appearance'"),
        (
            ("livecell", "models", "armed", "look_weight"),
            0.1,
            "models.armed: key 'look_weight'.*'task.appearance_weight'",
        ),
        (
            ("ad_mri", "models", "cluster_input", "also_output"),
            True,
            "models.cluster_input: key 'also_output'.*'output_layer'",
        ),
    ],
)
def test_old_name_of_a_key_is_refused_with_the_new_one(default, path, value, said):
    with pytest.raises(ConfigError, match=said):
        read(changed(default, ("studies", *path), value))


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ((), "models", ["studies.mci: found", "expected object"]),
        (("training", "epochs"), True, ["training.epochs: found true, expected integer"]),
        (("training", "learning_rate"), "1e-3", ['found "1e-3", expected number']),
        (("standardize",), 1, ["standardize: found 1, expected boolean"]),
        (("network", "hidden"), [4, 0], ["network.hidden.1: found 0, expected at least 1"]),
        (("network", "hidden"), 4, ["network.hidden: found 4, expected list"]),
        (("network", "kind"), "mpl", ["network.kind: found", "did you mean 'mlp'", '"slice_cnn"']),
        (("network",), {}, ["studies.mci.network: key 'hidden' is missing"]),
        (("models", "armed"), None, ["models.armed: found null, expected object"]),
        (("models", "glmm"), {"training": {}}, ["models.glmm: unknown key 'training'"]),
        (
            ("models", "armed", "kl_weight"),
            -1.0,
            ["models.armed.kl_weight: found -1.0", "at least 0"],
        ),
        (("random_effects",), {}, ["random_effects: found none", "at least 1"]),
        (("splits", "test"), 0.9, ["splits.test: found 0.9, expected at most 0.5"]),
    ],
)
def test_value_of_another_type_or_range_is_refused_with_its_place(default, path, value, said):
    with pytest.raises(ConfigError) as caught:
        read(changed(default, ("studies", "mci", *path), value))
    assert all(part in str(caught.value) for part in said), str(caught.value)


JUNK = (None, True, -1, 0.5, "junk", [], [1], {}, {"junk": 1}, {1: 2}, float("nan"))


def paths_of(node, path=()):
    """Path of every value of a configuration."""
    if path:
        yield path
    for key, item in node.items() if isinstance(node, dict) else ():
        yield from paths_of(item, (*path, key))


@pytest.mark.parametrize("name", ["contraception", "mci", "ad_mri", "livecell", "spirals_plain"])
def test_any_value_is_accepted_or_refused_in_a_sentence(default, name):
    own, said = {**default, "studies": {name: default["studies"][name]}}, set()
    for path in paths_of(own):
        for junk in JUNK:
            try:
                checked = read(changed(own, path, junk))
                check_references(planning.plan(checked), checked.reference_model)
            except ConfigError as error:
                said.add(str(error))
    assert said
    unclear = [s for s in said if not re.search("expected|there are", s)]
    assert unclear + [s for s in said if "\n" in s or "Input should" in s] == []
