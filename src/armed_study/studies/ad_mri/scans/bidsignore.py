"""What `.bidsignore` leaves out of a BIDS tree: patterns as in `.gitignore`; standard library only."""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from armed_study.io.text_encoding import read_text_file
from armed_study.source_files import check_readable

FILE = ".bidsignore"


class _Rule(NamedTuple):
    parts: tuple[str, ...]  # patterns of the names on a path; ** is any number of folders
    folders_only: bool
    ignored: bool  # or, after an exclamation mark, not


class BidsIgnore:
    """The rules in the root of a BIDS tree; none where there is no such file."""

    def __init__(self, root: Path) -> None:
        self.root, self.file = root, root / FILE
        self._rules: list[_Rule] = []
        check_readable(self.file)
        if self.file.exists():
            lines = read_text_file(self.file).splitlines()
            self._rules = [rule for line in lines if (rule := _read(line))]

    def leaves_out(self, path: Path) -> bool:
        """Whether a file is left out: it is in the tree, and it or a folder that it is in is named."""
        if not self._rules or not path.is_relative_to(self.root):
            return False
        parts = path.relative_to(self.root).parts
        return any(self._is_ignored(parts[:n], n < len(parts)) for n in range(1, len(parts) + 1))

    def _is_ignored(self, parts: Sequence[str], is_folder: bool) -> bool:
        ignored = False
        for rule in self._rules:  # the last that fits decides
            if (is_folder or not rule.folders_only) and _fits(parts, rule.parts):
                ignored = rule.ignored
        return ignored


def _read(line: str) -> _Rule | None:
    pattern = line.rstrip()
    if not pattern.strip("/") or pattern.startswith("#"):
        return None
    ignored = not pattern.startswith("!")
    pattern = pattern.removeprefix("!") if not ignored else pattern.removeprefix("\\")
    name = pattern.rstrip("/")
    parts = tuple(part.replace("[^", "[!") for part in name.lstrip("/").split("/"))
    # Without a slash before its end a pattern is a name at any depth.
    return _Rule(parts if "/" in name else ("**", *parts), pattern.endswith("/"), ignored)


def _fits(names: Sequence[str], patterns: Sequence[str]) -> bool:
    if not names or not patterns:
        return not names and not patterns
    first, *rest = patterns
    if first == "**":
        return not rest or any(_fits(names[n:], rest) for n in range(len(names)))
    return fnmatchcase(names[0], first) and _fits(names[1:], rest)
