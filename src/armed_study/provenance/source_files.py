"""What counts in a file of Python: its syntax, and the tables and templates it names.

Standard library only: it runs while the workflow is parsed. Reading three hundred files takes half a
second, a quarter of the parsing, so what was found is kept in Snakemake's folder, by the content of
each file: it can be missing, never out of date.
"""

import ast
import atexit
import hashlib
import json
import os
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

KEPT = Path(".snakemake", "armed_study_sources.json")  # in the folder where the workflow runs


class SourceFile(NamedTuple):
    """One file: hash of its syntax tree without docstrings, names of shipped files in it."""

    syntax: str
    shipped: list[str]


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
