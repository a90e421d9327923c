"""Reading and writing of the tables that pass between rules, checked against `TABLES`.

Parquet (zstd, text as dictionaries, a checksum of each page) and CSV. A file appears under its name
only when it is complete.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from armed.errors import DataError
from armed_study.io.atomic import replacing
from armed_study.io.schemas import TABLES, about, kind_of
from armed_study.messages import REGENERATE, counted, listing


def empty_table(table: str, features: Sequence[str] = ()) -> pd.DataFrame:
    """Return a table without rows, with the right columns and types."""
    declared = [field for field in _schema(table) if not about(field, "optional")]
    columns = {field.name: _cast(pd.Series([], dtype=object), field, table) for field in declared}
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
    pq.write_table(content, stream, compression="zstd", write_page_checksum=True)
    with replacing(path) as part:
        part.write_bytes(stream.getvalue())


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
    read = (read_parquet(path, table) for path in several)
    whole = pa.concat_tables(read, promote_options="permissive")
    frame = cast_table(_one_dictionary(whole).to_pandas(), table)
    return frame if isinstance(paths, str | Path) else _folds_in_order(frame)


def _one_dictionary(whole: pa.Table) -> pa.Table:
    """Give each text column one dictionary, and indices wide enough for that of all files."""
    wide = whole.schema
    for place, field in enumerate(wide):
        if pa.types.is_dictionary(kind := field.type):
            wide = wide.set(place, field.with_type(pa.dictionary(pa.int32(), kind.value_type)))
    return whole.cast(wide).unify_dictionaries()


def _folds_in_order(frame: pd.DataFrame) -> pd.DataFrame:
    if not {"model", "fold"} <= set(frame.columns):
        return frame
    model = pd.factorize(frame["model"].astype(object))[0]
    seed = frame.get("seed", np.zeros(len(frame)))
    order = np.lexsort((seed, frame["fold"], model))  # stable; the last key leads
    return frame.iloc[order].reset_index(drop=True)


def read_parquet(path: str | Path, table: str) -> pa.Table:
    """Read one file with its schema metadata; same checks as `read_table`."""
    schema, path = _schema(table), Path(path)
    if not path.is_file():
        raise DataError(f"{path}: no such file, expected a table '{table}'; run the workflow")
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            content = file.read()
            # The footer, which no checksum covers, says both how many rows pages and file have.
            if content.num_rows != file.metadata.num_rows:
                raise ValueError("its pages do not have the rows that its footer tells of")
        names = content.column_names
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise DataError(
            f"{path}: damaged or no Parquet of this workflow ({reason}), expected a table '{table}'; "
            f"{REGENERATE}"
        ) from error
    _check_columns(names, table, f"{path}")
    for field in (field for field in schema if field.name in names):
        found = content.schema.field(field.name).type
        if not _fits(found, field.type):
            raise DataError(
                f"{path}: column '{field.name}' of table '{table}' holds {found}, "
                f"expected {kind_of(field)}; {REGENERATE}"
            )
    return content


def write_csv(frame: pd.DataFrame, path: str | Path, digits: int | None = 6) -> None:
    """Write UTF-8 CSV without index; floats with `digits` significant digits, None: exactly."""
    style = None if digits is None else f"%.{digits}g"
    write_text(frame.to_csv(index=False, float_format=style, lineterminator="\n"), path)


def write_text(text: str, path: str | Path) -> None:
    """Write text as UTF-8."""
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8")


def cast_table(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """Return `frame` with the columns of `table` in order and cast (text to categoricals)."""
    _check_columns(list(frame.columns), table, f"table '{table}'")
    present = [field for field in _schema(table) if field.name in frame.columns]
    declared = {field.name: _cast(frame[field.name], field, table) for field in present}
    others = {str(n): _category(frame[n]) for n in frame.columns if n not in declared}
    return pd.DataFrame({**declared, **others}).reset_index(drop=True)


def _schema(table: str) -> pa.Schema:
    if table not in TABLES:
        raise DataError(f"there is no table '{table}', expected one of {listing(TABLES, 99)}")
    return TABLES[table]


def _check_columns(found: Sequence[str], table: str, where: str) -> None:
    schema = _schema(table)
    needed = [field.name for field in schema if not about(field, "optional")]
    absent = [name for name in needed if name not in found]
    allowed = found if schema.metadata[b"features"] else schema.names
    foreign = [name for name in found if name not in allowed]
    twice = sorted({str(name) for name in found if list(found).count(name) > 1})
    for problem, names in (("lacks", absent), ("has undeclared", foreign), ("has twice", twice)):
        if names:
            raise DataError(
                f"{where}: {problem} column {listing(names)}, expected the columns of table "
                f"'{table}' ({listing(schema.names, 99)}); if this is a file, {REGENERATE}"
            )


def _cast(series: pd.Series, field: pa.Field, table: str) -> pd.Series:
    missing, kind = int(series.isna().sum()), kind_of(field)
    if missing and not field.nullable:
        raise DataError(
            f"table '{table}': column '{field.name}' has {counted(missing, 'missing value')}, "
            "expected none; mend what computes it"
        )
    if kind == "str":
        return _category(series.astype(object) if series.empty else series, always=True)
    try:
        # pandas has integers that may be missing under another name
        dtype = "Int64" if field.nullable and kind.startswith("int") else kind
        cast = series.astype(dtype)  # type: ignore[call-overload]
        exact = kind.startswith("float") or bool((cast == series).all())
    except (TypeError, ValueError, OverflowError):
        exact = False
    if not exact or (kind == "bool" and not series.isin([0, 1]).all()):
        raise DataError(
            f"table '{table}': column '{field.name}' holds {series.dtype} values that are not "
            f"{kind}; mend what computes it"
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


def _fits(found: pa.DataType, declared: pa.DataType) -> bool:
    """Whether values of a file are of a sort with the declared ones; a width may differ."""
    inner = found.value_type if pa.types.is_dictionary(found) else found
    sorts = (pa.types.is_floating, pa.types.is_integer, pa.types.is_boolean)
    texts = [pa.types.is_string, pa.types.is_large_string]
    fitting = [sort for sort in sorts if sort(declared)] or texts
    return pa.types.is_null(found) or any(sort(inner) for sort in fitting)
