"""What lies in a folder, to be compared with another."""

from pathlib import Path


def contents(root: Path) -> dict[str, bytes]:
    """Bytes of the files below a folder by their names."""
    files = [path for path in sorted(root.rglob("*")) if path.is_file()]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}
