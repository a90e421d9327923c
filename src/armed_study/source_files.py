"""Files and folders of the user before they are read: what is there, and why something cannot be read.

Standard library only, as the workflow asks while it is parsed.
"""

import os
import stat
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path

from armed.errors import DataError

_SYSTEMS = (".", "@", "~$", "$RECYCLE.BIN", "__MACOSX", "System Volume Information", "lost+found")
"""How names begin that systems, network disks and editors leave in folders."""

_LFS, _ANNEX = b"version https://git-lfs", "/annex/objects/"
_LONGEST_POINTER = 1024  # bytes; what is longer is not opened
_GET_ANNEX = (
    "a pointer of git-annex whose content is not here, expected the content; run 'datalad get' or "
    "'git annex get' on it"
)


def visible(folder: Path) -> list[Path]:
    """Return what a folder holds, by name, but for hidden files and what systems leave there.

    Raises `DataError` for a folder that cannot be listed.
    """
    try:
        found = sorted(folder.iterdir())
    except OSError as error:
        raise DataError(
            f"{folder}: cannot be listed ({error.strerror or error}), expected a folder of the study; "
            "correct its permissions"
        ) from error
    return [path for path in found if not path.name.startswith(_SYSTEMS)]


def folders(folder: Path, pattern: str = "*") -> list[Path]:
    """Return the folders in a folder whose names fit a pattern, in small or capital letters.

    Raises `DataError` for one that cannot be listed, and for a link that leads nowhere, which might be
    to a folder.
    """
    named = (path for path in visible(folder) if fnmatch(path.name.lower(), pattern))
    return [path for path in named if _is_folder(path)]


def same_place(paths: Iterable[Path]) -> tuple[Path, Path] | None:
    """Return the first two paths that lead to one file or folder, by links of any kind; None without."""
    known: dict[tuple[int, int], Path] = {}
    for path in paths:
        try:
            state = path.stat()
        except OSError:  # said where it is read
            continue
        other = known.setdefault((state.st_dev, state.st_ino), path)
        if other is not path:
            return other, path
    return None


def check_readable(path: Path) -> None:
    """Raise `DataError` where something is there but cannot be read; see `why_unreadable`."""
    if why := why_unreadable(path):
        raise DataError(f"{path}: {why}")


def why_unreadable(path: Path) -> str:
    """Say why what is at a path cannot be read: what it is, what was expected and what to do.

    Nothing for a readable file, whatever it holds, and where nothing is. No pipe is opened, which
    would wait for what is written into it.
    """
    try:
        state = path.stat()
    except FileNotFoundError:
        return _broken_link(path) if path.is_symlink() else ""
    except OSError as error:
        return (
            f"cannot be reached ({error.strerror or error}), expected a file; correct or remove it"
        )
    if stat.S_ISDIR(state.st_mode):
        return "a folder, expected a file; rename or remove it"
    if not stat.S_ISREG(state.st_mode):
        return "a pipe, socket or device, expected a file; remove it"
    if not os.access(path, os.R_OK):
        return "cannot be read (Permission denied), expected a file; correct its permissions"
    return _pointer(path) if state.st_size <= _LONGEST_POINTER else ""


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except OSError as error:
        raise DataError(f"{path}: {why_unreadable(path)}") from error


def _broken_link(path: Path) -> str:
    target = os.readlink(path)
    if _ANNEX in target:
        return _GET_ANNEX
    return f"a link to {target}, where nothing is, expected a file or folder; correct or remove it"


def _pointer(path: Path) -> str:
    content = path.read_bytes()
    if content.startswith(_LFS):
        return "a pointer of git LFS, expected the content; run 'git lfs pull'"
    # An unlocked file, and a link that was copied to a disk without links.
    return _GET_ANNEX if _ANNEX.encode() in content[:200].split(b"\n")[0] else ""
