"""What a finished file is: its size, its content as a hash, and when it was written."""

import hashlib
from pathlib import Path
from typing import NamedTuple


class FileState(NamedTuple):
    """Size in bytes, SHA-256 of the content, and time of the last change in seconds since 1970."""

    size: int
    sha256: str
    changed: float


def of_file(path: str | Path) -> FileState:
    """Return what a file is; raises `OSError` if it cannot be read."""
    with open(path, "rb") as content:
        digest = hashlib.file_digest(content, "sha256")
    state = Path(path).stat()
    return FileState(state.st_size, digest.hexdigest(), state.st_mtime)
