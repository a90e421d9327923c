"""The commit of the code, as git tells it."""

import subprocess
from pathlib import Path

from armed_study.messages import listing

_PARTS = ("config", "envs", "src", "workflow")  # what results are made by
_UNKNOWN = "unknown"


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


def _git(root: Path, *arguments: str) -> str | None:
    """Return what git prints; None if it fails, or is not there."""
    command = ["git", "--no-optional-locks", *arguments]
    try:
        run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return run.stdout.rstrip() if run.returncode == 0 else None
