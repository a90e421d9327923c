"""What the user's files hold, so that results are made again when it changes, whatever the files' times say.

Snakemake makes again what is older than its files; a table that is restored from an archive is older.
It runs while the workflow is parsed, so it reads no more than that allows.
"""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from armed.errors import DataError
from armed_study.source_files import check_readable

LARGE = 64 * 2**20  # bytes that are read in less than a tenth of a second


def content(path: str | Path) -> str:
    """Hash of what a file holds; of one above `LARGE`, of its size and time; nothing for a folder.

    Nothing either where there is no such file, which Snakemake tells of. Raises `DataError` for one
    that cannot be read, or holds a pointer to content that has not been fetched.
    """
    file = Path(path)
    if not os.path.isdir(file):  # which raises no error
        check_readable(file)
    if not file.is_file():
        return ""
    if file.stat().st_size > LARGE:
        return digest(stamps([file], file.parent))
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()[:16]
    except OSError as error:
        raise DataError(
            f"{path}: cannot be read ({error.strerror or error}), expected a file of the study; look at "
            "its permissions"
        ) from error


def stamps(paths: Iterable[Path], root: Path) -> list[str]:
    """Name as seen from a folder, size and time of each file; 0 and 0 of one that leads nowhere."""
    found = []
    for path in paths:
        try:
            state = path.stat()
            size, time = state.st_size, state.st_mtime_ns
        except OSError:
            size = time = 0
        found.append(f"{Path(os.path.relpath(path, root)).as_posix()} {size} {time}")
    return found


def digest(lines: Iterable[str]) -> str:
    """Hash of some lines."""
    return hashlib.sha256("\n".join(lines).encode(errors="surrogateescape")).hexdigest()[:16]
