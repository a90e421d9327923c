"""Finding what a package offers: a file or folder put into it is found, and nothing is registered.

A file takes part by defining a name at its top level (``METHOD`` in `armed.methods`). Files are read for
it, not imported, so that listing a package costs nothing of what its modules import.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from armed.errors import ConfigError


@cache
def discover(package: str, marker: str) -> Mapping[str, Path]:
    """Return the modules of a package that define ``marker``: file by name, sorted.

    A folder counts by its ``__init__.py``. Folders are searched once in a process.
    """
    spec = find_spec(package)
    folders = [Path(folder) for folder in (spec and spec.submodule_search_locations) or ()]
    files = [
        path for folder in folders for path in (*folder.glob("*.py"), *folder.glob("*/__init__.py"))
    ]
    defines = re.compile(rf"^{marker}\b.*=", re.MULTILINE)
    found = {
        path.parent.name if path.name == "__init__.py" else path.stem: path
        for path in files
        if path.parent not in folders or path.name != "__init__.py"
        if defines.search(path.read_text(encoding="utf-8"))
    }
    return dict(sorted(found.items()))


def load(package: str, name: str, *, marker: str, what: str) -> Any:
    """Import the module ``name`` of a package; return what it defines as ``marker``.

    Raises
    ------
    ConfigError
        If there is no such module; it lists those found. ``what`` says what the name should be.
    """
    names = list(discover(package, marker))
    if name not in names:
        raise ConfigError(
            f"unknown {what} '{name}'; there are: {', '.join(names)}; correct the name"
        )
    return getattr(import_module(f"{package}.{name}"), marker)
