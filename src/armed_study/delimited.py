"""Text tables (CSV, TSV): read whole, or some columns of very many row by row."""

import csv
import warnings
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import TextIO

import pandas as pd

from armed.errors import DataError
from armed_study.messages import counted, listing

_UTF8 = "utf-8-sig"  # with or without a byte order mark
_MISSING = frozenset(("", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None"))


def read_whole(path: Path, separator: str = ",") -> pd.DataFrame:
    """Read a table as text; empty fields and the usual words for missing become missing.

    Raises `DataError` if the file is empty, not UTF-8, or not rectangular, or names a column twice.
    """
    _refuse_binary(path)
    try:
        with path.open(encoding=_UTF8, newline="") as file:
            first = next(csv.reader(file, delimiter=separator), [])
        _refuse_repeated(path, [name.strip() for name in first])
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(path, sep=separator, dtype=str, encoding=_UTF8, index_col=False)
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path}: byte {error.start} is not UTF-8, expected UTF-8 text; save it as UTF-8"
        ) from error
    except pd.errors.EmptyDataError as error:
        raise DataError(
            f"{path}: the file is empty, expected a header and samples; export the table again"
        ) from error
    except (pd.errors.ParserError, pd.errors.ParserWarning, csv.Error) as error:
        reason = " ".join(str(error).split())
        raise DataError(
            f"{path}: rows and header differ in their number of fields ({reason}), expected a "
            "rectangular table; quote text that holds the separator"
        ) from error
    return frame.rename(columns=str.strip)


def read_columns(path: Path, wanted: Collection[str]) -> tuple[pd.DataFrame, list[str]]:
    """Read those of the `wanted` columns that a CSV file has; a row at a time, so width is cheap.

    UTF-8, or Latin-1 where a byte is not UTF-8 (accents in columns that nobody asked for).

    Returns
    -------
    frame
        Text without surrounding blanks, missing values as None. The index is the row of the file
        as a spreadsheet counts it (the header is row 1); rows without any value are left out.
    names
        All names in the header.

    Raises
    ------
    DataError
        The file is empty or binary, names a wanted column twice, or has a row that is longer or
        shorter than the header, as a torn file has at its end.
    """
    _refuse_binary(path)
    try:
        return _read_columns(path, wanted, _UTF8)
    except UnicodeDecodeError:
        return _read_columns(path, wanted, "latin-1")


def _read_columns(
    path: Path, wanted: Collection[str], encoding: str
) -> tuple[pd.DataFrame, list[str]]:
    with path.open(encoding=encoding, newline="") as file:
        records = _records(path, file)
        names = [name.strip() for name in next(records, (1, []))[1]]
        if not any(names):
            raise DataError(
                f"{path}: the file is empty, expected a header and rows; download it again"
            )
        places = [place for place, name in enumerate(names) if name in wanted]
        found = [names[place] for place in places]
        _refuse_repeated(path, found)
        rows, numbers = [], []
        for number, record in records:
            if not any(map(str.strip, record)):
                continue
            if len(record) != len(names):
                raise DataError(
                    f"{path}: row {number} has {counted(len(record), 'field')}, expected "
                    f"{len(names)} as in the header; download the file again, or quote text that "
                    "holds a comma"
                )
            rows.append([record[place].strip() for place in places])
            numbers.append(number)
    frame = pd.DataFrame(rows, columns=found, index=numbers, dtype=object)
    return frame.where(~frame.isin(_MISSING), None), names


def _records(path: Path, file: TextIO) -> Iterator[tuple[int, list[str]]]:
    try:
        yield from enumerate(csv.reader(file), start=1)
    except csv.Error as error:
        raise DataError(
            f"{path}: cannot be read as CSV ({error}), expected fields split by commas; export the "
            "table again"
        ) from error


def _refuse_binary(path: Path) -> None:
    with path.open("rb") as file:
        if b"\0" in file.read(65536):
            raise DataError(f"{path}: binary content, expected text; export the table as CSV")


def _refuse_repeated(path: Path, names: Iterable[str]) -> None:
    repeated = sorted(name for name, count in Counter(names).items() if count > 1)
    if repeated:
        raise DataError(
            f"{path}: the header names column {listing(repeated)} more than once, expected "
            "each once; rename"
        )
