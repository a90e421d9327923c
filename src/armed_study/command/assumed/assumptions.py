"""The `data` block of a study of an unknown table, and what was assumed to write it."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from armed.errors import ArmedWarning, ConfigError, DataError
from armed_study.command.assumed import notes
from armed_study.command.assumed.fields import (
    Field,
    describe_field,
    find_group,
    find_sample,
    is_number,
    words_for_missing,
)
from armed_study.command.assumed.incomplete import settle_incomplete
from armed_study.command.assumed.outcomes import assume_outcome
from armed_study.command.assumed.pictures import assume_images, image_column
from armed_study.command.assumed.sources import find_source
from armed_study.messages import listing, suggestion
from armed_study.studies.table.columns import without_row_names
from armed_study.studies.table.names import one_form

USEFUL = ("number", "scale", "category")
"""Kinds of columns that a network can make use of."""


@dataclass(frozen=True)
class TableRequest:
    """What the user says of a table: its file, and the columns of which a study needs to know.

    Parameters
    ----------
    path
        CSV, TSV or Parquet.
    outcome, clusters
        The column that is predicted; those of the clusters, of which the first is that of splits.
    group, sample
        Columns of what no split may cut and of unique names; None: found out.
    features, exclude
        The features, all others if empty; columns that are none.
    kind, positive
        Of the outcome; None: found out.
    source
        `separator`, `decimal`, `encoding`, as far as the user has said them.
    """

    path: Path
    outcome: str
    clusters: Sequence[str]
    group: str | None = None
    sample: str | None = None
    features: Sequence[str] = ()
    exclude: Sequence[str] = ()
    kind: str | None = None
    positive: str | None = None
    source: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Assumed:
    """The block `data` of a study, and what it assumes: a label and a sentence each.

    `clusters` can be trained on, `columns` are those of the table, `kind` is that of the study.
    """

    data: dict[str, Any]
    notes: tuple[tuple[str, str], ...]
    clusters: int
    columns: int
    kind: str = "table"


def assume(request: TableRequest) -> Assumed:
    """Look at a table and say what its columns are.

    Raises
    ------
    ConfigError, DataError
        For what the user names and the table lacks, or a table of which no study can be made.
    """
    source, fields, words = _read(request)
    decimal, names = source.get("decimal", "."), _named(request)
    described = {name: describe_field(fields[name], decimal=decimal) for name in fields.columns}
    outcome, said = assume_outcome(
        fields[request.outcome], kind=request.kind, positive=request.positive, decimal=decimal
    )
    sample = request.sample or find_sample(fields, names)
    group = request.group or find_group(fields, {*names, sample}, request.clusters[0])
    apart = {*names, sample, group, *request.exclude}
    features = [described[n] for n in request.features or (n for n in described if n not in apart)]
    if images := image_column(features, request.features, request.path):
        others = [f for f in features if f is not images and f.kind in USEFUL]
        of_kind, said_of_features = assume_images(images, others, fields[images.name], request.path)
    else:
        of_kind, said_of_features = _of_features(features, request, words)
    data: dict[str, Any] = {
        "source": {"path": str(request.path), **source},
        "outcome": outcome,
        "cluster": request.clusters[0],
        "group": group,
        "sample": sample,
        **of_kind,
        **({"missing_values": ["", *words]} if words else {}),
    }
    data, trained, small = settle_incomplete(data, fields)
    said_of = (
        ("outcome", said),
        *notes.of_clusters(fields, request.clusters, request.path),
        *notes.of_names(fields, sample, group, (request.sample, request.group)),
        *said_of_features,
        *small,
    )
    kind = "images" if images else "table"
    return Assumed(data, said_of, trained, len(fields.columns), kind)


def _of_features(
    features: Sequence[Field], request: TableRequest, words: Mapping[str, Sequence[str]]
) -> tuple[dict[str, Any], notes.Notes]:
    """What the block `data` says of features, and what is said of them; `DataError` if there is none.

    They are those that the user names, or that a network can make use of.
    """
    chosen = [f for f in features if f.name in request.features or f.kind in USEFUL]
    if not chosen:
        raise DataError(
            f"{request.path}: found no column that can be a feature "
            f"({'; '.join(f'{f.name}: {f.note}' for f in features[:3])}), expected at least one; name some "
            "by --features"
        )
    data = {
        "features": [f.name for f in chosen],
        "categorical": [f.name for f in chosen if not f.numeric],
        "missing": "impute",
    }
    said = [
        *notes.of_features(chosen),
        *notes.of_left_out([f for f in features if f not in chosen]),
        *notes.of_missing(chosen, words),
    ]
    return data, said


def _read(request: TableRequest) -> tuple[dict[str, Any], pd.DataFrame, dict[str, list[str]]]:
    """How the file is written, its fields as the study will read them, and words for missing."""
    source, table = find_source(request.path, request.source)
    decimal, names = source.get("decimal", "."), _named(request)
    _check_named(request, table)
    roles = {"outcome": {"column": request.outcome}, "cluster": request.clusters[0]}
    fields = without_row_names(table, {**roles, "features": [*request.features]}, str(request.path))
    words = words_for_missing(fields, names, decimal=decimal)
    fields = fields.mask(fields.isin([*words]), None)
    numbers = is_number(fields[request.outcome].dropna(), decimal)
    called = [name for name in names if name != request.outcome or not numbers]
    return source, fields.assign(**{name: _one_form(fields[name]) for name in called}), words


def _named(request: TableRequest) -> list[str]:
    named = [request.outcome, *request.clusters, request.group, request.sample]
    return list(dict.fromkeys(name for name in named if name))


def _check_named(request: TableRequest, table: pd.DataFrame) -> None:
    options = {
        "--outcome": [request.outcome], "--cluster": request.clusters, "--group": [request.group],
        "--sample": [request.sample], "--features": request.features, "--exclude": request.exclude,
    }  # fmt: skip
    for option, names in options.items():
        for name in names:
            if name and name not in table.columns:
                raise DataError(
                    f"{request.path}: the table has no column '{name}'{suggestion(name, table.columns)}, "
                    f"expected it as {option} says, found {listing(table.columns)}; correct {option}"
                )
    roles = [request.outcome, *request.clusters, *request.features, *request.exclude]
    if repeated := sorted({name for name in roles if roles.count(name) > 1}):
        raise ConfigError(
            f"column {listing(repeated)} is named twice, expected one of --outcome, --cluster, --features "
            "and --exclude for each; correct them"
        )


def _one_form(column: pd.Series) -> pd.Series:
    """Names as the study will count them; its preparation warns of other forms."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ArmedWarning)
        return one_form(column, "", distinct=False)[0]
