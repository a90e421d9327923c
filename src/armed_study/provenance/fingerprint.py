"""Fingerprints of code, so that a result is made anew when the code behind it changes.

Standard library only: it runs while the workflow is parsed.
"""

import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from armed_study.provenance import source_files

SOURCE = Path(__file__).resolve().parents[2]
DATA = Path("armed_study", "resources")  # under it; tables that the package ships


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
    digest = hashlib.sha256(source_files.read(Path(script)).syntax.encode())
    for name in sorted(done):
        file = source_files.read(_path_of(name) or Path())
        digest.update(f"{name}\n{file.syntax}".encode())
        for table in file.tables:
            digest.update(_shipped(table))
    return digest.hexdigest()[:16]


@cache
def _imports(path: Path) -> tuple[str, ...]:
    """Modules of ``src`` that a file imports, and the packages that they are in."""
    names = source_files.read(path).imports
    parents = {name.rsplit(".", i)[0] for name in names for i in range(1, name.count(".") + 1)}
    return tuple(sorted(name for name in {*names, *parents} if _path_of(name) is not None))


@cache
def _path_of(module: str) -> Path | None:
    base = SOURCE.joinpath(*module.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            return path
    return None


@cache
def _shipped(table: str) -> bytes:
    """Content of a table of the package; nothing if it ships none of that name."""
    path = SOURCE / DATA / table
    return path.read_bytes() if path.is_file() else b""
