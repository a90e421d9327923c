"""What the files of methods and networks say of themselves, read without importing them (and torch).

It runs while the workflow is parsed: which there are, what each can be set to, what a method needs. A
method declares a frozen dataclass ``...Settings``; a network the keyword-only arguments of its class.
Their docstrings describe these settings, with their bounds, in the manner of NumPy::

    filters : int, at least 1
        Channels of the first block.

Blocks that a method must be given it names in ``needs``, those that it may be given in ``takes``. One that
cannot predict every kind of outcome lists those that it can in ``OUTCOMES``.
"""

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_origin

from pydantic import Field

from armed.discovery import discover, literal, module_name
from armed_study.vocabulary.outcomes import KINDS

Settings = dict[str, tuple[Any, Any]]
"""Type with bounds, and field with default and description, by name: as pydantic takes them."""

_TYPES = {"Literal": Literal, "Sequence": list, "list": list}
_BOUNDS = {"at least": "ge", "above": "gt", "at most": "le", "below": "lt"}
_LENGTHS = {"ge": "min_length", "le": "max_length"}
_BOUND = re.compile(rf"(each )?({'|'.join(_BOUNDS)}) (-?[\d.]+)")
_ENTRY = re.compile(r"^(\w+) : (.+)\n((?:    .*\n|\n)+)", re.MULTILINE)
_GIVEN = ("outputs", "context")
_Declared = tuple[str, ast.expr | None, ast.expr | None]  # name, annotation, default


@dataclass(frozen=True)
class MethodFile:
    """A method: its module, its own settings, the blocks of settings it reads, and what it predicts."""

    name: str
    module: str
    summary: str
    settings: Settings
    blocks: tuple[str, ...]
    outcomes: tuple[str, ...] = tuple(KINDS)
    takes: tuple[str, ...] = ()

    @property
    def is_network(self) -> bool:
        """Whether it trains a network."""
        return "network" in self.blocks

    @property
    def optional(self) -> tuple[str, ...]:
        """Blocks that it reads where they are."""
        return ("task", *self.takes) if self.is_network else ()


@cache
def available() -> dict[str, MethodFile]:
    """All methods by name; the files are read once in a process."""
    found = {}
    for package, marker in (("armed.methods", "METHOD"), ("armed_study.baselines", "BASELINE")):
        limited = discover(package, "OUTCOMES", families=True)
        for name, path in discover(package, marker, families=True).items():
            summary, settings = _first_sentence(path), settings_class(path)
            shared = ("network", "training") if marker == "METHOD" else ()
            blocks = (*shared, *sorted(_assigned(path, "needs")))
            outcomes = literal(path, "OUTCOMES") if name in limited else tuple(KINDS)
            module = module_name(package, path)
            takes = tuple(sorted(_assigned(path, "takes")))
            found[name] = MethodFile(name, module, summary, settings, blocks, outcomes, takes)
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
    found = discover("armed_study.networks", "NETWORK").items()
    return {name: (_first_sentence(path), keyword_arguments(path)) for name, path in found}


def settings_class(path: Path, **blocks: Any) -> Settings:
    """Return the fields of the dataclass of a file whose name ends in ``Settings``.

    ``blocks`` are the types of those that are blocks themselves, by the name of their own dataclass.
    """
    made: Settings = {}
    for node in _classes(path):
        if node.name.endswith("Settings"):
            fields = [item for item in node.body if isinstance(item, ast.AnnAssign)]
            declared = [(ast.unparse(f.target), f.annotation, f.value) for f in fields]
            made |= _settings(node, declared, blocks)
    return made


def keyword_arguments(path: Path) -> Settings:
    """Return the keyword-only arguments of a file's ``NETWORK``, but for those that no user sets."""
    (name,) = re.findall(r"^NETWORK\b.*= (\w+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    (node,) = (node for node in _classes(path) if node.name == name)
    (start,) = (f for f in node.body if isinstance(f, ast.FunctionDef) and f.name == "__init__")
    pairs = zip(start.args.kwonlyargs, start.args.kw_defaults, strict=True)
    return _settings(node, [(a.arg, a.annotation, d) for a, d in pairs if a.arg not in _GIVEN])


def _classes(path: Path) -> list[ast.ClassDef]:
    """Classes at the top level of a file."""
    return [node for node in _parsed(path).body if isinstance(node, ast.ClassDef)]


def _first_sentence(path: Path) -> str:
    """Return the first sentence of a file's docstring, without its full stop."""
    docstring = ast.get_docstring(_parsed(path)) or ""
    return docstring.split("\n\n")[0].replace("\n", " ").rstrip(".")


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _settings(
    node: ast.ClassDef, declared: Iterable[_Declared], blocks: Mapping[str, Any] | None = None
) -> Settings:
    """Return what a class declares, with the bounds and descriptions of its docstring."""
    described = {name: rest for name, *rest in _ENTRY.findall(f"{ast.get_docstring(node)}\n")}
    made = {}
    for name, annotation, default in declared:
        kind, description = described.get(name, ("", ""))
        source = "object" if annotation is None else ast.unparse(annotation)
        value = ... if default is None else ast.literal_eval(default)
        made[name] = (
            _type(source, kind, blocks or {}),
            Field(value, description=" ".join(description.split())),
        )
    return made


def _type(source: str, kind: str, blocks: Mapping[str, Any]) -> Any:
    """Return the type of an annotation, with the bounds that the docstring tells of it."""
    bounds: dict[str, Any] = {}
    item: dict[str, Any] = {}
    for each, word, number in _BOUND.findall(kind):
        (item if each else bounds)[_BOUNDS[word]] = float(number) if "." in number else int(number)
    names = {**_TYPES, **blocks, **({"int": Annotated[int, Field(**item)]} if item else {})}
    whole = eval(source, names)  # an annotation of this tree
    if get_origin(whole) is list:
        bounds = {_LENGTHS[bound]: number for bound, number in bounds.items()}
    return Annotated[whole, Field(**bounds)] if bounds else whole


def _assigned(path: Path, name: str) -> set[str]:
    """Blocks that the class of a method names in an attribute, a set of strings."""
    statements = [item for node in _classes(path) for item in node.body]
    assigned = [item for item in statements if isinstance(item, ast.Assign)]
    values = [item.value for item in assigned if ast.unparse(item.targets[0]) == name]
    inner = [node for value in values for node in ast.walk(value)]
    return {str(node.value) for node in inner if isinstance(node, ast.Constant)}
