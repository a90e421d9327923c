"""Reading and writing of the tables that pass between rules, checked against `TABLES`.

Parquet (zstd, text as dictionaries, a checksum of the file before its footer, where other readers do
not look) and CSV. A file appears under its name only when it is complete.
"""

import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from armed.errors import DataError
from armed_study.io.atomic import replacing
from armed_study.io.schemas import TABLES, Column, TableSpec
from armed_study.messages import MADE_ANEW, counted, listing

__all__ = [
    "TABLES", "Column", "TableSpec", "cast_table", "describe", "empty_table", "read_parquet",
    "read_table", "write_csv", "write_table", "write_text",
]  # fmt: skip

_CHECKSUM_BYTES = 4


def describe() -> str:
    """Return the description of all tables as Markdown, for the workflow's documentation."""
    parts = []
    for spec in TABLES.values():
        parts += [f"### `{spec.name}`", "", spec.meaning, "", "| column | type | meaning |"]
        parts += ["| --- | --- | --- |"]
        parts += [f"| `{c.name}` | {c.dtype}{_allowed(c)} | {c.meaning} |" for c in spec.columns]
        if spec.features:
            parts += ["| the features | number or str | one column for each feature |"]
        parts += [""]
    return "\n".join(parts)


def _allowed(column: Column) -> str:
    return ", may be absent" if column.optional else ", may be empty" if column.nullable else ""


def empty_table(table: str, features: Sequence[str] = ()) -> pd.DataFrame:
    """Return a table without rows, with the right columns and types."""
    spec = _spec(table)
    declared = [c for c in spec.columns if not c.optional]
    columns = {c.name: _cast(pd.Series([], dtype=object), c, table) for c in declared}
    return pd.DataFrame({**columns, **{name: pd.Series([], dtype=float) for name in features}})


def write_table(
    frame: pd.DataFrame, path: str | Path, table: str, metadata: Mapping[str, str] | None = None
) -> None:
    """Check `frame` against the declared `table` and write it to `path` as Parquet.

    Columns are put in the declared order and cast, rows stay in theirs, and text is written with
    its distinct values sorted, so that the bytes depend on the content only. `metadata` goes into
    the file's schema. Raises `DataError` for a missing, unknown, incomplete or uncastable column.
    """
    checked = cast_table(frame, table)
    content = pa.Table.from_pandas(checked, preserve_index=False)
    content = content.replace_schema_metadata({"table": table, **(metadata or {})})
    stream = pa.BufferOutputStream()
    pq.write_table(content, stream, compression="zstd")
    with replacing(path) as part:
        part.write_bytes(_sealed(stream.getvalue().to_pybytes()))


def read_table(paths: str | Path | Sequence[str | Path], table: str) -> pd.DataFrame:
    """Read one file, or several as one table; text comes as categoricals.

    Several files are joined in the order given and, where they hold folds of models, the folds of a
    model are put in order: which rows stand where, and so the last digit of a mean over them, does
    not depend on how folds were dealt to jobs.

    Raises `DataError` naming the file if it is missing, damaged or not such a table.
    """
    several = [paths] if isinstance(paths, str | Path) else list(paths)
    if not several:
        raise DataError(f"no file was given to read a table '{table}' from, expected at least one")
    whole = pa.concat_tables(
        (read_parquet(p, table) for p in several), promote_options="permissive"
    )
    frame = cast_table(whole.unify_dictionaries().to_pandas(), table)
    return frame if isinstance(paths, str | Path) else _folds_in_order(frame)


def _folds_in_order(frame: pd.DataFrame) -> pd.DataFrame:
    if not {"model", "fold"} <= set(frame.columns):
        return frame
    model = pd.factorize(frame["model"].astype(object))[0]
    seed = frame["seed"] if "seed" in frame else np.zeros(len(frame))
    order = np.lexsort((seed, frame["fold"], model))  # stable; the last key leads
    return frame.iloc[order].reset_index(drop=True)


def read_parquet(path: str | Path, table: str) -> pa.Table:
    """Read one file with its schema metadata; same checks as `read_table`."""
    spec, path = _spec(table), Path(path)
    if not path.is_file():
        raise DataError(f"{path}: no such file, expected a table '{table}'; run the workflow")
    try:
        content = pq.read_table(pa.BufferReader(_verified(path.read_bytes())), partitioning=None)
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise DataError(
            f"{path}: damaged or no Parquet of this workflow ({reason}), expected a table '{table}'; "
            f"{MADE_ANEW}"
        ) from error
    _check_columns(content.column_names, spec, f"{path}")
    for column in (c for c in spec.columns if c.name in content.column_names):
        found = content.schema.field(column.name).type
        if not _fits(found, column):
            raise DataError(
                f"{path}: column '{column.name}' of table '{table}' holds {found}, "
                f"expected {column.dtype}; {MADE_ANEW}"
            )
    return content


