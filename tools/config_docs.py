"""Reference of every key of the configuration, written from its schema into config/README.md.

``python -m tools.config_docs`` brings the file up to date.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from tools.marked_sections import fill, table

from armed_study.config import methods
from armed_study.config.method_settings import defaults_of, first_sentence

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.yaml"
README = ROOT / "config" / "README.md"

Node = Mapping[str, Any]
_HEAD = ("key", "type", "bounds", "default", "meaning")
_BOUNDS = (
    ("minimum", "at least {}"),
    ("exclusiveMinimum", "above {}"),
    ("maximum", "at most {}"),
    ("exclusiveMaximum", "below {}"),
    ("minLength", "at least {} characters"),
    ("minItems", "at least {} items"),
    ("minProperties", "at least {} of the keys"),
    ("pattern", "matches `{}`"),
)


def reference(schema: Node) -> str:
    """Return all keys as Markdown: a section and a table for each block of the schema."""
    parts = [_section("The file", schema, schema)]
    parts += [_section(title, node, schema) for title, node in _blocks(schema)]
    return "\n\n".join(parts)


def method_table() -> str:
    """Return the methods found under ``src`` as Markdown, with their settings and defaults."""
    rows = []
    for method in methods.available().values():
        path = methods.SOURCE.joinpath(*method.module.split(".")).with_suffix(".py")
        defaults = defaults_of(path, "Settings")
        settings = ", ".join(f"`{key}` ({_text(value)})" for key, value in defaults.items())
        blocks = ", ".join(f"`{block}`" for block in method.blocks)
        rows.append(
            (f"`{method.name}`", first_sentence(path), settings or "none", blocks or "none")
        )
    return table(("method", "what it is", "settings (default)", "blocks it reads"), rows)


def render(text: str) -> str:
    """Return ``text`` of config/README.md with its generated sections made anew."""
    schema = yaml.safe_load(SCHEMA.read_text(encoding="utf-8"))
    return fill(fill(text, "reference", reference(schema)), "methods", method_table())


def _blocks(schema: Node) -> Iterator[tuple[str, Node]]:
    """Titles and nodes of the blocks below the top, in the order in which they are met."""
    special = {
        ref: f"`{key}` where `kind` is `{kind}`"
        for kind, key, ref in _branches(schema["$defs"].values())
    }
    waiting, met = _references(schema), set()
    while waiting:
        name = waiting.pop(0)
        if name not in met:
            met.add(name)
            node = schema["$defs"][name]
            yield special.get(name, f"`{name}`"), node
            waiting = [*_references(node), *waiting]


def _branches(nodes: Any) -> Iterator[tuple[str, str, str]]:
    """Value of ``kind``, key and block of each ``if: kind is ..., then: key is ...``."""
    for node in nodes:
        for branch in node.get("allOf", ()):
            kind = branch["if"]["properties"]["kind"]["const"]
            for key, then in branch["then"]["properties"].items():
                yield kind, key, then["$ref"].rsplit("/", 1)[-1]


def _references(node: Any) -> list[str]:
    """Names of the blocks that a node refers to."""
    if isinstance(node, list):
        return [name for item in node for name in _references(item)]
    if not isinstance(node, Mapping):
        return []
    own = [node["$ref"].rsplit("/", 1)[-1]] if isinstance(node.get("$ref"), str) else []
    return own + [n for key, item in node.items() if key != "$defs" for n in _references(item)]


def _section(title: str, node: Node, schema: Node) -> str:
    known = (
        defaults_of(ROOT / "src/armed/training/fit.py", "FitSettings")
        if "training" in title
        else {}
    )
    rows = list(_rows(node, schema, known))
    head = [f"### {title}", node.get("description", "")]
    return "\n\n".join([*filter(None, head), table(_HEAD, rows)])


def _rows(
    node: Node, schema: Node, known: Mapping[str, Any], prefix: str = ""
) -> Iterator[tuple[str, ...]]:
    required = node.get("required", ())
    for key, item in node.get("properties", {}).items():
        meaning = item.get("description") or _resolve(item, schema).get("description", "")
        default = "required" if key in required else "optional"
        if "default" in item or key in known:
            default = f"`{_text(item.get('default', known.get(key)))}`"
        yield f"`{prefix}{key}`", _type(item, schema), _bounds(item), default, meaning
        for part in (item, *item.get("oneOf", ())):
            yield from _rows(part, schema, {}, f"{prefix}{key}.")


def _resolve(item: Node, schema: Node) -> Node:
    return schema["$defs"][item["$ref"].rsplit("/", 1)[-1]] if "$ref" in item else item


def _type(item: Node, schema: Node) -> str:
    if "$ref" in item:
        return f"block `{item['$ref'].rsplit('/', 1)[-1]}`"
    if "enum" in item:
        return " or ".join(f"`{value}`" for value in item["enum"])
    if "const" in item:
        return f"`{item['const']}`"
    if "oneOf" in item and "type" not in item:
        return " or ".join(_type(part, schema) for part in item["oneOf"])
    if item.get("type") == "array":
        return f"list of {_type(item['items'], schema)}"
    if isinstance(item.get("additionalProperties"), Mapping):
        return f"names, each of a {_type(item['additionalProperties'], schema)}"
    kinds = item.get("type", "object")
    return " or ".join([kinds] if isinstance(kinds, str) else kinds)


def _bounds(item: Node) -> str:
    found = [text.format(item[key]) for key, text in _BOUNDS if key in item]
    if "items" in item:
        found += [f"each {bound}" for bound in [_bounds(item["items"])] if bound]
    names = item.get("propertyNames", {})
    found += [f"names match `{names['pattern']}`"] if "pattern" in names else []
    refused = names.get("not", {}).get("enum", ())
    found += ["not " + ", ".join(f"`{name}`" for name in refused)] if refused else []
    return "; ".join(found)


def _text(value: Any) -> str:
    return json.dumps(value) if not isinstance(value, str) else value


def main() -> None:
    """Bring config/README.md up to date."""
    README.write_text(render(README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
