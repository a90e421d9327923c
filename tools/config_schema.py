"""JSON schema of the configuration, for editors, written from its models."""

import json
import re
from collections.abc import Mapping
from typing import Any

from armed_study.config.entries import METHODS, Alias
from armed_study.config.models import Configuration


def schema() -> dict[str, Any]:
    """Return the schema, of Draft 2020-12."""
    made = tidied(Configuration.model_json_schema())
    definitions = {_short(name): block for name, block in made.pop("$defs").items()}
    made["properties"]["studies"]["additionalProperties"]["anyOf"].append({"type": "null"})
    definitions["model"] = {
        "description": "A model whose entry says by what it is made.",
        "anyOf": [
            *({"$ref": _entry(name), "required": ["method"]} for name in METHODS),
            {"$ref": f"#/$defs/{Alias.__name__}"},
        ],
    }
    for block in definitions.values():
        models = block.get("properties", {}).get("models")
        if models:
            models["properties"] = {
                name: {"anyOf": [{"$ref": _entry(name)}, {"$ref": "#/$defs/model"}]}
                for name in METHODS
            }
            models["additionalProperties"] = {"$ref": "#/$defs/model"}
    _share(definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Configuration of the ARMED study",
        "$comment": "Written from src/armed_study/config by `python -m tools.config_docs`; edit that.",
        **made,
        "$defs": definitions,
    }


def text() -> str:
    """Return the schema as a file."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def _share(definitions: dict[str, Any]) -> None:
    """Let a key of several blocks that means the same refer to the first of them."""
    first: dict[str, str] = {}
    for name, block in definitions.items():
        for key, item in block.get("properties", {}).items():
            content = json.dumps([key, item])
            if content in first and len(content) > 120:
                block["properties"][key] = {"$ref": first[content]}
            first.setdefault(content, f"#/$defs/{name}/properties/{key}")


def _entry(method: str) -> str:
    return f"#/$defs/{METHODS[method].__name__}"


def tidied(node: Any) -> Any:
    """Say in the schema's terms what pydantic says in its own."""
    if isinstance(node, list):
        return [tidied(item) for item in node]
    if not isinstance(node, Mapping):
        return node
    if isinstance(node.get("$ref"), str):
        node = {**node, "$ref": f"#/$defs/{_short(node['$ref'].rsplit('/', 1)[-1])}"}
    made = {}
    for key, value in node.items():
        if (key == "title" and isinstance(value, str)) or (key == "default" and value is None):
            continue
        if key in ("properties", "$defs"):  # of any names
            made[key] = {name: tidied(item) for name, item in value.items()}
        elif key == "patternProperties":
            ((pattern, item),) = value.items()
            made["propertyNames"] = {"pattern": pattern, **node.get("propertyNames", {})}
            made["additionalProperties"] = tidied(item)
        elif key != "propertyNames" or "patternProperties" not in node:
            made["anyOf" if key == "oneOf" else key] = tidied(value)
    return made


def _short(name: str) -> str:
    """Name of a block of a kind of study: `armed_study__studies__mci__settings__Data` is `mci_Data`."""
    return re.sub(r"^armed_study__studies__(\w+)__settings__", r"\1_", name)
