"""Reading a user's table: CSV, TSV or Parquet, each as the text that its CSV holds."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from armed.errors import DataError
from armed_study.io.csv_files import TextForm, read_rows
from armed_study.io.csv_forms import BY_ENDING
from armed_study.messages import listing, suggestion
from armed_study.source_files import check_readable
from armed_study.vocabulary.names import plain, whole

_PARQUET = (".parquet", ".pq")
_BINARY = (
    pa.types.is_binary,
    pa.types.is_large_binary,
    pa.types.is_binary_view,
    pa.types.is_fixed_size_binary,
)


@dataclass(frozen=True)
class RawTable:
    """A table as it is stored.

    Parameters
    ----------
    fields
        Text, None where missing. The index is the row: as a spreadsheet counts those of a text file
        (the header is row 1), from 1 in Parquet.
    orders
        Order of the levels of columns that are stored as categories.
    """

    fields: pd.DataFrame
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def read_raw(
    path: str | Path,
    source: Mapping[str, Any] | None = None,
    missing: Collection[str] = ("",),
) -> RawTable:
    """Read a table; the kind of file follows from the ending of its name.

    Parameters
    ----------
    path
        CSV, TSV (`.tsv`, `.tab`, `.txt`) or Parquet.
    source
        May hold the `separator` and the `encoding` of a text file.
    missing
        Texts that mean missing; blanks around them do not count. Null and NaN in Parquet do always.

    Raises
    ------
    DataError
        A file that is missing, of another kind, not text, not rectangular, or without rows.
    """
    path, source = Path(path), source or {}
    if path.is_dir():
        raise DataError(
            f"{path}: is a folder, expected a CSV, TSV or Parquet table; name the file in it in "
            "data.source.path"
        )
    check_readable(path)
    if not path.is_file():
        siblings = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
        raise DataError(
            f"{path}: no such file{suggestion(path.name, siblings)}, expected a CSV, TSV or Parquet "
            "table; check data.source.path"
        )
    ending = path.suffix.lower()
    if ending not in (*BY_ENDING, *_PARQUET):
        raise DataError(
            f"{path}: the file ends in '{ending}', expected one of "
            f"{listing((*BY_ENDING, *_PARQUET))}; export the table as CSV"
        )
    if ending in _PARQUET:
        table = _read_parquet(path)
    else:
        separator = source.get("separator") or BY_ENDING[ending]
        form = TextForm(separator, source.get("encoding"), adjustable=True)
        table = RawTable(read_rows(path, form)[0])
    if table.fields.empty:
        raise DataError(
            f"{path}: the table has 0 rows, expected samples; check how it was exported"
        )
    words = {whole(plain(word)) for word in missing}
    fields = table.fields.apply(lambda column: column.mask(_plain(column).isin(words), None))
    return RawTable(fields.astype(object), table.orders)


def _plain(column: pd.Series) -> pd.Series:
    return column.map({value: whole(plain(value)) for value in column.dropna().unique()})


def _read_parquet(path: Path) -> RawTable:
    """Read Parquet as text: numbers, truth values and dates as pandas writes them to CSV."""
    try:
        with pq.ParquetFile(path) as file:  # which a name that two columns have does not stop
            content = file.read()
    except (pa.ArrowException, OSError) as error:
        raise DataError(
            f"{path}: truncated or not Parquet ({str(error).splitlines()[0]}), expected a Parquet "
            "table; export it again"
        ) from error
    # As columns, all of an index that are stored as such; integers stay so next to missing values.
    frame = _as_text(content).to_pandas(ignore_metadata=True, integer_object_nulls=True)
    for index in (content.schema.pandas_metadata or {}).get("index_columns", ()):
        if isinstance(index, dict) and index["name"] is not None:  # a range, which has a name only
            steps = range(index["start"], index["stop"], index["step"])
            if len(steps) == len(frame):  # else rows were taken out by what does not know of it
                frame.insert(0, index["name"], list(steps), allow_duplicates=True)
    names = [plain(name) for name in frame.columns]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise DataError(
            f"{path}: there is more than one column {listing(repeated)}, expected each once; rename"
        )
    frame = frame.set_axis(names, axis=1).set_axis(range(1, len(frame) + 1))
    orders = {
        name: tuple(str(level) for level in column.cat.categories)
        for name, column in frame.items()
        if isinstance(column.dtype, pd.CategoricalDtype)
    }
    return RawTable(frame.apply(_text), {str(name): levels for name, levels in orders.items()})


def _as_text(content: pa.Table) -> pa.Table:
    """Return bytes as the text that they are; other bytes, lists and structures as Python writes them."""
    for place, stored in enumerate(content.schema):
        column, text = content.column(place), None
        if any(is_binary(stored.type) for is_binary in _BINARY):
            with suppress(pa.ArrowInvalid):  # of bytes that are no text
                text = column.cast(pa.string())
        elif not pa.types.is_nested(stored.type):
            continue
        if text is None:
            whole = [None if value is None else str(value) for value in column.to_pylist()]
            text = pa.array(whole, pa.string())
        content = content.set_column(place, stored.name, text)
    return content


def _text(column: pd.Series) -> pd.Series:
    return column.astype(str).astype(object).where(column.notna(), None)
