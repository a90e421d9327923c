"""What YAML reads as something else than is written."""

import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import yaml

from armed.errors import ConfigError

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the fast one, where libyaml is there


def check_files(files: Iterable[str | Path]) -> None:
    """Refuse what YAML reads as something else than is written.

    Those are a key that a block has twice, of which it takes the last one, and a number with leading zeros
    or colons, which it reads to the base 8 or 60.

    Raises
    ------
    ConfigError
        Names the file, the line and the key or number. Files that cannot be read are left to Snakemake.
    """
    for file in files:
        with suppress(OSError, UnicodeDecodeError, yaml.YAMLError):
            root = yaml.compose(Path(file).read_text(encoding="utf-8"), Loader=_LOADER)
            _check_node(str(file), root, set())


def _check_node(file: str, node: yaml.Node | None, done: set[int]) -> None:
    if isinstance(node, yaml.ScalarNode):
        _check_number(file, node)
    if not isinstance(node, yaml.CollectionNode) or id(node) in done:  # an anchor is met again
        return
    done.add(id(node))
    lines: dict[str, int] = {}
    for item in node.value:
        if isinstance(node, yaml.MappingNode) and not item[0].tag.endswith(":merge"):
            key, line = str(item[0].value), item[0].start_mark.line + 1
            if key in lines:
                raise ConfigError(
                    f"{file}: key '{key}' in line {lines[key]} is there again in line {line}, expected "
                    "each key of a block once, as only the last would count; remove one"
                )
            lines[key] = line
        for child in item if isinstance(item, tuple) else (item,):
            _check_node(file, child, done)


def _check_number(file: str, node: yaml.ScalarNode) -> None:
    is_number = node.tag in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
    if is_number and re.fullmatch(r"[+-]?0[0-7_]+|.*:.*", node.value):
        line, read = node.start_mark.line + 1, yaml.safe_load(node.value)
        raise ConfigError(
            f"{file}: line {line} has {node.value}, which YAML reads as {read}, expected a number without "
            f"leading zeros and colons, or text in quotes; write {read} or '{node.value}'"
        )
