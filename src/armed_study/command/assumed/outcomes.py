"""What kind of outcome a column is, and which of two values counts as 1."""

import pandas as pd

from armed.errors import DataError
from armed_study.command.assumed.fields import is_number
from armed_study.messages import listing
from armed_study.vocabulary.names import plain

_MOST_CLASSES = 20
_YES = (
    "1", "yes", "y", "true", "t", "positive", "pos", "case", "event", "present", "dead", "died", "death",
    "abnormal",
)  # fmt: skip


def assume_outcome(
    column: pd.Series, *, kind: str | None, positive: str | None, decimal: str
) -> tuple[dict[str, str], str]:
    """Say what kind of outcome a column is.

    Two values are binary, other texts categorical, whole numbers from 0 on counts, other numbers continuous.

    Parameters
    ----------
    column
        (rows,) text, None where missing.
    kind, positive
        What the user has said; None: found out.
    decimal
        Mark before the decimals of numbers.

    Returns
    -------
    The block `outcome` of a study, and what was assumed, in words.

    Raises
    ------
    DataError
        No outcome can be made of the column.
    """
    name, values = str(column.name), column.dropna().map(plain)
    counts = values.value_counts()
    subject = f"outcome column '{name}'"
    if len(counts) < 2:
        found = f"one value only ({listing(counts.index)})" if len(counts) else "no values"
        raise DataError(f"{subject} has {found}, expected at least 2; choose another column")
    kind = kind or _kind(values, counts, decimal)
    if kind == "binary":
        return _binary(name, counts, positive)
    if positive is not None:
        raise DataError(
            f"{subject} is {kind} and --positive is '{positive}', expected a positive value of a binary "
            "outcome only; leave it out, or say --kind binary"
        )
    if kind == "categorical" and len(counts) > _MOST_CLASSES:
        raise DataError(
            f"{subject} has {len(counts)} different values ({listing(counts.index, 3)}), expected at most "
            f"{_MOST_CLASSES} classes, or numbers; choose another column or merge classes"
        )
    about = {
        "categorical": f"{len(counts)} classes",
        "count": "counts, as all values are whole numbers from 0 on",
        "continuous": "a number",
    }[kind]
    return {"column": name, "kind": kind}, f"{name}: {kind} ({about})"


def _kind(values: pd.Series, counts: pd.Series, decimal: str) -> str:
    if len(counts) == 2:
        return "binary"
    if not is_number(values, decimal):
        return "categorical"
    whole = values.str.fullmatch(r"\+?[0-9]+").all()
    return "count" if whole and (values.map(int) == 0).any() else "continuous"


def _binary(name: str, counts: pd.Series, positive: str | None) -> tuple[dict[str, str], str]:
    if positive is None and set(counts.index) == {"0", "1"}:
        return {"column": name}, f"{name}: binary, {_share(counts, '1')}"
    chosen = _positive(counts) if positive is None else plain(positive)
    if chosen not in counts.index:
        raise DataError(
            f"outcome column '{name}' has the values {listing(counts.index)}, expected '{chosen}' among "
            "them, as --positive says; correct it"
        )
    return {"column": name, "positive": chosen}, f"{name}: binary, {_share(counts, chosen)}"


def _positive(counts: pd.Series) -> str:
    """The value that says yes; if neither or both do, the rarer one."""
    saying = [value for value in counts.index if value.lower() in _YES]
    return str(saying[0] if len(saying) == 1 else counts.index[-1])


def _share(counts: pd.Series, positive: str) -> str:
    count, total = int(counts[positive]), int(counts.sum())
    return f"'{positive}' counts as 1 ({count:,} of {total:,} rows, {count / total:.0%})"
