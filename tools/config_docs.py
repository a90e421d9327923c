"""Reference of every key of the configuration, and its JSON schema, written from its models.

``python -m tools.config_docs`` brings config/README.md and workflow/schemas up to date.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tools import config_schema
from tools.marked_sections import fill, table

from armed_study.config import methods
from armed_study.config.entries import METHODS, Alias
from armed_study.config.model_blocks import BLOCKS, KINDS, Membership, RandomEffects, Training
from armed_study.config.models import STUDIES, Claim, Configuration, Splits, Study
from armed_study.config.tuning.blocks import Choices, Range
from armed_study.studies.blocks import Block
from armed_study.vocabulary.outcomes import KINDS as OUTCOMES

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.json"
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
_MODEL = "Settings of its method, and blocks that override the study's."
_OWN_SECTIONS = {*BLOCKS, "splits", "membership", "data", "studies", "models", "claims"}


def reference() -> str:
    """Return all keys as Markdown: a section and a table for each block."""
    return "\n\n".join(_section(*section) for section in _sections())


def method_table() -> str:
    """Return the methods found under ``src`` as Markdown, with their settings and defaults."""
    rows: list[tuple[str, ...]] = []
    for method in methods.available().values():
        fields = {name: field for name, (_, field) in method.settings.items()}
        settings = [f"`{name}` ({_text(field.default)})" for name, field in fields.items()]
        blocks = ", ".join(f"`{block}`" for block in (*method.blocks, *method.takes))
        rows.append(
            (
                f"`{method.name}`",
                method.summary,
                "all" if set(method.outcomes) == set(OUTCOMES) else ", ".join(method.outcomes),
                ", ".join(settings) or "none",
                blocks or "none",
            )
        )
    head = ("method", "what it is", "outcomes", "settings (default)", "blocks it reads")
    return table(head, rows)


def render(text: str) -> str:
    """Return ``text`` of config/README.md with its generated sections written again."""
    return fill(fill(text, "reference", reference()), "methods", method_table())


def _sections() -> Iterator[tuple[Any, ...]]:
    """Titles, blocks and, if not all of them, keys: from the whole to its parts."""
    yield "The file", Configuration
    yield "A study", Study
    yield "`splits`", Splits
    for key in ("network", "adversary", "task"):
        for kind, block in KINDS[key][0].items():
            yield f"`{key}` where `kind` is `{kind}`", block
    yield "`training`", Training
    yield "`random_effects`", RandomEffects
    yield "`membership`", Membership
    yield "`tuning.space`: a setting with low and high", Range
    yield "`tuning.space`: a setting with choices", Choices
    most = max(METHODS.values(), key=lambda entry: len(entry.model_fields.keys() & BLOCKS.keys()))
    yield (
        "A model",
        most,
        ("method", *BLOCKS),
        _MODEL,
    )
    for method in methods.available().values():
        if method.settings:
            yield (
                f"A model where `method` is `{method.name}`",
                METHODS[method.name],
                method.settings,
            )
    yield "A model that is another one with other clusters", Alias
    for kind, study in STUDIES.items():
        for key, field in study.model_fields.items():
            if key == "data" or key not in Study.model_fields:
                yield f"`{key}` where `kind` is `{kind}`", field.annotation
    yield "A claim", Claim


def _section(title: str, block: type[Block], keys: Iterable[str] = (), meaning: str = "") -> str:
    node = config_schema.tidied(block.model_json_schema())
    shown = {key: node["properties"][key] for key in keys or node["properties"]}
    rows = list(_rows({**node, "properties": shown}, node.get("$defs", {})))
    return "\n\n".join([f"### {title}", meaning or node["description"], table(_HEAD, rows)])


def _rows(node: Node, blocks: Node, prefix: str = "") -> Iterator[tuple[str, ...]]:
    required = node.get("required", ())
    for key, item in node.get("properties", {}).items():
        default = "required" if key in required else "optional"
        if key == "method":
            default = "its name"
        elif "default" in item:
            default = f"`{_text(item['default'])}`"
        own = key in _OWN_SECTIONS
        several = "additionalProperties" in item
        kind = f"block{'s' * several} `{key}`" if own else _type(item, blocks)
        meaning = item.get("description") or _resolved(item, blocks)["description"]
        yield f"`{prefix}{key}`", kind, _bounds(item), default, meaning
        for part in () if own else (item, *item.get("anyOf", ())):
            yield from _rows(_resolved(part, blocks), blocks, f"{prefix}{key}.")


def _resolved(item: Node, blocks: Node) -> Node:
    return blocks[item["$ref"].rsplit("/", 1)[-1]] if "$ref" in item else item


def _type(item: Node, blocks: Node) -> str:
    item = _resolved(item, blocks)
    if "enum" in item:
        return " or ".join(f"`{value}`" for value in item["enum"])
    if "const" in item:
        return f"`{item['const']}`"
    if "anyOf" in item:
        return " or ".join(dict.fromkeys(_type(part, blocks) for part in item["anyOf"]))
    if item.get("type") == "array":
        return f"list of {_type(item['items'], blocks)}"
    if isinstance(item.get("additionalProperties"), Mapping):
        return f"names, each of a {_type(item['additionalProperties'], blocks)}"
    return item.get("type", "value")


def _bounds(item: Node) -> str:
    found = [text.format(item[key]) for key, text in _BOUNDS if key in item]
    found += [bound for part in item.get("anyOf", ()) for bound in [_bounds(part)] if bound]
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
    """Bring config/README.md and the schema up to date."""
    README.write_text(render(README.read_text(encoding="utf-8")), encoding="utf-8")
    SCHEMA.write_text(config_schema.text(), encoding="utf-8")


if __name__ == "__main__":
    main()
