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
    """The configuration with another value at a path, its keys in a row or joined by dots."""
    *outer, last = path.split(".") if isinstance(path, str) else path
    config = copy.deepcopy(config)
    block = config
    for key in outer:
        block = block[key]
    if value is ABSENT:
        del block[last]
    else:
        block[last] = value
    return config


SPIRALS, TABLE, MCI = "studies.spirals_plain", "studies.contraception", "studies.mci"


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        # A wrong key is named with its place and what was expected.
        ("stuides", {}, ["unknown key 'stuides'", "'studies'"]),
        (f"{SPIRALS}.titel", "x", ["studies.spirals_plain:", "unknown key 'titel'", "'title'"]),
        (f"{SPIRALS}.data.clustrs", 3, ["spirals_plain.data:", "'clustrs'", "'clusters'"]),
        (f"{SPIRALS}.splits.fold", 3, ["spirals_plain.splits:", "'fold'", "'folds'"]),
        (f"{TABLE}.data.outcome.positiv", 1, ["data.outcome:", "'positiv'", "'positive'"]),
        (f"{SPIRALS}.membership.training.epoch", 1, ["membership.training:", "'epochs'"]),
        (f"{SPIRALS}.splits.folds", -1, ["splits.folds:", "found -1", "at least 2"]),
        (f"{SPIRALS}.splits.folds", "ten", ["splits.folds:", 'found "ten"', "integer"]),
        (f"{SPIRALS}.kind", "spiral", ["spirals_plain.kind:", '"spirals"', "did you mean"]),
        (f"{SPIRALS}.models", {}, ["spirals_plain.models:", "at least 1"]),
        (f"{SPIRALS}.models.oracle", {}, ["'oracle' is taken", "rename"]),
        (f"{SPIRALS}.models.x", {"alias_of": "armed"}, ["models.x:", "'assignment'"]),
        ("studies.Big", {}, ["Big", "matches"]),
        ("seed", ABSENT, ["key 'seed' is missing"]),
        ("agent", {"orcid": "https://orcid.org/0000-0000-0000-0000"}, ["agent:", "key 'name'"]),
        ("agent", {"name": "Ada", "orcid": "0000-0000"}, ["agent.orcid:", "matches"]),
        (f"{SPIRALS}.standardize", ABSENT, ["spirals_plain:", "key 'standardize' is missing"]),
        (f"{TABLE}.data.source", {"file": "a.csv"}, ["data.source:", "path", "package"]),
        (f"{TABLE}.data.source", {"path": "~/a.csv"}, ["'~/a.csv'", "as it is", "'./~/a.csv'"]),
        (f"{TABLE}.data.source", {"path": "$DATA/a.csv"}, ["'$DATA/a.csv'", "nor variables"]),
        (f"{TABLE}.data.source", {"path": "${DATA}/a.csv"}, ["source.path", "write it out"]),
        (f"{TABLE}.random_effects", {"formula": "(1 | woman"}, ["formula:", "brackets"]),
        (f"{TABLE}.random_effects.formula", "(1 | a)", ["found formula and", "alone"]),
        (f"{TABLE}.random_effects.correlated", 1, ["correlated: found 1, expected boolean"]),
        # So is a value of another type or range.
        (MCI, "models", ["studies.mci: found", "expected object"]),
        (f"{MCI}.training.epochs", True, ["training.epochs: found true, expected integer"]),
        (f"{MCI}.training.learning_rate", "1e-3", ['found "1e-3", expected number']),
        (f"{MCI}.standardize", 1, ["standardize: found 1, expected boolean"]),
        (f"{MCI}.network.hidden", [4, 0], ["network.hidden.1: found 0, expected at least 1"]),
        (f"{MCI}.network.hidden", 4, ["network.hidden: found 4, expected list"]),
        (f"{MCI}.network.kind", "mpl", ["network.kind: found", "mean 'mlp'", '"slice_cnn"']),
        (f"{MCI}.network", {}, ["studies.mci.network: key 'hidden' is missing"]),
        (f"{MCI}.models.armed", None, ["models.armed: found null, expected object"]),
        (f"{MCI}.models.glmm", {"training": {}}, ["models.glmm: unknown key 'training'"]),
        (f"{MCI}.models.armed.kl_weight", -1.0, ["armed.kl_weight: found -1.0", "at least 0"]),
        (f"{MCI}.training.schedule", "cosine", ["training.schedule: found", '"one_cycle"']),
        (f"{MCI}.training.augmentation", {"turn": 1}, ["augmentation: unknown key", "'flip'"]),
        (f"{MCI}.random_effects", {}, ["random_effects: found none", "at least 1"]),
        (f"{MCI}.splits.test", 0.9, ["splits.test: found 0.9, expected at most 0.5"]),
    ],
)
def test_wrong_key_or_value_is_named_with_its_place_and_what_was_expected(
    default, path, value, said
):
    with pytest.raises(ConfigError) as caught:
        read(changed(default, path, value))
    assert all(part in str(caught.value) for part in said), str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"source": "real"}, ['data.source: found "real"', "`generated`", "{path: your ADNIMERGE"]),
        ({"source": {"paht": "x"}}, ["data.source: found", "{path: your ADNIMERGE table}"]),
        ({"source": "generated", "probes": 2}, ["data.probes: found 2, expected 0 or 1"]),
        ({"source": "generated", "moved_subjects": "drop"}, ['expected "error" or "baseline"']),
        ({"source": "generated", "cluster": "SITE"}, ["unknown key 'cluster'", "'probes'"]),
        ({}, ["key 'source' is missing"]),
    ],
)
def test_data_of_a_study_of_adnimerge_are_checked(default, data, said):
    config = changed(default, f"{TABLE}.kind", "mci")
    read(changed(config, f"{TABLE}.data", {"source": "generated"}))
    users = {"source": {"path": "data/adni"}, "probes": 1, "moved_subjects": "baseline"}
    read(changed(config, f"{TABLE}.data", users))
    with pytest.raises(ConfigError) as caught:
        read(changed(config, f"{TABLE}.data", data))
    assert all(part in str(caught.value) for part in said), str(caught.value)


