"""What was assumed of a table, in words: a label and a sentence each."""

from collections.abc import Mapping, Sequence

import pandas as pd

from armed.errors import DataError
from armed_study.command.assumed.fields import Field
from armed_study.messages import counted, named

Notes = list[tuple[str, str]]
_SHOWN = 12  # names of columns


def of_clusters(fields: pd.DataFrame, clusters: Sequence[str], path: object) -> Notes:
    """Say how many clusters there are, and of which size; `DataError` if they are none."""
    notes = []
    for place, name in enumerate(clusters):
        sizes = fields[name].value_counts()
        if len(sizes) < 2:
            raise DataError(
                f"{path}: cluster column '{name}' has {counted(len(sizes), 'cluster')}, expected at "
                "least 2; choose another column"
            )
        if sizes.max() < 2:
            raise DataError(
                f"{path}: cluster column '{name}' has another cluster in each row, expected clusters "
                "of several rows; choose another column"
            )
        role = "cluster" if place == 0 else "factor"
        low, high = sizes.min(), sizes.max()
        rows = f"{low:,} rows" if low == high else f"{low:,} to {high:,} rows"
        notes.append((role, f"{name}: {counted(len(sizes), 'cluster')} of {rows}"))
    return notes


def of_names(
    fields: pd.DataFrame, sample: str | None, group: str | None, given: Sequence[str | None]
) -> Notes:
    """Say what names groups and samples, and which of both the user did not name."""
    notes = []
    if group:
        guess = "" if group in given else ", by its name and as it repeats within clusters only"
        count = counted(fields[group].nunique(), "group")
        notes.append(("group", f"{group}: {count}, rows of one are never split{guess}"))
    if sample:
        guess = "" if sample in given else ", by its name and as it is another one in each row"
        notes.append(("sample", f"{sample} names the samples{guess}"))
    return notes


def of_features(chosen: Sequence[Field]) -> Notes:
    """Say which columns are features, and how they are read."""
    numbers = [f for f in chosen if f.numeric]
    categories = [f"{f.name} ({f.levels})" for f in chosen if not f.numeric]
    notes = []
    if numbers:
        names = named([f.name for f in numbers], _SHOWN)
        notes.append(("numbers", f"{len(numbers)}: {names}"))
    if categories:
        notes.append(
            ("categories", f"{len(categories)}, with their levels: {named(categories, _SHOWN)}")
        )
    if scales := [f.name for f in numbers if f.kind == "scale"]:
        word = (
            "is a number of few whole values"
            if len(scales) == 1
            else "are numbers of few whole values"
        )
        notes.append(
            ("scales", f"{named(scales, _SHOWN)} {word}; list codes under data.categorical instead")
        )
    return notes


def of_left_out(others: Sequence[Field]) -> Notes:
    """Say which columns are no features, and why."""
    return [("left out", f"{f.name}: {f.note}") for f in others]


def of_missing(chosen: Sequence[Field], words: Mapping[str, Sequence[str]]) -> Notes:
    """Say which words mean missing, and where values are."""
    notes = [
        ("missing", f"'{word}' means missing, in every column, as it stands among the numbers of "
         f"{named(columns, _SHOWN)}")
        for word, columns in words.items()
    ]  # fmt: skip
    lacking = [f"{f.name} ({f.missing:,})" for f in chosen if f.missing]
    if lacking:
        notes.append(
            ("missing", f"{named(lacking, _SHOWN)}: filled in by the training part of each fold")
        )
    return notes
