"""How text tables are written, and what is said of one that is written in another way."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from armed.errors import DataError
from armed_study.messages import counted, listing

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "blanks"}
BY_ENDING = {".csv": ",", ".tsv": "\t", ".tab": "\t", ".txt": "\t"}
"""Separator of a text table by the ending of its name."""
_LOOKED_AT = 20  # rows by which a separator is judged
EXPORT = "export the table again, or quote text that holds the separator"


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


@dataclass(frozen=True)
class OddRow:
    """A row that is not as wide as the header: its number in the file, and its fields."""

    number: int
    fields: Sequence[str]


def parse(text: str, separator: str, *, strict: bool = False) -> Iterator[list[str]]:
    """Split text into rows of fields."""
    return csv.reader(
        io.StringIO(text, newline=""),
        delimiter=separator,
        skipinitialspace=separator != " ",  # or a quote after a blank would not be one
        strict=strict,
    )


def named(separator: str) -> str:
    """Return the name of a separator."""
    return _SEPARATORS.get(separator, f"'{separator}'")


def refuse_other_separator(path: Path, form: TextForm, text: str, width: int) -> None:
    """Raise `DataError` if another separator than the one expected splits the fields."""
    for other, name in _SEPARATORS.items():
        rows = [row for row in islice(parse(text, other), _LOOKED_AT) if row]
        header, widths = len(rows[0]), {len(row) for row in rows[1:]}
        even = len(widths) <= 1 and widths <= {header, header + 1}
        plainly = even or (width == 1 and other != " ")
        if header == 1 or other == form.separator or not plainly:
            continue
        commas = other != "," and any(
            re.fullmatch(r"[+-]?[0-9]+,[0-9]+", field) for row in rows for field in row
        )
        found = f"fields are separated by {name}, expected {named(form.separator)}"
        settings = f"set data.source.separator: {_quoted(other)}"
        if commas:
            found += ", and numbers have decimal commas"
            settings += ' and data.source.decimal: ","'
        remedy = settings if form.adjustable else "save it as expected"
        raise DataError(f"{path}: {found}; {remedy}")


def refuse_widths(path: Path, header: Sequence[str], odd: Sequence[OddRow], *, alone: bool) -> None:
    """Raise `DataError` for rows that are not as wide as the header; `alone`: none is."""
    width, widths = len(header), {len(row.fields) for row in odd}
    if alone and widths == {width + 1} and width > 1:
        ended = not any(row.fields[-1].strip() for row in odd)
        remedy = (
            "if R wrote the table with its row names, write it with col.names=NA or row.names=FALSE"
        )
        raise DataError(
            f"{path}: every row has {counted(width + 1, 'field')} and the header {width}, expected a name "
            f"for each column; {'remove the separator at the end of each row' if ended else remedy}"
        )
    if alone and len(widths) == 1 and min(widths) > width:
        raise DataError(
            f"{path}: every row has {counted(min(widths), 'field')} and row 1 {width} "
            f"({listing(header, 3)}), expected the names of the columns in row 1; remove what stands "
            "above them"
        )
    first = odd[0]
    more = f" ({len(odd) - 1} more rows differ)" if len(odd) > 1 else ""
    raise DataError(
        f"{path}: row {first.number} has {counted(len(first.fields), 'field')}{more}, expected {width} as "
        f"in the header; {EXPORT}"
    )


def _quoted(separator: str) -> str:
    return '"\\t"' if separator == "\t" else f'"{separator}"'
