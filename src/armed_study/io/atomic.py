"""Files and folders that appear under their name only when they are complete."""

import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_STARTED = time.time()


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a temporary name next to `path`; on success it becomes `path`, else it is removed."""
    part = _part(Path(path))
    try:
        yield part
        with part.open("rb+") as written:
            os.fsync(written.fileno())
        os.replace(part, path)
    except OSError as error:
        error.filename = error.filename or str(path)  # the error of a full disk has none
        raise
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def replacing_folder(path: str | Path) -> Iterator[Path]:
    """Give an empty folder next to `path`; on success it takes the place of `path`, else it goes."""
    part = _part(Path(path))
    part.mkdir()
    try:
        yield part
        shutil.rmtree(path, ignore_errors=True)
        os.replace(part, path)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _part(path: Path) -> Path:
    """Return a name next to `path` that no other process writes to; those of killed ones go.

    A job whose run was killed may live on for a moment while the next run does its work again: what
    began to be written since this process started is left to whoever writes it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    for other in path.parent.glob(f".{path.name}.*.part"):
        with suppress(OSError):
            if other.stat().st_mtime < _STARTED:
                _remove(other)
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
