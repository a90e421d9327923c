"""Finding what a package offers: a file or folder put into it is found, and nothing is registered.

A file takes part by defining a name at its top level (``METHOD`` in `armed.methods`). Files are read for
it, not imported, so that listing a package costs nothing of what its modules import; `literal` reads
what a file says of itself in the same way.
"""

import ast
import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from armed.errors import ConfigError


@cache
def discover(package: str, marker: str, *, families: bool = False) -> Mapping[str, Path]:
    """Return the modules of a package that define ``marker``: file by name, sorted.

    A folder counts by its ``__init__.py``; with ``families`` the files in it count too. Folders are
    searched once in a process.
    """
    spec = find_spec(package)
    folders = [Path(folder) for folder in (spec and spec.submodule_search_locations) or ()]
    inner = "*/*.py" if families else "*/__init__.py"
    files = [path for folder in folders for path in (*folder.glob("*.py"), *folder.glob(inner))]
    defines = re.compile(rf"^{marker}\b.*=", re.MULTILINE)
    found = {
        path.parent.name if path.name == "__init__.py" else path.stem: path
        for path in files
        if path.parent not in folders or path.name != "__init__.py"
        if defines.search(path.read_text(encoding="utf-8"))
    }
    return dict(sorted(found.items()))


@cache
def literal(path: Path, marker: str) -> Any:
    """Return what a file defines as ``marker``, a literal, without importing it.

    Raises
    ------
    ConfigError
        If it is no literal, or not there.
    """
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(isinstance(target, ast.Name) and target.id == marker for target in targets):
            try:
                return ast.literal_eval(node.value)  # type: ignore[attr-defined]
            except ValueError:
                break
    raise ConfigError(
        f"{path}: {marker} is not written out, expected a literal: text, numbers, tuples and "
        "dictionaries of them; write it out"
    )


def module_name(package: str, path: Path) -> str:
    """Name by which a file that was found in a package, or in a folder of it, is imported."""
    folder = "" if path.parent.name == package.rpartition(".")[2] else f".{path.parent.name}"
    return f"{package}{folder}" + ("" if path.name == "__init__.py" else f".{path.stem}")


def load(package: str, name: str, *, marker: str, what: str, families: bool = False) -> Any:
    """Import the module ``name`` of a package; return what it defines as ``marker``.

    Raises
    ------
    ConfigError
        If there is no such module; it lists those found. ``what`` says what the name should be.
    """
    found = discover(package, marker, families=families)
    if name not in found:
        raise ConfigError(
            f"unknown {what} '{name}'; there are: {', '.join(found)}; correct the name"
        )
    return getattr(import_module(module_name(package, found[name])), marker)
