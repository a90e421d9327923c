"""Settings that a source file declares, read without importing it (and torch).

A method declares a frozen dataclass ``...Settings``; a network the keyword-only arguments of its class.
Their docstrings describe them, with their bounds, in the manner of NumPy::

    filters : int, at least 1
        Channels of the first block.
"""

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_origin

from pydantic import Field

_TYPES = {"Literal": Literal, "Sequence": list, "list": list}
_BOUNDS = {"at least": "ge", "above": "gt", "at most": "le", "below": "lt"}
_LENGTHS = {"ge": "min_length", "le": "max_length"}
_BOUND = re.compile(rf"(each )?({'|'.join(_BOUNDS)}) (-?[\d.]+)")
_ENTRY = re.compile(r"^(\w+) : (.+)\n((?:    .*\n|\n)+)", re.MULTILINE)
_REQUIRED = object()


@dataclass(frozen=True)
class Setting:
    """A setting: its type, with bounds, and its default; none if it is required."""

    name: str
    type: Any
    description: str
    default: Any = _REQUIRED

    @property
    def required(self) -> bool:
        """Whether it has no default."""
        return self.default is _REQUIRED

    def field(self, **changed: Any) -> tuple[Any, Any]:
        """Type and field of a pydantic model."""
        default = {} if self.required else {"default": self.default}
        return self.type, Field(**{"description": self.description, **default, **changed})


def settings_class(path: Path) -> tuple[Setting, ...]:
    """Return the fields of the dataclass of a file whose name ends in ``Settings``."""
    found = [node for node in classes(path) if node.name.endswith("Settings")]
    return tuple(setting for node in found for setting in _fields(node))


def keyword_arguments(path: Path, marker: str, *, given: tuple[str, ...]) -> tuple[Setting, ...]:
    """Return the keyword-only arguments, but for those ``given``, of the class named ``marker``."""
    (name,) = re.findall(rf"^{marker}\b.*= (\w+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    (node,) = (node for node in classes(path) if node.name == name)
    (start,) = (f for f in node.body if isinstance(f, ast.FunctionDef) and f.name == "__init__")
    told = _described(node)
    pairs = zip(start.args.kwonlyargs, start.args.kw_defaults, strict=True)
    return tuple(_setting(a.arg, a.annotation, d, told) for a, d in pairs if a.arg not in given)


@cache
def classes(path: Path) -> list[ast.ClassDef]:
    """Classes at the top level of a file."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return [node for node in body if isinstance(node, ast.ClassDef)]


def first_sentence(path: str | Path) -> str:
    """Return the first sentence of a file's docstring, without its full stop."""
    docstring = ast.get_docstring(ast.parse(Path(path).read_text(encoding="utf-8"))) or ""
    return docstring.split("\n\n")[0].replace("\n", " ").rstrip(".")


def _fields(node: ast.ClassDef) -> Iterator[Setting]:
    told = _described(node)
    for item in node.body:
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
            yield _setting(item.target.id, item.annotation, item.value, told)


def _setting(
    name: str, annotation: ast.expr | None, default: ast.expr | None, told: Mapping[str, Any]
) -> Setting:
    source = "object" if annotation is None else ast.unparse(annotation)
    kind, description = told.get(name, ("", ""))
    bounds: dict[str, Any] = {}
    item: dict[str, Any] = {}
    for each, word, number in _BOUND.findall(kind):
        (item if each else bounds)[_BOUNDS[word]] = float(number) if "." in number else int(number)
    names = {**_TYPES, "int": Annotated[int, Field(**item)]} if item else _TYPES
    whole = eval(source, dict(names))  # an annotation of this tree
    if get_origin(whole) is list:
        bounds = {_LENGTHS[bound]: number for bound, number in bounds.items()}
    if bounds:
        whole = Annotated[whole, Field(**bounds)]
    value = {} if default is None else {"default": ast.literal_eval(default)}
    return Setting(name, whole, description, **value)


def _described(node: ast.ClassDef) -> dict[str, tuple[str, str]]:
    """Type and description of each parameter in the docstring of a class."""
    text = inspect.cleandoc(ast.get_docstring(node) or "") + "\n"
    return {
        name: (kind, " ".join(description.split()))
        for name, kind, description in _ENTRY.findall(text)
    }
