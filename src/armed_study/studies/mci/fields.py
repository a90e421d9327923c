"""Fields of ADNIMERGE and of its generated truth as text, also in the copy that R's package has."""

import warnings
from collections.abc import Collection
from pathlib import Path

import pandas as pd

from armed.errors import ArmedWarning
from armed_study.io.csv_files import MISSING_WORDS, TextForm, read_rows
from armed_study.messages import counted

_WORDS = MISSING_WORDS - {""}


def read_fields(path: Path, wanted: Collection[str]) -> tuple[pd.DataFrame, list[str]]:
    """Read those of the `wanted` columns that a file has; others cost next to nothing.

    UTF-8, or Latin-1 where that does not fit (it fits everything; only accents can come out wrong).
    What R makes of the table is undone with an `ArmedWarning`: dots for underscores in the names of
    columns, a first column of row names, `NA` where a value is missing.

    Returns
    -------
    frame
        Text without surrounding blanks, missing values as None. The index is the row of the file
        as a spreadsheet counts it; rows without any value are left out.
    names
        All names in the header, spelt as they are wanted.
    """
    spelt: dict[str, str] = {}

    def select(names: list[str]) -> dict[str, str]:
        dotted = {n: n.replace(".", "_") for n in names if n not in wanted}
        spelt.update({n: new for n, new in dotted.items() if new in wanted and new not in names})
        return {name: name for name in names if name in wanted} | spelt

    text, names = read_rows(path, TextForm(fallback="latin-1"), select)
    if spelt:
        dotted = counted(len(spelt), "column")
        _note(path, f"the names of {dotted} have dots, such as '{next(iter(spelt))}', expected '_'")
    if names and not names[0]:
        _note(path, "the first column has no name, expected one; as row names of R it is left out")
    frame, words = _missing_as_none(text)
    if words:
        _note(
            path, f"{counted(words, 'field')} hold NA or a like word, expected none; taken as empty"
        )
    return frame.dropna(how="all"), [spelt.get(name, name) for name in names]


def _missing_as_none(text: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Return stripped fields, None where missing, and how many hold a word for that."""
    words = 0
    fields: dict[str, list[str | None]] = {}
    for name in map(str, text.columns):
        column = text[name].tolist()
        plain = {field: field.strip() for field in set(column)}
        if not _WORDS.isdisjoint(plain.values()):
            words += sum(plain[field] in _WORDS for field in column)
        known = {field: None if new in MISSING_WORDS else new for field, new in plain.items()}
        fields[name] = [known[field] for field in column]
    return pd.DataFrame(fields, text.index, dtype=object), words


def _note(path: Path, sentence: str) -> None:
    warnings.warn(f"{path}: {sentence}", ArmedWarning, stacklevel=5)
