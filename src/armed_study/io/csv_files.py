"""Text tables (CSV, TSV): every field as text, every row accounted for."""

import csv
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import pandas as pd

from armed.errors import ArmedWarning, DataError
from armed_study.io.csv_forms import (
    EXPORT,
    OddRow,
    TextForm,
    named,
    parse,
    refuse_other_separator,
    refuse_widths,
)
from armed_study.io.text_encoding import read_text_file
from armed_study.messages import counted, listing
from armed_study.vocabulary.names import plain

MISSING_WORDS = frozenset(
    ("", "NA", "N/A", "n/a", "#N/A", "<NA>", "NaN", "nan", "NaT", "NULL", "null", "None")
)
"""What files of agreed layouts write for missing; in a table of the user these are names."""


def read_rows(
    path: Path,
    form: TextForm,
    select: Callable[[list[str]], Mapping[str, str]] | None = None,
) -> tuple[pd.DataFrame, list[str]]:
    """Read a table as text.

    Parameters
    ----------
    path, form
        The file, and how it is written.
    select
        Which columns are kept, given all names in the header: name in the header to name in the
        result; None: all.

    Returns
    -------
    frame
        Fields as they are written. The index is the row of the file as a spreadsheet counts it (the
        header is row 1). Blank rows at the end do not count, others are left out with an
        `ArmedWarning`.
    names
        All names in the header; more than one may be empty.

    Raises
    ------
    DataError
        The file is empty, no text or not rectangular, or names a kept column twice.
    """
    text = read_text_file(path, form.encoding, form.fallback, adjustable=form.adjustable)
    rows = _Rows(path, form, text)
    header = next(rows.filled, (0, []))[1]
    if not header:
        raise DataError(
            f"{path}: the file is empty, expected a header and rows; export the table again"
        )
    if len(header) == 1:
        refuse_other_separator(path, form, text, 1)
    names = [plain(name) for name in header]
    chosen = dict(zip(names, names, strict=True)) if select is None else select(names)
    _refuse_repeated(path, [name for name in names if name and name in chosen])
    places = [place for place, name in enumerate(names) if name in chosen]
    numbers, fields = rows.read(header, places)
    columns = [chosen[names[place]] for place in places]
    return pd.DataFrame(fields, pd.Index(numbers), columns, dtype=object), names


class _Rows:
    """The rows of a text table that hold anything, with their numbers."""

    def __init__(self, path: Path, form: TextForm, text: str) -> None:
        self.path, self.form, self.text = path, form, text
        self.filled = self._filled()

    def _filled(self) -> Iterator[tuple[int, list[str]]]:
        number, blank, waiting = 0, 0, 0
        first = 0
        try:
            for number, row in enumerate(parse(self.text, self.form.separator, strict=True), 1):
                if not any(row) or not "".join(row).strip():
                    waiting += 1
                    continue
                if waiting and not blank:
                    first = number - waiting
                blank, waiting = blank + waiting, 0
                yield number, row
        except csv.Error as error:
            raise DataError(
                f"{self.path}: cannot be read as CSV from row {number + 1} on ({error}), expected "
                f"quotes that are closed and fields split by {named(self.form.separator)}; {EXPORT}"
            ) from error
        if blank:
            warnings.warn(
                f"{self.path}: {counted(blank, 'blank row')} between others, the first row {first}, "
                "expected none; left out",
                ArmedWarning,
                stacklevel=2,
            )

    def read(self, header: list[str], places: list[int]) -> tuple[list[int], list[list[str]]]:
        """Return numbers and fields of all further rows; `DataError` if one is not as wide as the header."""
        numbers, kept, wrong, width = [], [], [], len(header)
        for number, row in self.filled:
            if len(row) != width:
                wrong.append(OddRow(number, row))
                continue
            numbers.append(number)
            kept.append([row[place] for place in places])
        if wrong:
            refuse_other_separator(self.path, self.form, self.text, width)
            refuse_widths(self.path, header, wrong, alone=not kept)
        return numbers, kept


def _refuse_repeated(path: Path, names: Iterable[str]) -> None:
    repeated = sorted(name for name, count in Counter(names).items() if count > 1)
    if repeated:
        raise DataError(
            f"{path}: the header names column {listing(repeated)} more than once, expected "
            "each once; rename"
        )
