"""Versions of the packages that the rules import: as pinned by environment, and as installed."""

import platform
import re
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd

_PIN = re.compile(r"^\s*- ([\w.-]+)==?([\w.]+)$", re.MULTILINE)


def workflow_version(root: Path) -> str:
    """Version that ``pyproject.toml`` gives the workflow; `unknown` without such a file."""
    return str(_project(root).get("version", "unknown"))


def table(root: Path) -> pd.DataFrame:
    """One row a package and pin: the environments of ``envs/`` that have it, and what is installed.

    Packages that an environment asks for, by the extra of its name in ``pyproject.toml``, and Python;
    all that it pins where there is no such file. ``installed`` is of the interpreter that runs this.
    """
    extras = _project(root).get("optional-dependencies", {})
    rows = []
    for path in sorted((root / "envs").glob("*.yaml")):
        pins = dict(_PIN.findall(path.read_text(encoding="utf-8")))
        wanted = ["python", *map(_name, extras.get(path.stem, pins))]
        rows += [(name, version, path.stem) for name, version in pins.items() if name in wanted]
    pinned = pd.DataFrame(rows, columns=["package", "pinned", "environments"])
    by_pin = pinned.groupby(["package", "pinned"], as_index=False).agg(", ".join)
    return by_pin.assign(installed=by_pin["package"].map(_installed))


def _project(root: Path) -> dict[str, Any]:
    path = root / "pyproject.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))["project"] if path.is_file() else {}


def _name(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0]


def _installed(package: str) -> str | None:
    if package == "python":
        return platform.python_version()
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
