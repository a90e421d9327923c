"""The schema of the configuration is valid, strict and described."""

import jsonschema
import yaml

from running import ROOT

SCHEMA = yaml.safe_load(
    (ROOT / "workflow" / "schemas" / "config.schema.yaml").read_text(encoding="utf-8")
)


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


def test_schema_is_a_valid_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_unknown_keys_are_refused_at_every_level():
    open_ones = [path for path, node in objects(SCHEMA) if node.get("additionalProperties", True)]
    # keys of a model depend on its method: armed_study.config.planning checks them
    assert open_ones == ["$.$defs.model"]


def test_every_key_is_described():
    def described(item):
        target = SCHEMA["$defs"][item["$ref"].rsplit("/", 1)[-1]] if "$ref" in item else item
        return bool(item.get("description") or target.get("description"))

    silent = [
        f"{path}.{key}"
        for path, node in objects(SCHEMA)
        for key, item in node["properties"].items()
        if not described(item)
    ]
    assert silent == []


def test_every_block_that_is_declared_is_used():
    text = str(SCHEMA)
    assert [name for name in SCHEMA["$defs"] if f"'#/$defs/{name}'" not in text] == []
