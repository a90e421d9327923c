"""Files of images that a table names: read while the workflow is parsed, by the standard library alone."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from armed.errors import DataError
from armed_study.io.csv_forms import BY_ENDING, parse
from armed_study.io.shards import in_shard
from armed_study.io.text_encoding import read_text_file
from armed_study.messages import counted, listing, suggestion
from armed_study.source_files import check_readable, same_place, why_unreadable
from armed_study.vocabulary.names import plain


class ImageFile(NamedTuple):
    """A file as the table names it, and where that is."""

    name: str
    path: Path


def files_of(data: Mapping[str, Any]) -> list[ImageFile]:
    """Return the files that the table of a study names, in the order of its rows.

    Raises
    ------
    DataError
        A table that is not there, is no text or lacks the column; or see `check_files`.
    """
    source, column = data["source"], data["file"]
    path = Path(source["path"])
    if not path.is_file():
        check_readable(path)
        raise DataError(
            f"{path}: no such file, expected a CSV or TSV table; check data.source.path"
        )
    rows = _rows(path, source)
    if column not in rows[0]:
        raise DataError(
            f"{path}: the table has no column '{column}'{suggestion(column, rows[0])}, expected that of the "
            f"images' files, found {listing(rows[0])}; correct data.file"
        )
    at = rows[0].index(column)
    named = [plain(row[at]) for row in rows[1:] if len(row) > at]
    found = [file_of(name, path) for name in named if name]
    check_files(found, f"{path}: column '{column}'")
    return found


def file_of(name: str, table: Path) -> ImageFile:
    """Return the file of a name in a table: relative to the table's folder, or from the root."""
    return ImageFile(name, table.parent / name)


def of_part(files: Sequence[ImageFile], part: str) -> list[ImageFile]:
    """Return the files that are dealt to a part, ``i-of-n``."""
    return [file for file in files if in_shard(file.name, part)]


def check_files(files: Sequence[ImageFile], where: str) -> None:
    """Raise `DataError` for a file that is not there, cannot be read, or is named twice."""
    lacking = [name for name, path in files if not path.exists() and not path.is_symlink()]
    if lacking:
        raise DataError(
            f"{where} names {counted(len(lacking), 'file')} of {len(files)} where nothing is "
            f"({listing(lacking, 3)}), expected each, relative to the table or from the root; correct the "
            "names or copy the files there"
        )
    for _, path in files:
        if why := why_unreadable(path):
            raise DataError(f"{path}: {why}")
    if twice := same_place(path for _, path in files):
        raise DataError(
            f"{where} names one image twice ({listing([path.name for path in twice])}), expected a row for "
            "each image: a copy in training would tell of the other; leave one of the rows out"
        )


def _rows(path: Path, source: Mapping[str, Any]) -> list[list[str]]:
    ending = path.suffix.lower()
    if ending not in BY_ENDING:
        raise DataError(
            f"{path}: the file ends in '{ending}', expected one of {listing(BY_ENDING)} where rows are "
            "images; export the table as CSV"
        )
    text = read_text_file(path, source.get("encoding"), adjustable=True)
    rows = [row for row in parse(text, source.get("separator") or BY_ENDING[ending]) if row]
    if not rows:
        raise DataError(f"{path}: empty, expected a table; check how it was exported")
    return [[plain(name) for name in rows[0]], *rows[1:]]
