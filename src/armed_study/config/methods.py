"""What the files of methods and networks say of themselves, read without importing them (and torch).

It runs while the workflow is parsed: which there are, what each can be set to, what a method needs.
"""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from armed.discovery import discover
from armed.errors import ConfigError
from armed_study.config import declared
from armed_study.config.declared import Setting

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
    summary: str
    settings: tuple[Setting, ...]
    blocks: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    @property
    def is_network(self) -> bool:
        """Whether it trains a network."""
        return "network" in self.blocks


@dataclass(frozen=True)
class NetworkFile:
    """One kind of network: what it is, and its settings."""

    summary: str
    settings: tuple[Setting, ...]


@cache
def available() -> dict[str, MethodFile]:
    """All methods by name; the files are read once in a process."""
    neural = discover("armed.methods", "METHOD")
    baselines = discover("armed_study.baselines", "BASELINE")
    return {name: _neural(name, path) for name, path in neural.items()} | {
        name: _described(name, "armed_study.baselines", path) for name, path in baselines.items()
    }


def find(name: str) -> MethodFile:
    """One method; `ConfigError` lists those there are."""
    methods = available()
    if name not in methods:
        raise ConfigError(unknown(name))
    return methods[name]


def unknown(name: str) -> str:
    """What is wrong with the name of a method that there is not."""
    return (
        f"unknown method '{name}'; there are: {', '.join(sorted(available()))}; correct the name or "
        "add a file to src/armed/methods"
    )


@cache
def networks() -> dict[str, NetworkFile]:
    """All kinds of network by name."""
    return {
        name: NetworkFile(
            declared.first_sentence(path),
            declared.keyword_arguments(path, "NETWORK", given=("outputs", "context")),
        )
        for name, path in discover("armed_study.networks", "NETWORK").items()
    }


def _neural(name: str, path: Path) -> MethodFile:
    needed, taken = _names(path, "needs"), {"task", *_names(path, "takes")}
    return _described(
        name,
        "armed.methods",
        path,
        blocks=(*SHARED_BLOCKS, *(block for block in SPECIAL_BLOCKS if block in needed)),
        optional=tuple(block for block in OPTIONAL_BLOCKS if block in taken),
    )


def _described(name: str, package: str, path: Path, **blocks: tuple[str, ...]) -> MethodFile:
    summary, settings = declared.first_sentence(path), declared.settings_class(path)
    return MethodFile(name, f"{package}.{name}", summary, settings, **blocks)


def _names(path: Path, attribute: str) -> set[str]:
    """Strings in the value of a class attribute."""
    return {
        item.value
        for node in declared.classes(path)
        for statement in node.body
        if isinstance(statement, ast.Assign)
        and [target.id for target in statement.targets if isinstance(target, ast.Name)]
        == [attribute]
        for item in ast.walk(statement.value)
        if isinstance(item, ast.Constant) and isinstance(item.value, str)
    }