@pytest.mark.parametrize(
    ("path", "written", "reads"),
    [
        ("data.outcome.positive", "yes", "yes as true"),
        ("data.cluster", "no", "no as false, and off"),
        ("data.cluster", "12", "12 as a number"),
        ("data.features", "[age, 2024-01-31]", "2024-01-31 as a date"),
        ("data.missing_values", "['', ~]", "~ as null"),
        ("data.source", "{path: 1.5}", "1.5 as a number"),
        ("splits.unseen", "{scheme: named, clusters: [11, 12]}", "11 as a number"),
        ("title", "on", "yes as true, and on"),
    ],
)
def test_a_word_that_yaml_reads_as_something_else_belongs_in_quotes(default, path, written, reads):
    with pytest.raises(ConfigError, match=f"expected.*; put it in quotes: YAML reads .*{reads}"):
        read(changed(default, f"{TABLE}.{path}", yaml.safe_load(written)))


def test_a_wrong_source_is_refused_by_its_own_key(default):
    for key, value in (("separator", "x"), ("encoding", "utf9"), ("decimal", ";")):
        with pytest.raises(ConfigError, match=rf"data.source.{key}: found .{value}., expected"):
            read(changed(default, f"{TABLE}.data.source", {"path": "a.csv", key: value}))


@pytest.mark.parametrize(
    ("block", "old", "new"),
    [
        ("mci_published", "beside", "compare_with"),
        ("mci_published", "published", "published_values"),
        ("livecell.data", "thinning", "frame_stride"),
        ("livecell.data.images", "white", "white_level"),
        ("livecell", "look", "task.appearance"),
        ("livecell.models.armed", "look_weight", "task.appearance_weight"),
        ("ad_mri.models.cluster_input", "also_output", "output_layer"),
    ],
)
def test_old_name_of_a_key_is_refused_with_the_new_one(default, block, old, new):
    with pytest.raises(ConfigError, match=rf"{block}: key '{old}'.*'{new}'"):
        read(changed(default, f"studies.{block}.{old}", 1))
    with pytest.raises(ConfigError, match=r"models\.x: key 'evaluates'.*'alias_of'"):
        read(changed(default, f"{MCI}.models.x", {"evaluates": "armed"}))


def test_augmentation_of_what_is_no_image_is_refused(default):
    block = {"flip": "both"}
    for where in (f"{MCI}.models.lmmnn.training", f"{MCI}.membership.training"):
        config = changed(default, where, {"epochs": 1, "augmentation": block})
        checked = read(config)
        place = where.removesuffix(".training")
        with pytest.raises(
            ConfigError, match=rf"{place}: found training.augmentation, expected none"
        ):
            check_references(planning.plan(checked), checked.reference_model)
    images = changed(default, "studies.ad_mri.training.augmentation", block)
    check_references(planning.plan(read(images)), "armed")


@pytest.mark.parametrize(
    ("path", "block", "message"),
    [
        (f"{TABLE}.random_effects", "(1 | woman)", "first factor .* is 'woman', expected"),
        (
            f"{TABLE}.random_effects",
            "(1 + agee | district)",
            "a slope of 'agee' .did you mean 'age'",
        ),
        (f"{MCI}.random_effects", "(1 | site)", "formula in a study of kind mci, expected one"),
        (f"{TABLE}.models.lmmnn.random_effects", None, "random_effects without a formula"),
    ],
)
def test_formula_of_what_the_data_lack_is_refused_before_anything_runs(
    default, path, block, message
):
    effects = {"formula": block} if block else {"intercept": 0.5}
    checked = read(changed(default, path, effects))
    with pytest.raises(ConfigError, match=rf"{message}.*; "):
        check_references(planning.plan(checked), checked.reference_model)


def test_formula_names_columns_of_the_data_and_is_all_that_lmmnn_reads(default):
    formula = {"formula": "(1 | district/woman) + (1 | urban)"}
    checked = read(changed(default, f"{TABLE}.random_effects", formula))
    study = planning.plan(checked)["contraception"]
    factors = study.data_settings["data"]["further_factors"]
    assert factors == [["district", "woman"], ["urban"]]
    assert study.model_settings("lmmnn")["random_effects"] == formula
    plain = planning.plan(read(default))["contraception"]
    assert "random_effects" not in plain.model_settings("lmmnn")
    assert "further_factors" not in plain.data_settings["data"]
    assert plain.model_settings("armed")["random_effects"]["intercept"] == 0.5


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
