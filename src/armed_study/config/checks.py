"""What is wrong with a configuration, in one sentence that names the key.

It runs while the workflow is parsed, so it imports nothing heavy.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from armed.errors import ConfigError
from armed_study.messages import listing, suggestion

_BOUNDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "a number above {}",
    "maximum": "at most {}",
    "exclusiveMaximum": "a number below {}",
    "minItems": "at least {} items",
    "minLength": "at least {} characters",
    "minProperties": "at least {} entries",
    "pattern": "a name that matches {}",
}


def check(config: Mapping[str, Any], schema: str | Path) -> None:
    """Raise `ConfigError` for the first thing in ``config`` that the schema file does not allow."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster, where it was built
    rules = yaml.load(Path(schema).read_text(encoding="utf-8"), loader)
    error = best_match(Draft202012Validator(rules).iter_errors(config))
    if error is not None:
        where = ".".join(str(part) for part in error.absolute_path) or "the configuration"
        raise ConfigError(f"{where}: {_sentence(error)}; config/README.md explains every key")


def _sentence(error: ValidationError) -> str:
    rule, wanted, found = error.validator, error.validator_value, error.instance
    if rule == "additionalProperties":
        known = error.schema.get("properties", {})
        unknown = next(key for key in found if key not in known)
        near = suggestion(unknown, known)
        return f"unknown key '{unknown}'{near}, expected some of {listing(known, 99)}; correct it"
    if rule == "required":
        absent = next(key for key in wanted if key not in found)
        return f"key '{absent}' is missing, expected beside {listing(found)}; add it"
    if rule == "dependentRequired":
        return f"{error.message}, expected both or none; add it"
    if rule == "not":
        return f"the name '{found}' is taken, expected none of {listing(wanted['enum'])}; rename it"
    if rule == "type":
        kinds = [wanted] if isinstance(wanted, str) else wanted
        return f"found {_short(found)}, expected {' or '.join(kinds)}; correct it"
    if rule in ("enum", "const"):
        values = wanted if rule == "enum" else [wanted]
        return f"found {_short(found)}{suggestion(found, values)}, expected {_either(values)}; correct it"
    if rule in _BOUNDS:
        return f"found {_short(found)}, expected {_BOUNDS[rule].format(wanted)}; correct it"
    if rule == "oneOf":
        meaning = error.schema.get("description", "another form").rstrip(".")
        return f"found {_short(found)}, expected: {meaning}; correct it"
    return f"{error.message}; correct it"


def _either(values: list[Any]) -> str:
    return " or ".join(_short(value) for value in values)


def _short(value: Any, limit: int = 60) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= limit else f"{text[:limit]}..."
