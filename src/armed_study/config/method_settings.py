"""Defaults of settings, read from source files without importing them (and torch)."""

import ast
from pathlib import Path
from typing import Any


def defaults_of(path: str | Path, suffix: str) -> dict[str, Any]:
    """Return the defaults of the dataclasses of a file whose names end in ``suffix``."""
    classes = [
        node
        for node in ast.parse(Path(path).read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and node.name.endswith(suffix)
    ]
    return {
        item.target.id: ast.literal_eval(item.value)
        for node in classes
        for item in node.body
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name) and item.value
    }


def first_sentence(path: str | Path) -> str:
    """Return the first sentence of a file's docstring, without its full stop."""
    docstring = ast.get_docstring(ast.parse(Path(path).read_text(encoding="utf-8"))) or ""
    return docstring.split("\n\n")[0].replace("\n", " ").rstrip(".")
