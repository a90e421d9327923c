"""Fingerprints of code, so that a result is made again when the code behind it changes.

It runs while the workflow is parsed; grimp reads the imports of both packages in a tenth of a second.
Reading three hundred files takes half a second, a quarter of the parsing, so what was found is kept in
Snakemake's folder, by the content of each file: it can be missing, never out of date.
"""

import ast
import atexit
import hashlib
import json
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

import grimp

SOURCE = Path(__file__).resolve().parents[2]
PACKAGES = ("armed", "armed_study")
# Under it: tables, templates.
SHIPPED = (
    *(f"armed_study/resources{folder}" for folder in ("", "/published", "/tables")),
    "armed_study/report/templates",
)
KEPT = Path(".snakemake", "armed_study_sources.json")  # in the folder where the workflow runs


class SourceFile(NamedTuple):
    """One file: hash of its syntax tree without docstrings, names of shipped files in it."""

    syntax: str
    shipped: list[str]


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
        file = read(path)
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
    """Content of the files of a name that the package ships; nothing if it ships none."""
    found = [SOURCE / folder / file for folder in SHIPPED if (SOURCE / folder / file).is_file()]
    return b"".join(path.read_bytes() for path in found)


@cache
def read(path: Path) -> SourceFile:
    """Read a file; what counts in it."""
    content = path.read_bytes()
    key = hashlib.sha256(content).hexdigest()
    kept = _kept()
    if key not in kept:
        kept[key] = _parsed(content)
    return SourceFile(*kept[key])


def _parsed(content: bytes) -> SourceFile:
    tree = ast.parse(content)
    texts = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.add(node.value)
        match getattr(node, "body", None):
            case [ast.Expr(value=ast.Constant(value=str())), *rest]:  # a docstring
                node.body = rest  # type: ignore[attr-defined]
    syntax = hashlib.sha256(ast.dump(tree).encode()).hexdigest()
    shipped = {text for text in texts if text.endswith((".csv", ".j2")) and "/" not in text}
    return SourceFile(syntax, sorted(shipped))


@cache
def _kept() -> dict[str, tuple]:
    """What earlier runs found, by content; what this one adds is written when it ends."""
    maker = hashlib.sha256(Path(__file__).read_bytes() + sys.version.encode()).hexdigest()
    before: dict[str, tuple] = {}
    with suppress(OSError, ValueError):
        found = json.loads(KEPT.read_text(encoding="utf-8"))
        before = found["files"] if found["maker"] == maker else {}
    now = dict(before)
    atexit.register(_keep, maker, before, now)
    return now


def _keep(maker: str, before: dict, now: dict) -> None:
    """Write what was found, if anything is new and there is a folder that takes it."""
    if before.keys() == now.keys() or not KEPT.parent.is_dir():
        return
    part = KEPT.with_name(f"{KEPT.name}.{os.getpid()}")
    with suppress(OSError):
        part.write_text(json.dumps({"maker": maker, "files": now}), encoding="utf-8")
        os.replace(part, KEPT)
