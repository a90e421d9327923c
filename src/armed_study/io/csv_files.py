"""Text tables (CSV, TSV): read whole, or some columns of very many."""

import csv
import warnings
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pc

from armed.errors import DataError
from armed_study.messages import counted, listing

_UTF8 = "utf-8-sig"  # with or without a byte order mark
_BLOCK = 8 << 20  # bytes read at a time; no row is longer
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
    """Read those of the `wanted` columns that a CSV file has; others cost next to nothing.

    UTF-8, or Latin-1 where that does not fit (it fits everything; only accents can come out wrong).

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
    encoding = _encoding(path)
    header, empty = _header(path, encoding)
    names = [name.strip() for name in header]
    _refuse_repeated(path, [name for name in names if name in wanted])
    columns = [name for name in header if name.strip() in wanted]
    if empty or not columns:
        return pd.DataFrame(columns=[name.strip() for name in columns], dtype=object), names
    frame = _fields(path, columns, encoding).rename(columns=str.strip)
    frame = frame.apply(lambda column: column.str.strip()).astype(object)
    frame.index = pd.RangeIndex(2, len(frame) + 2)
    frame = frame.where(~frame.isin(_MISSING), None)
    return frame.dropna(how="all"), names


def _encoding(path: Path) -> str:
    try:
        with path.open(encoding=_UTF8, newline="") as file:
            while file.read(_BLOCK):
                pass
    except UnicodeDecodeError:
        return "latin-1"
    return _UTF8


def _header(path: Path, encoding: str) -> tuple[list[str], bool]:
    """Return the names as they are written, and whether no row follows."""
    with path.open(encoding=encoding, newline="") as file:
        records = csv.reader(file)
        try:
            header, empty = next(records, []), next(records, None) is None
        except csv.Error as error:
            raise _unreadable(path, error) from error
    if not any(map(str.strip, header)):
        raise DataError(f"{path}: the file is empty, expected a header and rows; download it again")
    return header, empty


def _unreadable(path: Path, error: Exception) -> DataError:
    return DataError(
        f"{path}: cannot be read as CSV ({str(error).splitlines()[0]}), expected fields split by "
        "commas; download the file again"
    )


def _fields(path: Path, columns: list[str], encoding: str) -> pd.DataFrame:
    torn: list[pc.InvalidRow] = []
    text = "utf8" if encoding == _UTF8 else encoding

    def note(row: pc.InvalidRow) -> str:
        torn.append(row)
        return "skip"

    try:
        table = pc.read_csv(
            path,
            # one thread: rows of several are not numbered
            read_options=pc.ReadOptions(use_threads=False, block_size=_BLOCK, encoding=text),
            parse_options=pc.ParseOptions(
                newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=note
            ),
            convert_options=pc.ConvertOptions(
                include_columns=columns, column_types=dict.fromkeys(columns, pa.string())
            ),
        )
    except pa.ArrowInvalid as error:
        raise _unreadable(path, error) from error
    if torn:
        found, expected = counted(torn[0].actual_columns, "field"), torn[0].expected_columns
        raise DataError(
            f"{path}: row {torn[0].number} has {found}, expected {expected} as in the header; "
            "download the file again, or quote text that holds a comma"
        )
    return table.to_pandas()


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
