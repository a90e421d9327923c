"""Fingerprints of code, so that a result is made again when the code behind it changes.

It runs while the workflow is parsed; grimp reads the imports of both packages in a tenth of a second.
"""

import ast
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import grimp

from armed_study.provenance import source_files

SOURCE = Path(__file__).resolve().parents[2]
PACKAGES = ("armed", "armed_study")
SHIPPED = ("armed_study/resources", "armed_study/report/templates")  # under it: tables, templates


def fingerprint(script: str | Path, modules: Iterable[str] = ()) -> str:
    """Hash of a script and of every module under ``src`` that it imports, directly or not.

    Taken over the syntax tree without docstrings, so that comments, docstrings and layout do not count;
    and over the shipped tables and templates that they name.

    Parameters
    ----------
    script : path
        Python file.
    modules : iterable of str
        Further modules, for what is imported by name while the script runs.
    """
    graph = _graph()
    direct = {name for name in (*imported(script), *modules) if name in graph.modules}
    needed = direct.union(*(graph.find_upstream_modules(name) for name in direct))
    digest = hashlib.sha256()
    for name, path in [("", Path(script)), *((name, _path_of(name)) for name in sorted(needed))]:
        file = source_files.read(path)
        digest.update(f"{name}\n{file.syntax}".encode())
        for shipped in file.shipped:
            digest.update(_shipped(shipped))
    return digest.hexdigest()[:16]


@cache
def _graph() -> grimp.ImportGraph:
    """Imports between the modules under ``src``; a module imports the packages that it is in."""
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    for name in graph.modules:
        if "." in name:
            graph.add_import(importer=name, imported=name.rpartition(".")[0])
    return graph


def imported(path: str | Path) -> set[str]:
    """Names that a file imports, each of which may be a module."""
    names = set()
    for node in ast.walk(ast.parse(Path(path).read_bytes())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def _path_of(module: str) -> Path:
    base = SOURCE.joinpath(*module.split("."))
    return base / "__init__.py" if base.is_dir() else base.with_suffix(".py")


@cache
def _shipped(file: str) -> bytes:
    """Content of a file that the package ships; nothing if it ships none of that name."""
    found = [SOURCE / folder / file for folder in SHIPPED if (SOURCE / folder / file).is_file()]
    return found[0].read_bytes() if found else b""
