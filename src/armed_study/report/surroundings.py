"""What a run was made by: the commit of the code, the machine, and versions of packages."""

import os
import platform
import re
import subprocess
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd

from armed_study.messages import listing

_PARTS = ("config", "envs", "src", "workflow")  # what results are made by
_UNKNOWN = "unknown"
_PIN = re.compile(r"^\s*- ([\w.-]+)==?([\w.]+)$", re.MULTILINE)


def commit(root: Path) -> str:
    """Hash of the commit checked out; `unknown` where ``root`` is not a folder of a repository."""
    tracked = _git(root, "ls-files", "--error-unmatch", "--", "src/armed_study/__init__.py")
    return (_git(root, "rev-parse", "HEAD") or _UNKNOWN) if tracked else _UNKNOWN


def changes(root: Path) -> str:
    """Files of code and configuration that are not as the commit has them; `none`, or `unknown`."""
    if commit(root) == _UNKNOWN:
        return _UNKNOWN
    status = _git(root, "status", "--porcelain", "--", *_PARTS)
    return _UNKNOWN if status is None else listing(line[3:] for line in status.splitlines())


def machine() -> dict[str, str]:
    """Operating system, processor, cores, memory and GPU; `unknown` where nothing tells of it."""
    return {
        "Operating system": _system(),
        "Processor": _processor(),
        "Cores": str(os.cpu_count() or _UNKNOWN),
        "Memory": _memory(),
        "GPU": _gpu(),
    }


def workflow_version(root: Path) -> str:
    """Version that ``pyproject.toml`` gives the workflow; `unknown` without such a file."""
    return str(_project(root).get("version", _UNKNOWN))


def packages(root: Path) -> pd.DataFrame:
    """One row a package and pin: the environments of ``envs/`` that have it, and what is installed.

    Packages that an environment asks for, by the extra of its name in ``pyproject.toml``, and Python;
    all that it pins where there is no such file. ``installed`` is of the interpreter that runs this.
    """
    extras = _project(root).get("optional-dependencies", {})
    rows = []
    for path in sorted((root / "envs").glob("*.yaml")):
        pins = dict(_PIN.findall(path.read_text(encoding="utf-8")))
        asked = (re.split(r"[^\w.-]", name, maxsplit=1)[0] for name in extras.get(path.stem, pins))
        wanted = ["python", *asked]
        rows += [(name, version, path.stem) for name, version in pins.items() if name in wanted]
    pinned = pd.DataFrame(rows, columns=["package", "pinned", "environments"])
    by_pin = pinned.groupby(["package", "pinned"], as_index=False).agg(", ".join)
    return by_pin.assign(installed=by_pin["package"].map(_installed))


def _git(root: Path, *arguments: str) -> str | None:
    return _output(["git", "--no-optional-locks", *arguments], cwd=root)


def _output(command: list[str], **options: Any) -> str | None:
    """Return what a command prints; None if it fails, or is not there."""
    try:
        run = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return run.stdout.rstrip() if run.returncode == 0 else None


def _system() -> str:
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        name = platform.system()
    return f"{name}, kernel {platform.release()}, {platform.machine()}"


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        text = ""
    model = re.search(r"^model name\s*: (.+)$", text, re.MULTILINE)
    return model[1] if model else platform.processor() or platform.machine() or _UNKNOWN


def _memory() -> str:
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return _UNKNOWN
    return f"{size / 2**30:.1f} GiB"


def _gpu() -> str:
    names = _output(["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"], timeout=60)
    return ", ".join((names or "").splitlines()) or "none found"


def _project(root: Path) -> dict[str, Any]:
    path = root / "pyproject.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))["project"] if path.is_file() else {}


def _installed(package: str) -> str | None:
    if package == "python":
        return platform.python_version()
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