def _sealed(content: bytes) -> bytes:
    """Put the checksum of a Parquet file before its footer."""
    start = len(content) - _footer_bytes(content)
    checksum = zlib.crc32(content).to_bytes(_CHECKSUM_BYTES, "little")
    return b"".join((content[:start], checksum, content[start:]))


def _verified(sealed: bytes) -> bytes:
    """Return a file as it is, if it fits its checksum; else raise `ValueError`."""
    end = len(sealed) - _footer_bytes(sealed)
    start = max(0, end - _CHECKSUM_BYTES)
    view = memoryview(sealed)
    found = zlib.crc32(view[end:], zlib.crc32(view[:start]))
    if end < _CHECKSUM_BYTES or found != int.from_bytes(view[start:end], "little"):
        raise ValueError("its bytes do not fit its checksum")
    return sealed


def _footer_bytes(content: bytes) -> int:
    """Size of the footer of a Parquet file, with its length and the magic number behind it."""
    return int.from_bytes(content[-8:-4], "little") + 8


def write_csv(frame: pd.DataFrame, path: str | Path, digits: int | None = 6) -> None:
    """Write UTF-8 CSV without index; floats with `digits` significant digits, None: exactly."""
    style = None if digits is None else f"%.{digits}g"
    with replacing(path) as part:
        frame.to_csv(part, index=False, float_format=style, lineterminator="\n", encoding="utf-8")


def write_text(text: str, path: str | Path) -> None:
    """Write text as UTF-8."""
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8")


def cast_table(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """Return `frame` with the columns of `table` in order and cast (text to categoricals)."""
    spec = _spec(table)
    _check_columns(list(frame.columns), spec, f"table '{table}'")
    there = [c for c in spec.columns if c.name in frame.columns]
    declared = {c.name: _cast(frame[c.name], c, table) for c in there}
    others = {str(n): _category(frame[n]) for n in frame.columns if n not in declared}
    return pd.DataFrame({**declared, **others}).reset_index(drop=True)


def _spec(table: str) -> TableSpec:
    if table not in TABLES:
        raise DataError(f"there is no table '{table}', expected one of {listing(TABLES, 99)}")
    return TABLES[table]


def _check_columns(found: Sequence[str], spec: TableSpec, where: str) -> None:
    wanted = [c.name for c in spec.columns]
    absent = [c.name for c in spec.columns if c.name not in found and not c.optional]
    foreign = [] if spec.features else [name for name in found if name not in wanted]
    twice = sorted({str(name) for name in found if list(found).count(name) > 1})
    for problem, names in (("lacks", absent), ("has undeclared", foreign), ("has twice", twice)):
        if names:
            raise DataError(
                f"{where}: {problem} column {listing(names)}, expected the columns of table "
                f"'{spec.name}' ({listing(wanted, 99)}); if this is a file, {MADE_ANEW}"
            )


def _cast(series: pd.Series, column: Column, table: str) -> pd.Series:
    missing = int(series.isna().sum())
    if missing and not column.nullable:
        raise DataError(
            f"table '{table}': column '{column.name}' has {counted(missing, 'missing value')}, "
            "expected none; mend what computes it"
        )
    if column.dtype == "str":
        return _category(series.astype(object) if series.empty else series, always=True)
    try:
        cast = series.astype(column.dtype)
        exact = column.dtype.startswith("float") or bool((cast == series).all())
    except (TypeError, ValueError, OverflowError):
        exact = False
    if not exact or (column.dtype == "bool" and not series.isin([0, 1]).all()):
        raise DataError(
            f"table '{table}': column '{column.name}' holds {series.dtype} values that are not "
            f"{column.dtype}; mend what computes it"
        )
    return cast


def _category(series: pd.Series, always: bool = False) -> pd.Series:
    """Return text as a categorical with its used values sorted; numbers as they are."""
    if isinstance(series.dtype, pd.CategoricalDtype):
        values, codes = series.cat.categories.astype(str), series.cat.codes.to_numpy()
    elif always or pd.api.types.is_string_dtype(series.dtype) or series.dtype == object:
        codes, found = pd.factorize(series, use_na_sentinel=True)
        values = pd.Index(found).astype(str)
    else:
        return series
    used = np.unique(codes[codes >= 0])
    order = used[np.argsort(values.to_numpy(dtype=object)[used], kind="stable")]
    rank = np.full(len(values) + 1, -1, dtype=np.int64)  # the last entry serves the code -1
    rank[order] = np.arange(len(order))
    kind = pd.CategoricalDtype(values[order])
    return pd.Series(pd.Categorical.from_codes(rank[codes], dtype=kind), index=series.index)


def _fits(found: pa.DataType, column: Column) -> bool:
    if pa.types.is_null(found):
        return True
    inner = found.value_type if pa.types.is_dictionary(found) else found
    if column.dtype == "str":
        return pa.types.is_string(inner) or pa.types.is_large_string(inner)
    if column.dtype == "bool":
        return pa.types.is_boolean(inner)
    kind = pa.types.is_floating if column.dtype.startswith("float") else pa.types.is_integer
    return bool(kind(inner))
