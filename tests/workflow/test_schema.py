"""The schema of the configuration, which editors use, is that of the models: valid, strict, described."""

import json
import re

import jsonschema
import pytest
import yaml
from snakemake.utils import update_config
from tools import config_docs, config_schema

from running import CLAIMS, DEFAULT, OVERLAYS, TINY

SCHEMA = json.loads(config_docs.SCHEMA.read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def load(*paths):
    """Configuration of files laid over each other; what they share by anchors are copies."""
    whole = {}
    for path in paths:
        update_config(whole, yaml.safe_load(path.read_text(encoding="utf-8")))
    return json.loads(json.dumps(whole))


def objects(node, path="$"):
    """Every part of the schema that declares properties, but for the conditions of `if`."""
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict) and not path.endswith(("if", "then", "else")):
            yield path, node
        for key, item in node.items():
            yield from objects(item, f"{path}.{key}")
    elif isinstance(node, list):
        for number, item in enumerate(node):
            yield from objects(item, f"{path}.{number}")


def blocks(node, path=()):
    """Path of every block of a configuration."""
    if isinstance(node, dict):
        yield path
        for key, item in node.items():
            yield from blocks(item, (*path, key))


def resolved(item):
    """What a reference of the schema points to."""
    while "$ref" in item and "description" not in item:
        target = SCHEMA
        for step in item["$ref"].split("/")[1:]:
            target = target[step]
        item = target
    return item


def test_schema_is_that_of_the_models():
    assert config_schema.text() == config_docs.SCHEMA.read_text(encoding="utf-8"), "run `make docs`"


def test_schema_is_a_valid_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("paths", [*((DEFAULT, path) for path in (CLAIMS, *OVERLAYS)), (TINY,)])
def test_shipped_configuration_is_accepted(paths):
    assert [error.message for error in VALIDATOR.iter_errors(load(*paths))] == []


def test_unknown_key_is_refused_in_every_block():
    config, accepted = load(TINY), []
    for path in blocks(load(TINY)):
        block = config
        for key in path:
            block = block[key]
        block["unknown"] = {"unknown": 1}
        accepted += [".".join(path)] if VALIDATOR.is_valid(config) else []
        del block["unknown"]
    assert accepted == []


def test_every_key_is_described():
    silent = [
        f"{path}.{key}"
        for path, node in objects(SCHEMA)
        for key, item in node["properties"].items()
        if not path.endswith("properties.models") and not resolved(item).get("description")
    ]
    assert silent == []


def test_reference_names_every_key():
    written = config_docs.reference()
    keys = {
        key
        for path, node in objects(SCHEMA["$defs"])
        for key in node["properties"]
        if not path.endswith("properties.models")  # names of methods
    }
    assert [k for k in keys if not re.search(rf"^(\| `[\w.]*\b|### `){k}`", written, re.M)] == []


def test_every_block_that_is_declared_is_used():
    text = str(SCHEMA)
    assert [name for name in SCHEMA["$defs"] if f"'#/$defs/{name}" not in text] == []
