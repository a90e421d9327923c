"""Fingerprints of code, so that a result is made anew when the code behind it changes.

Standard library only: it runs while the workflow is parsed.
"""

import ast
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
DATA = Path("armed_study", "data")  # under it; tables that the package ships


def fingerprint(script: str | Path, modules: Iterable[str] = ()) -> str:
    """Hash of a script and of every module under ``src`` that it imports, directly or not.

    Taken over the syntax tree without docstrings, so that comments, docstrings and layout do not count;
    and over the shipped tables that they name.

    Parameters
    ----------
    script : path
        Python file.
    modules : iterable of str
        Further modules, for what is imported by name while the script runs.
    """
    wanted, done = [*_imports(Path(script)), *modules], set()
    while wanted:
        name = wanted.pop()
        path = _path_of(name)
        if path is None or name in done:
            continue
        done.add(name)
        wanted += _imports(path)
    digest = hashlib.sha256(_syntax(Path(script)).encode())
    for name in sorted(done):
        path = _path_of(name) or Path()
        digest.update(f"{name}\n{_syntax(path)}".encode())
        for table in _tables(path):
            digest.update(table.read_bytes())
    return digest.hexdigest()[:16]


def _path_of(module: str) -> Path | None:
    base = SOURCE.joinpath(*module.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            return path
    return None


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def _imports(path: Path) -> tuple[str, ...]:
    """Modules of ``src`` named in the import statements of a file."""
    found = set()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    parents = {name.rsplit(".", i)[0] for name in found for i in range(1, name.count(".") + 1)}
    return tuple(sorted(name for name in found | parents if _path_of(name) is not None))


@cache
def _tables(path: Path) -> tuple[Path, ...]:
    """Tables of the package that a file names in its code."""
    texts = {n.value for n in ast.walk(_tree(path)) if isinstance(n, ast.Constant)}
    names = sorted(t for t in texts if isinstance(t, str) and t.endswith(".csv") and "/" not in t)
    return tuple(SOURCE / DATA / name for name in names if (SOURCE / DATA / name).is_file())


@cache
def _syntax(path: Path) -> str:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_docstring(body[0]):
            node.body = body[1:]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _is_docstring(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
