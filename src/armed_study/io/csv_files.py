"""Text tables (CSV, TSV): every field as text, every row accounted for."""

import csv
import io
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pandas as pd

from armed.errors import ArmedWarning, DataError
from armed_study.io.text_encoding import read_text_file
from armed_study.messages import counted, listing
from armed_study.vocabulary.names import plain

MISSING_WORDS = frozenset(("", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None"))
"""What files of agreed layouts write for missing; in a table of the user these are names."""

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "blanks"}
_LOOKED_AT = 20  # rows by which a separator is judged
_EXPORT = "export the table again, or quote text that holds the separator"


@dataclass(frozen=True)
class TextForm:
    """How a table is written.

    Parameters
    ----------
    separator
        One character.
    encoding, fallback
        See `armed_study.io.text_encoding.read_text_file`.
    adjustable
        Whether `data.source` of the configuration can say the above, so that messages name it.
    """

    separator: str = ","
    encoding: str | None = None
    fallback: str | None = None
    adjustable: bool = False


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
        All names in the header.

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
        rows.refuse_other_separator(1)
    names = [plain(name) for name in header]
    chosen = dict(zip(names, names, strict=True)) if select is None else select(names)
    _refuse_repeated(path, [name for name in names if name in chosen])
    places = [place for place, name in enumerate(names) if name in chosen]
    numbers, fields = rows.read(len(header), places)
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
            for number, row in enumerate(_parse(self.text, self.form.separator, strict=True), 1):
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
                f"quotes that are closed and fields split by {_named(self.form.separator)}; {_EXPORT}"
            ) from error
        if blank:
            warnings.warn(
                f"{self.path}: {counted(blank, 'blank row')} between others, the first row {first}, "
                "expected none; left out",
                ArmedWarning,
                stacklevel=2,
            )

    def read(self, width: int, places: list[int]) -> tuple[list[int], list[list[str]]]:
        """Return numbers and fields of all further rows; `DataError` if one is not `width` wide."""
        numbers, kept, wrong = [], [], []
        for number, row in self.filled:
            if len(row) != width:
                wrong.append((number, len(row)))
                continue
            numbers.append(number)
            kept.append([row[place] for place in places])
        if wrong:
            self.refuse_other_separator(width)
            self._refuse_widths(width, wrong, alone=not kept)
        return numbers, kept

    def _refuse_widths(self, width: int, wrong: list[tuple[int, int]], *, alone: bool) -> None:
        if alone and {found for _, found in wrong} == {width + 1}:
            raise DataError(
                f"{self.path}: every row has {counted(width + 1, 'field')} and the header {width}, "
                "expected a name for each column; if R wrote the table with its row names, write it "
                "with col.names=NA or row.names=FALSE"
            )
        row, found = wrong[0]
        more = f" ({len(wrong) - 1} more rows differ)" if len(wrong) > 1 else ""
        raise DataError(
            f"{self.path}: row {row} has {counted(found, 'field')}{more}, expected {width} as in the "
            f"header; {_EXPORT}"
        )

    def refuse_other_separator(self, width: int) -> None:
        """Raise `DataError` if another separator than the one expected splits the fields."""
        for other, name in _SEPARATORS.items():
            rows = [row for row in islice(_parse(self.text, other), _LOOKED_AT) if row]
            header, widths = len(rows[0]), {len(row) for row in rows[1:]}
            even = len(widths) <= 1 and widths <= {header, header + 1}
            plainly = even or (width == 1 and other != " ")
            if header == 1 or other == self.form.separator or not plainly:
                continue
            commas = other != "," and any(
                re.fullmatch(r"[+-]?[0-9]+,[0-9]+", field) for row in rows for field in row
            )
            found = f"fields are separated by {name}, expected {_named(self.form.separator)}"
            settings = f"set data.source.separator: {_quoted(other)}"
            if commas:
                found += ", and numbers have decimal commas"
                settings += ' and data.source.decimal: ","'
            remedy = settings if self.form.adjustable else "save it as expected"
            raise DataError(f"{self.path}: {found}; {remedy}")


def _parse(text: str, separator: str, *, strict: bool = False) -> Iterator[list[str]]:
    return csv.reader(
        io.StringIO(text, newline=""),
        delimiter=separator,
        skipinitialspace=separator != " ",  # or a quote after a blank would not be one
        strict=strict,
    )


def _named(separator: str) -> str:
    return _SEPARATORS.get(separator, f"'{separator}'")


def _quoted(separator: str) -> str:
    return '"\\t"' if separator == "\t" else f'"{separator}"'


def _refuse_repeated(path: Path, names: Iterable[str]) -> None:
    repeated = sorted(name for name, count in Counter(names).items() if count > 1)
    if repeated:
        raise DataError(
            f"{path}: the header names column {listing(repeated)} more than once, expected "
            "each once; rename"
        )
