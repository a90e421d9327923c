"""What the files of methods and networks say of themselves, read without importing them (and torch).

It runs while the workflow is parsed: which there are, what each can be set to, what a method needs.
"""

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from armed.discovery import discover
from armed_study.config import declared
from armed_study.config.declared import Settings


@dataclass(frozen=True)
class MethodFile:
    """One method: the module that trains it, its own settings, and the blocks of settings it reads.

    ``optional`` are blocks that it reads where they are.
    """

    name: str
    module: str
    summary: str
    settings: Settings
    blocks: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    @property
    def is_network(self) -> bool:
        """Whether it trains a network."""
        return "network" in self.blocks


@cache
def available() -> dict[str, MethodFile]:
    """All methods by name; the files are read once in a process."""
    found = {}
    for package, marker in (("armed.methods", "METHOD"), ("armed_study.baselines", "BASELINE")):
        for name, path in discover(package, marker).items():
            blocks, optional = (), ()
            if marker == "METHOD":
                blocks, optional = ("network", "training", *sorted(_needed(path))), ("task",)
            about = declared.first_sentence(path), declared.settings_class(path)
            found[name] = MethodFile(name, f"{package}.{name}", *about, blocks, optional)
    return found


def unknown(name: str) -> str:
    """What is wrong with the name of a method that there is not."""
    return (
        f"unknown method '{name}'; there are: {', '.join(sorted(available()))}; correct the name or "
        "add a file to src/armed/methods"
    )


@cache
def networks() -> dict[str, tuple[str, Settings]]:
    """All kinds of network by name: what each is, and its settings."""
    return {
        name: (
            declared.first_sentence(path),
            declared.keyword_arguments(path, "NETWORK", given=("outputs", "context")),
        )
        for name, path in discover("armed_study.networks", "NETWORK").items()
    }


def _needed(path: Path) -> set[str]:
    """Blocks that the class of a method names in ``needs``, a set of strings."""
    statements = [item for node in declared.classes(path) for item in node.body]
    assigned = [item for item in statements if isinstance(item, ast.Assign)]
    needs = [item.value for item in assigned if ast.unparse(item.targets[0]) == "needs"]
    inner = [node for value in needs for node in ast.walk(value)]
    return {str(node.value) for node in inner if isinstance(node, ast.Constant)}
