"""Settings that a source file declares, read without importing it (and torch).

A method declares a frozen dataclass ``...Settings``; a network the keyword-only arguments of its class.
Their docstrings describe them, with their bounds, in the manner of NumPy::

    filters : int, at least 1
        Channels of the first block.
"""

import ast
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_origin

from pydantic import Field

Settings = dict[str, tuple[Any, Any]]
"""Type with bounds, and field with default and description, by name: as pydantic takes them."""

_TYPES = {"Literal": Literal, "Sequence": list, "list": list}
_BOUNDS = {"at least": "ge", "above": "gt", "at most": "le", "below": "lt"}
_LENGTHS = {"ge": "min_length", "le": "max_length"}
_BOUND = re.compile(rf"(each )?({'|'.join(_BOUNDS)}) (-?[\d.]+)")
_ENTRY = re.compile(r"^(\w+) : (.+)\n((?:    .*\n|\n)+)", re.MULTILINE)
_Declared = tuple[str, ast.expr | None, ast.expr | None]  # name, annotation, default


def settings_class(path: Path) -> Settings:
    """Return the fields of the dataclass of a file whose name ends in ``Settings``."""
    made: Settings = {}
    for node in classes(path):
        if node.name.endswith("Settings"):
            fields = [item for item in node.body if isinstance(item, ast.AnnAssign)]
            made |= _settings(
                node, [(ast.unparse(f.target), f.annotation, f.value) for f in fields]
            )
    return made


def keyword_arguments(path: Path, marker: str, *, given: tuple[str, ...]) -> Settings:
    """Return the keyword-only arguments, but for those ``given``, of the class named ``marker``."""
    (name,) = re.findall(rf"^{marker}\b.*= (\w+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    (node,) = (node for node in classes(path) if node.name == name)
    (start,) = (f for f in node.body if isinstance(f, ast.FunctionDef) and f.name == "__init__")
    pairs = zip(start.args.kwonlyargs, start.args.kw_defaults, strict=True)
    return _settings(node, [(a.arg, a.annotation, d) for a, d in pairs if a.arg not in given])


def classes(path: Path) -> list[ast.ClassDef]:
    """Classes at the top level of a file."""
    return [node for node in _parsed(path).body if isinstance(node, ast.ClassDef)]


def first_sentence(path: Path) -> str:
    """Return the first sentence of a file's docstring, without its full stop."""
    docstring = ast.get_docstring(_parsed(path)) or ""
    return docstring.split("\n\n")[0].replace("\n", " ").rstrip(".")


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _settings(node: ast.ClassDef, declared: Iterable[_Declared]) -> Settings:
    """Return what a class declares, with the bounds and descriptions of its docstring."""
    told = {name: rest for name, *rest in _ENTRY.findall(f"{ast.get_docstring(node)}\n")}
    made = {}
    for name, annotation, default in declared:
        kind, description = told.get(name, ("", ""))
        source = "object" if annotation is None else ast.unparse(annotation)
        value = ... if default is None else ast.literal_eval(default)
        made[name] = _type(source, kind), Field(value, description=" ".join(description.split()))
    return made


def _type(source: str, kind: str) -> Any:
    """Return the type of an annotation, with the bounds that the docstring tells of it."""
    bounds: dict[str, Any] = {}
    item: dict[str, Any] = {}
    for each, word, number in _BOUND.findall(kind):
        (item if each else bounds)[_BOUNDS[word]] = float(number) if "." in number else int(number)
    names = {**_TYPES, "int": Annotated[int, Field(**item)]} if item else _TYPES
    whole = eval(source, dict(names))  # an annotation of this tree
    if get_origin(whole) is list:
        bounds = {_LENGTHS[bound]: number for bound, number in bounds.items()}
    return Annotated[whole, Field(**bounds)] if bounds else whole
