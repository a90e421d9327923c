"""Opening a table of which only the name is known: what splits its fields and marks its decimals."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from armed.errors import ArmedWarning, DataError
from armed_study.command.assumed.fields import is_number
from armed_study.studies.table.reading import read_raw

_SEPARATORS = (";", "\t", ",", "|")
_OPTIONS = {
    "set data.source.encoding to what it is in": "say by --encoding what it is in",
    "set data.source.separator": "set --separator",
    "data.source.path": "its name",
}


def find_source(path: Path, given: Mapping[str, str]) -> tuple[dict[str, Any], pd.DataFrame]:
    """Find how a table is written.

    Parameters
    ----------
    path
        CSV, TSV or Parquet.
    given
        `separator`, `decimal` and `encoding`, as far as the user has said them.

    Returns
    -------
    The block `source` of a study without its path, and the fields as text, None where missing.

    Raises
    ------
    DataError
        A table that cannot be read either way; the sentence is that of its own kind of file.
    """
    source = dict(given)
    try:
        fields = _read(path, source)
    except DataError as error:
        fields, separator = _read_otherwise(path, source, error)
        source["separator"] = separator
    if "decimal" not in source and _has_commas(fields):
        source["decimal"] = ","
    return source, fields


def _read(path: Path, source: Mapping[str, str]) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ArmedWarning)  # the study's preparation says them again
        try:
            return read_raw(path, source).fields
        except DataError as error:
            raise DataError(_by_options(str(error))) from error


def _by_options(sentence: str) -> str:
    """Name options of the command instead of keys of the configuration that it is to write."""
    for key, option in _OPTIONS.items():
        sentence = sentence.replace(key, option)
    return sentence


def _read_otherwise(
    path: Path, source: Mapping[str, str], error: DataError
) -> tuple[pd.DataFrame, str]:
    if "separator" in source or not path.is_file():
        raise error
    for separator in _SEPARATORS:
        try:
            fields = _read(path, {**source, "separator": separator})
        except DataError:
            continue
        if len(fields.columns) > 1:
            return fields, separator
    raise error


def _has_commas(fields: pd.DataFrame) -> bool:
    """Whether more columns are numbers with decimal commas than with decimal dots."""

    def count(mark: str) -> int:
        columns = (column.dropna() for _, column in fields.items())
        return sum(is_number(column, mark) for column in columns if len(column))

    return count(",") > count(".")
