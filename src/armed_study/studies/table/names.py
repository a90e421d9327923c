"""Names in a user's table, each in one form: of clusters, groups, samples, levels and classes."""

import warnings
from collections.abc import Mapping

import numpy as np
import pandas as pd

from armed.errors import ArmedWarning, DataError
from armed_study.io.csv_files import MISSING_WORDS
from armed_study.messages import counted, listing
from armed_study.vocabulary.names import form, plain, whole

LIKE_MISSING = {*map(str.casefold, MISSING_WORDS), ".", "-", "--", "?", "n.a.", "missing"}
"""What may stand for missing, in lower case; as a name it is warned of."""
_CUT = r"[0-9][.,][0-9]+E\+[0-9]{2,3}"  # as Excel writes a number of more than 11 digits


def one_form(
    column: pd.Series, subject: str, *, distinct: bool = False
) -> tuple[pd.Series, Mapping[str, str]]:
    """Return names, each in its most frequent form, and what each name of the column became.

    All are composed (NFC), without blanks around them. Unless they are to be kept `distinct`, those
    that differ by form only (`armed_study.vocabulary.names.form`) become one, and whole numbers lose
    their `.0`. An `ArmedWarning` counts what is changed, with an example; another one names numbers of
    which a spreadsheet kept the first digits only.
    """
    counts = column.value_counts()
    clean = {name: plain(name) for name in counts.index}
    if not all(clean.values()):
        row = column.index[int(np.argmax(column.map(clean).eq("")))]
        raise DataError(
            f'{subject} has an empty name in row {row}, expected a name; list "" under '
            "data.missing_values, or fill it"
        )
    names = clean if distinct else _merged(clean, counts)
    changed = {name: new for name, new in names.items() if name != new}
    if changed:
        _warn_of_changes(subject, changed, int(column.isin(list(changed)).sum()))
    _warn_of_long_numbers(subject, column)
    words = sorted(name for name in set(names.values()) if name.casefold() in LIKE_MISSING)
    if words:
        warnings.warn(
            f"{subject} has the name {listing(words)} in {counted(int(column.isin(words).sum()), 'row')}"
            ", expected names; list it under data.missing_values if it means missing",
            ArmedWarning,
            stacklevel=3,
        )
    return column.map(names), names | {clean[name]: new for name, new in names.items()}


def unique_names(column: pd.Series, subject: str, *, distinct: bool) -> pd.Series:
    """Return names of samples; `DataError` if two of them are forms of one."""
    names, _ = one_form(column, subject, distinct=distinct)
    forms = column.drop_duplicates()
    twofold = forms[names[forms.index].duplicated(keep=False)]
    if len(twofold):
        alike = twofold[names[twofold.index] == names[twofold.index[0]]]
        raise DataError(
            f"{subject} holds {listing(alike, 3)} in rows {', '.join(map(str, alike.index[:3]))}, "
            "which differ by form only, expected unique names; correct them, or list the column "
            "under data.distinct_forms"
        )
    return names


def _merged(clean: Mapping[str, str], counts: pd.Series) -> dict[str, str]:
    """Return the name that each becomes: the most frequent one of its form."""
    sizes = counts.groupby({name: whole(new) for name, new in clean.items()}).sum()
    best: dict[str, str] = {}
    for name in sorted(sizes.index, key=lambda name: (-sizes[name], name)):
        best.setdefault(form(name), name)
    return {name: best[form(new)] for name, new in clean.items()}


def _warn_of_long_numbers(subject: str, column: pd.Series) -> None:
    cut = column.str.fullmatch(_CUT).eq(True)
    if cut.any():
        warnings.warn(
            f"{subject} holds numbers that a spreadsheet cut, such as '{column[cut].iloc[0]}', in "
            f"{counted(int(cut.sum()), 'row')}, expected whole ones; names that differ may have become "
            "one: export them as text from where they are whole",
            ArmedWarning,
            stacklevel=4,
        )


def _warn_of_changes(subject: str, changed: Mapping[str, str], rows: int) -> None:
    old, new = next(iter(sorted(changed.items())))
    plainly = plain(old) != new and (old + new).isprintable()
    shown = (old, new) if plainly else (ascii(old)[1:-1], ascii(new)[1:-1])
    warnings.warn(
        f"{subject} has {counted(len(changed), 'name')} in another form ({counted(rows, 'row')}), such "
        f"as '{shown[0]}' for '{shown[1]}', expected each name in one form of Unicode, case and blanks; "
        "they are counted as one, list the column under data.distinct_forms if they are not",
        ArmedWarning,
        stacklevel=4,
    )
