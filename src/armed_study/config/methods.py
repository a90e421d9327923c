"""What the files of methods say of themselves, read without importing them (and torch).

It runs while the workflow is parsed: which methods there are, what each can be set to, what it needs.
"""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from armed.discovery import discover
from armed.errors import ConfigError

SOURCE = Path(__file__).resolve().parents[2]
SHARED_BLOCKS = ("network", "training")
SPECIAL_BLOCKS = ("adversary", "random_effects")
OPTIONAL_BLOCKS = ("task",)


@dataclass(frozen=True)
class MethodFile:
    """One method: the module that trains it, its own settings, and the blocks of settings it reads.

    ``optional`` are blocks that it reads where they are.
    """

    name: str
    module: str
    settings: tuple[str, ...]
    blocks: tuple[str, ...]
    optional: tuple[str, ...] = ()


@cache
def available() -> dict[str, MethodFile]:
    """All methods by name; the files are read once in a process."""
    neural = discover("armed.methods", "METHOD")
    baselines = discover("armed_study.baselines", "BASELINE")
    return {name: _neural(path) for name, path in neural.items()} | {
        name: MethodFile(name, f"armed_study.baselines.{name}", (), ()) for name in baselines
    }


def find(name: str) -> MethodFile:
    """One method; `ConfigError` lists those there are."""
    methods = available()
    if name not in methods:
        raise ConfigError(
            f"unknown method '{name}'; there are: {', '.join(sorted(methods))}; correct the name or "
            "add a file to src/armed/methods"
        )
    return methods[name]


def _neural(path: Path) -> MethodFile:
    classes = [
        node
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
    ]
    settings = [
        item.target.id
        for node in classes
        if node.name.endswith("Settings")
        for item in node.body
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
    ]
    needed, taken = _names(classes, "needs"), {"task", *_names(classes, "takes")}
    return MethodFile(
        path.stem,
        f"armed.methods.{path.stem}",
        tuple(settings),
        blocks=(*SHARED_BLOCKS, *(block for block in SPECIAL_BLOCKS if block in needed)),
        optional=tuple(block for block in OPTIONAL_BLOCKS if block in taken),
    )


def _names(classes: list[ast.ClassDef], attribute: str) -> set[str]:
    """Strings in the value of a class attribute."""
    return {
        item.value
        for node in classes
        for statement in node.body
        if isinstance(statement, ast.Assign)
        and [target.id for target in statement.targets if isinstance(target, ast.Name)]
        == [attribute]
        for item in ast.walk(statement.value)
        if isinstance(item, ast.Constant)
    }
